// What the checks of the systems share: events through the package's Observatory, and its metrics, read strictly.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const GOLDEN = new URL("../../golden/", import.meta.url);

/** What scikit-learn, scipy, pandas, statsmodels, shap and NannyML say, by system. */
export const golden = JSON.parse(await readFile(new URL("lecture.json", GOLDEN), "utf8")).cases;

export const goldenFile = (path) => readFile(new URL(path, GOLDEN));

/** A midnight in UTC. */
export const START = 1_789_948_800;
export const DAY = 86_400;
export const MODEL = { model_name: "sentiment-classifier", model_version: "v2.1" };

/** The metrics that the lecture names, each with its type, its labels, and its buckets where it names some. */
const LECTURE = {
  model_predictions_total: ["counter", ["model_name", "model_version", "predicted_class"]],
  model_prediction_confidence: [
    "histogram",
    ["model_name", "model_version"],
    ["0.5", "0.6", "0.7", "0.8", "0.9", "0.95", "0.99", "1.0"],
  ],
  model_accuracy: ["gauge", ["model_name", "model_version"]],
  model_precision: ["gauge", ["model_name", "model_version", "class"]],
  model_recall: ["gauge", ["model_name", "model_version", "class"]],
  feature_drift_score: ["gauge", ["feature_name", "model_name"]],
  model_performance_degradation: ["gauge", ["model_name", "metric"]],
  feature_retrieval_duration_seconds: ["histogram", ["feature_set", "source"]],
  feature_cache_hit_rate: ["gauge", ["feature_set"]],
  feature_freshness_seconds: ["gauge", ["feature_name"]],
  feature_null_rate: ["gauge", ["feature_name"]],
  ab_test_requests_total: ["counter", ["test_name", "variant"]],
  ab_test_conversions_total: ["counter", ["test_name", "variant"]],
  ab_test_latency_seconds: ["histogram", ["test_name", "variant"]],
  feature_importance_score: ["histogram", ["model_name", "feature_name"]],
  training_epoch_duration_seconds: ["histogram", ["job_id"]],
  // The epoch is a metric of its own, training_epoch, and no label without a bound.
  training_loss: ["gauge", ["job_id"]],
  training_gpu_utilization: ["gauge", ["job_id", "gpu_id"]],
  training_throughput_samples_per_second: ["gauge", ["job_id"]],
  inference_requests_total: ["counter", ["model_name", "version", "status"]],
  inference_latency_seconds: [
    "histogram",
    ["model_name", "version", "stage"],
    ["0.001", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0"],
  ],
  inference_batch_size: ["histogram", ["model_name", "version"]],
};

/** Those of them that a check has read; at the end none may be left. */
const read = new Set();

export function checkAllRead() {
  assert.deepEqual(Object.keys(LECTURE).filter((name) => !read.has(name)), []);
}

/** Fails unless a number is another one, to so many parts of it. */
export function near(actual, expected, relative = 1e-12) {
  assert.ok(typeof actual === "number", `${actual} is no number`);
  const off = Math.abs(actual - expected);
  assert.ok(off <= relative * Math.max(Math.abs(expected), 1e-6), `${actual} is not ${expected}`);
}

/** Text in Prometheus's format, a sample at a time. */
export class Metrics {
  #types = new Map();
  #samples = [];

  constructor(text) {
    for (const line of text.trimEnd().split("\n")) {
      const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
      if (kind === "TYPE") this.#types.set(name, rest);
      if (kind !== undefined) continue;
      const sample = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      assert.ok(sample, `${JSON.stringify(line)} is no sample`);
      const labels = [...(sample[2] ?? "").matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
      this.#samples.push({
        name: sample[1],
        labels: Object.fromEntries(labels.map(([, key, value]) => [key, value])),
        value: Number(sample[3]),
      });
    }
  }

  /** The value of the only series of that name with those labels; `undefined` if there is none. */
  of(name, labels = {}) {
    const has = (sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === String(value));
    const found = this.#samples.filter((sample) => sample.name === name && has(sample));
    assert.ok(found.length <= 1, `${found.length} series are ${name} with ${JSON.stringify(labels)}`);
    if (found.length > 0) this.#asInTheLecture(name);
    return found[0]?.value;
  }

  /** The metric has the lecture's type, labels and buckets. */
  #asInTheLecture(name) {
    const base = name.replace(/_(bucket|sum|count)$/, "");
    const family = name in LECTURE ? name : base;
    const [type, labels, buckets] = LECTURE[family] ?? [];
    if (type === undefined) return;
    read.add(family);
    assert.equal(this.#types.get(family), type, family);
    const samples = this.#samples.filter((sample) => sample.name === name);
    for (const sample of samples) for (const label of labels) assert.ok(label in sample.labels, `${name} has no ${label}`);
    const ends = new Set(this.#samples.filter((sample) => sample.name === `${family}_bucket`).map(({ labels }) => labels.le));
    for (const end of buckets ?? []) assert.ok(ends.has(end), `${family} has no bucket to ${end}`);
  }
}

/** What an observatory that saw these events shows at a time. */
export async function watch({ Observatory }, events, at, options = {}) {
  const observatory = await Observatory.create(options);
  try {
    const taken = observatory.observe(events);
    assert.deepEqual(taken, { taken: events.length, refused: [] });
    observatory.tick(at);
    return shown(observatory);
  } finally {
    observatory.free();
  }
}

/** Everything that an observatory shows, in its three forms. */
export function shown(observatory) {
  const snapshot = observatory.snapshot();
  assert.equal(snapshot.schema, "tidegate.snapshot/1");
  // JSON and back is the same, so that a log of it loses nothing.
  assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
  assert.match(observatory.openmetrics(), /\n# EOF\n$/);
  return { snapshot, metrics: new Metrics(observatory.prometheus()) };
}
