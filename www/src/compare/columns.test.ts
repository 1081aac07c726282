import type { ColumnReport, Report, Verdict } from "tidegate";
import { describe, expect, test } from "vitest";

import {
  alikeSentence,
  BY_IMPORTANCE,
  filterColumns,
  headline,
  missingShares,
  sortColumns,
  subline,
  toggleSort,
  unjudgedReason,
  unseenSentence,
} from "./columns";

function column(
  name: string,
  verdict: Verdict,
  effect: number | null,
  p: number | null = null,
): ColumnReport {
  return {
    name,
    kind: "numeric",
    verdict,
    reference: { count: 90, missing: 10 },
    current: { count: 100, missing: 0 },
    tests:
      effect === null
        ? []
        : [
            {
              method: "kolmogorov_smirnov",
              statistic: effect,
              p_value: p,
              p_adjusted: p,
              effect,
              interval: null,
              detectable_effect: 0,
              threshold: 0.05,
              effect_floor: 0.1,
              verdict,
            },
          ],
    distribution: { kind: "bins", edges: [], reference: [], current: [], below: [0, 0], above: [0, 0] },
    unseen: { count: 0 },
  };
}

const COLUMNS = [
  column("stable", "no_drift", 0.01, 0.8),
  column("small drift", "drift", 0.2, 1e-9),
  column("unknown", "insufficient_data", null),
  column("Large Drift", "drift", 0.5, 1e-30),
];
const names = (columns: readonly ColumnReport[]) => columns.map(({ name }) => name);
const report = (columns: ColumnReport[]): Report => ({
  schema: "tidegate.report/1",
  verdict: "drift",
  reference: { rows: 100 },
  current: { rows: 100 },
  columns,
});

describe("sortColumns", () => {
  test("puts first what matters: drift by effect, then what could not be judged", () => {
    expect(names(sortColumns(COLUMNS, BY_IMPORTANCE))).toEqual([
      "Large Drift",
      "small drift",
      "unknown",
      "stable",
    ]);
  });
  test("keeps columns without the value last in both directions", () => {
    for (const direction of ["ascending", "descending"] as const) {
      expect(names(sortColumns(COLUMNS, { key: "effect", direction })).at(-1)).toBe("unknown");
    }
  });
  test("does not touch its input", () => {
    const before = names(COLUMNS);
    sortColumns(COLUMNS, { key: "name", direction: "ascending" });
    expect(names(COLUMNS)).toEqual(before);
  });
});

test("toggleSort begins with the useful direction and then turns it", () => {
  const first = toggleSort(BY_IMPORTANCE, "p_adjusted");
  expect(first).toEqual({ key: "p_adjusted", direction: "ascending" });
  expect(toggleSort(first, "p_adjusted").direction).toBe("descending");
});

test("filterColumns looks at name and verdict, whatever the case", () => {
  expect(names(filterColumns(COLUMNS, " DRIFT ", null))).toEqual(["small drift", "Large Drift"]);
  expect(names(filterColumns(COLUMNS, "", "insufficient_data"))).toEqual(["unknown"]);
});

describe("headline", () => {
  test("counts what drifted", () => expect(headline(report(COLUMNS))).toBe("2 of 4 columns drifted."));
  test("says so when nothing did", () =>
    expect(headline(report([COLUMNS[0]!]))).toBe("The one column judged did not drift."));
  test("says so when only what is missing did", () => {
    const missing_test = COLUMNS[1]!.tests[0]!;
    expect(headline(report([COLUMNS[0]!, { ...COLUMNS[0]!, missing_test }]))).toBe(
      "The share of missing values changed in 1 column.",
    );
  });
  test("does not call too little data stable", () =>
    expect(headline(report([COLUMNS[2]!]))).toBe("Too little data to judge any column."));
  test("copes with no columns", () =>
    expect(headline(report([]))).toBe("The tables have no columns to compare."));
});

test("subline says of times that they move on by themselves", () => {
  const time = (name: string, verdict: Verdict): ColumnReport => ({
    ...column(name, verdict, 1, 0),
    kind: "categorical",
    unseen: { count: 100 },
    distribution: { kind: "categories", names: [], reference: [], current: [], other: [0, 0] },
  });
  const columns = [time("day", "drift"), column("price", "drift", 0.2, 0), time("created_at", "no_drift")];
  expect(subline(report(columns))).toBe(
    "Most of all day and price. day holds times, which move on by themselves.",
  );
});

test("subline names the worst columns and counts those not judged", () => {
  expect(subline(report(COLUMNS))).toBe(
    "Most of all Large Drift and small drift. 1 column could not be judged.",
  );
});

test("missingShares is of each table's own rows", () => {
  expect(missingShares(COLUMNS[0]!)).toEqual([0.1, 0]);
});

test("unseenSentence names new categories, but not without end", () => {
  const categorical: ColumnReport = {
    ...COLUMNS[0]!,
    kind: "categorical",
    unseen: { count: 7, categories: ["a", "b", "c", "d", "e", "f"] },
  };
  expect(unseenSentence(categorical)).toBe(
    "7 current values of categories that the reference does not have: a, b, c, d, e and more.",
  );
  expect(unseenSentence({ ...COLUMNS[0]!, unseen: { count: 2 } })).toBe(
    "2 current values outside the reference's range.",
  );
  expect(unseenSentence(COLUMNS[0]!)).toBe("");
});

test("alikeSentence warns where verdicts take alike neighbours for independent", () => {
  const column: ColumnReport = { ...COLUMNS[0]!, rows_per_independent: 19 };
  expect(alikeSentence(column)).toMatch(/^Neighbouring rows of the reference are alike: 19 say as much/);
  expect(alikeSentence(COLUMNS[0]!)).toBe("");
  const counted = column.tests.map((test) => ({ ...test, p_effective: 0.5 }));
  expect(alikeSentence({ ...column, tests: counted })).toBe("");
});

test("a column that was not judged says why", () => {
  const unjudged = (
    reference: [number, number],
    current: [number, number],
    effect: number | null = null,
  ) => ({
    ...column("x", "insufficient_data", effect),
    reference: { count: reference[0], missing: reference[1] },
    current: { count: current[0], missing: current[1] },
  });
  expect(unjudgedReason(unjudged([0, 0], [9, 0]))).toBe("only in the current table");
  expect(unjudgedReason(unjudged([9, 1], [0, 0]))).toBe("only in the reference");
  expect(unjudgedReason(unjudged([0, 0], [0, 0]))).toBe("of a type that is not compared");
  expect(unjudgedReason(unjudged([0, 9], [0, 9]))).toBe("no values");
  expect(unjudgedReason(unjudged([9, 0], [0, 9]))).toBe("no values in the current table");
  expect(unjudgedReason(unjudged([9, 0], [9, 0], 0.3))).toBe("too few rows");
  expect(unjudgedReason(column("x", "drift", 0.3))).toBeNull();
  expect(headline(report([unjudged([9, 1], [0, 0]), unjudged([0, 0], [9, 0])]))).toBe(
    "No column is in both tables.",
  );
});
