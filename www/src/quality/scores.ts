/** Which columns hold what the model says of how likely each class is. */

import type { EvaluateOptions } from "tidegate";

import type { TableColumns } from "../analysis/protocol";

type Scores = Pick<EvaluateOptions, "score" | "scores">;

/**
 * Of two classes the column that was picked; of more, a column of numbers for each that is called after it, such as
 * `p_cat`, `score cat` or `cat`; none where one is missing.
 */
export function scoresOf(
  { columns }: TableColumns,
  classes: readonly string[],
  picked: string | null,
  taken: readonly (string | null)[],
): Scores | null {
  if (classes.length <= 2) return picked === null ? null : { score: picked };
  const names = columns
    .filter(({ name, kind }) => kind === "numeric" && !taken.includes(name))
    .map(({ name }) => name);
  const ofClass = (one: string) =>
    names.find((name) => {
      const lower = name.toLowerCase();
      const rest = lower.endsWith(one.toLowerCase()) ? lower.slice(0, lower.length - one.length) : null;
      return rest !== null && /^(p|prob|proba|probability|score|conf|confidence)?[ _.:-]*$/.test(rest);
    });
  const found = classes.map((one) => [one, ofClass(one)] as const);
  if (found.some(([, name]) => name === undefined)) return null;
  return { scores: Object.fromEntries(found as [string, string][]) };
}
