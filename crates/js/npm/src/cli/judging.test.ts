import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evaluation } from "../wire.js";
import { parseCommand } from "./arguments.js";
import { brokenBounds } from "./render-evaluation.js";

test("evaluate takes the columns, the scores of each class and the bounds of figures", () => {
  const argv = ["evaluate", "a.csv", "--label", "y", "--prediction", "p", "--scores", "cat=s_cat", "--scores", "dog=s=d"];
  assert.deepEqual(parseCommand([...argv, "--fail-below", "accuracy=0.9", "--leave-out-missing", "--alpha", "0.1", "--segment-by", "city"]), {
    name: "evaluate",
    file: "a.csv",
    columns: {
      label: "y",
      prediction: "p",
      scores: { cat: "s_cat", dog: "s=d" },
      missing: "leave_out",
      alpha: 0.1,
      segment_by: "city",
    },
    kinds: {},
    json: undefined,
    bounds: [{ figure: "accuracy", side: "below", bound: 0.9 }],
  });
});

test("estimate and experiment take theirs", () => {
  const columns = ["--label", "y", "--prediction", "p", "--score", "s", "--positive", "1"];
  assert.deepEqual(parseCommand(["estimate", "a.csv", "b.csv", ...columns, "--fail-on-drift"]), {
    name: "estimate",
    reference: "a.csv",
    current: "b.csv",
    columns: { label: "y", prediction: "p", score: "s", positive: "1" },
    chunks: undefined,
    kinds: {},
    json: undefined,
    failOnDrift: true,
  });
  const argv = ["experiment", "u.csv", "--variant", "arm", "--outcome", "y", "--weight", "a=0.9", "--weight", "b=0.1"];
  assert.deepEqual(parseCommand([...argv, "--control", "b", "--fail-on-mismatch"]), {
    name: "experiment",
    file: "u.csv",
    columns: { variant: "arm", outcome: "y", control: "b", weights: { a: 0.9, b: 0.1 } },
    kinds: {},
    json: undefined,
    failOnMismatch: true,
  });
});

const LABELLED = ["--label", "y", "--prediction", "p"];
const REFUSALS: [argv: string[], message: RegExp][] = [
  [["evaluate", ...LABELLED], /^evaluate takes one file, and got 0/],
  [["evaluate", "a.csv", "--label", "y"], /^evaluate needs --label and --prediction/],
  [["evaluate", "a.csv", ...LABELLED, "--task", "ranking"], /^--task takes classification or regression, and got "ranking"/],
  [["evaluate", "a.csv", ...LABELLED, "--scores", "cat"], /^--scores takes CLASS=COLUMN, and got "cat"/],
  [["evaluate", "a.csv", ...LABELLED, "--fail-below", "accuracy=high"], /^--fail-below takes a number, and got "high"/],
  [["evaluate", "a.csv", ...LABELLED, "--variant", "v"], /^evaluate does not take --variant/],
  [["evaluate", "a.csv", ...LABELLED, "--fail-on-drift"], /^evaluate does not take --fail-on-drift/],
  [["estimate", "a.csv", ...LABELLED], /^estimate takes two files, .* and got 1/],
  [["estimate", "a", "b", ...LABELLED, "--score", "s", "--chunk-period", "1d"], /^--chunk-period needs --time/],
  [["estimate", "a", "b", ...LABELLED, "--score", "s", "--like", "nannyml"], /^estimate does not take --like/],
  [["estimate", "a", "b", ...LABELLED], /^estimate needs --score, or --scores for each class/],
  [["estimate", "a", "b", ...LABELLED, "--score", "s", "--task", "regression"], /^estimate does not take --task/],
  [["experiment", "a.csv"], /^experiment needs --variant and --outcome/],
  [["experiment", "a.csv", "--label", "y"], /^experiment does not take --label/],
  [["compare", "a", "b", "--label", "y"], /^compare does not take --label/],
  [["training", "a", "--score", "y"], /^training does not take --score/],
];

for (const [argv, message] of REFUSALS) {
  test(`refuses: tidegate ${argv.join(" ")}`, () => {
    assert.throws(() => parseCommand(argv), { name: "TidegateError", code: "Usage", message });
  });
}

test("bounds are of figures by their names, and say which side is wrong", () => {
  const scores = { roc_auc: 0.8, log_loss: 0.4, calibration: { expected_error: 0.02 } };
  const evaluation = { classification: null, regression: null, scores } as unknown as Evaluation;
  const bounds = [
    { figure: "roc_auc", side: "below", bound: 0.9 },
    { figure: "log_loss", side: "above", bound: 0.5 },
    { figure: "calibration_error", side: "above", bound: 0.01 },
    { figure: "rmse", side: "above", bound: 1 },
  ] as const;
  assert.deepEqual(brokenBounds(evaluation, bounds), {
    unknown: ["rmse"],
    broken: ["roc_auc is 0.8, below 0.9", "calibration_error is 0.02, above 0.01"],
  });
});
