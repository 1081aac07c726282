/** Order, search and counts of a report's columns. */

import type { ColumnReport, Report, Verdict } from "tidegate";

import { formatNumber, formatPlural } from "../lib/format";
import { movedOn } from "./times";

export type SortKey = "importance" | "name" | "effect" | "p_adjusted" | "missing";

export interface Sort {
  key: SortKey;
  direction: "ascending" | "descending";
}

export const BY_IMPORTANCE: Sort = { key: "importance", direction: "descending" };

/** What a person should look at first ranks highest; what could not be judged comes before what is fine. */
const RANK: Record<Verdict, number> = { drift: 2, insufficient_data: 1, no_drift: 0 };

/** The effect of the deciding test; `null` without tests. */
export function effectOf(column: ColumnReport): number | null {
  return column.tests[0]?.effect ?? null;
}

/** The adjusted p-value of the deciding test, or its plain one; `null` where it has none. */
export function pOf(column: ColumnReport): number | null {
  const test = column.tests[0];
  return test?.p_adjusted ?? test?.p_value ?? null;
}

/** What the current table holds that the reference has never seen; empty where it holds nothing new. */
export function unseenSentence({ unseen, kind }: ColumnReport): string {
  if (!unseen || unseen.count === 0) return "";
  const values = formatPlural(unseen.count, "current value");
  if (kind === "numeric") return `${values} outside the reference's range.`;
  const names = unseen.categories ?? [];
  const listed =
    names.length === 0 ? "" : `: ${names.slice(0, 5).join(", ")}${names.length > 5 ? " and more" : ""}`;
  return `${values} of categories that the reference does not have${listed}.`;
}

/** What is to be known where neighbouring rows are alike, and verdicts count them as if they were not. */
export function alikeSentence({ rows_per_independent: rows, tests }: ColumnReport): string {
  if (!rows || tests.some((test) => test.p_effective != null)) return "";
  const alike = `Neighbouring rows of the reference are alike: ${formatNumber(rows)} say as much as one that is independent.`;
  return `${alike} If they are in the order of time, p-values here are too small; drift over time counts them for what they say.`;
}

/** Missing share of the reference and of the current table, in [0, 1]; `null` without rows. */
export function missingShares(column: ColumnReport): [number | null, number | null] {
  const share = ({ count, missing }: { count: number; missing: number }): number | null =>
    count + missing === 0 ? null : missing / (count + missing);
  return [share(column.reference), share(column.current)];
}

function valueOf(column: ColumnReport, key: SortKey): number | string | null {
  switch (key) {
    case "importance":
      return RANK[column.verdict] * 1e6 + (effectOf(column) ?? 0);
    case "name":
      return column.name;
    case "effect":
      return effectOf(column);
    case "p_adjusted":
      return pOf(column);
    case "missing":
      return missingShares(column)[1];
  }
}

/** The columns in the order asked for; those without the value come last either way. */
export function sortColumns(columns: readonly ColumnReport[], sort: Sort): ColumnReport[] {
  const sign = sort.direction === "ascending" ? 1 : -1;
  return columns.toSorted((a, b) => {
    const left = valueOf(a, sort.key);
    const right = valueOf(b, sort.key);
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === "string" || typeof right === "string") {
      return sign * String(left).localeCompare(String(right), "en", { numeric: true });
    }
    return sign * (left - right);
  });
}

/** The next sort when a header is pressed: first the direction that one wants to see, then the other. */
export function toggleSort(sort: Sort, key: SortKey): Sort {
  const first = key === "name" || key === "p_adjusted" ? "ascending" : "descending";
  if (sort.key !== key) return { key, direction: first };
  return { key, direction: sort.direction === "ascending" ? "descending" : "ascending" };
}

/** The columns whose name has the text in it, with the verdict asked for. */
export function filterColumns(
  columns: readonly ColumnReport[],
  text: string,
  verdict: Verdict | null,
): ColumnReport[] {
  const wanted = text.trim().toLocaleLowerCase("en");
  return columns.filter(
    (column) =>
      (verdict === null || column.verdict === verdict) &&
      column.name.toLocaleLowerCase("en").includes(wanted),
  );
}

/** How many columns have each verdict. */
export function countVerdicts(columns: readonly { verdict: Verdict }[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { drift: 0, no_drift: 0, insufficient_data: 0 };
  for (const { verdict } of columns) counts[verdict] += 1;
  return counts;
}

/** Whether both tables have the column. */
export function isShared({ reference, current }: ColumnReport): boolean {
  return [reference, current].every(({ count, missing }) => count + missing > 0);
}

/** The report in a sentence: `4 of 7 columns drifted.` */
export function headline(report: Report): string {
  const counts = countVerdicts(report.columns);
  const total = report.columns.length;
  if (total === 0) return "The tables have no columns to compare.";
  if (!report.columns.some(isShared)) return "No column is in both tables.";
  const changed = report.columns.filter(({ missing_test }) => missing_test?.verdict === "drift").length;
  if (counts.drift === 0 && changed > 0)
    return `The share of missing values changed in ${formatPlural(changed, "column")}.`;
  if (counts.insufficient_data === total) return "Too little data to judge any column.";
  const judged = total - counts.insufficient_data;
  if (counts.drift === 0)
    return judged === 1
      ? "The one column judged did not drift."
      : `None of ${formatPlural(judged, "column")} drifted.`;
  if (counts.drift === total)
    return total === 1 ? "The column drifted." : `All ${formatPlural(total, "column")} drifted.`;
  return `${counts.drift} of ${formatPlural(total, "column")} drifted.`;
}

/** Why a column was not judged, in a few words; `null` for one that was. */
export function unjudgedReason({ verdict, reference, current, tests }: ColumnReport): string | null {
  if (verdict !== "insufficient_data") return null;
  const [before, after] = [reference.count + reference.missing, current.count + current.missing];
  if (before === 0 && after === 0) return "of a type that is not compared";
  if (before === 0) return "only in the current table";
  if (after === 0) return "only in the reference";
  if (reference.count === 0 && current.count === 0) return "no values";
  if (reference.count === 0) return "no values in the reference";
  if (current.count === 0) return "no values in the current table";
  return tests.length === 0 ? null : "too few rows";
}

/** What the headline leaves out: which columns, or how many were not judged. */
export function subline(report: Report): string {
  const drifted = sortColumns(report.columns, BY_IMPORTANCE).filter((column) => column.verdict === "drift");
  const names = drifted.slice(0, 3).map((column) => column.name);
  const unjudged = countVerdicts(report.columns).insufficient_data;
  const parts: string[] = [];
  if (names.length === 1 && report.columns.length > 1) parts.push(`It is ${names[0]}.`);
  if (names.length > 1) parts.push(`Most of all ${names.slice(0, -1).join(", ")} and ${names.at(-1)}.`);
  if (unjudged > 0 && unjudged < report.columns.length) {
    parts.push(`${formatPlural(unjudged, "column")} could not be judged.`);
  }
  const times = drifted.filter(movedOn).map((column) => column.name);
  if (times.length > 0)
    parts.push(
      `${times.join(" and ")} ${times.length === 1 ? "holds" : "hold"} times, which move on by themselves.`,
    );
  if (isSame(report)) parts.push("No value differs in how often it is there: is it the same file twice?");
  return parts.join(" ");
}

/** Whether no test of any column found the least difference. */
function isSame({ columns, reference, current }: Report): boolean {
  const tests = columns.flatMap((column) => column.tests.slice(0, 1));
  return (
    tests.length > 0 &&
    tests.length === columns.length &&
    reference.rows === current.rows &&
    tests.every(({ statistic }) => statistic === 0)
  );
}
