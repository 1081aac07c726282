// ModelMonitor, ModelDriftDetector, and what is known before labels come.

import assert from "node:assert/strict";
import { golden, MODEL, near, START, watch } from "./support.mjs";

/** A prediction, and its label where there is one. */
function judged(i, prediction, label, more = {}) {
  const inference = { type: "inference", at: START + i, ...MODEL, prediction_id: `r${i}`, predictions: [prediction], ...more };
  return label === undefined ? [inference] : [inference, { type: "label", at: START + i, prediction_id: `r${i}`, label }];
}

export async function modelMonitor(tidegate) {
  const want = golden["ModelMonitor"];
  const name = (code) => want.classes[code];
  const events = want.labels.flatMap((label, i) =>
    judged(i, name(want.predictions[i]), name(label), { confidences: [want.confidences[i]] }),
  );
  // The defaults are the lecture's: the newest 1000 labelled predictions, and no figure below 100.
  const { snapshot, metrics } = await watch(tidegate, events, START + 1300);
  const { figures } = snapshot.models[0].quality[0];
  assert.equal(figures.rows, 1000);
  near(figures.accuracy, want.accuracy);
  near(figures.f1, want.macro_f1);
  near(figures.matthews_correlation, want.matthews_correlation);
  near(metrics.of("model_accuracy", MODEL), want.accuracy);
  for (const [i, label] of want.classes.entries()) {
    const labels = { ...MODEL, class: label };
    near(metrics.of("model_precision", labels), want.precision[i]);
    near(metrics.of("model_recall", labels), want.recall[i]);
    near(metrics.of("model_class_f1", labels), want.f1[i]);
    assert.equal(figures.classes[i].support, want.support[i]);
    assert.equal(metrics.of("model_predictions_total", { ...MODEL, predicted_class: label }), want.predicted[i]);
  }
  for (const [le, count] of Object.entries(want.buckets)) {
    assert.equal(metrics.of("model_prediction_confidence_bucket", { ...MODEL, le }), count, `le ${le}`);
  }
  near(metrics.of("model_prediction_confidence_sum", MODEL), want.confidence_sum);
  assert.equal(metrics.of("model_prediction_confidence_count", MODEL), 1300);

  const few = await watch(tidegate, events.slice(0, 2 * 99), START + 1300);
  assert.deepEqual([few.snapshot.models[0].quality[0].figures, few.metrics.of("model_accuracy")], [null, undefined]);
  assert.equal(few.metrics.of("model_labels_missing"), 1);
  const { metrics: now } = await watch(tidegate, events.slice(0, 2 * 99), START + 1300, { quality_min_samples: 99 });
  assert.ok(now.of("model_accuracy") > 0.9);

  // Labels that come with none, and a class that is never predicted: no precision, where the lecture says 0.
  const unlabelled = await watch(tidegate, judged(0, "positive"), START + 1);
  assert.equal(unlabelled.metrics.of("model_predictions_total", { predicted_class: "positive" }), 1);
  const rare = Array.from({ length: 100 }, (_, i) => judged(i, "a", i === 0 ? "b" : "a")).flat();
  const { metrics: never } = await watch(tidegate, rare, START + 100);
  assert.deepEqual([never.of("model_precision", { class: "b" }), never.of("model_recall", { class: "b" })], [undefined, 0]);
}

export async function regressionMonitor(tidegate) {
  const want = golden["RegressionMonitor"];
  const events = want.labels.flatMap((label, i) => judged(i, want.predictions[i], label));
  const { snapshot, metrics } = await watch(tidegate, events, START + 1100);
  const { figures } = snapshot.models[0].quality[0];
  assert.deepEqual([figures.rows, figures.accuracy], [1000, null]);
  for (const name of ["mae", "rmse", "mape", "r2"]) near(figures[name], want[name], 1e-11);
  near(metrics.of("model_mean_absolute_error", MODEL), want.mae, 1e-11);
  near(metrics.of("model_root_mean_squared_error", MODEL), want.rmse, 1e-11);
  near(metrics.of("model_r2", MODEL), want.r2, 1e-11);
}

export async function modelDriftDetector(tidegate) {
  const want = golden["ModelDriftDetector"];
  const events = want.labels.flatMap((label, i) => {
    const score = want.scores[i];
    const prediction = score > 0.5 ? 1 : 0;
    return judged(i, prediction, label, { confidences: [prediction === 1 ? score : 1 - score] });
  });
  // Its default threshold, 0.05, as a rule.
  const alerts = [{ name: "degraded", when: "model_performance_degradation > 0.05" }];
  const options = { alerts, models: [{ name: MODEL.model_name, baseline: want.baseline }] };
  const { snapshot, metrics } = await watch(tidegate, events, START + 400, options);
  const { figures, degradation } = snapshot.models[0].quality[0];
  const drifted = [];
  for (const [name, value] of Object.entries(want.degradation)) {
    near(figures[name], want.now[name], 1e-10);
    const { baseline, current, degradation: lost } = degradation.find(({ metric }) => metric === name);
    assert.equal(baseline, want.baseline[name]);
    near(current, want.now[name], 1e-10);
    near(lost, value, 1e-9);
    near(metrics.of("model_performance_degradation", { model_name: MODEL.model_name, metric: name }), value, 1e-9);
    if (value > 0.05) drifted.push(name);
  }
  const firing = snapshot.alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.metric);
  assert.deepEqual(firing.sort(), drifted.sort());
  // No baseline divides by zero: one of nothing is refused.
  const zero = { models: [{ name: "m", baseline: { accuracy: 0 } }] };
  await assert.rejects(tidegate.Observatory.create(zero), { code: "InvalidOptions" });
}

export async function withoutLabels(tidegate) {
  const { labels, predictions, confidences, ...want } = golden["WithoutLabels"];
  const events = want.now_predictions.flatMap((prediction, i) =>
    judged(i, prediction, undefined, { confidences: [want.now_confidences[i]] }),
  );
  const labelled_reference = { labels, predictions, confidences };
  const models = [{ name: MODEL.model_name, labelled_reference }];
  const { snapshot, metrics } = await watch(tidegate, events, START + 600, { models });
  const { estimated } = snapshot.models[0].quality[0];
  for (const [name, value] of Object.entries(want.estimated)) {
    // Predictions are counted in steps of their confidence.
    near(estimated[name], value, 2e-3);
    near(metrics.of(`model_estimated_${name}`, MODEL), value, 2e-3);
  }
  // The same to the last digits by the function of tables.
  const score = (said, sure) => sure.map((confidence, i) => (said[i] === 1 ? confidence : 1 - confidence));
  const found = await tidegate.estimate(
    { y: labels, p: predictions, s: score(predictions, confidences) },
    { p: want.now_predictions, s: score(want.now_predictions, want.now_confidences) },
    { label: "y", prediction: "p", score: "s" },
  );
  for (const [name, value] of Object.entries(want.estimated)) {
    near(found.figures.find((figure) => figure.name === name).estimated, value, 1e-5);
  }

  // Predictions and confidences are columns too, and drift as features do.
  const answer = (code) => (code === 1 ? "repaid" : "not");
  const trained = { said: predictions.map(answer), p: confidences };
  const reference = await tidegate.profile(trained, { prediction: "said", confidence: "p" });
  const unsure = (i) => judged(i, answer(1), undefined, { confidences: [0.5 + (i % 50) / 500] });
  const sure = Array.from({ length: 500 }, (_, i) => unsure(i)).flat();
  const drifted = await watch(tidegate, sure, START + 600, { models: [{ name: MODEL.model_name, reference }] });
  const verdicts = drifted.snapshot.models[0].columns.map(({ role, verdict }) => [role, verdict]).sort();
  assert.deepEqual(verdicts, [["confidence", "drift"], ["prediction", "drift"]]);
  assert.equal(drifted.metrics.of("prediction_drift_detected", { column: "prediction" }), 1);
}
