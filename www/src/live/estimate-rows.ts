/** Estimated and realised accuracy, as rows of one scale. */

import type { CohortSnapshot } from "tidegate";

import type { IntervalRow } from "../plots/intervals";

const dayOf = (atSeconds: number) => new Date(atSeconds * 1000).toISOString().slice(0, 10);

/** A row a day that has an estimate, the newest first: what was expected, and what the labels say. */
export function estimateRows(cohorts: readonly CohortSnapshot[]): IntervalRow[] {
  return [...cohorts].reverse().flatMap(({ at_seconds: at, accuracy, estimated, estimate_check: check }) => {
    const value = estimated?.accuracy ?? null;
    if (value === null) return [];
    const interval = estimated?.accuracy_interval ?? null;
    const isOff = check?.verdict === "drift";
    const marks =
      accuracy === null ? [] : [{ name: "By the labels", value: accuracy, shape: "cross" as const }];
    return [
      { name: dayOf(at), value, interval, marks, tone: isOff ? ("alarm" as const) : ("main" as const) },
    ];
  });
}
