// What the package returns is what its JSON Schemas say, by a validator that knows nothing of Tidegate.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Ajv from "ajv/dist/2020.js";
import { installed } from "./consumer.mjs";
import { check } from "./harness.mjs";

const FOLDER = join(import.meta.dirname, "../../envoy/schemas");
const DAY = 86_400;
const START = 1_789_948_800;

export async function checkSchemas(project) {
  const tidegate = await import(pathToFileURL(join(installed(project), "dist/node.js")).href);
  const validators = new Map();
  await check("each JSON Schema is one of draft 2020-12", async () => {
    // `double`, `uint64` and their like are formats of Rust's numbers: notes, not rules.
    const ajv = new Ajv({ strict: true, validateFormats: false, allErrors: true });
    for (const file of await readdir(FOLDER)) {
      const [name, kind] = file.split(".");
      if (kind !== "schema") continue;
      const schema = JSON.parse(await readFile(join(FOLDER, file), "utf8"));
      assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema", file);
      validators.set(name, ajv.compile(schema));
    }
    for (const wanted of ["snapshot", "profile", "report", "event", "config"]) assert.ok(validators.has(wanted), wanted);
  });
  const valid = (name, value, what) => {
    const validate = validators.get(name);
    // As it is written to a file.
    assert.ok(validate(JSON.parse(JSON.stringify(value))), `${what}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
  };

  const reference = table(1000, 0);
  const current = table(900, 2);
  await check("reports and profiles are valid, and name their version", async () => {
    for (const options of [{}, { methods: "all" }, { segment_by: "city" }, { segment_by: "age" }, { multivariate: ["mmd", "pca_reconstruction"], compatibility: ["evidently", "nannyml"] }]) {
      const report = await tidegate.compare(reference, current, options);
      assert.equal(report.schema, "tidegate.report/1");
      valid("report", report, JSON.stringify(options));
    }
    valid("report", await tidegate.compare({ a: [] }, { b: [null, null] }), "of nothing");
    const one = await tidegate.profile(reference);
    const other = await tidegate.profile(current, { reference: one });
    assert.equal(one.schema, "tidegate.profile/1");
    for (const profile of [one, other, await tidegate.merge(one, other), await tidegate.profile({ a: [] })]) valid("profile", profile, "profile");
    valid("report", await tidegate.compareProfiles(one, other), "of profiles");
    const at = Float64Array.from({ length: 900 }, (_, row) => START + row * 600);
    const chunks = { period_seconds: DAY, time: "at" };
    const chunked = await tidegate.compareChunks(reference, { ...current, at }, chunks);
    assert.equal(chunked.schema, "tidegate.chunked_report/1");
    valid("chunked_report", chunked, "chunks");
    valid("chunk_options", chunks, "chunk options");
  });

  await check("evaluations, estimates and experiments are valid", async () => {
    const scored = (rows) => {
      const scores = Float64Array.from({ length: rows }, (_, row) => ((row * 37) % 100) / 100);
      const predicted = [...scores].map((score) => Number(score > 0.5));
      return { score: scores, predicted, truth: predicted.map((one, row) => (row % 5 ? one : 1 - one)) };
    };
    const { score, predicted, truth } = scored(600);
    valid("evaluation", await tidegate.evaluate(truth, predicted, { scores: score }), "classification");
    const segments = predicted.map((_, row) => (row % 7 === 0 ? null : `s${row % 3}`));
    valid("evaluation", await tidegate.evaluate(truth, predicted, { scores: score, segments }), "segments");
    valid("evaluation", await tidegate.evaluate([...score], [...score].map((it) => it * 1.1)), "regression");
    const columns = { label: "truth", prediction: "predicted", score: "score" };
    const { truth: _, ...unlabelled } = scored(400);
    valid("estimation", await tidegate.estimate(scored(600), unlabelled, columns), "estimate");
    const chunked = await tidegate.estimateChunks(scored(600), unlabelled, { rows: 100 }, columns);
    valid("chunked_estimation", chunked, "estimate of chunks");
    const variants = [{ name: "old", successes: 120, trials: 1000 }, { name: "new", successes: 150, trials: 1000 }];
    valid("experiment_report", await tidegate.experiment(variants), "proportions");
    const values = (shift) => Float64Array.from({ length: 300 }, (_, row) => (row % 17) + shift);
    valid("experiment_report", await tidegate.experiment([{ name: "old", values: values(0) }, { name: "new", values: values(1) }]), "means");
    valid("experiment_design", await tidegate.experimentDesign({ reference_rate: 0.1, current_rate: 0.12 }), "design");
  });

  await check("what an Observatory takes, answers and shows is valid, merged or not, full or empty", async () => {
    const options = {
      models: [{ name: "iris", baseline: { accuracy: 0.9 }, learn_samples: 200, max_batch_size: 32 }],
      feature_sets: [{ name: "user", learn_samples: 100 }],
      experiments: [{ name: "a", variants: [{ name: "old", weight: 0.5 }, { name: "new", weight: 0.5 }] }],
      alerts: [{ name: "requests", when: "ab_test_requests_total > 0", actions: ["rollback:a/new", "circuit:iris"] }],
      remediation: { rollback: { ramp_after_seconds: 60, ramp: [0.1, 0.5] }, circuit: { probes: 10 } },
    };
    valid("observatory_options", options, "options");
    const observatory = await tidegate.Observatory.create(options);
    const events = Array.from({ length: 600 }, (_, i) => eventsAt(i)).flat();
    for (const event of events) valid("event", event, event.type);
    const wrong = { type: "label", prediction_id: "r1", lable: "x" };
    assert.ok(!validators.get("event")(wrong), "a misspelt field is no event");
    const taken = observatory.observe([...events, wrong]);
    assert.deepEqual([taken.taken, taken.refused.length], [events.length, 1]);
    valid("taken", taken, "answer");
    valid("snapshot", observatory.snapshot(), "before a tick");
    observatory.tick(START + 601);
    const directives = observatory.directives();
    assert.deepEqual([directives.variants.length, directives.circuits.length], [1, 1]);
    valid("directives", directives, "directives");
    for (const mergeable of [false, true]) {
      const snapshot = observatory.snapshot({ mergeable });
      assert.equal(snapshot.schema, "tidegate.snapshot/1");
      assert.ok(snapshot.models.length && snapshot.experiments.length && snapshot.training.length && snapshot.importances.length);
      valid("snapshot", snapshot, mergeable ? "mergeable" : "snapshot");
    }
    const one = observatory.snapshot({ mergeable: true });
    valid("snapshot", await tidegate.mergeSnapshots(one, one), "merged");
    valid("profile", observatory.profile("iris"), "the window as a profile");
    observatory.free();
  });
}

const table = (rows, shift) => ({
  age: Float64Array.from({ length: rows }, (_, row) => (row % 19 ? ((row * 31) % 70) + shift * 10 : Number.NaN)),
  city: Array.from({ length: rows }, (_, row) => ["Oslo", "Bergen", "Tromsø", null][(row + shift) % (3 + (shift ? 1 : 0))]),
});

function eventsAt(i) {
  const at = START + i;
  const wave = (i * 37) % 100;
  return [
    {
      type: "inference", at, model_name: "iris", model_version: "1", prediction_id: `r${i}`, predictions: [wave % 2 ? "setosa" : "versicolor"],
      confidences: [0.5 + wave / 250], features: { width: wave / 10, color: i % 9 ? "red" : null }, status: i % 50 ? "success" : "server_error",
      latency_seconds: { total: 0.01 + wave / 5000, inference: 0.008 }, unit: `u${i}`, variants: { a: i % 2 ? "old" : "new" },
      generation: { input_tokens: 10 + wave, output_tokens: 5, first_chunk_seconds: 0.1 },
    },
    { type: "label", at: at + 1, prediction_id: `r${i}`, label: i % 7 ? (wave % 2 ? "setosa" : "versicolor") : "setosa" },
    { type: "conversion", at: at + 1, experiment: "a", unit: `u${i}`, value: wave },
    { type: "feature_retrieval", at, feature_set: "user", source: "redis", duration_seconds: 0.002, cache_hit: i % 4 > 0 },
    { type: "feature_row", at, feature_set: "user", values: { age: i % 11 ? 20 + wave : null, city: "Oslo" }, timestamps: { age: at - wave } },
    { type: "explanation", at, model_name: "iris", attributions: { width: wave / 100, color: -0.1 } },
    { type: "training_step", at, job_id: "job", step: i, loss: i === 500 ? "NaN" : 1 / (i + 1), grad_norm: 0.5, samples: 64, duration_seconds: 0.2 },
    { type: "training_epoch", at, job_id: "job", epoch: i, loss: 0.5, validation_loss: 0.6, accuracy: 0.8, duration_seconds: 60 },
  ];
}
