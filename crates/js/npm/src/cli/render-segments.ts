// Segments of a comparison and of an evaluation, as tables that a person reads.

import type { Segment, SegmentEvaluation, SegmentsReport } from "../wire.js";
import { formatCount, formatNumber, formatPValue, formatVerdict, NAME_CELLS, printable } from "./format.js";
import type { Palette } from "./palette.js";
import { type LayoutColumn, layOut } from "./table-layout.js";

const COMPARED: readonly LayoutColumn[] = [
  { header: "segment", align: "left", most: NAME_CELLS, shrinkTo: 8 },
  { header: "reference", align: "right", leaveOut: 1 },
  { header: "current", align: "right" },
  { header: "verdict", align: "left" },
  { header: "columns that drifted", align: "left", shrinkTo: 16 },
];

const EVALUATED: readonly LayoutColumn[] = [
  { header: "segment", align: "left", most: NAME_CELLS, shrinkTo: 8 },
  { header: "rows", align: "right" },
  { header: "figure", align: "right" },
  { header: "other rows", align: "right" },
  { header: "adjusted p", align: "right", leaveOut: 1 },
  { header: "verdict", align: "left" },
];

/** What a segment is called. */
export function segmentName(segment: Segment): string {
  switch (segment.kind) {
    case "category":
      return printable(segment.name);
    case "others":
      return `${formatCount(segment.categories)} others`;
    case "missing":
      return "no value";
    case "range": {
      const { from, to } = segment;
      if (from === null) return to === null ? "all numbers" : `below ${formatNumber(to)}`;
      return to === null ? `${formatNumber(from)} and more` : `${formatNumber(from)} to ${formatNumber(to)}`;
    }
  }
}

/** A line a segment of a comparison; none if it was not cut. */
export function renderSegments(report: SegmentsReport | null | undefined, palette: Palette, width: number): string[] {
  if (report == null) return [];
  const rows = report.segments.map(({ segment, reference, current, verdict, columns, note }) => {
    const drifted = columns.filter((column) => column.verdict === "drift").map(({ name }) => printable(name));
    return {
      cells: [
        segmentName(segment),
        formatCount(reference.rows),
        formatCount(current.rows),
        formatVerdict(verdict),
        note == null ? drifted.join(", ") : printable(note),
      ],
      paint: (text: string, column: number) => (column === 3 ? palette[verdict](text) : text),
    };
  });
  const [header = "", ...lines] = layOut(COMPARED, rows, width);
  return ["", `By ${printable(report.by)}`, palette.dim(header), ...lines];
}

/** A line a segment of an evaluation; none if it was not cut. */
export function renderEvaluatedSegments(
  segments: readonly SegmentEvaluation[],
  by: string,
  palette: Palette,
  width: number,
): string[] {
  if (segments.length === 0) return [];
  const known = (value: number | null) => (value === null ? "–" : formatNumber(value));
  const isOfNumbers = segments.some(({ mae }) => mae !== null);
  const paints = { worse: palette.drift, better: palette.no_drift, no_difference: palette.no_drift, insufficient_data: palette.insufficient_data };
  const rows = segments.map(({ segment, rows, accuracy, mae, rest, p_adjusted: p, verdict }) => ({
    cells: [
      segmentName(segment),
      formatCount(rows),
      known(accuracy ?? mae),
      known(rest),
      p === null ? "–" : formatPValue(p),
      formatVerdict(verdict),
    ],
    paint: (text: string, column: number) => (column === 5 ? paints[verdict](text) : text),
  }));
  const columns = EVALUATED.map((column) =>
    column.header === "figure" ? { ...column, header: isOfNumbers ? "mean absolute error" : "accuracy" } : column,
  );
  const [header = "", ...lines] = layOut(columns, rows, width);
  return ["", `By ${printable(by)}`, palette.dim(header), ...lines];
}
