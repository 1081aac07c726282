// Predictions in this process's memory: for one process, and for tests.

import {
  DAY_SECONDS,
  dayOf,
  type StoreCounts,
  type FeedbackStore,
  type JudgedPrediction,
  LAG_SECONDS_BUCKETS,
  lagBucket,
  type LabelOutcome,
  nameOf,
  type PredictionOutcome,
  type Retention,
  type StoredDay,
  type StoredLabel,
  type StoredPrediction,
} from "./store.js";

interface Entry {
  prediction?: StoredPrediction;
  label?: StoredLabel;
  /** Labels of an id that no prediction came for. */
  waiting: StoredLabel[];
  expiresAt: number;
}

interface Day extends StoredDay {
  lags: number[];
  rows: JudgedPrediction[];
  expiresAt: number;
}

/**
 * Keeps predictions in memory, up to `capacity` of them: of more, those that were heard of first are forgotten. Time
 * is that of the predictions and labels.
 */
export class MemoryStore implements FeedbackStore {
  readonly #entries = new Map<string, Entry>();
  readonly #days = new Map<number, Day>();
  readonly #capacity: number;
  #now = -Infinity;
  readonly #counts: StoreCounts = {
    predictions: 0,
    repeated: 0,
    joined: 0,
    duplicate: 0,
    contradicting: 0,
    late: 0,
    unknown: 0,
    forgotten: 0,
    over_capacity: 0,
  };

  constructor({ capacity = 100_000 }: { capacity?: number } = {}) {
    this.#capacity = capacity;
  }

  async addPrediction(id: string, prediction: StoredPrediction, retention: Retention): Promise<PredictionOutcome> {
    this.#forget(prediction.at);
    const entry = this.#entry(id, prediction.at, retention);
    if (entry.prediction !== undefined) {
      this.#counts.repeated += 1;
      return "repeated";
    }
    entry.prediction = prediction;
    this.#counts.predictions += 1;
    this.#day(prediction.at, retention).predictions += 1;
    const [first, ...more] = entry.waiting;
    if (first === undefined) return "stored";
    entry.waiting = [];
    this.#counts.unknown -= 1 + more.length;
    const outcome = this.#judge(entry, first, retention);
    for (const label of more) this.#judge(entry, label, retention);
    return outcome === "late" ? "late" : "joined";
  }

  async addLabel(id: string, label: StoredLabel, retention: Retention): Promise<LabelOutcome> {
    this.#forget(label.at);
    const entry = this.#entry(id, label.at, retention);
    if (entry.prediction !== undefined) return this.#judge(entry, label, retention);
    this.#counts.unknown += 1;
    if (entry.waiting.length < MOST_WAITING) entry.waiting.push(label);
    return "unknown";
  }

  async prediction(id: string): Promise<StoredPrediction | undefined> {
    return this.#entries.get(id)?.prediction;
  }

  async counts(): Promise<StoreCounts> {
    return { ...this.#counts };
  }

  async days(): Promise<StoredDay[]> {
    const days = [...this.#days.values()].sort((a, b) => a.day - b.day);
    return days.map(({ day, predictions, labelled, right, lags }) => ({ day, predictions, labelled, right, lags: [...lags] }));
  }

  async judged(day: number): Promise<JudgedPrediction[]> {
    return [...(this.#days.get(day)?.rows ?? [])];
  }

  /** The label of a prediction that is known. */
  #judge(entry: Entry, label: StoredLabel, retention: Retention): LabelOutcome {
    const outcome = this.#outcome(entry, label, retention);
    this.#counts[outcome] += 1;
    if (outcome !== "joined" || entry.prediction === undefined) return outcome;
    entry.label = label;
    const { prediction } = entry;
    const day = this.#day(prediction.at, retention);
    // To the microsecond, as Redis keeps it.
    const lag_seconds = Number(Math.max(label.at - prediction.at, 0).toFixed(6));
    day.labelled += 1;
    day.lags[lagBucket(lag_seconds)]! += 1;
    if (nameOf(prediction.prediction) === nameOf(label.label)) day.right += 1;
    const { features: _, ...judged } = prediction;
    if (day.rows.length < retention.day_capacity) day.rows.push({ ...judged, label: label.label, lag_seconds });
    else this.#counts.over_capacity += 1;
    return outcome;
  }

  #outcome({ prediction, label: known }: Entry, label: StoredLabel, { retention_seconds }: Retention) {
    if (known !== undefined) return nameOf(known.label) === nameOf(label.label) ? "duplicate" : "contradicting";
    return prediction !== undefined && label.at - prediction.at > retention_seconds ? "late" : "joined";
  }

  #entry(id: string, at: number, { retention_seconds, late_seconds }: Retention): Entry {
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = { waiting: [], expiresAt: at + retention_seconds + late_seconds };
      this.#entries.set(id, entry);
      if (this.#entries.size > this.#capacity) {
        const [oldest] = this.#entries.keys();
        if (oldest !== undefined) this.#entries.delete(oldest);
        this.#counts.forgotten += 1;
      }
    }
    return entry;
  }

  #day(at: number, { retention_seconds, late_seconds }: Retention): Day {
    const day = dayOf(at);
    let held = this.#days.get(day);
    if (held === undefined) {
      const lags = Array<number>(LAG_SECONDS_BUCKETS.length + 1).fill(0);
      const expiresAt = (day + 1) * DAY_SECONDS + 2 * (retention_seconds + late_seconds);
      held = { day, predictions: 0, labelled: 0, right: 0, lags, rows: [], expiresAt };
      this.#days.set(day, held);
    }
    return held;
  }

  /** Entries come in about the order of their times, so the first one that is young ends the search. */
  #forget(now: number): void {
    this.#now = Math.max(this.#now, now);
    for (const [id, { expiresAt }] of this.#entries) {
      if (expiresAt >= this.#now) break;
      this.#entries.delete(id);
    }
    for (const [day, { expiresAt }] of this.#days) if (expiresAt < this.#now) this.#days.delete(day);
  }
}

/** Labels of one id that wait for its prediction; further ones are counted only. */
const MOST_WAITING = 8;
