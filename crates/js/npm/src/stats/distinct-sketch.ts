// How many different items there are in what is too long to keep.

import { describe } from "../column.js";
import { locate, TidegateError } from "../error.js";
import { Held } from "../held.js";
import type { DistinctSketch as Handle } from "../tidegate_stats.js";
import { statisticsModule } from "./wasm.js";

/**
 * An HLL sketch: the number of different items of a stream in a few kilobytes, mergeable, in the bytes of Apache
 * DataSketches.
 *
 * It lives in WebAssembly's memory: call `free` when it is no longer needed.
 */
export class DistinctSketch {
  readonly #held: Held<Handle>;

  private constructor(handle: Handle) {
    this.#held = new Held(handle, "sketch");
  }

  /** A sketch of nothing, with `2 ** lg_k` registers, from 4 to 21; 12 by default, which is right to 1.6 %. */
  static async create(options: { lg_k?: number } = {}): Promise<DistinctSketch> {
    const bindings = await statisticsModule.load();
    return new DistinctSketch(locate(undefined, () => new bindings.DistinctSketch(options.lg_k)));
  }

  /** A sketch out of bytes, of this class or of Apache DataSketches' `hll_sketch`. */
  static async fromBytes(bytes: Uint8Array): Promise<DistinctSketch> {
    const bindings = await statisticsModule.load();
    return new DistinctSketch(locate(undefined, () => bindings.DistinctSketch.decode(bytes)));
  }

  /** Adds an item: an empty text is none, and the number 1 is another than the text `1`. */
  push(item: string | number): void {
    if (typeof item === "number") this.#open.pushNumber(item);
    else if (typeof item === "string") this.#open.pushText(item);
    else throw new TidegateError("InvalidInput", `an item is a text or a number, and not ${describe(item)}`);
  }

  /** Adds all that another sketch has seen. */
  merge(other: DistinctSketch): void {
    this.#open.merge(other.#open);
  }

  /** Different items seen, about. */
  get estimate(): number {
    return this.#open.estimate();
  }

  /** The standard error of the estimate, as a share of it. */
  get relativeError(): number {
    return this.#open.relativeError;
  }

  /** Its bytes, in the form of Apache DataSketches. */
  toBytes(): Uint8Array {
    return this.#open.encode();
  }

  get #open(): Handle {
    return this.#held.handle;
  }

  /** Gives the memory back. The sketch cannot be used after it. */
  free(): void {
    this.#held.free();
  }
}
