/** Figures of a snapshot that several panels show. */

import type {
  ColumnSnapshot,
  ModelSnapshot,
  SeriesPoint,
  SignalReport,
  Stage,
  Status,
  TestReport,
} from "tidegate";

export interface RequestTotals {
  requests: number;
  errors: number;
  /** Share of requests that did not succeed, in [0, 1]; `null` without requests. */
  errorShare: number | null;
  byStatus: ReadonlyMap<Status, number>;
}

/** Requests of all versions of a model. */
export function requestTotals(model: ModelSnapshot): RequestTotals {
  const byStatus = new Map<Status, number>();
  for (const { status, count } of model.versions.flatMap((version) => version.requests)) {
    byStatus.set(status, (byStatus.get(status) ?? 0) + count);
  }
  const requests = [...byStatus.values()].reduce((sum, count) => sum + count, 0);
  const errors = requests - (byStatus.get("success") ?? 0);
  return { requests, errors, errorShare: requests === 0 ? null : errors / requests, byStatus };
}

/** The newest pane with latency in it. */
export function newestPoint(model: ModelSnapshot): SeriesPoint | null {
  return model.series.findLast((point) => point.p50_seconds != null) ?? null;
}

/** Counts come to the leader a tick or two after their requests: a pane younger than this looks emptier than it is. */
const SETTLED_SECONDS = 5;

/** The panes since the first request, and the seconds of each that have passed. One that has only begun is left out. */
export function trafficSeries(
  model: ModelSnapshot,
  atSeconds: number,
): (SeriesPoint & { elapsedSeconds: number })[] {
  const first = model.series.findIndex((point) => point.requests > 0);
  return model.series
    .slice(Math.max(0, first))
    .map((point) => ({ ...point, elapsedSeconds: Math.min(point.seconds, atSeconds - point.at_seconds) }))
    .filter(({ elapsedSeconds, seconds }) => elapsedSeconds >= Math.min(seconds, SETTLED_SECONDS));
}

/** The test that the drift panel follows over time. */
export function psiOf(column: ColumnSnapshot): TestReport | null {
  return column.tests.find((test) => test.method === "psi") ?? null;
}

/** The panes' starts that belong to a column's PSI series: the newest ones, where the series is the shorter. */
export function psiTimes(model: ModelSnapshot, column: ColumnSnapshot): number[] {
  const times = model.series.map((point) => point.at_seconds);
  const count = column.psi_series.length;
  if (times.length >= count) return times.slice(times.length - count);
  const seconds = model.series[0]?.seconds ?? 60;
  const last = times.at(-1) ?? model.window.to_seconds;
  return column.psi_series.map((_, i) => last - (count - 1 - i) * seconds);
}

/** What chance does not explain beside the shape of the values: those that are missing, new, gone or out of range. */
export function signalsOf({ signals = [] }: ColumnSnapshot): SignalReport[] {
  return signals.filter(({ verdict }) => verdict === "drift");
}

/** Columns by what should be looked at first: drifted ones, then those with a signal, then by their score. */
export function byConcern(columns: readonly ColumnSnapshot[]): ColumnSnapshot[] {
  const rank = (column: ColumnSnapshot): number =>
    (column.verdict === "drift" ? 2e6 : signalsOf(column).length > 0 ? 1e6 : 0) +
    (psiOf(column)?.effect ?? -1);
  return columns.toSorted((a, b) => rank(b) - rank(a));
}

export const STAGE_TEXT: Record<Stage, string> = {
  total: "Total",
  gateway: "Gateway",
  upstream: "Upstream",
  preprocessing: "Preprocessing",
  inference: "Inference",
  postprocessing: "Postprocessing",
};

/** From the whole to its parts, in their order in time. */
export const STAGES = Object.keys(STAGE_TEXT) as readonly Stage[];

export const STATUS_TEXT: Record<Status, string> = {
  success: "succeeded",
  client_error: "client errors",
  server_error: "server errors",
  aborted: "aborted",
};
