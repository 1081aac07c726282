import type { ColumnSnapshot, ModelSnapshot, SignalReport, Verdict } from "tidegate";
import { expect, test } from "vitest";

import { byConcern, newestPoint, psiTimes, requestTotals, trafficSeries } from "./figures";

const NO_SUMMARY = { count: 0, sum: 0, p50: null, p95: null, p99: null, p999: null };

function point(atSeconds: number, requests: number) {
  const p50 = requests === 0 ? null : 0.01;
  return {
    at_seconds: atSeconds,
    seconds: 10,
    requests,
    errors: 0,
    in_flight: 0,
    output_tokens: 0,
    p50_seconds: p50,
    p99_seconds: p50,
  };
}

function model(changes: Partial<ModelSnapshot> = {}): ModelSnapshot {
  return {
    model_name: "iris",
    versions: [],
    serving: null,
    latency_change: null,
    unread: [],
    quality: [],
    cohorts: [],
    label_lag: [],
    reference: { state: "none" },
    window: { from_seconds: 0, to_seconds: 40, rows: 0 },
    columns: [],
    series: [],
    ...changes,
  };
}

function version(name: string, success: number, aborted: number): ModelSnapshot["versions"][number] {
  return {
    version: name,
    requests: [
      { status: "success", count: success },
      { status: "aborted", count: aborted },
    ],
    latency: [],
    errors: [],
    generation: null,
    batch_size: NO_SUMMARY,
    batch_utilization: null,
    predictions: [],
    confidence: NO_SUMMARY,
  };
}

function column(name: string, verdict: ColumnSnapshot["verdict"], psi: number, panes = 0): ColumnSnapshot {
  return {
    role: "feature",
    name,
    kind: "numeric",
    verdict,
    reference: { count: 1, missing: 0 },
    current: { count: 1, missing: 0 },
    tests: [
      {
        method: "psi",
        statistic: psi,
        p_value: null,
        p_adjusted: null,
        effect: psi,
        interval: null,
        threshold: 0.2,
        effect_floor: 0.2,
        detectable_effect: 0,
        verdict,
      },
    ],
    distribution: { kind: "bins", edges: [], reference: [], current: [], below: [0, 0], above: [0, 0] },
    unseen: { count: 0 },
    null_rate: 0,
    out_of_range_rate: null,
    outlier_rate: null,
    psi_series: Array<number | null>(panes).fill(null),
  };
}

test("requestTotals adds the versions up; whatever did not succeed is an error", () => {
  const totals = requestTotals(model({ versions: [version("1", 90, 5), version("2", 4, 1)] }));
  expect(totals).toMatchObject({ requests: 100, errors: 6, errorShare: 0.06 });
  expect(requestTotals(model()).errorShare).toBeNull();
});

test("trafficSeries begins with the first request and leaves out a pane that has only begun", () => {
  const series = [point(0, 0), point(10, 7), point(20, 0), point(30, 3)];
  const starts = (atSeconds: number) =>
    trafficSeries(model({ series }), atSeconds).map((pane) => pane.at_seconds);
  expect(starts(31)).toEqual([10, 20]);
  expect(starts(36)).toEqual([10, 20, 30]);
  expect(trafficSeries(model({ series }), 36).at(-1)?.elapsedSeconds).toBe(6);
});

test("newestPoint is the newest pane with latency in it", () => {
  expect(newestPoint(model({ series: [point(0, 2), point(10, 3), point(20, 0)] }))?.at_seconds).toBe(10);
  expect(newestPoint(model())).toBeNull();
});

test("psiTimes are the newest panes of the series, and guessed back where it is shorter", () => {
  const series = [point(0, 1), point(10, 1), point(20, 1)];
  expect(psiTimes(model({ series }), column("x", "drift", 1, 2))).toEqual([10, 20]);
  expect(psiTimes(model({ series: [point(20, 1)] }), column("x", "drift", 1, 3))).toEqual([0, 10, 20]);
});

test("byConcern puts drift before signals, these before stable columns, and the larger score first", () => {
  const signals = (verdict: Verdict): SignalReport[] => [
    {
      signal: "new_categories",
      share: 0.05,
      expected_share: 0,
      p_value: 0,
      p_adjusted: 0,
      effect: 0.05,
      interval: [0.04, 0.06],
      detectable_effect: 0.01,
      threshold: 0.05,
      effect_floor: 0.02,
      verdict,
    },
  ];
  const columns = [
    { ...column("quiet signal", "no_drift", 0.01), signals: signals("no_drift") },
    { ...column("signal", "no_drift", 0.02), signals: signals("drift") },
    column("stable, high", "no_drift", 0.19),
    column("drift, low", "drift", 0.1),
    column("drift, high", "drift", 0.9),
  ];
  expect(byConcern(columns).map(({ name }) => name)).toEqual([
    "drift, high",
    "drift, low",
    "signal",
    "stable, high",
    "quiet signal",
  ]);
});
