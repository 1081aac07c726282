import assert from "node:assert/strict";
import { test } from "node:test";
import { compareChunks } from "./node.js";

const DAY = 86_400;
const column = (rows: number, of: (row: number) => number) => Float64Array.from({ length: rows }, (_, row) => of(row));

test("chunks of a day tell on which the values changed", async () => {
  const reference = { at: column(1000, () => 0), income: column(1000, (row) => row % 100) };
  const current = {
    at: column(2000, (row) => Math.floor(row / 500) * DAY),
    income: column(2000, (row) => (row % 100) + (row < 1000 ? 0 : 50)),
  };
  const { chunks, verdict } = await compareChunks(reference, current, { period_seconds: DAY, time: "at" });
  assert.equal(verdict, "drift");
  assert.deepEqual(
    chunks.map((chunk) => [chunk.from_seconds, chunk.rows, chunk.report.verdict]),
    [
      [0, 500, "no_drift"],
      [DAY, 500, "no_drift"],
      [2 * DAY, 500, "drift"],
      [3 * DAY, 500, "drift"],
    ],
  );
  assert.deepEqual(chunks[0]?.report.columns.map(({ name }) => name), ["income"]);
});

test("a period without times is refused", async () => {
  const table = { income: column(10, (row) => row) };
  await assert.rejects(compareChunks(table, table, { period_seconds: DAY }), { code: "InvalidOptions" });
});
