import type { ColumnReport } from "tidegate";
import { useState } from "preact/hooks";

import { formatPlural } from "../lib/format";
import { ColumnRow } from "./column-row";
import type { Sort, SortKey } from "./columns";

interface Props {
  columns: readonly ColumnReport[];
  sort: Sort;
  onSort: (key: SortKey) => void;
}

/** More rows than this are drawn when asked for: a table of thousands of columns stays quick. */
const PAGE = 100;

/** The columns of a report; each row opens to its plot and its tests. */
export function ColumnTable({ columns, sort, onSort }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  const [most, setMost] = useState(PAGE);
  const shown = columns.slice(0, most);
  const rest = columns.length - shown.length;
  const head = { sort, onSort };
  return (
    <>
      <table class="columns">
        <caption class="visually-hidden">Columns. A row's button opens its distributions and tests.</caption>
        <thead>
          <tr>
            <SortHeader {...head} by="name" label="Column" />
            <SortHeader {...head} by="importance" label="Verdict" />
            <th scope="col" class="cell-shape">
              Distributions
            </th>
            <th scope="col" class="cell-test">
              Decided by
            </th>
            <SortHeader {...head} by="effect" label="Effect" />
            <SortHeader {...head} by="p_adjusted" label="Adjusted p" />
            <SortHeader {...head} by="missing" label="Missing" />
          </tr>
        </thead>
        {shown.map((column) => (
          <ColumnRow
            key={column.name}
            column={column}
            isOpen={open === column.name}
            onToggle={() => setOpen(open === column.name ? null : column.name)}
          />
        ))}
      </table>
      {columns.length === 0 && <p class="quiet nothing">No column matches.</p>}
      {rest > 0 && (
        <button type="button" class="button more" onClick={() => setMost(most + PAGE)}>
          Show {formatPlural(Math.min(rest, PAGE), "more column", "more columns")} of{" "}
          {formatPlural(columns.length, "column")}
        </button>
      )}
    </>
  );
}

function SortHeader({
  by,
  label,
  sort,
  onSort,
}: {
  by: SortKey;
  label: string;
  sort: Sort;
  onSort: Props["onSort"];
}) {
  const isSorted = sort.key === by;
  return (
    <th scope="col" class={`cell-${by}`} aria-sort={isSorted ? sort.direction : undefined}>
      <button type="button" class="sort" onClick={() => onSort(by)}>
        {label}
        <span class="sort-mark" aria-hidden="true">
          {isSorted ? (sort.direction === "ascending" ? "↑" : "↓") : "↕"}
        </span>
      </button>
    </th>
  );
}
