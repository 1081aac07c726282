// What `tidegate compare` can be asked beside the columns' own tests: chunks, whole rows, other tools.

import { TidegateError } from "../error.js";
import type { ChunkOptions, MultivariateMethod, Peer } from "../wire.js";

export const COMPARING_OPTIONS = {
  "chunk-rows": { type: "string" },
  "chunk-period": { type: "string" },
  time: { type: "string" },
  "in-time-order": { type: "boolean" },
  like: { type: "string" },
  multivariate: { type: "string" },
  "segment-by": { type: "string" },
} as const;

export const COMPARING_HELP = `    --chunk-rows N          compare CURRENT in chunks of N rows, and show drift over time
    --chunk-period 1d       the same in periods of minutes, hours, days or weeks: 30m, 12h, 1d, 2w
    --time COLUMN           the times of the rows: seconds since 1970, or text such as 2026-07-01T12:30:00Z
    --in-time-order         the rows of both are in the order of time: those alike to the rows before count for less
    --multivariate A,B      compare whole rows too: mmd, pca_reconstruction, domain_classifier, or "all"
    --segment-by COLUMN     compare each category of it, or each quarter of its numbers, by itself too
    --like TOOL             show what another tool would print: evidently, nannyml, tfdv, deepchecks, whylogs, frouros`;

export interface Comparing {
  chunks: ChunkOptions | undefined;
  inTimeOrder: boolean;
  like: readonly Peer[];
  multivariate: readonly MultivariateMethod[];
  segmentBy: string | undefined;
}

const ROWS_METHODS: readonly MultivariateMethod[] = ["mmd", "pca_reconstruction", "domain_classifier"];
const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

type Given = Partial<Record<Exclude<keyof typeof COMPARING_OPTIONS, "in-time-order">, string>> & {
  "in-time-order"?: boolean;
};

/** How CURRENT is cut, of those options. */
export function chunking(values: Given): ChunkOptions | undefined {
  return chunks(values["chunk-rows"], values["chunk-period"], values.time);
}

/** Those options as they were given. The core knows which methods and tools there are, and says so. */
export function comparing(values: Given): Comparing {
  const list = (text: string | undefined) => text?.split(",").map((name) => name.trim()) ?? [];
  const { multivariate, like } = values;
  return {
    chunks: chunking(values),
    inTimeOrder: values["in-time-order"] ?? false,
    like: list(like) as Peer[],
    multivariate: multivariate === "all" ? ROWS_METHODS : (list(multivariate) as MultivariateMethod[]),
    segmentBy: values["segment-by"],
  };
}

function chunks(rows?: string, period?: string, time?: string): ChunkOptions | undefined {
  if (rows !== undefined && period !== undefined) {
    throw usage("chunks are either of so many rows or of a period: give one of --chunk-rows and --chunk-period");
  }
  const at = time === undefined ? {} : { time };
  if (rows !== undefined) {
    if (!/^[1-9]\d{0,14}$/.test(rows)) throw usage(`--chunk-rows takes a whole number from 1, and got "${rows}"`);
    return { rows: Number(rows), ...at };
  }
  if (period !== undefined) {
    const [, count, unit = ""] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(period) ?? [];
    const seconds = Number(count) * (UNITS[unit] ?? Number.NaN);
    if (!(seconds > 0)) throw usage(`--chunk-period takes such as 30m, 12h, 1d or 2w, and got "${period}"`);
    if (time === undefined) throw usage("--chunk-period needs --time, the column of the rows' times");
    return { period_seconds: seconds, ...at };
  }
  if (time !== undefined) throw usage("--time goes with --chunk-rows or --chunk-period");
  return undefined;
}

function usage(message: string): TidegateError {
  return new TidegateError("Usage", `${message}; see tidegate --help`);
}
