import type { Snapshot } from "tidegate";
import { expect, test } from "vitest";

import { describe as words } from "./connection-bar";
import { INITIAL, type LiveAction, type LiveState, reduce, requestRate, waitMillis } from "./state";

const TARGET = { gateway: "http://gateway.test/.tidegate", token: "t" };

function snapshot(atSeconds: number, requests: number): Snapshot {
  const summary = { count: 0, sum: 0, p50: null, p95: null, p99: null, p999: null };
  return {
    schema: "tidegate.snapshot/1",
    at_seconds: atSeconds,
    experiments: [],
    feature_sets: [],
    importances: [],
    training: [],
    alerts: [],
    decisions: [],
    feedback: {
      joined: 0,
      duplicate: 0,
      contradicting: 0,
      contradicting_echoes: 0,
      late: 0,
      unknown: 0,
      waiting: 0,
      tokens: { issued: 0, accepted: 0, malformed: 0, forged: 0, expired: 0 },
    },
    dropped: [],
    models: [
      {
        model_name: "iris",
        versions: [
          {
            version: "1",
            requests: [{ status: "success", count: requests }],
            latency: [],
            errors: [],
            generation: null,
            batch_size: summary,
            batch_utilization: null,
            predictions: [],
            confidence: summary,
          },
        ],
        serving: null,
        latency_change: null,
        unread: [],
        quality: [],
        cohorts: [],
        label_lag: [],
        reference: { state: "none" },
        window: { from_seconds: 0, to_seconds: 0, rows: 0 },
        columns: [],
        series: [],
      },
    ],
  };
}

const seen = (atSeconds: number, requests: number): LiveAction => ({
  type: "answer",
  answer: { type: "snapshot", snapshot: snapshot(atSeconds, requests) },
  atMillis: atSeconds * 1000,
});
const lost = (atMillis: number): LiveAction => ({
  type: "answer",
  answer: { type: "lost", message: "No answer." },
  atMillis,
});
const after = (...actions: LiveAction[]): LiveState =>
  actions.reduce(reduce, reduce(INITIAL, { type: "connect", target: TARGET }));

test("the rate is taken over the newest snapshots", () => {
  expect(requestRate(after(seen(100, 500)).history, "iris")).toBeNull();
  expect(requestRate(after(seen(100, 500), seen(102, 520), seen(104, 580)).history, "iris")).toBe(20);
});

test("the same snapshot seen twice does not change the rate", () => {
  expect(after(seen(100, 500), seen(100, 500)).history).toHaveLength(1);
});

test("a gateway that restarted begins a new history", () => {
  expect(requestRate(after(seen(100, 500), seen(102, 3)).history, "iris")).toBeNull();
  expect(after(seen(100, 500), seen(50, 3)).history).toHaveLength(1);
});

test("the history is bounded", () => {
  const actions = Array.from({ length: 100 }, (_, i) => seen(i, i));
  expect(after(...actions).history.length).toBeLessThanOrEqual(6);
});

test("a lost gateway keeps its last snapshot, says since when, and when it is tried again", () => {
  const state = after(seen(100, 500), lost(102_000));
  expect(state.snapshot?.at_seconds).toBe(100);
  const { word, detail, problem } = words(state, 103_000);
  expect(word).toBe("Connection lost");
  expect(detail.replaceAll("\u202f", " ")).toBe("last seen 3 s ago, trying again in 3 s");
  expect(problem).toBe("No answer.");
});

test("waiting doubles up to half a minute, and starts over with the next snapshot", () => {
  expect([1, 2, 3, 4, 5, 60].map(waitMillis)).toEqual([4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  expect(after(lost(0), lost(1), seen(5, 1)).failures).toBe(0);
});

test("a refusal is not tried again and keeps what was seen", () => {
  const state = after(seen(100, 500), {
    type: "answer",
    answer: { type: "refused", message: "Wrong token." },
    atMillis: 0,
  });
  expect(state.connection).toEqual({ state: "refused", message: "Wrong token." });
  expect(state.snapshot).not.toBeNull();
});

test("a page that goes on after a pause is live only with the next answer", () => {
  const state = after(seen(100, 500), { type: "pause" }, { type: "resume" });
  expect(words(state, 160_000).word).toBe("Connecting");
  expect(words(reduce(state, seen(160, 900)), 160_000).word).toBe("Live");
});

test("an answer that comes after disconnecting is dropped", () => {
  expect(reduce(INITIAL, seen(100, 500))).toBe(INITIAL);
});
