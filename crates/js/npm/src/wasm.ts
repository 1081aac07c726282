// The compiled core: loaded on first use, once.

import initialiseBindings, { type InitInput } from "./tidegate_js.js";
import * as bindings from "./tidegate_js.js";
import { located } from "./error.js";

/**
 * What the core can be made from: its bytes, a compiled `WebAssembly.Module`, a `Response`, or a `URL` to
 * fetch. No more than an object to the compiler, for Node's own types do not know the second.
 */
export type WasmSource = object;

let ready: Promise<typeof bindings> | undefined;
let ownSource: () => WasmSource | Promise<WasmSource> = () => new URL("./tidegate.wasm", import.meta.url);

/** Where the core comes from when no one says: a host that cannot fetch a URL sets its own way. */
export function setWasmSource(source: () => WasmSource | Promise<WasmSource>): void {
  ownSource = source;
}

/**
 * Loads the core, unless it is loaded already. Nothing needs to call this: it is for a place where
 * the package's own `tidegate.wasm` cannot be fetched, and for loading before the first use.
 */
export async function initialize(source?: WasmSource): Promise<void> {
  await core(source);
}

/**
 * The core's functions.
 *
 * @internal
 */
export function core(source?: WasmSource): Promise<typeof bindings> {
  return (ready ??= load(source));
}

async function load(given?: WasmSource): Promise<typeof bindings> {
  const source = given ?? ownSource();
  try {
    await initialiseBindings({ module_or_path: source as InitInput | Promise<InitInput> });
    return bindings;
  } catch (error) {
    ready = undefined; // A later call may have more luck, or another source.
    const from = source instanceof URL ? ` from ${source}` : "";
    throw located(`tidegate.wasm could not be loaded${from}`, error);
  }
}
