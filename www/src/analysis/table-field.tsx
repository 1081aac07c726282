import { formatPlural } from "../lib/format";
import { FileField } from "./file-field";
import type { TableColumns } from "./protocol";
import type { Asked } from "./use-answer";

interface Props {
  title: string;
  hint: string;
  file: File | null;
  onFile: (file: File | null) => void;
  /** Its columns, where they are asked for. */
  columns?: Asked<TableColumns>;
}

/** A place for one table. */
export function TableField({ title, hint, file, onFile, columns }: Props) {
  const rows = columns?.answer?.rows;
  return (
    <FileField
      title={title}
      hint={hint}
      files={file ? [file] : []}
      onFiles={([first]) => onFile(first ?? null)}
      note={rows === undefined ? undefined : formatPlural(rows, "row")}
      error={columns?.error ?? null}
    />
  );
}
