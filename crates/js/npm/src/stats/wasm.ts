// The compiled statistics: loaded on first use, once.

import * as bindings from "../tidegate_stats.js";
import { WasmModule, type WasmSource } from "../wasm-module.js";

/**
 * The statistics.
 *
 * @internal
 */
export const statisticsModule = new WasmModule(
  bindings,
  "tidegate-stats.wasm",
  () => new URL("../tidegate-stats.wasm", import.meta.url),
);

/**
 * Loads the statistics, unless they are loaded already. Nothing needs to call this: it is for a place where the
 * package's own `tidegate-stats.wasm` cannot be fetched, and for loading before the first use.
 */
export async function initialize(source?: WasmSource): Promise<void> {
  await statisticsModule.load(source);
}
