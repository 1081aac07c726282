// A profile as a table that a person reads.

import type { ColumnProfile, ColumnSummary, Profile } from "../wire.js";
import { formatNumber, formatShare, NAME_CELLS, plural, printable, shorten } from "./format.js";
import type { Palette } from "./palette.js";
import { type LayoutColumn, type LayoutRow, layOut } from "./table-layout.js";

const COLUMNS: readonly LayoutColumn[] = [
  { header: "column", align: "left", most: NAME_CELLS, shrinkTo: 12 },
  { header: "kind", align: "left", leaveOut: 2 },
  { header: "missing", align: "right", leaveOut: 1 },
  { header: "values", align: "left", shrinkTo: 20 },
];

const CATEGORIES_SHOWN = 4;
const CATEGORY_CELLS = 24;

/** The lines of the table and its summary. */
export function renderProfile(profile: Profile, palette: Palette, width: number): string[] {
  const [header = "", ...lines] = layOut(COLUMNS, profile.columns.map(row), width);
  const size = `${plural(profile.rows, "row")}, ${plural(profile.columns.length, "column")}`;
  return [palette.dim(header), ...lines, "", size];
}

function row({ name, counts, summary }: ColumnProfile): LayoutRow {
  const missing = formatShare(counts.missing, counts.count + counts.missing);
  return { cells: [printable(name), summary.kind, missing, values(summary, counts.count)] };
}

function values(summary: ColumnSummary, count: number): string {
  if (count === 0) return "–";
  if (summary.kind === "numeric") {
    const [min, mean, deviation, max] = [
      summary.min,
      summary.mean,
      summary.standard_deviation,
      summary.max,
    ].map((value) => (value == null ? "–" : formatNumber(value)));
    return `${min} to ${max}, mean ${mean} ± ${deviation}`;
  }
  const named = summary.names
    .slice(0, CATEGORIES_SHOWN)
    .map(
      (name, i) =>
        `${shorten(printable(name), CATEGORY_CELLS) || '""'} ${formatShare(summary.bins[i] ?? 0, count)}`,
    );
  const more = summary.names.length - named.length;
  return (
    named.join(", ") +
    (more > 0 || summary.other > 0 ? `, and ${summary.other > 0 ? "more" : `${more} more`}` : "")
  );
}
