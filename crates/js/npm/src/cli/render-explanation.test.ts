import assert from "node:assert/strict";
import { test } from "node:test";
import type { Explanation } from "../explain.js";
import { paletteFor } from "./palette.js";
import { renderExplanation } from "./render-explanation.js";

const PLAIN = paletteFor(process.stdout, { NO_COLOR: "1" });

const output = (expected: number, importance: number[]) => ({
  expected,
  importance,
  values: new Float64Array(importance),
});

const EXPLANATION: Explanation = {
  schema: "tidegate.explanation/1",
  method: "tree_path_dependent",
  objective: "binary",
  features: ["age", "in\u001bcome"],
  rows: 1,
  unknown_categories: 0,
  outputs: [output(-0.5, [1, 3])],
};

test("the most important feature comes first", () => {
  assert.deepEqual(renderExplanation(EXPLANATION, PLAIN, 80), [
    "  feature  mean |SHAP|  share",
    "  in\u{fffd}come            3    75%",
    "  age                1    25%",
    "",
    "1 row · tree_path_dependent · expected -0.5",
  ]);
});

test("each output has a table, and unknown categories are told", () => {
  const outputs = [output(1, [0, 0]), output(2, [1, 1])];
  const lines = renderExplanation({ ...EXPLANATION, outputs, unknown_categories: 2 }, PLAIN, 80);
  assert.deepEqual(lines.filter((line) => line.startsWith("output")), [
    "output 0, expected 1",
    "output 1, expected 2",
  ]);
  assert.match(lines.at(-1) ?? "", /2 cells of a category that the model never saw$/);
});
