// A compiled module of the package: loaded on first use, once.

import { located } from "./error.js";

/**
 * What a module can be made from: its bytes, a compiled `WebAssembly.Module`, a `Response`, or a `URL` to
 * fetch. No more than an object to the compiler, for Node's own types do not know the second.
 */
export type WasmSource = object;

type OwnSource = () => WasmSource | Promise<WasmSource>;

/** A module and its bindings, whose default export loads them. */
export class WasmModule<B extends { default: (source: never) => Promise<unknown> }> {
  readonly #bindings: B;
  readonly #name: string;
  #ownSource: OwnSource;
  #ready: Promise<B> | undefined;

  constructor(bindings: B, name: string, ownSource: OwnSource) {
    this.#bindings = bindings;
    this.#name = name;
    this.#ownSource = ownSource;
  }

  /** Where it comes from when no one says: a host that cannot fetch a URL sets its own way. */
  set source(source: OwnSource) {
    this.#ownSource = source;
  }

  /** Its functions. */
  load(source?: WasmSource): Promise<B> {
    return (this.#ready ??= this.#load(source));
  }

  async #load(given?: WasmSource): Promise<B> {
    const source = given ?? this.#ownSource();
    try {
      await this.#bindings.default({ module_or_path: source } as never);
      return this.#bindings;
    } catch (error) {
      this.#ready = undefined; // A later call may have more luck, or another source.
      const from = source instanceof URL ? ` from ${source}` : "";
      throw located(`${this.#name} could not be loaded${from}`, error);
    }
  }
}
