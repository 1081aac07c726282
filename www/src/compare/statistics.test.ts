import { expect, test } from "vitest";

import { figuresOf } from "./statistics";

const counts = { count: 40, missing: 2 };

test("numbers have a mean, a deviation and a range", () => {
  const summary = {
    kind: "numeric" as const,
    bins: [],
    edges: [],
    mean: 2.5,
    standard_deviation: 1,
    min: 1,
    max: null,
  };
  expect(figuresOf({ name: "a", counts, summary })).toEqual([
    ["Mean", "2.5"],
    ["Standard deviation", "1"],
    ["Smallest", "1"],
    ["Largest", "–"],
  ]);
});

test("categories are counted, and the most frequent is named", () => {
  const of = (names: string[], bins: number[], other = 0) =>
    figuresOf({ name: "a", counts, summary: { kind: "categorical", names, bins, other } });
  expect(of(["x", "y", "z"], [10, 30, 0])).toEqual([
    ["Categories", "2"],
    ["Most frequent", "y (75%)"],
  ]);
  expect(of(["x"], [10], 30)[0]).toEqual(["Categories", "more than 1"]);
  expect(of([], [])[1]).toEqual(["Most frequent", "–"]);
});
