// The Observatory's metrics in a real Prometheus, in both of its formats: every family is scraped, and answers a query
// with its value.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installed } from "./consumer.mjs";
import { freePort } from "./free-port.mjs";
import { check } from "./harness.mjs";

const START = Math.floor(Date.now() / 1000) - 3600;

export async function checkPrometheus(project) {
  const { Observatory } = await import(pathToFileURL(join(installed(project), "dist/node.js")).href);
  const { text, openmetrics } = await metricsOfEverything(Observatory);
  const samples = parse(text);
  const families = familiesOf(text);

  await check("the Observatory shows the families of every monitor", () => {
    const names = families.map(({ name }) => name);
    for (const wanted of FAMILIES) assert.ok(names.includes(wanted), `no ${wanted}`);
    for (const { name } of families) {
      assert.ok(samples.some((sample) => sample.name.startsWith(name)), `${name} has no sample`);
      assert.match(text, new RegExp(`^# HELP ${name} \\S`, "m"));
    }
  });

  if (!has("promtool") || !has("prometheus")) {
    console.log("skipped the scrape: there is no Prometheus (apt-get install prometheus)");
    return;
  }
  await check("promtool check metrics is clean", () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  });
  await check("a real Prometheus scrapes every sample and answers with its value", async () => {
    await scraped(text, async (query) => {
      for (const { name, labels, value } of samples) {
        const found = await query(selector(name, labels));
        assert.equal(found.length, 1, `${selector(name, labels)} has ${found.length} series`);
        assert.equal(Number(found[0].value[1]), value, selector(name, labels));
      }
      const [up] = await query("up");
      assert.equal(up.value[1], "1");
      const [[, p99]] = (await query("histogram_quantile(0.99, inference_latency_seconds_bucket{stage=\"total\"})")).map(
        ({ value }) => value,
      );
      assert.ok(Number(p99) > 0.01 && Number(p99) < 0.1, `p99 is ${p99}`);
      const [share] = await query("ab_test_conversions_total / ab_test_requests_total");
      assert.ok(Number(share.value[1]) > 0);
    });
  });
  await check("a real Prometheus asks for OpenMetrics, and takes each sample with its type, unit and created time", async () => {
    await scraped(openmetrics, async (query, metadata) => {
      const series = parse(openmetrics);
      const created = series.filter(({ name }) => name.endsWith("_created"));
      const counted = familiesOf(openmetrics).filter(({ type }) => type !== "gauge").map(({ name }) => name);
      assert.deepEqual([...new Set(created.map(({ name }) => name))].sort(), counted.map((name) => `${name}_created`).sort());
      for (const { value } of created) assert.ok(value >= START && value <= START + 901, `created at ${value}`);
      for (const { name, labels, value } of series) {
        const found = await query(selector(name, labels));
        assert.equal(found.length, 1, `${selector(name, labels)} has ${found.length} series`);
        assert.equal(Number(found[0].value[1]), value, selector(name, labels));
      }
      const known = new Map((await metadata()).map((one) => [one.metric, one]));
      const units = new Map([...openmetrics.matchAll(/^# UNIT (\S+) (\S+)$/gm)].map(([, name, unit]) => [name, unit]));
      assert.ok(units.size > 10, `${units.size} units`);
      for (const { name, type } of familiesOf(openmetrics)) {
        const { type: kept, unit, help } = known.get(name) ?? {};
        assert.deepEqual([kept, unit], [type, units.get(name) ?? ""], name);
        assert.ok(help, `${name} has no help`);
      }
    });
  });
}

const familiesOf = (text) =>
  [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({ name, type }));

const selector = (name, labels) =>
  `${name}{${Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`).join(",")}}`;

const FAMILIES = [
  "ab_test_conversions_total",
  "ab_test_latency_seconds",
  "ab_test_requests_total",
  "feature_cache_hit_rate",
  "feature_drift_detected",
  "feature_drift_p_value",
  "feature_drift_score",
  "feature_freshness_seconds",
  "feature_importance_score",
  "feature_new_category_rate",
  "feature_null_rate",
  "feature_out_of_range_rate",
  "feature_outlier_rate",
  "feature_retrieval_duration_seconds",
  "feature_signal_detected",
  "inference_batch_size",
  "inference_batch_utilization_ratio",
  "inference_latency_seconds",
  "inference_requests_total",
  "model_accuracy",
  "model_average_precision",
  "model_brier_score",
  "model_calibration_error",
  "model_class_f1",
  "model_f1",
  "model_labelled_predictions",
  "model_labels_total",
  "model_log_loss_nats",
  "model_matthews_correlation",
  "model_mean_absolute_error",
  "model_performance_degradation",
  "model_precision",
  "model_prediction_confidence",
  "model_predictions_total",
  "model_r2",
  "model_recall",
  "model_roc_auc",
  "model_root_mean_squared_error",
  "prediction_drift_detected",
  "prediction_drift_score",
  "prediction_signal_detected",
  "training_epoch_duration_seconds",
  "training_gpu_utilization",
  "training_loss",
  "training_throughput_samples_per_second",
];

/** What an observatory shows that saw something for every monitor. */
async function metricsOfEverything(Observatory) {
  const observatory = await Observatory.create({
    models: [
      { name: "iris", baseline: { accuracy: 0.9 }, learn_samples: 200, max_batch_size: 32 },
      { name: "price", learn_samples: 200 },
    ],
    feature_sets: [{ name: "user", learn_samples: 100, max_age_seconds: 600 }],
    experiments: [{ name: "a \"b\"\\\n", variants: [{ name: "old", weight: 0.5 }, { name: "new", weight: 0.5 }] }],
    alerts: [{ name: "accuracy", when: "model_accuracy < 0.99" }],
  });
  const events = [];
  for (let i = 0; i < 900; i += 1) {
    const at = START + i;
    const wave = (i * 37) % 100;
    const unit = `u${i}`;
    events.push(
      {
        type: "inference", at, model_name: "iris", model_version: "1", prediction_id: `r${i}`,
        predictions: [wave % 2 ? "setosa" : "versicolor"], confidences: [0.5 + wave / 250], batch_size: 1 + (i % 8),
        features: { width: wave / 10, "a\"b": i % 9 ? "x" : null }, status: i % 50 ? "success" : "server_error", unit,
        variants: { "a \"b\"\\\n": i % 2 ? "old" : "new" },
        latency_seconds: { total: 0.01 + wave / 5000, inference: 0.008, preprocessing: 0.001, postprocessing: 0.001 },
      },
      { type: "label", at: at + 1, prediction_id: `r${i}`, label: i % 7 ? (wave % 2 ? "setosa" : "versicolor") : "setosa" },
      { type: "inference", at, model_name: "price", prediction_id: `p${i}`, predictions: [wave + 0.5], features: { rooms: i % 6 } },
      { type: "label", at: at + 1, prediction_id: `p${i}`, label: wave + (i % 3) },
      { type: "feature_retrieval", at, feature_set: "user", source: "redis", duration_seconds: 0.002, cache_hit: i % 4 > 0 },
      { type: "feature_row", at, feature_set: "user", values: { age: i % 11 ? 20 + wave : null, city: "Oslo" }, timestamps: { age: at - wave } },
      { type: "explanation", at, model_name: "iris", attributions: { width: wave / 100, "a\"b": 0.1 } },
    );
    if (i % 3 === 0) events.push({ type: "conversion", at: at + 2, experiment: "a \"b\"\\\n", unit, value: 9.5 });
    if (i % 9 === 0) {
      events.push({
        type: "training_step", at, job_id: "job", step: i, loss: 1 / (i + 1), grad_norm: 0.5, learning_rate: 0.001, samples: 64,
        duration_seconds: 0.2, data_wait_seconds: 0.05, gpu_utilization: { 0: 0.9 },
      });
      events.push({ type: "training_epoch", at, job_id: "job", epoch: i, loss: 0.5, validation_loss: 0.6, accuracy: 0.8, duration_seconds: 60 });
    }
  }
  const { refused } = observatory.observe(events);
  assert.deepEqual(refused, []);
  observatory.tick(START + 901);
  const shown = { text: observatory.prometheus(), openmetrics: observatory.openmetrics() };
  observatory.free();
  return shown;
}

/** The samples of a text, with their labels unescaped. */
function parse(text) {
  return text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
    const [, name, inside = "", value] = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    const pairs = [...inside.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)];
    const unescape = (text) => text.replace(/\\(.)/g, (_, letter) => (letter === "n" ? "\n" : letter));
    const labels = Object.fromEntries(pairs.map(([, key, text]) => [key, unescape(text)]));
    return { name, labels, value: value === "+Inf" ? Infinity : Number(value) };
  });
}

/** Serves a text of either format to a Prometheus of its own, and lends `work` what asks it. */
async function scraped(text, work) {
  const folder = await mkdtemp(join(tmpdir(), "tidegate-prometheus-"));
  const isOpenMetrics = text.endsWith("# EOF\n");
  const exporter = createServer((request, response) => {
    const asksForIt = /^application\/openmetrics-text/.test(request.headers.accept ?? "");
    if (isOpenMetrics && !asksForIt) return response.writeHead(406).end();
    response
      .setHeader("content-type", isOpenMetrics ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=0.0.4")
      .end(text);
  });
  await new Promise((resolve) => exporter.listen(0, "127.0.0.1", resolve));
  const target = `127.0.0.1:${exporter.address().port}`;
  const config = `scrape_configs: [{ job_name: tidegate, scrape_interval: 1s, static_configs: [{ targets: ["${target}"] }] }]\n`;
  await writeFile(join(folder, "prometheus.yml"), config);
  const port = await freePort();
  const server = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const ask = async (path) => {
    const { status, data, error } = await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json();
    assert.equal(status, "success", `${path}: ${error}`);
    return data;
  };
  const query = async (expression) => (await ask(`query?${new URLSearchParams({ query: expression })}`)).result;
  try {
    await until(async () => (await query("up"))[0]?.value[1] === "1");
    await work(query, () => ask("targets/metadata"));
  } finally {
    server.kill();
    await ended;
    exporter.close();
    exporter.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  }
}

async function until(holds) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("Prometheus did not scrape within a minute");
}

function has(program) {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
