// How good a model probably was over time, as lines that a person reads from the top, the oldest first.

import type { ChunkedEstimation, EstimatedChunk } from "../wire.js";
import { formatCount, formatNumber, formatTime, formatVerdict, plural, printable, words } from "./format.js";
import type { Palette } from "./palette.js";
import { type LayoutColumn, type LayoutRow, layOut } from "./table-layout.js";

/** The figures that have a column of their own; the others are named where they drifted. */
const SHOWN = ["accuracy", "f1", "roc_auc"] as const;
const COLUMNS: readonly LayoutColumn[] = [
  { header: "chunk", align: "right" },
  { header: "from", align: "left" },
  { header: "rows", align: "right", leaveOut: 3 },
  { header: "verdict", align: "left" },
  { header: "accuracy", align: "right" },
  { header: "F1", align: "right", leaveOut: 1 },
  { header: "ROC AUC", align: "right", leaveOut: 2 },
  { header: "drifted", align: "left", shrinkTo: 16 },
];
const VERDICT_CELL = 3;

/** The chunks, between which bounds each figure is as it was, and a summary. */
export function renderEstimateChunks(estimation: ChunkedEstimation, palette: Palette, width: number): string[] {
  const { chunks, thresholds, positive, reference_rows, reference_chunks, rows, left_out_rows, verdict } = estimation;
  const [header = "", ...lines] = layOut(
    COLUMNS,
    chunks.map((chunk, index) => row(chunk, index, palette)),
    width,
  );
  const bounds = thresholds.flatMap(({ name, interval }) =>
    interval === null ? [] : [`${words(name)} ${formatNumber(interval[0])} to ${formatNumber(interval[1])}`],
  );
  const drifted = chunks.filter((chunk) => chunk.verdict === "drift").length;
  const of = positive === null ? "means over the classes" : `of class ${printable(positive)}`;
  const left = left_out_rows > 0 ? ` · ${plural(left_out_rows, "row")} left out` : "";
  const reference = `reference ${plural(reference_rows, "row")} in ${plural(reference_chunks.length, "chunk")}`;
  return [
    palette.dim(header),
    ...lines,
    "",
    bounds.length > 0 ? `as it was: ${bounds.join(", ")}` : "the reference makes fewer than two chunks: have smaller ones",
    palette[verdict](`${drifted} of ${plural(chunks.length, "chunk")} drifted`),
    palette.dim(`${plural(rows, "row")}, ${of} · ${reference}${left}`),
  ];
}

function row({ rows, from_seconds, verdict, figures }: EstimatedChunk, index: number, palette: Palette): LayoutRow {
  const estimated = SHOWN.map((name) => figures.find((figure) => figure.name === name)?.estimated);
  return {
    cells: [
      String(index + 1),
      from_seconds == null ? "" : formatTime(from_seconds),
      formatCount(rows),
      formatVerdict(verdict),
      ...estimated.map((value) => (value == null ? "–" : formatNumber(value))),
      figures.flatMap((figure) => (figure.verdict === "drift" ? [words(figure.name)] : [])).join(", "),
    ],
    paint: (text, cell) => (cell === VERDICT_CELL ? palette[verdict](text) : text),
  };
}
