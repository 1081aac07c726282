import assert from "node:assert/strict";
import { test } from "node:test";
import { layOut, type LayoutColumn } from "./table-layout.js";

const COLUMNS: readonly LayoutColumn[] = [
  { header: "name", align: "left", shrinkTo: 6 },
  { header: "test", align: "left", leaveOut: 1 },
  { header: "effect", align: "right" },
];
const ROWS = [{ cells: ["temperature", "KS", "0.5"] }, { cells: ["tags"], rest: "not read: nested" }];

test("columns line up in their natural width", () => {
  assert.deepEqual(layOut(COLUMNS, ROWS, Infinity), [
    "  name         test  effect",
    "  temperature  KS       0.5",
    "  tags         not read: nested",
  ]);
});

test("a narrow terminal cuts what may be cut, then leaves out", () => {
  assert.deepEqual(layOut(COLUMNS, ROWS, 24), [
    "  name      test  effect",
    "  tempera…  KS       0.5",
    "  tags      not read: n…",
  ]);
  assert.deepEqual(layOut(COLUMNS, ROWS, 18), [
    "  name      effect",
    "  tempera…     0.5",
    "  tags      not r…",
  ]);
  for (const width of [14, 16, 18, 20, 24, 30]) {
    for (const line of layOut(COLUMNS, ROWS, width)) assert.ok(line.length <= Math.max(width, 16), line);
  }
});

test("a cell is cut at the most of its column, and what follows still lines up", () => {
  const columns = COLUMNS.map((column) => (column.header === "name" ? { ...column, most: 8 } : column));
  assert.deepEqual(layOut(columns, [...ROWS, { cells: ["温度計温度計", "KS", "1"] }], Infinity), [
    "  name      test  effect",
    "  tempera…  KS       0.5",
    "  tags      not read: nested",
    "  温度計…   KS         1",
  ]);
});

test("a column without a cell is left out", () => {
  assert.deepEqual(layOut(COLUMNS, [{ cells: ["a", "", "1"] }], 80), ["  name  effect", "  a          1"]);
});

test("painting does not move anything", () => {
  const [, line] = layOut(
    COLUMNS,
    [{ cells: ["a", "KS", "1"], paint: (text, column) => (column === 1 ? `<${text}>` : text) }],
    80,
  );
  assert.equal(line, "  a     <KS  >       1");
});
