import type { ColumnReport } from "tidegate";
import { expect, test } from "vitest";

import { layoutGrid, readGrid } from "../plots/drift-grid";
import { gridOf, unjudgedSentences, usualParts } from "./stretches";
import { isTime } from "./times";

const chunk = (rows: number, from: number | null, effect: number) => ({
  rows,
  from_seconds: from,
  cells: {
    price: {
      verdict: effect > 0.1 ? ("drift" as const) : ("no_drift" as const),
      effect,
      rows_per_independent: null,
    },
  },
});

test("a grid has a row a column and a cell a stretch, named by its time or its first row", () => {
  const data = gridOf([chunk(100, null, 0.01), chunk(90, null, 0.3)], ["price", "gone"]);
  expect(data.columns.map(({ name }) => name)).toEqual(["price"]);
  expect(data.stretches.map(({ name }) => name)).toEqual(["from row 1", "from row 101"]);
  expect(readGrid(data, 1)).toEqual({
    heading: "price, from row 101",
    rows: [
      ["Verdict", "Drift"],
      ["Effect", "0.300"],
      ["Rows", "90"],
    ],
  });
  expect(gridOf([chunk(100, 1_790_000_000, 0)], ["price"]).stretches[0]?.name).toBe("from 2026-09-21 14:13");
});

test("a stretch that was not judged says why, and what to do", () => {
  const unjudged = (effect: number | null, alike: number | null) => ({
    verdict: "insufficient_data" as const,
    effect,
    rows_per_independent: alike,
  });
  const chunks = [
    {
      rows: 132,
      from_seconds: null,
      cells: { load: unjudged(0.2, 12.6), age: unjudged(0.1, null), gone: unjudged(null, null) },
    },
    { ...chunk(132, null, 0.01), cells: { load: { ...unjudged(0.9, 12.6), verdict: "drift" as const } } },
  ];
  const names = ["load", "age", "gone", "price"];
  expect(readGrid(gridOf(chunks, names), 0).rows.at(-1)).toEqual([
    "Why",
    "neighbours are alike: they count as 10",
  ]);
  expect(unjudgedSentences(chunks, names)).toEqual([
    "load is judged in 1 of 2 stretches: each value is much like the one before it, 12.6 rows say as much as one that stands alone, and 132 rows count as 10.",
    "Stretches of 132 rows are too short to be sure of age.",
    "Fewer stretches, or a longer table, say more.",
  ]);
  expect(unjudgedSentences([chunk(100, null, 0.2)], ["price"])).toEqual([]);
});

test("the cells of a grid fill its width beside the names", () => {
  const data = gridOf([chunk(100, null, 0), chunk(90, null, 0.3)], ["price"]);
  const { hits, left, size } = layoutGrid(data, 500);
  expect(hits).toHaveLength(2);
  expect(hits[0]?.x).toBe(left);
  expect((hits[1]?.x ?? 0) + (hits[1]?.width ?? 0)).toBeCloseTo(size.width, 9);
});

test("a small table has fewer stretches", () => {
  const parts = (rows: number) => usualParts([{ current: { count: rows - 1, missing: 1 } } as ColumnReport]);
  expect([10, 599, 600, 1584, 1e6].map(parts)).toEqual([3, 3, 6, 12, 12]);
});

test("a column of times is known by its name and its values", () => {
  const column = (name: string, first: number | null, missing = 0) =>
    ({
      name,
      kind: first === null ? "categorical" : "numeric",
      current: { count: 10, missing },
      distribution: first === null ? { kind: "categories" } : { kind: "bins", edges: [first, first + 9] },
    }) as unknown as ColumnReport;
  expect(isTime(column("timestamp", 1_790_000_000))).toBe(true);
  expect(isTime(column("date", null))).toBe(true);
  expect(isTime(column("air_time", 20))).toBe(false);
  expect(isTime(column("created_at", null, 3))).toBe(false);
  expect(isTime(column("price", null))).toBe(false);
});
