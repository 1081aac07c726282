// The compiled core: loaded on first use, once.

import * as bindings from "./tidegate_js.js";
import { WasmModule, type WasmSource } from "./wasm-module.js";

export type { WasmSource };

/**
 * The core.
 *
 * @internal
 */
export const coreModule = new WasmModule(bindings, "tidegate.wasm", () => new URL("./tidegate.wasm", import.meta.url));

/**
 * Loads the core, unless it is loaded already. Nothing needs to call this: it is for a place where
 * the package's own `tidegate.wasm` cannot be fetched, and for loading before the first use.
 */
export async function initialize(source?: WasmSource): Promise<void> {
  await coreModule.load(source);
}

/**
 * The core's functions.
 *
 * @internal
 */
export function core(): Promise<typeof bindings> {
  return coreModule.load();
}
