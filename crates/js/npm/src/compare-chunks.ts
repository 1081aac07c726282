// A table in chunks of rows or of time, each compared with a reference: drift over time.

import type { CompareOptions } from "./compare.js";
import { locate } from "./error.js";
import { readTable, type TableInput } from "./read-table.js";
import type { ChunkedReport, ChunkOptions } from "./wire.js";
import { core } from "./wasm.js";

/**
 * Cuts the current table into chunks of so many rows, or of a period of its time column, and compares each with the
 * reference.
 *
 * ```js
 * const { chunks } = await compareChunks(reference, current, { period_seconds: 86_400, time: "timestamp" });
 * const drifted = chunks.filter(({ report }) => report.verdict === "drift").map((chunk) => chunk.from_seconds);
 * ```
 *
 * @throws TidegateError if a table cannot be read, an option is not understood, or a row has no time.
 */
export async function compareChunks(
  reference: TableInput,
  current: TableInput,
  by: ChunkOptions,
  options: CompareOptions = {},
): Promise<ChunkedReport> {
  const { methods, kinds, alpha, effect_floor, compatibility, multivariate, segment_by } = options;
  const bindings = await core();
  const one = await readTable(reference, { ...options, label: "reference" });
  try {
    const other = await readTable(current, { ...options, label: "current" });
    try {
      const chosen = { methods, kinds, alpha, effect_floor, compatibility, multivariate, segment_by };
      const asked = JSON.stringify(chosen);
      const json = JSON.stringify(by);
      return JSON.parse(
        locate(undefined, () => bindings.compareChunks(one.handle, other.handle, json, asked)),
      );
    } finally {
      if (other !== current) other.free();
    }
  } finally {
    if (one !== reference) one.free();
  }
}
