// A gateway's admin API with made-up traffic: what the page does with it is the subject, not the numbers.
import { createServer } from "node:http";

import { closed } from "./static-server.mjs";

const summary = (count, p50) => ({
  count,
  sum: count * p50 * 1.1,
  p50,
  p95: p50 * 2.4,
  p99: p50 * 4,
  p999: p50 * 7,
});
const bump = (center, i) => Math.round(1000 * Math.exp(-(((i - center) / 4) ** 2)));
const verdictOf = (psi) => (psi >= 0.2 ? "drift" : "no_drift");

function column(name, role, psi, panes) {
  const bins = Array.from({ length: 20 }, (_, i) => i);
  return {
    role,
    null_rate: name === "vicprice" ? 0.021 : 0,
    psi_series: Array.from({ length: panes }, (_, i) =>
      i === 2 ? null : psi * (0.05 + 0.95 / (1 + Math.exp(12 - i))),
    ),
    name,
    kind: "numeric",
    verdict: verdictOf(psi),
    reference: { count: 10_000, missing: 0 },
    current: { count: 4_200, missing: name === "vicprice" ? 90 : 0 },
    tests: [
      {
        method: "psi",
        statistic: psi,
        p_value: null,
        p_adjusted: null,
        effect: psi,
        interval: null,
        threshold: 0.2,
        verdict: verdictOf(psi),
      },
      {
        method: "jensen_shannon",
        statistic: psi / 3,
        p_value: null,
        p_adjusted: null,
        effect: psi / 3,
        interval: null,
        threshold: 0.1,
        verdict: verdictOf(psi),
      },
    ],
    distribution: {
      kind: "bins",
      edges: [...bins, 20].map((i) => i / 20),
      reference: bins.map((i) => bump(8, i)),
      current: bins.map((i) => bump(8 + 6 * Math.min(1, psi), i)),
    },
  };
}

const compared = (difference, half, p) => ({
  statistic: difference / (half / 1.96),
  df: null,
  p_value: p,
  difference: { value: difference, interval: [difference - half, difference + half] },
  lift: null,
});

const EFFECT = {
  rate: compared(0.025, 0.02, 0.014),
  rate_always_valid: { comparison: compared(0.025, 0.034, 0.21), ln_p_value: Math.log(0.21), widening_ratio: 1.7 },
  rate_posterior: { chance_to_win: 0.991, expected_loss_current: 0.0001, expected_loss_reference: 0.025 },
  value: null,
  value_always_valid: null,
  value_posterior: null,
  latency: { harm: 0.01, lower_bound: -0.02, upper_bound: 0.04, harmed_p_value: 0.4, safe_p_value: 0.01, verdict: "safe" },
  errors: { harm: 0.4, lower_bound: 0.1, upper_bound: 0.8, harmed_p_value: 0.001, safe_p_value: 0.9, verdict: "harmed" },
};

const TRAINING = {
  job_id: "electricity-v3",
  data_wait_share: 0.08,
  grad_norm: 1.2,
  learning_rate: 0.001,
  loss: 0.21,
  step: 4800,
  throughput_samples_per_second: 5120,
  epochs: Array.from({ length: 16 }, (_, epoch) => ({
    epoch,
    loss: 0.2 + 1 / (epoch + 1),
    validation_loss: epoch < 7 ? 0.3 + 1 / (epoch + 1) : 0.3 + 0.02 * epoch,
    accuracy: null,
    validation_accuracy: null,
    duration_seconds: 61,
  })),
  findings: [
    { kind: "overfitting", epoch: 6, step: null, observed: 0.6, expected: 0.44, evidence: "the validation loss was 0.4429 in epoch 6, and is 0.6000" },
  ],
};

const figures = (accuracy) => ({
  rows: 1000,
  accuracy,
  accuracy_interval: [accuracy - 0.02, accuracy + 0.02],
  precision: accuracy,
  recall: accuracy,
  f1: accuracy - 0.01,
  matthews_correlation: 0.6,
  roc_auc: 0.88,
  average_precision: 0.86,
  log_loss: 0.44,
  brier: 0.14,
  calibration_error: 0.035,
  mae: null,
  rmse: null,
  mape: null,
  r2: null,
  classes: [],
});

const DEGRADED = { metric: "accuracy", baseline: 0.9, current: 0.81, degradation: 0.1, orientation: "higher_is_better" };

/** An estimate that the labels of the same predictions refute. */
const DISAGREES = {
  predictions: 800,
  estimated: 0.93,
  estimated_interval: [0.9, 0.96],
  realized: 0.62,
  realized_interval: [0.586, 0.653],
  verdict: "drift",
};

const alerts = (atSeconds) =>
  [
    ["accuracy", "model_accuracy < 0.85", "firing", 0.81, "critical"],
    ["latency", "p99(inference_latency_seconds) > 1", "no_data", null, "warning"],
    ["drift", "feature_drift_score > 0.2", "pending", 0.41, "warning"],
  ].map(([name, when, state, value, severity]) => ({
    name,
    when,
    state,
    value,
    severity,
    labels: { model_name: "electricity" },
    since_seconds: atSeconds - 100,
    fired_at_seconds: state === "firing" ? atSeconds - 40 : null,
    summary: name,
  }));

function version(name, requests) {
  return {
    version: name,
    requests: [
      { status: "success", count: requests - 12 },
      { status: "server_error", count: 9 },
      { status: "aborted", count: 3 },
    ],
    latency: [
      { stage: "total", seconds: summary(requests, 0.0042) },
      { stage: "upstream", seconds: summary(requests, 0.0031) },
      { stage: "inference", seconds: summary(requests, 0.0009) },
    ],
    batch_size: { ...summary(requests, 1), sum: requests * 4 },
    batch_utilization: 0.5,
    predictions: [
      { class: "DOWN", count: Math.round(requests * 2.4) },
      { class: "UP", count: Math.round(requests * 1.6) },
    ],
    confidence: summary(requests * 4, 0.81),
  };
}

/** A snapshot of two models at `atSeconds`, when `requests` requests had come. */
export function snapshot(atSeconds, requests) {
  const panes = 24;
  const names = {
    transfer: 1.31,
    vicprice: 0.92,
    nswprice: 0.41,
    vicdemand: 0.24,
    nswdemand: 0.06,
    period: 0.01,
  };
  const electricity = {
    model_name: "electricity",
    versions: [version("1", Math.round(requests * 0.8)), version("2", Math.round(requests * 0.2))],
    unread: [{ side: "request", reason: "over_cap", count: 17 }],
    reference: { state: "ready", rows: 10_000 },
    window: { from_seconds: atSeconds - panes * 10, to_seconds: atSeconds, rows: 4_200 },
    columns: [
      ...Object.entries(names).map(([name, psi]) => column(name, "feature", psi, panes)),
      column("confidence", "confidence", 0.12, panes),
    ],
    quality: [
      { version: "1", figures: figures(0.88), missing: 0, estimated: { predictions: 4000, accuracy: 0.87 }, degradation: [], error_change: { changes: 0, at_seconds: null } },
      { version: "2", figures: figures(0.81), missing: 0, estimated: { predictions: 900, accuracy: 0.93 }, estimate_check: DISAGREES, degradation: [DEGRADED], error_change: { changes: 1, at_seconds: atSeconds } },
    ],
    cohorts: Array.from({ length: 3 }, (_, i) => ({
      at_seconds: Math.floor(atSeconds / 86_400 - 2 + i) * 86_400,
      predictions: 5000 - 900 * i,
      labelled: 4600 - 1800 * i,
      completeness: (4600 - 1800 * i) / (5000 - 900 * i),
      accuracy: 0.88 - 0.03 * i,
      estimated: { predictions: 5000, accuracy: 0.87, accuracy_interval: [0.855, 0.885] },
      mean_absolute_error: null,
    })),
    label_lag: [],
    series: Array.from({ length: panes }, (_, i) => ({
      at_seconds: atSeconds - (panes - i) * 10,
      seconds: 10,
      requests: Math.round(400 + 60 * Math.sin(i / 3)),
      errors: i > 15 ? 12 : 2,
      p50_seconds: 0.0042 + 0.0003 * Math.sin(i),
      p99_seconds: 0.016 + 0.002 * Math.cos(i / 2),
    })),
  };
  const learning = {
    ...electricity,
    model_name: "weather",
    versions: [version("2026-11", 850)],
    unread: [],
    reference: { state: "learning", rows: 3_400, wanted: 10_000 },
    columns: [],
  };
  const variant = (name, weight, share) => ({
    name,
    weight,
    requests: Math.round(requests * share),
    errors: Math.round(requests * share * 0.004),
    latency_seconds: summary(Math.round(requests * share), 0.0042),
  });
  const [control, treatment] = [variant("control", 0.8, 0.792), variant("treatment", 0.2, 0.208)];
  return {
    schema: "tidegate.snapshot/1",
    at_seconds: atSeconds,
    models: [electricity, learning],
    experiments: [
      {
        name: "electricity-v1-vs-v2",
        sample_ratio_p_value: 0.41,
        mixed_units: 3,
        variants: [
          { ...control, units: 4800, conversions: 480, conversion_rate: 0.1, value_mean: null, effect: null },
          { ...treatment, units: 1200, conversions: 150, conversion_rate: 0.125, value_mean: null, effect: EFFECT },
        ],
      },
    ],
    alerts: alerts(atSeconds),
    decisions: [
      {
        action: "rollback:electricity-v1-vs-v2/treatment",
        at_seconds: atSeconds - 90,
        dry_run: true,
        from: "on",
        to: "rolled_back",
        reason: "an alert asks for it",
        share_from: 1,
        share_to: 0,
        evidence: { alert: "accuracy", when: "model_accuracy < 0.85", labels: {}, value: 0.81, fired_at_seconds: atSeconds - 100 },
      },
      {
        action: "rollback:electricity-v1-vs-v2/treatment",
        at_seconds: atSeconds - 30,
        dry_run: false,
        from: "ramping",
        to: "ramping",
        share_from: 0.1,
        share_to: 0.25,
        reason: "no alert at the last share",
        evidence: null,
      },
    ],
    feature_sets: [
      {
        feature_set: "weather",
        retrievals: [{ source: "redis", seconds: summary(9000, 0.0021) }],
        cache_lookups: 9000,
        cache_hit_rate: 0.93,
        max_age_seconds: 600,
        freshness: [{ feature_name: "wind", values: 9000, mean_seconds: 240, oldest_seconds: 810, stale_share: 0.012 }],
        reference: { state: "ready", rows: 1000 },
        rows: 9000,
        columns: [],
      },
    ],
    importances: [
      {
        model_name: "electricity",
        explanations: 640,
        reference: { state: "ready", rows: 500 },
        current_rows: 140,
        features: ["nswprice", "transfer", "vicprice"].map((name, i) => ({
          feature_name: name,
          importance: 0.42 / (i + 1),
          rank: i + 1,
          reference: { importance: 0.4, rank: [1, 3, 2][i], rank_change: [0, -1, 1][i], p_adjusted: 0.2 },
        })),
        order: { verdict: "no_drift", kendall: 0.9, kendall_p_value: 0.3, ndcg: 0.98, ndcg_p_value: 0.4 },
      },
    ],
    training: [TRAINING],
    business: [
      {
        model_name: "electricity",
        model_version: "1",
        metric: "click_through",
        count: 900,
        sum: 180,
        window: { count: 400, sum: 80, missing: 0, mean: 0.2, interval: [0.161, 0.239] },
        degradation: { metric: "click_through", baseline: 0.25, current: 0.2, degradation: 0.2 },
        change: { changes: 1, at_seconds: 1_790_000_000, before: 0.24, after: 0.18 },
      },
    ],
    dropped: [{ bound: "classes", count: 4 }],
  };
}

export const TOKEN = "demo-token";

/** Starts it on a free port, or on the one given; `behaviour` may be changed while it runs. */
export async function fakeGateway(port = 0) {
  const behaviour = { body: null, polls: 0, requests: 12_000 };
  const server = createServer((request, response) => {
    const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "authorization" };
    if (request.method === "OPTIONS") return response.writeHead(204, cors).end();
    if (request.url !== "/.tidegate/v1/snapshot") return response.writeHead(404, cors).end();
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return response.writeHead(401, cors).end();
    behaviour.polls += 1;
    behaviour.requests += 84;
    const body = behaviour.body ?? snapshot(Date.now() / 1000, behaviour.requests);
    response.writeHead(200, { ...cors, "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const bound = server.address().port;
  return { behaviour, port: bound, url: `http://127.0.0.1:${bound}/.tidegate`, close: () => closed(server) };
}
