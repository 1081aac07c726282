import type { ColumnReport } from "tidegate";
import { expect, test } from "vitest";

import { layoutGrid, readGrid } from "../plots/drift-grid";
import { gridOf, isTime } from "./time-panel";

const chunk = (rows: number, from: number | null, effect: number) => ({
  rows,
  from_seconds: from,
  cells: { price: { verdict: effect > 0.1 ? ("drift" as const) : ("no_drift" as const), effect } },
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

test("the cells of a grid fill its width beside the names", () => {
  const data = gridOf([chunk(100, null, 0), chunk(90, null, 0.3)], ["price"]);
  const { hits, left, size } = layoutGrid(data, 500);
  expect(hits).toHaveLength(2);
  expect(hits[0]?.x).toBe(left);
  expect((hits[1]?.x ?? 0) + (hits[1]?.width ?? 0)).toBeCloseTo(size.width, 9);
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
