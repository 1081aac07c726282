import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { estimate, estimateChunks, evaluate, evaluateTable } from "./node.js";

// What scikit-learn and NannyML say of the same rows: see tests/golden/generate_quality.py and generate_cbpe.py.
const GOLDEN = new URL("../../../../tests/golden/", import.meta.url);
const cases = async (file: string): Promise<any[]> =>
  JSON.parse(await readFile(new URL(`${file}.json`, GOLDEN), "utf8")).cases;
const golden = async (file: string, kind: string, name: string) =>
  (await cases(file)).find((one) => one.kind === kind && one.name === name);

/** A sample's columns. */
async function sample(name: string): Promise<Record<string, number[]>> {
  const text = await readFile(new URL(`samples/${name}.csv`, GOLDEN), "utf8");
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const rows = lines.map((line) => line.split(",").map(Number));
  return Object.fromEntries(header.split(",").map((column, i) => [column, rows.map((row) => row[i]!)]));
}

function near(actual: number | null | undefined, expected: number, relative = 1e-12): void {
  assert.ok(typeof actual === "number", `${actual} is no number`);
  assert.ok(Math.abs(actual - expected) <= relative * Math.max(Math.abs(expected), 1e-3), `${actual} is not ${expected}`);
}

test("two classes with probabilities have scikit-learn's figures", async () => {
  const want = await golden("quality", "binary", "california");
  const { y_true, score, y_pred } = await sample(want.sample);
  const { classification, scores, regression } = await evaluate(y_true!, y_pred!, { scores: score! });
  assert.equal(regression, null);
  assert.equal(scores?.positive, "1");
  near(scores?.roc_auc, want.roc_auc);
  near(scores?.roc_auc_interval?.[0], want.delong_95[0], 1e-9);
  near(scores?.roc_auc_interval?.[1], want.delong_95[1], 1e-9);
  near(scores?.gini, want.gini);
  near(scores?.average_precision, want.average_precision);
  near(scores?.pr_auc, want.pr_auc_trapezoidal);
  near(scores?.kolmogorov_smirnov, want.kolmogorov_smirnov);
  near(scores?.log_loss, want.log_loss);
  near(scores?.brier, want.brier);
  near(scores?.calibration?.expected_error, want.equal_width_10.expected);
  near(scores?.calibration?.maximum_error, want.equal_width_10.maximum);
  assert.deepEqual(scores?.calibration?.bins.map(({ count }) => count), want.equal_width_10.counts);
  assert.deepEqual(scores?.curve.at(-1)?.true_positive_rate, 1);
  assert.equal(classification?.confusion.flat().reduce((sum, count) => sum + count), y_true!.length);
});

test("many classes have scikit-learn's figures, of their counts and of their probabilities", async () => {
  const [counts, areas] = [await golden("quality", "classes", "digits"), await golden("quality", "probabilities", "digits")];
  const { y_true, y_pred, ...probabilities } = await sample(areas.sample);
  const byClass = Object.fromEntries(Object.entries(probabilities).map(([name, p]) => [name.slice(1), p]));
  const { classification, scores } = await evaluate(y_true!, y_pred!, { scores: byClass });
  assert.deepEqual(classification?.confusion, counts.counts);
  near(classification?.accuracy, counts.accuracy);
  near(classification?.balanced_accuracy, counts.balanced_accuracy);
  near(classification?.matthews_correlation, counts.matthews_correlation);
  near(classification?.cohen_kappa, counts.cohen_kappa);
  for (const [i, name] of (["precision", "recall", "f1"] as const).entries()) {
    near(classification?.macro_average[name], counts.macro_zero[i]);
    near(classification?.weighted_average[name], counts.weighted_zero[i]);
  }
  for (const figure of ["precision", "recall", "f1", "specificity", "jaccard", "support"] as const) {
    for (const [i, one] of (classification?.classes ?? []).entries()) near(one[figure], counts[figure][i]);
  }
  near(scores?.log_loss, areas.log_loss);
  near(scores?.brier, areas.brier);
  near(scores?.roc_auc, areas.areas.roc_auc_one_against_rest.macro);
  near(scores?.roc_auc_one_against_one, areas.areas.roc_auc_one_against_one.macro);
  near(scores?.average_precision, areas.areas.average_precision_one_against_rest.macro);
});

test("numbers have scikit-learn's errors", async () => {
  const want = await golden("quality", "regression", "car_price");
  const { y_true, y_pred } = await sample(want.sample);
  const { task, regression } = await evaluate(y_true!, y_pred!);
  assert.equal(task, "regression");
  near(regression?.mae, want.mean_absolute_error);
  near(regression?.mse, want.mean_squared_error);
  near(regression?.rmse, want.root_mean_squared_error);
  near(regression?.mape, want.mean_absolute_percentage_error);
  near(regression?.median_absolute_error, want.median_absolute_error);
  near(regression?.max_error, want.max_error);
  near(regression?.mean_squared_log_error, want.mean_squared_log_error);
  near(regression?.r2, want.r_squared);
  near(regression?.explained_variance, want.explained_variance);
});

const FIGURES = ["accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "average_precision"] as const;

for (const [kind, name] of [["binary", "car_loan"], ["classes", "three_classes"]] as const) {
  test(`an estimate without labels is NannyML's: ${name}`, async () => {
    const want = await golden("cbpe", kind, name);
    const reference = await sample(want.source.reference);
    const all = await sample(want.source.current);
    const scored = kind === "binary" ? { score: "score" } : { scores: { 0: "p0", 1: "p1", 2: "p2" } };
    const columns = { label: "y_true", prediction: "y_pred", ...scored };
    for (const chunk of [0, 1]) {
      const rows = (values: number[]) => values.slice(chunk * want.rows, (chunk + 1) * want.rows);
      const current = Object.fromEntries(Object.entries(all).map(([column, values]) => [column, rows(values)]));
      const found = await estimate(reference, current, columns);
      for (const figure of FIGURES) {
        const one = found.figures.find(({ name }) => name === figure);
        // NannyML rounds its curves to five decimals, and draws the error of average precision by lot.
        near(one?.estimated, want[figure].value[chunk], 1e-5);
        near(one?.realized, want[figure].realized[chunk], 1e-9);
        if (figure !== "average_precision" && want[figure].sampling_error) {
          near(one?.sampling_error, want[figure].sampling_error[chunk], 5e-3);
        }
      }
      const { y_true: _, ...unlabelled } = current;
      const without = await estimate(reference, unlabelled, columns);
      assert.deepEqual(without.figures.map(({ estimated }) => estimated), found.figures.map(({ estimated }) => estimated));
      assert.equal(without.figures[0]?.realized, null);
    }
  });
}

test("chunks without labels have NannyML's estimates and alerts", async () => {
  const { header, cases } = JSON.parse(await readFile(new URL("estimate_chunks.json", GOLDEN), "utf8"));
  for (const want of cases) {
    const [reference, current] = await Promise.all(
      want.tables.map(async (name: string) => {
        const columns = await sample(name);
        const at = columns["y_true"]!.map((_, row) => header.start + want.every_seconds * row);
        return want.every_seconds === null ? columns : { ...columns, at };
      }),
    );
    const scored = typeof want.scores === "string" ? { score: want.scores } : { scores: want.scores };
    const found = await estimateChunks(reference, current, want.by, { label: "y_true", prediction: "y_pred", ...scored });
    assert.deepEqual(found.chunks.map(({ rows }) => rows), want.current.rows);
    for (const [place, { name, interval }] of found.thresholds.entries()) {
      for (const end of [0, 1] as const) near(interval?.[end], want.thresholds[name][end]);
      const figures = found.chunks.map((chunk) => chunk.figures[place]!);
      for (const [chunk, { estimated }] of figures.entries()) near(estimated, want.current[name].estimated[chunk]);
      assert.deepEqual(figures.map(({ verdict }) => verdict === "drift"), want.current[name].alert, name);
    }
  }
});

test("what does not fit is told with its place", async () => {
  const refused = (work: Promise<unknown>, code: string, message: RegExp) =>
    assert.rejects(work, { name: "TidegateError", code, message });
  await refused(evaluate([1, 0], [1]), "ColumnLength", /^predictions has 1 values, but labels has 2$/);
  await refused(evaluate([1, NaN], [1, 0]), "MissingValue", /^column "labels", index 1 has no value/);
  await refused(evaluate(["a", "b"], ["a", 3]), "MixedColumn", /^predictions\[1\]/);
  await refused(evaluate([0, 1], [0, 1], { scores: [0.5, Infinity] }), "NotFinite", /^column "scores", index 1/);
  await refused(evaluate(["a"], ["b"], { positive: "c" }), "InvalidOptions", /^options: positive is "c"/);
  await refused(evaluate([], []), "NoRows", /^there is no row/);
  await refused(
    evaluate(["a", "b", "c"], ["a", "b", "c"], { scores: { a: [1, 0, 0], b: [0, 1, 0] } }),
    "InvalidOptions",
    /^options: scores has no column for class "c"/,
  );
  const misspelt = { label: "y", prediction: "p", scor: "s" } as any;
  await refused(evaluateTable({ y: [1], p: [1] }, misspelt), "InvalidOptions", /unknown field `scor`/);
  await refused(evaluateTable({ y: [1] }, { label: "y", prediction: "p" }), "UnknownColumn", /there is no column "p"/);
  await refused(
    estimate({ y: [0, 1], p: [0, 1], s: [0.1, 0.9] }, { p: [1], s: [9] }, { label: "y", prediction: "p", score: "s" }),
    "OutOfRange",
    /^current: column "s", index 0 is 9, and a probability is from 0 to 1$/,
  );
  const scored = { y: [0, 1], p: [0, 1], s: [0.1, 0.9] };
  await refused(
    estimateChunks(scored, scored, { rows: 1, time: "at" }, { label: "y", prediction: "p", score: "s" }),
    "NoTime",
    /^reference: there is no column "at" to cut the table by$/,
  );
});

test("each segment is held against the others", async () => {
  const truth = Array.from({ length: 400 }, (_, row) => row % 2);
  // Half of what is said of the south is wrong.
  const said = truth.map((label, row) => (row % 4 === 3 && row % 8 > 3 ? 1 - label : label));
  const segments = truth.map((_, row) => (row % 4 === 3 ? "south" : "north"));
  const found = (await evaluate(truth, said, { segments })).segments ?? [];
  assert.deepEqual(
    found.map(({ segment, rows, accuracy, verdict }) => [segment, rows, accuracy, verdict]),
    [
      [{ kind: "category", name: "north" }, 300, 1, "better"],
      [{ kind: "category", name: "south" }, 100, 0.5, "worse"],
    ],
  );
});
