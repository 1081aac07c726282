// One test for each monitor that a lecture on ML observability asks for: the same events through the package's
// Observatory (and compare, explain and FeedbackCollector), against what scikit-learn, scipy, pandas, statsmodels and
// shap say of them. The numbers are of tests/golden/generate_lecture.py.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  compare,
  type Event,
  explain,
  FeedbackCollector,
  Observatory,
  type ObservatoryOptions,
  profile,
  type Snapshot,
} from "./node.js";

const GOLDEN = new URL("../../../../tests/golden/", import.meta.url);
const golden: Record<string, any> = JSON.parse(await readFile(new URL("lecture.json", GOLDEN), "utf8")).cases;

// A midnight in UTC.
const START = 1_789_948_800;
const DAY = 86_400;

function near(actual: number | null | undefined, expected: number, relative = 1e-12): void {
  assert.ok(typeof actual === "number", `${actual} is no number`);
  const off = Math.abs(actual - expected);
  assert.ok(off <= relative * Math.max(Math.abs(expected), 1e-6), `${actual} is not ${expected}`);
}

/** What an observatory that saw these events shows at a time. */
async function watch(events: readonly Event[], at: number, options: ObservatoryOptions = {}): Promise<Watched> {
  const observatory = await Observatory.create(options);
  try {
    const taken = observatory.observe(events);
    assert.deepEqual(taken.refused, []);
    observatory.tick(at);
    return { snapshot: observatory.snapshot(), text: observatory.prometheus() };
  } finally {
    observatory.free();
  }
}

interface Watched {
  snapshot: Snapshot;
  text: string;
}

/** The value of a series in Prometheus's text, by its name and some of its labels. */
function metric({ text }: Watched, name: string, labels: Record<string, string> = {}): number | undefined {
  const line = text.split("\n").find((line) => {
    const has = ([key, value]: [string, string]) => line.includes(`${key}="${value}"`);
    return (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && Object.entries(labels).every(has);
  });
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ") + 1));
}

const MODEL = { model_name: "sentiment-classifier", model_version: "v2.1" };

test("ModelMonitor", async () => {
  const want = golden["ModelMonitor"];
  const name = (code: number): string => want.classes[code];
  const events: Event[] = want.labels.flatMap((label: number, i: number): Event[] => [
    {
      type: "inference",
      at: START + i,
      ...MODEL,
      prediction_id: `r${i}`,
      predictions: [name(want.predictions[i])],
      confidences: [want.confidences[i]],
    },
    { type: "label", at: START + i, prediction_id: `r${i}`, label: name(label) },
  ]);
  const found = await watch(events, START + 1300);
  const figures = found.snapshot.models[0]?.quality[0]?.figures;
  assert.equal(figures?.rows, 1000);
  near(figures?.accuracy, want.accuracy);
  near(figures?.f1, want.macro_f1);
  near(figures?.matthews_correlation, want.matthews_correlation);
  near(metric(found, "model_accuracy", MODEL), want.accuracy);
  for (const [i, label] of want.classes.entries()) {
    const labels = { ...MODEL, class: label };
    near(metric(found, "model_precision", labels), want.precision[i]);
    near(metric(found, "model_recall", labels), want.recall[i]);
    near(metric(found, "model_class_f1", labels), want.f1[i]);
    assert.equal(figures?.classes[i]?.support, want.support[i]);
    assert.equal(metric(found, "model_predictions_total", { predicted_class: label }), want.predicted[i]);
  }
  for (const [le, count] of Object.entries(want.buckets)) {
    assert.equal(metric(found, "model_prediction_confidence_bucket", { le }), count, `le ${le}`);
  }
  near(metric(found, "model_prediction_confidence_sum"), want.confidence_sum);

  const few = await watch(events.slice(0, 2 * 99), START + 1300);
  assert.deepEqual([few.snapshot.models[0]?.quality[0]?.figures, metric(few, "model_accuracy")], [null, undefined]);
  assert.equal(metric(few, "model_labels_missing"), 1);
});

test("FeedbackCollector", async () => {
  const want = golden["FeedbackCollector"];
  const days: number[] = [0, 1, 2, 3, 4];
  const feedback = new FeedbackCollector(undefined, { positive: 1 });
  const events: Event[] = [];
  for (const [i, after] of (want.at as number[]).entries()) {
    const [at, prediction, id] = [START + after, want.predictions[i], `r${i}`];
    await feedback.storePrediction({ prediction_id: id, prediction, score: want.scores[i], at });
    events.push({ type: "inference", at, model_name: "m", prediction_id: id, predictions: [prediction] });
  }
  for (const [i, after] of (want.at as number[]).entries()) {
    if (!want.known[i]) continue;
    const [at, label, id] = [START + after + want.lag[i], want.labels[i], `r${i}`];
    assert.equal(await feedback.recordFeedback({ prediction_id: id, label, at }), "joined");
    events.push({ type: "label", at, prediction_id: id, label });
  }
  const collected = await feedback.days();
  const { cohorts, label_lag } = (await watch(events, START + 5 * DAY)).snapshot.models[0]!;
  for (const day of days) {
    const [one, cohort] = [collected[day], cohorts[day]];
    assert.deepEqual([one?.predictions, one?.labelled], [want.count[day], want.labelled[day]]);
    assert.deepEqual([cohort?.predictions, cohort?.labelled], [want.count[day], want.labelled[day]]);
    near(one?.accuracy, want.accuracy[day]);
    near(cohort?.accuracy, want.accuracy[day]);
    near(cohort?.completeness, want.labelled[day] / want.count[day]);
    near((await feedback.evaluate(one!.day))?.scores?.roc_auc, want.roc_auc[day]);
  }
  const share = (seconds: number) => async () =>
    (await feedback.lag()).find(({ within_seconds }) => within_seconds === seconds)?.share;
  near(await share(DAY)(), want.within_a_day);
  near(await share(7 * DAY)(), want.within_a_week);
  assert.ok(label_lag.length > 0);
});

const testOf = (tests: readonly { method: string; statistic: number; p_value: number | null }[], method: string) =>
  tests.find((one) => one.method === method);

test("DriftDetector", async () => {
  const { income, city, ...want } = golden["DriftDetector"];
  const report = await compare(
    { income: income.reference, city: city.reference },
    { income: income.current, city: city.current },
    { methods: "all" },
  );
  const [numbers, names] = report.columns;
  assert.deepEqual([numbers?.verdict, names?.verdict], ["drift", "drift"]);
  near(testOf(numbers!.tests, "kolmogorov_smirnov")?.statistic, want.ks.statistic);
  near(testOf(numbers!.tests, "wasserstein")?.statistic, want.wasserstein, 1e-10);
  near(testOf(numbers!.tests, "cramer_von_mises")?.statistic, want.cramer_von_mises, 1e-10);
  near(testOf(numbers!.tests, "psi")?.statistic, want.psi);
  near(testOf(names!.tests, "psi")?.statistic, want.city_psi);
  near(testOf(names!.tests, "chi_square")?.statistic, want.chi_square.statistic);
  near(testOf(names!.tests, "chi_square")?.p_value, want.chi_square.p_value, 1e-9);
});

test("ContinuousDriftMonitor", async () => {
  const { income, city, ...want } = golden["DriftDetector"];
  const reference = await profile({ income: income.reference, city: city.reference });
  const inference = (at: number, i: number, side: "reference" | "current"): Event => ({
    type: "inference",
    at,
    model_name: "credit",
    features: { income: income[side][i], city: city[side][i] },
  });
  // What is older than the window does not count: a day of the reference's own rows, then the current ones.
  const hours = 3600;
  const old = Array.from({ length: 1000 }, (_, i) => inference(START + i, i, "reference"));
  const now = Array.from({ length: 800 }, (_, i) => inference(START + 30 * hours + i, i, "current"));
  const options = { pane_seconds: hours, panes: 24, models: [{ name: "credit", reference }] };
  const before = await watch(old, START + hours, options);
  assert.equal(metric(before, "feature_drift_detected", { feature_name: "income" }), 0);
  const found = await watch([...old, ...now], START + 30 * hours + 900, options);
  const columns = found.snapshot.models[0]!.columns;
  assert.equal(found.snapshot.models[0]?.window.rows, 800);
  assert.deepEqual(columns.map(({ name, verdict }) => [name, verdict]).sort(), [["city", "drift"], ["income", "drift"]]);
  near(metric(found, "feature_drift_score", { feature_name: "income" }), want.psi);
  near(metric(found, "feature_drift_score", { feature_name: "city" }), want.city_psi);
  const few = await watch(now.slice(0, 3), START + 30 * hours + 900, options);
  assert.equal(metric(few, "feature_drift_detected", { feature_name: "income" }), undefined);
});

test("ModelDriftDetector", async () => {
  const want = golden["ModelDriftDetector"];
  const events: Event[] = want.labels.flatMap((label: number, i: number): Event[] => {
    const score: number = want.scores[i];
    const prediction = score > 0.5 ? 1 : 0;
    return [
      {
        type: "inference",
        at: START + i,
        ...MODEL,
        prediction_id: `${i}`,
        predictions: [prediction],
        confidences: [prediction === 1 ? score : 1 - score],
      },
      { type: "label", at: START + i, prediction_id: `${i}`, label },
    ];
  });
  const found = await watch(events, START + 400, { models: [{ name: MODEL.model_name, baseline: want.baseline }] });
  const { figures, degradation } = found.snapshot.models[0]!.quality[0]!;
  for (const [name, value] of Object.entries<number>(want.degradation)) {
    near(figures?.[name as "accuracy"], want.now[name], 1e-10);
    near(degradation.find(({ metric }) => metric === name)?.degradation, value, 1e-9);
    near(metric(found, "model_performance_degradation", { metric: name }), value, 1e-9);
  }
  // No baseline divides by zero: one of nothing is refused.
  const zero = { models: [{ name: "m", baseline: { accuracy: 0 } }] };
  await assert.rejects(Observatory.create(zero), { code: "InvalidOptions" });
});

test("FeatureStoreMonitor", async () => {
  const want = golden["FeatureStoreMonitor"];
  const events: Event[] = want.age.flatMap((age: number | null, i: number): Event[] => [
    { type: "feature_retrieval", at: START + i, feature_set: "user", source: "redis", duration_seconds: want.duration[i], cache_hit: want.hit[i] },
    {
      type: "feature_row",
      at: START + i,
      feature_set: "user",
      values: { age, city: want.city[i] },
      timestamps: { age: START + i - want.seconds_since_written[i] },
    },
  ]);
  const reference = await profile({ age: want.age, city: want.city });
  const options: ObservatoryOptions = { feature_sets: [{ name: "user", reference }] };
  const found = await watch(events, START + 301, options);
  const set = found.snapshot.feature_sets[0]!;
  near(metric(found, "feature_cache_hit_rate", { feature_set: "user" }), want.hit_rate);
  near(metric(found, "feature_retrieval_duration_seconds_sum", { source: "redis" }), want.duration_sum, 1e-9);
  const of5ms = metric(found, "feature_retrieval_duration_seconds_bucket", { le: "0.005" });
  if (of5ms !== undefined) assert.equal(of5ms, want.within_5_ms);
  for (const [name, rate] of Object.entries<number>(want.null_rate)) {
    near(metric(found, "feature_null_rate", { feature_name: name }), rate);
  }
  const freshness = set.freshness.find(({ feature_name }) => feature_name === "age");
  near(freshness?.mean_seconds, want.freshness_mean, 1e-9);
  near(freshness?.oldest_seconds, want.freshness_oldest, 1e-9);
  near(metric(found, "feature_freshness_seconds", { feature_name: "age" }), want.freshness_mean, 1e-9);
});

test("ABTestMonitor", async () => {
  const want = golden["ABTestMonitor"];
  const variants = ["control", "treatment"];
  const events: Event[] = variants.flatMap((variant, side) =>
    want.latency[side].flatMap((total: number, i: number): Event[] => {
      const [at, unit] = [START + i / 10, `${variant}-${i}`];
      const request: Event = {
        type: "inference",
        at,
        model_name: "model",
        unit,
        variants: { "model-v2-vs-v3": variant },
        latency_seconds: { total },
      };
      const conversion: Event = { type: "conversion", at: at + 30, experiment: "model-v2-vs-v3", unit };
      return want.converted[side][i] ? [request, conversion] : [request];
    }),
  );
  const experiments = [
    { name: "model-v2-vs-v3", variants: variants.map((name) => ({ name, weight: name === "control" ? 0.45 : 0.55 })) },
  ];
  const found = await watch(events, START + 300, { experiments });
  const snapshot = found.snapshot.experiments[0]!;
  for (const [side, variant] of variants.entries()) {
    const labels = { test_name: "model-v2-vs-v3", variant };
    assert.equal(metric(found, "ab_test_requests_total", labels), want.latency[side].length);
    near(metric(found, "ab_test_latency_seconds_sum", labels), want.latency_sum[side], 1e-9);
    assert.equal(snapshot.variants[side]?.conversions, want.successes[side]);
  }
  const rate = snapshot.variants[1]?.effect?.rate;
  near(rate?.statistic, want.statistic, 1e-10);
  near(rate?.p_value, want.p_value, 1e-9);
  near(rate?.difference.value, want.difference);
  near(rate?.difference.interval[0], want.interval[0], 1e-9);
  near(rate?.difference.interval[1], want.interval[1], 1e-9);
  near(rate?.lift?.value, want.lift, 1e-10);
  assert.ok((snapshot.sample_ratio_p_value ?? 0) > 0.05);
});

test("ExplainabilityMonitor", async () => {
  const want = golden["ExplainabilityMonitor"];
  const names: string[] = want.rows[0].map((_: number, i: number) => `f${i}`);
  const table = Object.fromEntries(names.map((name, i) => [name, want.rows.map((row: number[]) => row[i])]));
  const { outputs, features } = await explain(await readFile(new URL(`models/${want.model}`, GOLDEN)), table);
  const { values, importance } = outputs[0]!;
  // XGBoost's and so shap's values are of single precision.
  for (const [i, value] of want.importance.entries()) near(importance[i], value, 1e-4);
  const tolerance = 1e-3 * Math.max(...want.importance);
  for (const [i, value] of want.first_row.entries()) assert.ok(Math.abs(values[i]! - value) < tolerance);

  const events: Event[] = want.rows.map((_: number[], row: number): Event => {
    const of = features.map((name, i) => [name, values[row * features.length + i]!]);
    return { type: "explanation", at: START + row, model_name: "diabetes", attributions: Object.fromEntries(of) };
  });
  const found = await watch(events, START + 200);
  const seen = new Map(found.snapshot.importances[0]?.features.map((one) => [one.feature_name, one]));
  for (const [i, name] of names.entries()) {
    near(seen.get(name)?.importance, want.importance[i], 1e-4);
    assert.equal(seen.get(name)?.rank, want.ranks[i]);
    const labels = { model_name: "diabetes", feature_name: name };
    near(metric(found, "feature_importance_score_sum", labels), want.sums[i], 1e-4);
    assert.equal(metric(found, "feature_importance_score_count", labels), want.rows.length);
  }
});

test("TrainingMonitor", async () => {
  const want = golden["TrainingMonitor"];
  const events: Event[] = [
    ...want.loss.map((loss: number, epoch: number): Event => ({
      type: "training_epoch",
      at: START + 60 * epoch,
      job_id: "job",
      epoch,
      loss,
      validation_loss: want.validation_loss[epoch],
      duration_seconds: want.duration[epoch],
    })),
    ...want.samples.map((samples: number, step: number): Event => ({
      type: "training_step",
      at: START + 1200 + step,
      job_id: "job",
      step,
      loss: want.loss.at(-1),
      samples,
      duration_seconds: want.seconds[step],
      gpu_utilization: { "0": want.utilization["0"][step], "1": want.utilization["1"][step] },
    })),
  ];
  const found = await watch(events, START + 1300);
  const run = found.snapshot.training[0]!;
  assert.deepEqual(run.epochs.map(({ loss }) => loss), want.loss);
  near(metric(found, "training_loss", { job_id: "job" }), want.loss.at(-1));
  near(metric(found, "training_epoch_duration_seconds_sum", { job_id: "job" }), want.duration_sum, 1e-9);
  assert.equal(metric(found, "training_epoch_duration_seconds_count", { job_id: "job" }), 20);
  assert.ok((run.throughput_samples_per_second ?? 0) > 0);
  for (const gpu of ["0", "1"]) {
    const seen = metric(found, "training_gpu_utilization", { gpu_id: gpu });
    assert.ok(seen !== undefined && seen > 0.4 && seen < 1, `gpu ${gpu}: ${seen}`);
  }
  const overfitting = run.findings.find(({ kind }) => kind === "overfitting");
  assert.equal(overfitting?.epoch, want.best_epoch);
});

test("InferenceMonitor", async () => {
  const want = golden["InferenceMonitor"];
  const events: Event[] = want.total.map((total: number, i: number): Event => ({
    type: "inference",
    at: START + i / 100,
    ...MODEL,
    status: want.status[i],
    batch_size: want.batch_size[i],
    latency_seconds: {
      total,
      preprocessing: want.stages.preprocessing[i],
      inference: want.stages.inference[i],
      postprocessing: want.stages.postprocessing[i],
    },
  }));
  const found = await watch(events, START + 30, { models: [{ name: MODEL.model_name, max_batch_size: 32 }] });
  const version = { model_name: MODEL.model_name, version: "v2.1" };
  for (const [status, count] of Object.entries(want.requests)) {
    assert.equal(metric(found, "inference_requests_total", { ...version, status }), count);
  }
  for (const [stage, sum] of Object.entries<number>(want.sums)) {
    near(metric(found, "inference_latency_seconds_sum", { ...version, stage }), sum, 1e-9);
  }
  for (const [le, count] of Object.entries(want.inference_buckets)) {
    const labels = { ...version, stage: "inference", le };
    assert.equal(metric(found, "inference_latency_seconds_bucket", labels), count, `le ${le}`);
  }
  near(metric(found, "inference_batch_size_sum", version), want.batch_sum);
  near(metric(found, "inference_batch_utilization_ratio", version), want.utilization);
  const { latency } = found.snapshot.models[0]!.versions[0]!;
  for (const [stage, quantiles] of Object.entries<Record<string, number>>(want.quantiles)) {
    const { seconds } = latency.find((one) => one.stage === stage)!;
    // Quantiles are of histograms that are right to a sixty-fourth.
    for (const [name, value] of Object.entries(quantiles)) near(seconds[name as "p50"], value, 1 / 64);
  }
});

test("MLMetrics", async () => {
  const wrong = golden["ModelDriftDetector"];
  const events: Event[] = wrong.labels.flatMap((label: number, i: number): Event[] => [
    {
      type: "inference",
      at: START + i / 10,
      ...MODEL,
      prediction_id: `${i}`,
      predictions: [wrong.scores[i] > 0.5 ? 1 : 0],
      latency_seconds: { total: i % 20 === 0 ? 1.5 : 0.02 },
    },
    { type: "label", at: START + i / 10, prediction_id: `${i}`, label: i % 3 === 0 ? 1 - label : label },
  ]);
  const observatory = await Observatory.create({
    models: [{ name: MODEL.model_name, baseline: { accuracy: 0.9 } }],
    alerts: [
      { name: "accuracy", when: "model_accuracy < 0.85" },
      { name: "degradation", when: "model_performance_degradation > 0.1" },
      { name: "latency", when: 'p99(inference_latency_seconds{stage="total"}) > 1' },
      { name: "errors", when: 'rate(inference_requests_total{status="server_error"}) > 0' },
    ],
  });
  // Rates and quantiles are of what came between two looks.
  for (let second = 0; second <= 40; second += 5) {
    observatory.observe(events.filter(({ at }) => at! > START + second - 5 && at! <= START + second));
    observatory.tick(START + second);
  }
  const firing = observatory.alerts().filter(({ state }) => state === "firing");
  assert.deepEqual(firing.map(({ name }) => name).sort(), ["accuracy", "degradation", "latency"]);
  const snapshot = observatory.snapshot();
  assert.equal(snapshot.schema, "tidegate.snapshot/1");
  assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
  assert.match(observatory.prometheus(), /^# HELP model_accuracy .+\n# TYPE model_accuracy gauge$/m);
  observatory.free();
});
