// What an experiment says, as a table that a person reads.

import type { ExperimentReport, VariantReport } from "../wire.js";
import { formatCount, formatNumber, formatPValue, NAME_CELLS, plural, printable } from "./format.js";
import type { Palette } from "./palette.js";
import { type LayoutColumn, layOut } from "./table-layout.js";

const columns = (outcome: string): readonly LayoutColumn[] => [
  { header: "variant", align: "left", most: NAME_CELLS, shrinkTo: 8 },
  { header: "units", align: "right" },
  { header: outcome, align: "right" },
  { header: "difference", align: "right" },
  { header: "from", align: "right", leaveOut: 1 },
  { header: "to", align: "right", leaveOut: 1 },
  { header: "lift", align: "right", leaveOut: 2 },
  { header: "p at any look", align: "right" },
  { header: "chance to win", align: "right", leaveOut: 3 },
];

/** Each variant against the control, and what can be said of it. */
export function renderExperiment(report: ExperimentReport, palette: Palette, width: number): string[] {
  const { variants, outcome, sample_ratio, control, left_out_rows, alpha } = report;
  const [header = "", ...table] = layOut(columns(outcome), variants.map(row), width);
  const lines = [palette.dim(header), ...table, ""];
  if (sample_ratio?.fixed.verdict === "mismatch") {
    const p = formatPValue(sample_ratio.fixed.p_value);
    lines.push(palette.drift(`units were not split as planned (p ${p}): believe nothing else here`));
  }
  for (const { name, effect } of variants) {
    if (effect === null) continue;
    const { verdict, adjusted, note } = effect;
    const says = {
      larger: `larger than ${printable(control)}`,
      smaller: `smaller than ${printable(control)}`,
      undecided: "undecided",
    }[verdict];
    const painted = palette[verdict === "undecided" ? "insufficient_data" : "no_drift"](says);
    lines.push(`${printable(name)}: ${painted}${note === null ? "" : `; ${note}`}`);
    if (adjusted !== null) {
      const { difference, p_value } = adjusted.fixed;
      const less = (100 * adjusted.variance_reduction_ratio).toFixed(0);
      const reach = `${formatNumber(difference.interval[0])} to ${formatNumber(difference.interval[1])}`;
      const found = `${formatNumber(difference.value)} (${reach}), p ${formatPValue(p_value)}`;
      lines.push(`  with the covariate, which takes off ${less}% of the variance: ${found}`);
    }
  }
  const units = variants.reduce((sum, { count }) => sum + count, 0);
  const left = left_out_rows > 0 ? ` · ${plural(left_out_rows, "row")} left out` : "";
  return [...lines, palette.dim(`${plural(units, "unit")} · intervals of ${formatNumber(100 * (1 - alpha))}%${left}`)];
}

function row({ name, count, mean, effect }: VariantReport) {
  const fixed = effect?.fixed;
  const cells = [printable(name), formatCount(count), formatNumber(mean)];
  if (!fixed) return { cells: [...cells, "", "", "", "", "", ""] };
  const { difference, lift } = fixed;
  return {
    cells: [
      ...cells,
      formatNumber(difference.value),
      formatNumber(difference.interval[0]),
      formatNumber(difference.interval[1]),
      lift === null ? "–" : `${lift.value > 0 ? "+" : ""}${(100 * lift.value).toFixed(1)}%`,
      formatPValue(effect?.p_adjusted ?? null),
      effect?.posterior ? `${(100 * effect.posterior.chance_to_win).toFixed(1)}%` : "–",
    ],
  };
}
