/** What the live view knows, and how each thing that happens changes it. */

import type { Snapshot } from "tidegate";

import type { Answer, Target } from "./gateway";

export type Connection =
  | { state: "connecting" }
  | { state: "live" }
  /** What was seen last is still shown. */
  | { state: "lost"; message: string; retryAtMillis: number }
  | { state: "refused"; message: string };

/** Totals of every model at one moment, to take rates from. */
export interface Totals {
  atSeconds: number;
  /** Requests by model name. */
  requests: ReadonlyMap<string, number>;
}

export interface LiveState {
  target: Target | null;
  connection: Connection;
  isPaused: boolean;
  snapshot: Snapshot | null;
  /** When the snapshot came, by the clock of this page. */
  seenAtMillis: number;
  /** Answers in a row that were no snapshot. */
  failures: number;
  /** The newest last. */
  history: readonly Totals[];
  modelName: string | null;
}

export type LiveAction =
  | { type: "connect"; target: Target }
  | { type: "disconnect" }
  | { type: "pause" }
  | { type: "resume" }
  | { type: "choose_model"; modelName: string }
  | { type: "answer"; answer: Answer; atMillis: number };

/** Time between two questions while all is well, in milliseconds. */
export const POLL_MILLIS = 2000;
const LONGEST_WAIT_MILLIS = 30_000;
/** Rates are taken over the newest of these. */
const HISTORY = 6;

export const INITIAL: LiveState = {
  target: null,
  connection: { state: "connecting" },
  isPaused: false,
  snapshot: null,
  seenAtMillis: 0,
  failures: 0,
  history: [],
  modelName: null,
};

/** How long to wait before asking again: twice as long after each failure, up to half a minute. */
export function waitMillis(failures: number): number {
  return Math.min(POLL_MILLIS * 2 ** failures, LONGEST_WAIT_MILLIS);
}

export function reduce(state: LiveState, action: LiveAction): LiveState {
  switch (action.type) {
    case "connect":
      return { ...INITIAL, target: action.target };
    case "disconnect":
      return { ...INITIAL };
    case "pause":
      return { ...state, isPaused: true };
    case "resume":
      return { ...state, isPaused: false, connection: { state: "connecting" } };
    case "choose_model":
      return { ...state, modelName: action.modelName };
    case "answer":
      return answered(state, action.answer, action.atMillis);
  }
}

function answered(state: LiveState, answer: Answer, atMillis: number): LiveState {
  if (state.target === null) return state;
  switch (answer.type) {
    case "snapshot":
      return {
        ...state,
        connection: { state: "live" },
        snapshot: answer.snapshot,
        seenAtMillis: atMillis,
        failures: 0,
        history: extended(state.history, totalsOf(answer.snapshot)),
      };
    case "lost": {
      const failures = state.failures + 1;
      const retryAtMillis = atMillis + waitMillis(failures);
      return { ...state, failures, connection: { state: "lost", message: answer.message, retryAtMillis } };
    }
    case "refused":
      return { ...state, connection: { state: "refused", message: answer.message } };
  }
}

function totalsOf(snapshot: Snapshot): Totals {
  const requests = new Map<string, number>();
  for (const model of snapshot.models) {
    const counts = model.versions.flatMap((version) => version.requests);
    requests.set(
      model.model_name,
      counts.reduce((sum, { count }) => sum + count, 0),
    );
  }
  return { atSeconds: snapshot.at_seconds, requests };
}

/** The gateway makes a snapshot once a second: one that is seen twice says nothing new of the rate. */
function extended(history: readonly Totals[], next: Totals): readonly Totals[] {
  const last = history.at(-1);
  if (last !== undefined && next.atSeconds === last.atSeconds) return history;
  if (last !== undefined && next.atSeconds < last.atSeconds) return [next];
  return [...history, next].slice(-HISTORY);
}

/** Requests a second of a model over the newest snapshots; `null` before there are two, or after a restart. */
export function requestRate(history: readonly Totals[], modelName: string): number | null {
  const first = history[0];
  const last = history.at(-1);
  if (first === undefined || last === undefined) return null;
  const seconds = last.atSeconds - first.atSeconds;
  const requests = (last.requests.get(modelName) ?? 0) - (first.requests.get(modelName) ?? 0);
  return seconds > 0 && requests >= 0 ? requests / seconds : null;
}
