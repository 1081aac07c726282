// Chunks of a table as lines that a person reads from the top, the oldest first.

import type { ChunkedReport, ChunkReport } from "../wire.js";
import { formatCount, formatNumber, formatTime, formatVerdict, plural, printable, shorten } from "./format.js";
import type { Palette } from "./palette.js";
import { type LayoutColumn, type LayoutRow, layOut } from "./table-layout.js";

const COLUMNS: readonly LayoutColumn[] = [
  { header: "chunk", align: "right" },
  { header: "from", align: "left" },
  { header: "rows", align: "right", leaveOut: 1 },
  { header: "verdict", align: "left" },
  { header: "largest effect", align: "right", leaveOut: 2 },
  { header: "drifted", align: "left", shrinkTo: 16 },
];
const VERDICT_CELL = 3;
const NAMES_SHOWN = 4;

/** The lines of the table, and a summary. */
export function renderChunks(report: ChunkedReport, palette: Palette, width: number): string[] {
  const [header = "", ...lines] = layOut(
    COLUMNS,
    report.chunks.map((chunk, index) => row(chunk, index, palette)),
    width,
  );
  const drifted = report.chunks.filter((chunk) => chunk.report.verdict === "drift").length;
  const found = palette[report.verdict](`${drifted} of ${plural(report.chunks.length, "chunk")} drifted`);
  const size = `${plural(report.reference.rows, "row")} against ${formatCount(report.current.rows)}`;
  return [palette.dim(header), ...lines, "", `${found} · ${size}`];
}

function row(chunk: ChunkReport, index: number, palette: Palette): LayoutRow {
  const { verdict, columns } = chunk.report;
  const drifted = columns.filter((column) => column.verdict === "drift").map(({ name }) => name);
  const effects = columns.flatMap(({ tests: [test] }) => (test === undefined ? [] : [test.effect]));
  const named = drifted.slice(0, NAMES_SHOWN).map((name) => shorten(printable(name), 24));
  if (drifted.length > named.length) named.push(`${drifted.length - named.length} more`);
  return {
    cells: [
      String(index + 1),
      chunk.from_seconds == null ? "" : formatTime(chunk.from_seconds),
      formatCount(chunk.rows),
      formatVerdict(verdict),
      effects.length === 0 ? "" : formatNumber(Math.max(...effects)),
      named.join(", "),
    ],
    paint: (text, cell) => (cell === VERDICT_CELL ? palette[verdict](text) : text),
  };
}
