// Quantiles of what is too long to keep.

import { locate } from "../error.js";
import { Held } from "../held.js";
import type { QuantileSketch as Handle } from "../tidegate_stats.js";
import { type Numbers, numbersOf } from "./numbers.js";
import { statisticsModule } from "./wasm.js";

/**
 * A KLL sketch: the quantiles of a stream in a few kilobytes, mergeable, in the bytes of Apache DataSketches.
 *
 * ```js
 * const sketch = await QuantileSketch.create();
 * for await (const { latency } of requests) sketch.push(latency);
 * sketch.quantile(0.99);
 * ```
 *
 * It lives in WebAssembly's memory: call `free` when it is no longer needed.
 */
export class QuantileSketch {
  readonly #held: Held<Handle>;

  private constructor(handle: Handle) {
    this.#held = new Held(handle, "sketch");
  }

  /** A sketch of nothing. A larger `k`, from 8 to 65,535, is closer to the truth and takes more room; 200 by default. */
  static async create(options: { k?: number } = {}): Promise<QuantileSketch> {
    const bindings = await statisticsModule.load();
    return new QuantileSketch(locate(undefined, () => new bindings.QuantileSketch(options.k)));
  }

  /** A sketch out of bytes, of this class or of Apache DataSketches' `kll_doubles_sketch`. */
  static async fromBytes(bytes: Uint8Array): Promise<QuantileSketch> {
    const bindings = await statisticsModule.load();
    return new QuantileSketch(locate(undefined, () => bindings.QuantileSketch.decode(bytes)));
  }

  /** Adds a value, or each of an array; those that are not finite are ignored. */
  push(values: number | Numbers): void {
    if (typeof values === "number") this.handle.push(values);
    else this.handle.pushAll(numbersOf(values, "values"));
  }

  /** Adds all that another sketch has seen. */
  merge(other: QuantileSketch): void {
    locate(undefined, () => this.handle.merge(other.handle));
  }

  /** Values seen. */
  get count(): number {
    return this.handle.count;
  }

  /** The smallest value and the largest; `null` of an empty sketch. */
  get range(): [number, number] | null {
    const [low, high] = this.handle.range() ?? [];
    return low === undefined || high === undefined ? null : [low, high];
  }

  /** The value at or below which a share `q` of all lies, from 0 to 1; `null` of an empty sketch. */
  quantile(q: number): number | null {
    return this.handle.quantile(q) ?? null;
  }

  /** The share of the values at or below this one; `null` of an empty sketch. */
  rank(value: number): number | null {
    return this.handle.rank(value) ?? null;
  }

  /** How far the shares of all values are from the truth at most, 99 times in 100. */
  get rankError(): number {
    return this.handle.rankError;
  }

  /** Its bytes, in the form of Apache DataSketches. */
  toBytes(): Uint8Array {
    return this.handle.encode();
  }

  /** @internal */
  get handle(): Handle {
    return this.#held.handle;
  }

  /** Gives the memory back. The sketch cannot be used after it. */
  free(): void {
    this.#held.free();
  }
}
