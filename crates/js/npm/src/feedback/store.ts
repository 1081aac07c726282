// What a feedback collector asks of whatever keeps its predictions.

import type { Cell } from "../arrays.js";

/** What a model said: a number, or the name of a class. */
export type Answer = Exclude<Cell, bigint | Date | null | undefined>;

/** A prediction that awaits the truth. */
export interface StoredPrediction {
  /** When it was made, in seconds since 1970. */
  at: number;
  prediction: Answer;
  /** How sure the model was of it. */
  confidence?: number;
  /** The score of the positive class, for the areas under the curves. */
  score?: number;
  /** What it was made from, to be looked at later. */
  features?: Readonly<Record<string, unknown>>;
}

/** The truth about a prediction. */
export interface StoredLabel {
  /** When it was learnt, in seconds since 1970. */
  at: number;
  label: Answer;
}

/** A prediction and its truth. */
export interface JudgedPrediction extends StoredPrediction {
  label: Answer;
  /** How long after the prediction the truth came; 0 if it came before. */
  lag_seconds: number;
}

/** What became of a prediction: `repeated`, if one of its id was known and counts. */
export type PredictionOutcome = "stored" | "joined" | "repeated" | "late";

/**
 * What became of a label: it joined its prediction; it said again or contradicted what an earlier label said; it came
 * when the prediction was too old; or no prediction of its id is known, and it waits for one.
 */
export type LabelOutcome = "joined" | "duplicate" | "contradicting" | "late" | "unknown";

/** What became of all predictions and labels. */
export interface StoreCounts {
  /** Predictions, each id once. */
  predictions: number;
  /** Predictions of an id that was known already. */
  repeated: number;
  /** Labels that brought the truth about a prediction. */
  joined: number;
  /** Labels that said again what an earlier one said. */
  duplicate: number;
  /** Labels that said something else than an earlier one, which counts. */
  contradicting: number;
  /** Labels that came when their prediction was older than the retention. */
  late: number;
  /** Labels whose prediction is not known, or not yet. */
  unknown: number;
  /** Predictions that a store had no more room for. */
  forgotten: number;
  /** Judged predictions that a day had no more room for: they count, and are left out of its evaluation. */
  over_capacity: number;
}

/** The predictions that were made on one day. */
export interface StoredDay {
  /** Days since 1970. */
  day: number;
  predictions: number;
  /** Predictions whose truth is known. */
  labelled: number;
  /** Those that were right. */
  right: number;
  /** Labels by bucket of `LAG_SECONDS_BUCKETS`, one more for those beyond the last. */
  lags: readonly number[];
}

/** How long a store keeps what. */
export interface Retention {
  /** How long a prediction awaits its truth. */
  retention_seconds: number;
  /** How much longer it is remembered that a label which comes is late, and not unknown. */
  late_seconds: number;
  /** Judged predictions of one day that are kept for its evaluation. */
  day_capacity: number;
}

/**
 * Keeps predictions until their truth comes, and counts by the day of the prediction. Each call is one step that
 * nothing comes between, in whatever process.
 */
export interface FeedbackStore {
  addPrediction(id: string, prediction: StoredPrediction, retention: Retention): Promise<PredictionOutcome>;
  addLabel(id: string, label: StoredLabel, retention: Retention): Promise<LabelOutcome>;
  /** A prediction that awaits its truth or has it, while it is kept. */
  prediction(id: string): Promise<StoredPrediction | undefined>;
  counts(): Promise<StoreCounts>;
  /** The days that are kept, in order. */
  days(): Promise<StoredDay[]>;
  /** The judged predictions of a day, in no order. */
  judged(day: number): Promise<JudgedPrediction[]>;
}

/** Upper bounds of the buckets of a label's lag, in seconds: minutes, hours, days and weeks. */
export const LAG_SECONDS_BUCKETS: readonly number[] = [
  60, 600, 3600, 21_600, 86_400, 259_200, 604_800, 1_209_600, 2_592_000,
];

export const DAY_SECONDS = 86_400;

/** The day of a time, in days since 1970. */
export const dayOf = (at: number): number => Math.floor(at / DAY_SECONDS);

/** The bucket of a lag. */
export function lagBucket(seconds: number): number {
  const bucket = LAG_SECONDS_BUCKETS.findIndex((bound) => seconds <= bound);
  return bucket < 0 ? LAG_SECONDS_BUCKETS.length : bucket;
}

/** What an answer is known by, whether it came as `1` or as `"1"`. */
export const nameOf = (answer: Answer): string => String(answer);
