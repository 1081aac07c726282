// Joins labels that come late to their predictions, and says how good the model was on each day.

import { TidegateError } from "../error.js";
import { evaluate } from "../evaluate.js";
import type { Evaluation } from "../wire.js";
import { MemoryStore } from "./memory-store.js";
import {
  type Answer,
  DAY_SECONDS,
  type StoreCounts,
  type FeedbackStore,
  LAG_SECONDS_BUCKETS,
  type LabelOutcome,
  type PredictionOutcome,
  type Retention,
  type StoredDay,
  type StoredPrediction,
} from "./store.js";

/** Options of a feedback collector. */
export interface FeedbackOptions extends Partial<Retention> {
  /** The positive class of two, whose score a prediction may bring. */
  positive?: string | number | boolean;
}

/** A prediction to be remembered. */
export interface Prediction extends Omit<StoredPrediction, "at"> {
  prediction_id: string;
  /** When it was made, in seconds since 1970; now by default. */
  at?: number;
}

/** A truth that was learnt. */
export interface Feedback {
  prediction_id: string;
  label: Answer;
  /** When it was learnt, in seconds since 1970; now by default. */
  at?: number;
}

/** The predictions that were made on one day. */
export interface FeedbackDay {
  /** The day in UTC, such as `2026-09-21`. */
  day: string;
  predictions: number;
  /** Predictions whose truth is known. */
  labelled: number;
  /** Share of the predictions whose truth is known. */
  completeness: number;
  /** Share of those that were right; `null` without one. */
  accuracy: number | null;
}

/** How many predictions had their truth after how long. */
export interface LagPoint {
  /** Seconds after the prediction. */
  within_seconds: number;
  /** Share of all predictions whose truth came within them. */
  share: number;
}

const DEFAULTS: Retention = {
  retention_seconds: 30 * DAY_SECONDS,
  late_seconds: DAY_SECONDS,
  day_capacity: 100_000,
};

/**
 * Joins labels that come late, a month even, to the predictions of one model version, each of them once; what a label
 * says counts for the day on which the model said it.
 *
 * ```js
 * const feedback = new FeedbackCollector(new RedisStore(client, { prefix: "sentiment:v2" }));
 * await feedback.storePrediction({ prediction_id: "r1", prediction: "good", confidence: 0.9 });
 * // days later, in another process
 * await feedback.recordFeedback({ prediction_id: "r1", label: "bad" }); // "joined"
 * await feedback.days(); // [{ day: "2026-09-21", predictions: 1, labelled: 1, completeness: 1, accuracy: 0 }]
 * ```
 *
 * The first label that comes counts; what later ones say is counted as `duplicate` or `contradicting`. A label may come
 * before its prediction, and is `unknown` until then.
 */
export class FeedbackCollector {
  readonly store: FeedbackStore;
  readonly #retention: Retention;
  readonly #positive: FeedbackOptions["positive"];

  constructor(store: FeedbackStore = new MemoryStore(), options: FeedbackOptions = {}) {
    const { positive, ...retention } = options;
    this.store = store;
    this.#positive = positive;
    this.#retention = { ...DEFAULTS, ...retention };
    for (const [name, value] of Object.entries(this.#retention)) {
      if (!(name in DEFAULTS)) throw new TidegateError("InvalidOptions", `options: unknown field \`${name}\``);
      if (!(Number.isFinite(value) && value >= 0) || (name === "retention_seconds" && value < 1)) {
        throw new TidegateError("InvalidOptions", `options: ${name} is ${value}, and must be a number of at least 0`);
      }
    }
  }

  /**
   * Remembers a prediction until its truth comes.
   *
   * @throws TidegateError if it is none.
   */
  async storePrediction({ prediction_id, at = now(), ...prediction }: Prediction): Promise<PredictionOutcome> {
    checkId(prediction_id);
    checkAnswer("prediction", prediction_id, prediction.prediction);
    for (const name of ["confidence", "score"] as const) {
      const value = prediction[name];
      if (value !== undefined && !Number.isFinite(value)) {
        throw new TidegateError("NotFinite", `${name} of ${prediction_id} is ${value}, and must be finite`);
      }
    }
    return this.store.addPrediction(prediction_id, { ...prediction, at: checkTime(at, prediction_id) }, this.#retention);
  }

  /**
   * Joins a label to its prediction.
   *
   * @throws TidegateError if it is none.
   */
  async recordFeedback({ prediction_id, label, at = now() }: Feedback): Promise<LabelOutcome> {
    checkId(prediction_id);
    checkAnswer("label", prediction_id, label);
    return this.store.addLabel(prediction_id, { label, at: checkTime(at, prediction_id) }, this.#retention);
  }

  /** What became of all predictions and labels. */
  counts(): Promise<StoreCounts> {
    return this.store.counts();
  }

  /** By the day of the prediction, in order. */
  async days(): Promise<FeedbackDay[]> {
    return (await this.store.days()).map(({ day, predictions, labelled, right }) => ({
      day: nameOfDay(day),
      predictions,
      labelled,
      completeness: labelled / predictions,
      accuracy: labelled === 0 ? null : right / labelled,
    }));
  }

  /** How long after a prediction its truth comes, over all days that are kept. */
  async lag(): Promise<LagPoint[]> {
    const days = await this.store.days();
    const all = sum(days, ({ predictions }) => predictions);
    let labels = 0;
    return LAG_SECONDS_BUCKETS.map((within_seconds, bucket) => {
      labels += sum(days, ({ lags }) => lags[bucket] ?? 0);
      return { within_seconds, share: all === 0 ? 0 : labels / all };
    });
  }

  /**
   * How good the predictions of a day were, such as `2026-09-21`, or of all days that are kept; `undefined` without a
   * label.
   *
   * @throws TidegateError if the day is none.
   */
  async evaluate(day?: string): Promise<Evaluation | undefined> {
    const days = day === undefined ? (await this.store.days()).map(({ day }) => day) : [dayOfName(day)];
    const rows = (await Promise.all(days.map((day) => this.store.judged(day)))).flat();
    if (rows.length === 0) return undefined;
    // A store has them in no order, and sums depend on it in the last bit.
    rows.sort((a, b) => a.at - b.at || a.lag_seconds - b.lag_seconds || (a.score ?? 0) - (b.score ?? 0));
    const isNumeric = rows.every(({ label, prediction }) => typeof label === "number" && typeof prediction === "number");
    const answer = (value: Answer) => (isNumeric ? value : String(value));
    const scores = rows.every(({ score }) => score !== undefined) ? rows.map(({ score }) => score!) : undefined;
    return evaluate(
      rows.map(({ label }) => answer(label)),
      rows.map(({ prediction }) => answer(prediction)),
      {
        ...(scores && { scores }),
        ...(this.#positive !== undefined && scores && { positive: this.#positive }),
      },
    );
  }
}

const now = () => Date.now() / 1000;

const sum = (days: readonly StoredDay[], of: (day: StoredDay) => number) =>
  days.reduce((total, day) => total + of(day), 0);

const nameOfDay = (day: number) => new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);

function dayOfName(name: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(name) ? Date.parse(`${name}T00:00:00Z`) : NaN;
  if (Number.isNaN(at)) throw new TidegateError("InvalidOptions", `${JSON.stringify(name)} is no day, such as 2026-09-21`);
  return at / 1000 / DAY_SECONDS;
}

/** Longer ids would fill a store. */
const LONGEST_ID = 256;

function checkId(id: unknown): void {
  if (typeof id !== "string" || id === "" || id.length > LONGEST_ID) {
    const what = typeof id === "string" ? `text of ${id.length} characters` : typeof id;
    throw new TidegateError("InvalidInput", `prediction_id is ${what}, and must be text of 1 to ${LONGEST_ID}`);
  }
}

function checkAnswer(name: string, id: string, answer: unknown): void {
  const isAnswer = typeof answer === "string" || typeof answer === "boolean" || Number.isFinite(answer);
  if (!isAnswer) {
    throw new TidegateError("InvalidInput", `${name} of ${id} is ${String(answer)}, and must be text, a finite number or a boolean`);
  }
}

function checkTime(at: unknown, id: string): number {
  if (typeof at !== "number" || !(at >= 0 && at < 1e11)) {
    throw new TidegateError("InvalidInput", `at of ${id} is ${String(at)}, and must be seconds since 1970`);
  }
  return at;
}
