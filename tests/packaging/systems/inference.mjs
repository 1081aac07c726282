// InferenceMonitor, and all of it as one object: MLMetrics.

import assert from "node:assert/strict";
import { golden, MODEL, near, START, watch } from "./support.mjs";

const VERSION = { model_name: MODEL.model_name, version: MODEL.model_version };

function requests() {
  const of = golden["InferenceMonitor"];
  return of.total.map((total, i) => ({
    type: "inference",
    at: START + i / 100,
    ...MODEL,
    status: of.status[i],
    batch_size: of.batch_size[i],
    latency_seconds: {
      total,
      preprocessing: of.stages.preprocessing[i],
      inference: of.stages.inference[i],
      postprocessing: of.stages.postprocessing[i],
    },
  }));
}

export async function inferenceMonitor(tidegate) {
  const want = golden["InferenceMonitor"];
  const options = { models: [{ name: MODEL.model_name, max_batch_size: 32 }] };
  const { snapshot, metrics } = await watch(tidegate, requests(), START + 30, options);
  for (const [status, count] of Object.entries(want.requests)) {
    assert.equal(metrics.of("inference_requests_total", { ...VERSION, status }), count);
  }
  for (const [stage, sum] of Object.entries(want.sums)) {
    near(metrics.of("inference_latency_seconds_sum", { ...VERSION, stage }), sum, 1e-9);
    assert.equal(metrics.of("inference_latency_seconds_count", { ...VERSION, stage }), want.total.length);
  }
  for (const [le, count] of Object.entries(want.inference_buckets)) {
    const labels = { ...VERSION, stage: "inference", le };
    assert.equal(metrics.of("inference_latency_seconds_bucket", labels), count, `le ${le}`);
  }
  near(metrics.of("inference_batch_size_sum", VERSION), want.batch_sum);
  assert.equal(metrics.of("inference_batch_size_count", VERSION), want.total.length);
  near(metrics.of("inference_batch_utilization_ratio", VERSION), want.utilization);
  const { latency } = snapshot.models[0].versions[0];
  for (const [stage, quantiles] of Object.entries(want.quantiles)) {
    const { seconds } = latency.find((one) => one.stage === stage);
    // Quantiles are of histograms that are right to a sixty-fourth.
    for (const [name, value] of Object.entries(quantiles)) near(seconds[name], value, 1 / 64);
  }
}

export async function mlMetrics(tidegate) {
  const want = golden["MLMetrics"];
  const { snapshot, metrics } = await watch(tidegate, requests(), START + 20);
  const [{ serving, versions }] = snapshot.models;
  const { seconds } = versions[0].latency.find(({ stage }) => stage === "total");
  near(seconds.sum / seconds.count, want.mean_seconds, 1e-9);
  near(serving.latency_seconds.p95, want.p95_seconds, 1 / 64);
  near(serving.latency_seconds.p99, want.p99_seconds, 1 / 64);
  near(serving.error_rate, want.error_rate);
  near(metrics.of("inference_error_ratio", { model_name: MODEL.model_name }), want.error_rate);
  near(metrics.of("inference_throughput_requests_per_second", { model_name: MODEL.model_name }), serving.requests_per_second);
  near(serving.requests_per_second * serving.seconds, 2000, 1e-9);
  await alertCheck(tidegate);
}

/** The lecture's three thresholds, which are among the default rules: 0.85, 0.1 and a second. */
async function alertCheck({ Observatory }) {
  const { labels, scores } = golden["ModelDriftDetector"];
  const events = labels.flatMap((label, i) => [
    {
      type: "inference",
      at: START + i / 10,
      ...MODEL,
      prediction_id: `${i}`,
      predictions: [scores[i] > 0.5 ? 1 : 0],
      latency_seconds: { total: i % 20 === 0 ? 1.5 : 0.02 },
    },
    { type: "label", at: START + i / 10, prediction_id: `${i}`, label: i % 3 === 0 ? 1 - label : label },
  ]);
  const observatory = await Observatory.create({ models: [{ name: MODEL.model_name, baseline: { accuracy: 0.9 } }] });
  // Rates and quantiles are of what came between two looks.
  for (let second = 0; second <= 40; second += 5) {
    observatory.observe(events.filter(({ at }) => at > START + second - 5 && at <= START + second));
    observatory.tick(START + second);
  }
  const check = observatory.alertCheck();
  const firing = check.filter(({ state }) => state === "firing");
  assert.deepEqual(firing.map(({ name }) => name).sort(), ["accuracy", "degradation", "latency"]);
  const { accuracy } = observatory.snapshot().models[0].quality[0].figures;
  assert.equal(firing.find(({ name }) => name === "accuracy").value, accuracy);
  // Held to the clock they wait until it has been so for two minutes.
  assert.deepEqual(observatory.alerts().filter(({ state }) => state === "firing"), []);
  const own = [{ name: "perfect", when: "model_accuracy < 1" }];
  assert.deepEqual(observatory.alertCheck(own).map(({ name, state }) => [name, state]), [["perfect", "firing"]]);
  observatory.free();
}
