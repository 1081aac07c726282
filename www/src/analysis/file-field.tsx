import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";

import { filesFrom, TABLE_KINDS, TABLE_TYPES } from "../compare/files";
import { formatBytes } from "../lib/format";
import { Icon } from "../ui/icon";

interface Props {
  title: string;
  hint: string;
  files: readonly File[];
  onFiles: (files: readonly File[]) => void;
  /** What is wanted where it is no table: its name, and what the file chooser offers. */
  kinds?: string;
  accept?: string;
  isMultiple?: boolean;
  /** Beside the name, once the file has been read. */
  note?: string | undefined;
  error?: string | null;
  children?: ComponentChildren;
}

/** A place for a file, or for several: dropped on it, or chosen. */
export function FileField(props: Props) {
  const {
    title,
    hint,
    files,
    onFiles,
    kinds = TABLE_KINDS,
    accept = TABLE_TYPES,
    isMultiple = false,
    note,
    error = null,
    children,
  } = props;
  const [isOver, setOver] = useState(false);
  const id = useId();
  const take = (list: readonly File[]) => {
    setOver(false);
    if (list.length > 0) onFiles(isMultiple ? list : list.slice(0, 1));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    take(filesFrom(event.dataTransfer));
  };
  const [first] = files;
  return (
    <div
      class={["slot", isOver && "slot-over", error !== null && "slot-bad"].filter(Boolean).join(" ")}
      role="group"
      aria-labelledby={id}
      onDragOver={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div class="slot-head">
        <h2 id={id}>{title}</h2>
        <span class="quiet">{hint}</span>
      </div>
      {first === undefined ? (
        <p class="slot-empty">
          {isMultiple ? `Drop ${kinds} files here, or` : `Drop a ${kinds} file here, or`}
        </p>
      ) : (
        <p class="slot-file">
          <Icon name="file" />
          <span class="file-name" title={files.map(({ name }) => name).join(", ")}>
            {files.length > 1 ? `${first.name} and ${files.length - 1} more` : first.name}
          </span>
          <span class="quiet">{note ?? formatBytes(files.reduce((sum, { size }) => sum + size, 0))}</span>
          <button
            type="button"
            class="icon-button small"
            aria-label={`Remove the file of ${title.toLowerCase()}`}
            title="Remove"
            onClick={() => onFiles([])}
          >
            <Icon name="close" size={12} />
          </button>
        </p>
      )}
      {error !== null && (
        <p class="slot-error" role="alert">
          <Icon name="warning" />
          <span>{error}</span>
        </p>
      )}
      {children}
      <label class="button choose">
        {first === undefined ? (isMultiple ? "Choose files" : "Choose a file") : "Replace"}
        <input
          type="file"
          class="visually-hidden"
          accept={accept}
          multiple={isMultiple}
          aria-label={`Choose ${title.toLowerCase()}`}
          onChange={(event) => {
            take([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
      </label>
    </div>
  );
}
