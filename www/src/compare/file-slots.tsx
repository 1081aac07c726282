import { useId, useState } from "preact/hooks";

import { formatBytes, formatPlural } from "../lib/format";
import { Icon } from "../ui/icon";
import { filesFrom, TABLE_KINDS, TABLE_TYPES } from "./files";
import type { CompareAction, Slot, SlotState, TableShape } from "./state";

const SLOT_TEXT: Record<Slot, { title: string; hint: string }> = {
  reference: { title: "Reference", hint: "what is known to be good" },
  current: { title: "Current", hint: "what is to be judged" },
};

interface Props {
  slots: Record<Slot, SlotState>;
  /** Small, above a report. */
  compact: boolean;
  act: (action: CompareAction) => void;
}

/** The two places for files. Both can be dropped at once, anywhere on the page. */
export function FileSlots({ slots, compact, act }: Props) {
  const hasBoth = slots.reference.file !== null && slots.current.file !== null;
  return (
    <section class={compact ? "slots slots-compact" : "slots"} aria-label="Files">
      <FileSlot slot="reference" state={slots.reference} act={act} />
      <button
        type="button"
        class="icon-button swap"
        aria-label="Swap reference and current"
        title="Swap"
        disabled={!hasBoth}
        onClick={() => act({ type: "swap" })}
      >
        <Icon name="swap" />
      </button>
      <FileSlot slot="current" state={slots.current} act={act} />
    </section>
  );
}

function FileSlot({ slot, state, act }: { slot: Slot; state: SlotState; act: Props["act"] }) {
  const [isOver, setOver] = useState(false);
  const id = useId();
  const { title, hint } = SLOT_TEXT[slot];
  const { file, error } = state;

  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    act({ type: "files", files: filesFrom(event.dataTransfer), slot });
  };
  const choose = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    act({ type: "files", files: [...(input.files ?? [])], slot });
    input.value = "";
  };
  const classes = ["slot", `slot-${slot}`, isOver && "slot-over", file && "slot-filled", error && "slot-bad"];

  return (
    <div
      class={classes.filter(Boolean).join(" ")}
      role="group"
      aria-labelledby={`${id}title`}
      onDragOver={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div class="slot-head">
        <span class={`swatch swatch-${slot}`} aria-hidden="true" />
        <h2 id={`${id}title`}>{title}</h2>
        <span class="quiet">{hint}</span>
      </div>
      {file === null ? (
        <p class="slot-empty">Drop a {TABLE_KINDS} file here, or</p>
      ) : (
        <FileLine
          file={file}
          shape={state.shape}
          onRemove={() => act({ type: "remove", slot })}
          title={title}
        />
      )}
      {error !== null && (
        <p class="slot-error" role="alert">
          <Icon name="warning" />
          <span>{error}</span>
        </p>
      )}
      <label class="button choose">
        {file === null ? "Choose a file" : "Replace"}
        <input
          type="file"
          class="visually-hidden"
          accept={TABLE_TYPES}
          multiple
          aria-label={`${file === null ? "Choose" : "Replace"} the ${slot} file`}
          onChange={choose}
        />
      </label>
    </div>
  );
}

interface FileLineProps {
  file: File;
  shape: TableShape | null;
  title: string;
  onRemove: () => void;
}

function FileLine({ file, shape, title, onRemove }: FileLineProps) {
  return (
    <p class="slot-file">
      <Icon name="file" />
      <span class="file-name" title={file.name}>
        {file.name}
      </span>
      <span class="quiet" title={shape === null ? undefined : formatPlural(shape.columns, "column")}>
        {shape === null ? formatBytes(file.size) : formatPlural(shape.rows, "row")}
      </span>
      <button
        type="button"
        class="icon-button small"
        aria-label={`Remove the ${title.toLowerCase()} file`}
        title="Remove"
        onClick={onRemove}
      >
        <Icon name="close" size={12} />
      </button>
    </p>
  );
}
