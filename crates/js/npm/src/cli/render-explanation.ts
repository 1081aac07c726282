// An explanation as a table that a person reads.

import type { Explanation, OutputExplanation } from "../explain.js";
import { formatNumber, formatShare, NAME_CELLS, plural, printable } from "./format.js";
import type { Palette } from "./palette.js";
import { type LayoutColumn, type LayoutRow, layOut } from "./table-layout.js";

const COLUMNS: readonly LayoutColumn[] = [
  { header: "feature", align: "left", most: NAME_CELLS, shrinkTo: 12 },
  { header: "mean |SHAP|", align: "right" },
  { header: "share", align: "right", leaveOut: 1 },
];

/** The lines of a table an output, the most important feature first, and a summary. */
export function renderExplanation(explanation: Explanation, palette: Palette, width: number): string[] {
  const { features, outputs, rows } = explanation;
  const lines = outputs.flatMap((output, i) => {
    const [header = "", ...table] = layOut(COLUMNS, importances(features, output), width);
    const title = outputs.length > 1 ? [`output ${i}, expected ${formatNumber(output.expected)}`] : [];
    return [...title, palette.dim(header), ...table, ""];
  });
  const [first] = outputs;
  const expected = outputs.length === 1 && first ? [`expected ${formatNumber(first.expected)}`] : [];
  const unknown = explanation.unknown_categories;
  const unseen = unknown > 0 ? [`${plural(unknown, "cell")} of a category that the model never saw`] : [];
  return [...lines, [plural(rows, "row"), explanation.method, ...expected, ...unseen].join(" · ")];
}

function importances(features: readonly string[], { importance }: OutputExplanation): LayoutRow[] {
  const all = importance.reduce((sum, value) => sum + value, 0);
  return features
    .map((name, i) => ({ name, value: importance[i] ?? 0 }))
    .sort((a, b) => b.value - a.value)
    .map(({ name, value }) => ({
      cells: [printable(name), formatNumber(value), formatShare(value, all)],
    }));
}
