// A report as a table that a person reads from the top: what drifted, and how much, comes first.

import type { ColumnReport, Method, Report, TestReport, Verdict } from "../wire.js";
import {
  formatCount,
  formatNumber,
  formatPValue,
  formatShare,
  formatVerdict,
  NAME_CELLS,
  plural,
  printable,
  shorten,
} from "./format.js";
import type { Palette } from "./palette.js";
import { type LayoutColumn, type LayoutRow, layOut } from "./table-layout.js";

const RANKS: readonly Verdict[] = ["drift", "insufficient_data", "no_drift"];

const METHODS: Partial<Record<Method, string>> = {
  kolmogorov_smirnov: "Kolmogorov-Smirnov",
  cramer_von_mises: "Cramér-von Mises",
  anderson_darling: "Anderson-Darling",
  mann_whitney: "Mann-Whitney",
  welch_t: "Welch t",
  wasserstein: "Wasserstein",
  energy: "Energy",
  psi: "PSI",
  jensen_shannon: "Jensen-Shannon",
  kullback_leibler: "Kullback-Leibler",
  hellinger: "Hellinger",
  total_variation: "total variation",
  chi_square: "chi-square",
  g_test: "G-test",
  fisher_exact: "Fisher exact",
  cramers_v: "Cramér's V",
  l_infinity: "largest change",
  mmd: "MMD",
};

const COLUMNS: readonly LayoutColumn[] = [
  { header: "column", align: "left", most: NAME_CELLS, shrinkTo: 12 },
  { header: "verdict", align: "left" },
  { header: "test", align: "left", leaveOut: 3 },
  { header: "effect", align: "right" },
  { header: "adjusted p", align: "right", leaveOut: 1 },
  { header: "missing", align: "left", leaveOut: 2 },
  { header: "never seen", align: "right", leaveOut: 4 },
];
const VERDICT_CELL = 1;
const MISSING_CELL = 5;

/** The lines of the table, its notes and its summary. */
export function renderReport(report: Report, palette: Palette, width: number): string[] {
  const columns = [...report.columns].sort(byImportance);
  const [header = "", ...lines] = layOut(
    COLUMNS,
    columns.map((column) => row(column, palette)),
    width,
  );
  const notes = columns.flatMap(({ name, note, tests }) =>
    tests.length > 0 && note ? [`  ${shorten(printable(name), NAME_CELLS)}: ${printable(note)}`] : [],
  );
  const below = [notes, alike(columns), [summary(report, palette)]].filter((lines) => lines.length > 0);
  return [palette.dim(header), ...lines, ...below.flatMap((lines) => ["", ...lines])];
}

/** What is to be known where neighbouring rows are alike, and verdicts count them as if they were not. */
function alike(columns: readonly ColumnReport[]): string[] {
  const uncounted = columns.filter((column) => column.rows_per_independent && !isCountedSo(column));
  if (uncounted.length === 0) return [];
  const most = Math.max(...uncounted.map((column) => column.rows_per_independent ?? 1));
  return [
    `  Neighbouring rows of the reference are alike in ${plural(uncounted.length, "column")}: up to ${formatNumber(most)} say as much as one.`,
    "  If rows are in the order of time, p-values are too small: --in-time-order counts them for what they say.",
  ];
}

function isCountedSo({ tests }: ColumnReport): boolean {
  return tests.some((test) => test.p_effective != null);
}

function byImportance(one: ColumnReport, other: ColumnReport): number {
  const rank = RANKS.indexOf(one.verdict) - RANKS.indexOf(other.verdict);
  return rank || (other.tests[0]?.effect ?? 0) - (one.tests[0]?.effect ?? 0);
}

function row(column: ColumnReport, palette: Palette): LayoutRow {
  const name = printable(column.name);
  const [test] = column.tests;
  const verdict = test === undefined ? "not compared" : formatVerdict(column.verdict);
  const paint = (text: string, cell: number) => {
    if (cell === VERDICT_CELL) return palette[column.verdict](text);
    if (cell === MISSING_CELL && isMissingDrift(column)) return palette.drift(text);
    return text;
  };
  if (test === undefined) {
    return { cells: [name, verdict], rest: reason(column), paint };
  }
  const cells = [
    name,
    verdict,
    METHODS[test.method] ?? test.method,
    effect(test),
    formatPValue(test.p_adjusted),
    missing(column),
    column.unseen.count > 0 ? formatShare(column.unseen.count, column.current.count) : "",
  ];
  return { cells, paint };
}

/** With the smallest that matters, where that is why a small p-value is no drift. */
function effect(test: TestReport): string {
  const isTooSmall = test.p_adjusted != null && test.p_adjusted <= test.threshold && test.effect < test.effect_floor;
  return isTooSmall ? `${formatNumber(test.effect)} < ${formatNumber(test.effect_floor)}` : formatNumber(test.effect);
}

/** Why a column was not compared, which stands beside these words. */
function reason({ note }: ColumnReport): string {
  return printable(note ?? "").replace(/^not compared: /, "");
}

/** `0%`, or both tables' shares where they differ, or these with a word where chance does not explain it. */
function missing(column: ColumnReport): string {
  const [before = "", after = ""] = [column.reference, column.current].map(({ count, missing }) =>
    formatShare(missing, count + missing),
  );
  if (isMissingDrift(column)) return `${before} → ${after} drift`;
  return before === after ? before : `${before} → ${after}`;
}

function isMissingDrift({ missing_test }: ColumnReport): boolean {
  return missing_test?.verdict === "drift";
}

function summary(report: Report, palette: Palette): string {
  const count = (verdict: Verdict) => report.columns.filter((column) => column.verdict === verdict).length;
  const drifted = `${count("drift")} of ${plural(report.columns.length, "column")} drifted`;
  const parts = [palette[report.verdict](drifted)];
  // The verdict of a column is about the values that it has.
  const byMissing = report.columns.filter((column) => column.verdict !== "drift" && isMissingDrift(column)).length;
  if (byMissing > 0) parts.push(palette.drift(`missing values of ${plural(byMissing, "column")} drifted`));
  if (count("insufficient_data") > 0) parts.push(`${count("insufficient_data")} could not be judged`);
  parts.push(`${plural(report.reference.rows, "row")} against ${formatCount(report.current.rows)}`);
  return parts.join(" · ");
}
