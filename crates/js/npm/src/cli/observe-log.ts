// Access logs of a gateway, read into an observatory.

import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { recordIn } from "../access-log.js";
import { TidegateError } from "../error.js";
import { Observatory } from "../node.js";
import type { ObservatoryOptions, Snapshot } from "../wire.js";
import { refuse } from "./open-file.js";

/** What a log says, and how many of its lines say it. */
export interface ObservedLog {
  snapshot: Snapshot;
  metrics: string;
  records: number;
  /** Lines without a record: requests that asked no model, and what else is in the log. */
  others: number;
  /** Records that are no event that is known, and the first reason. */
  refused: number;
  reason: string | undefined;
}

/** Records that are handed over at once. */
const BATCH = 1000;

/** Counts what the logs say, as a gateway would have at the time; `-` is standard input. */
export async function observeLogs(
  paths: readonly string[],
  options: ObservatoryOptions,
  onProgress: (records: number) => void = () => {},
): Promise<ObservedLog> {
  const observatory = await Observatory.create(options);
  try {
    let batch: string[] = [];
    let [records, others, refused, newest] = [0, 0, 0, 0];
    let reason: string | undefined;
    const handOver = () => {
      if (batch.length === 0) return;
      const taken = observatory.observe(batch.join("\n"), newest);
      records += taken.taken;
      refused += taken.refused.length;
      reason ??= taken.refused[0]?.reason;
      batch = [];
      observatory.tick(newest);
      onProgress(records);
    };
    for (const path of paths) {
      for await (const line of linesOf(path)) {
        const record = recordIn(line);
        if (record === undefined) {
          others += line.trim() === "" ? 0 : 1;
          continue;
        }
        const at = timeOf(record);
        // A tick a second, as a gateway has, for alerts that look back.
        if (batch.length >= BATCH || (batch.length > 0 && at >= Math.floor(newest) + 1)) handOver();
        newest = Math.max(newest, at);
        batch.push(record);
      }
    }
    handOver();
    if (records === 0) {
      const why = reason === undefined ? "" : `: ${reason}`;
      throw new TidegateError("NothingKnown", `${paths.join(", ")}: no record of a request is in it${why}`);
    }
    return { snapshot: observatory.snapshot(), metrics: observatory.prometheus(), records, others, refused, reason };
  } finally {
    observatory.free();
  }
}

/** The observatory's options in a file of JSON. */
export async function readOptions(path: string | undefined): Promise<ObservatoryOptions> {
  if (path === undefined) return {};
  const text = await readFile(path, "utf8").catch((error) => refuse(path, error));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TidegateError("UnknownFile", `${path}: this is no JSON`, { cause });
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const input = path === "-" ? process.stdin : createReadStream(path);
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    refuse(path === "-" ? "standard input" : path, error as NodeJS.ErrnoException);
  }
}

/** The filter writes the time first; what has none counts at the time of the record before it. */
function timeOf(record: string): number {
  const time = Number(/"at":([0-9.eE+-]+)/.exec(record)?.[1]);
  return Number.isFinite(time) ? time : 0;
}
