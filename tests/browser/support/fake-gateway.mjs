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
  return {
    schema: "tidegate.snapshot/1",
    at_seconds: atSeconds,
    models: [electricity, learning],
    experiments: [
      {
        name: "electricity-v1-vs-v2",
        variants: [variant("control", 0.8, 0.792), variant("treatment", 0.2, 0.208)],
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
