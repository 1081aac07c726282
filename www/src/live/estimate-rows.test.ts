import type { CohortSnapshot } from "tidegate";
import { expect, test } from "vitest";

import { estimateRows } from "./estimate-rows";

function day(
  at: number,
  accuracy: number | null,
  estimated: number | null,
  verdict = "no_drift",
): CohortSnapshot {
  const figures =
    estimated === null
      ? null
      : { accuracy: estimated, accuracy_interval: [estimated - 0.05, estimated + 0.05] };
  return {
    at_seconds: at * 86_400,
    accuracy,
    estimated: figures,
    estimate_check: { verdict },
  } as unknown as CohortSnapshot;
}

test("days with an estimate are rows, the newest first, and stand out where the labels disagree", () => {
  const rows = estimateRows([
    day(0, 0.9, 0.88),
    day(1, 0.7, 0.88, "drift"),
    day(2, null, 0.9),
    day(3, 0.8, null),
  ]);
  expect(rows.map(({ name, tone, marks = [] }) => [name, tone, marks.length])).toEqual([
    ["1970-01-03", "main", 0],
    ["1970-01-02", "alarm", 1],
    ["1970-01-01", "main", 1],
  ]);
});
