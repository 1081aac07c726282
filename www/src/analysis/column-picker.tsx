import type { TableColumns } from "./protocol";

interface Props {
  label: string;
  columns: readonly TableColumns["columns"][number][];
  value: string | null;
  onChange: (name: string | null) => void;
  /** What no column means; without it there must be one. */
  none?: string;
}

/** Which column holds something. */
export function ColumnPicker({ label, columns, value, onChange, none }: Props) {
  return (
    <label class="picker">
      {label}
      <select value={value ?? ""} onChange={(event) => onChange(event.currentTarget.value || null)}>
        {(none !== undefined || value === null) && <option value="">{none ?? "choose…"}</option>}
        {columns.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The first column whose name says that it holds something, of one kind if that is given. */
export function guess(
  { columns }: TableColumns,
  names: RegExp,
  taken: readonly (string | null)[] = [],
  kind?: "numeric",
): string | null {
  const fits = columns.filter((column) => !taken.includes(column.name) && (!kind || column.kind === kind));
  return fits.find(({ name }) => names.test(name))?.name ?? null;
}
