// Predictions in Redis, shared by any number of processes.

import { TidegateError } from "../error.js";
import { ADD_LABEL, ADD_PREDICTION } from "./redis-scripts.js";
import {
  DAY_SECONDS,
  dayOf,
  type StoreCounts,
  type FeedbackStore,
  type JudgedPrediction,
  LAG_SECONDS_BUCKETS,
  type LabelOutcome,
  nameOf,
  type PredictionOutcome,
  type Retention,
  type StoredDay,
  type StoredLabel,
  type StoredPrediction,
} from "./store.js";

/** A connected client of the package `redis` or `ioredis`, or a function that sends a command. */
export type RedisClient =
  | { sendCommand(command: string[]): Promise<unknown> }
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | ((command: string[]) => Promise<unknown>);

/** Options of a store in Redis. */
export interface RedisStoreOptions {
  /** What the names of all keys begin with; `tidegate:feedback` by default. One for each model version. */
  prefix?: string;
}

/**
 * Keeps predictions in Redis 6 or newer. Each prediction and each label is one script, so that processes which work at
 * once count exactly, and each key expires by itself.
 *
 * ```js
 * import { createClient } from "redis";
 * const store = new RedisStore(await createClient().connect(), { prefix: "tidegate:sentiment:v2" });
 * ```
 *
 * The prefix is in braces in every key, so that a cluster keeps a model's keys together.
 */
export class RedisStore implements FeedbackStore {
  readonly #send: (command: string[]) => Promise<unknown>;
  readonly #prefix: string;
  readonly #scripts = new Map<string, Promise<string>>();

  constructor(client: RedisClient, { prefix = "tidegate:feedback" }: RedisStoreOptions = {}) {
    this.#send = sender(client);
    if (/[{}]/.test(prefix)) throw new TidegateError("InvalidOptions", "options: prefix must have no braces");
    this.#prefix = `{${prefix}}:`;
  }

  async addPrediction(id: string, prediction: StoredPrediction, retention: Retention): Promise<PredictionOutcome> {
    const { features, ...judged } = prediction;
    const text = [JSON.stringify(judged), JSON.stringify(features ?? null), nameOf(prediction.prediction)];
    return (await this.#run(ADD_PREDICTION, id, prediction.at, retention, text)) as PredictionOutcome;
  }

  async addLabel(id: string, label: StoredLabel, retention: Retention): Promise<LabelOutcome> {
    const text = [JSON.stringify(label.label), nameOf(label.label)];
    return (await this.#run(ADD_LABEL, id, label.at, retention, text)) as LabelOutcome;
  }

  async prediction(id: string): Promise<StoredPrediction | undefined> {
    const found = await this.#send(["HMGET", this.#key(`id:${id}`), "prediction", "features"]);
    const [prediction, features] = found as [string | null, string | null];
    if (prediction == null) return undefined;
    return { ...JSON.parse(prediction), ...(features && features !== "null" && { features: JSON.parse(features) }) };
  }

  async counts(): Promise<StoreCounts> {
    const of = pairs(await this.#send(["HGETALL", this.#key("counts")]));
    const count = (name: string) => Number(of.get(name) ?? 0);
    return {
      predictions: count("predictions"),
      repeated: count("repeated"),
      joined: count("joined"),
      duplicate: count("duplicate"),
      contradicting: count("contradicting"),
      late: count("late"),
      unknown: count("unknown"),
      // What Redis forgets when it is full, it does not say.
      forgotten: 0,
      over_capacity: count("over_capacity"),
    };
  }

  async days(): Promise<StoredDay[]> {
    const names = (await this.#send(["SMEMBERS", this.#key("days")])) as Iterable<string>;
    const days: StoredDay[] = [];
    for (const name of [...names].sort((a, b) => Number(a) - Number(b))) {
      const of = pairs(await this.#send(["HGETALL", this.#key(`day:${name}`)]));
      // A day whose counts have expired is still a member, until someone looks.
      if (of.size === 0) await this.#send(["SREM", this.#key("days"), name]);
      else days.push(storedDay(Number(name), of));
    }
    return days;
  }

  async judged(day: number): Promise<JudgedPrediction[]> {
    const rows = (await this.#send(["HVALS", this.#key(`rows:${day}`)])) as string[];
    return rows.map((row) => {
      const [prediction, label, lag] = JSON.parse(row) as [StoredPrediction, JudgedPrediction["label"], string];
      return { ...prediction, label, lag_seconds: Number(lag) };
    });
  }

  #key(name: string): string {
    return this.#prefix + name;
  }

  /** Keys are named here and in the scripts, which know the day of a prediction only when they have read it. */
  async #run(script: string, id: string, at: number, retention: Retention, text: string[]): Promise<unknown> {
    const { retention_seconds, late_seconds, day_capacity } = retention;
    const keep = Math.ceil(retention_seconds + late_seconds);
    const numbers = [at, dayOf(at), retention_seconds, keep, 2 * keep + DAY_SECONDS, day_capacity].map(String);
    const bounds = LAG_SECONDS_BUCKETS.join(" ");
    const args = [this.#key(`id:${id}`), this.#prefix, id, ...numbers, bounds, ...text];
    const sha = await this.#load(script);
    return this.#send(["EVALSHA", sha, "1", ...args]).catch((error: unknown) => {
      // A server that was started again has forgotten its scripts.
      if (!/NOSCRIPT/.test(String(error))) throw error;
      return this.#send(["EVAL", script, "1", ...args]);
    });
  }

  #load(script: string): Promise<string> {
    let sha = this.#scripts.get(script);
    if (sha === undefined) {
      sha = this.#send(["SCRIPT", "LOAD", script]) as Promise<string>;
      this.#scripts.set(script, sha);
      sha.catch(() => this.#scripts.delete(script));
    }
    return sha;
  }
}

function sender(client: RedisClient): (command: string[]) => Promise<unknown> {
  if (typeof client === "function") return client;
  // ioredis has a sendCommand too, which takes something else.
  if ("call" in client && typeof client.call === "function") {
    return ([name = "", ...args]) => client.call(name, ...args);
  }
  if ("sendCommand" in client && typeof client.sendCommand === "function") {
    return (command) => client.sendCommand(command);
  }
  const message = "the client is none of the packages redis or ioredis, and no function that sends a command";
  throw new TidegateError("InvalidOptions", message);
}

/** A hash as a client gives it: a flat list, a Map or an object. */
function pairs(reply: unknown): Map<string, string> {
  if (reply instanceof Map) return reply;
  if (!Array.isArray(reply)) return new Map(Object.entries((reply ?? {}) as Record<string, string>));
  return new Map(reply.flatMap((name, i) => (i % 2 === 0 ? [[name as string, reply[i + 1] as string]] : [])));
}

function storedDay(day: number, of: Map<string, string>): StoredDay {
  const count = (name: string) => Number(of.get(name) ?? 0);
  return {
    day,
    predictions: count("predictions"),
    labelled: count("labelled"),
    right: count("right"),
    lags: Array.from({ length: LAG_SECONDS_BUCKETS.length + 1 }, (_, bucket) => count(`lag:${bucket}`)),
  };
}
