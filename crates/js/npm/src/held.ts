// What lives in WebAssembly's memory, until it is freed.

import { TidegateError } from "./error.js";

/** An object of the module's, which nobody can use once it is freed. */
export class Held<H extends { free(): void }> {
  readonly #what: string;
  #handle: H | undefined;

  constructor(handle: H, what: string) {
    this.#handle = handle;
    this.#what = what;
  }

  /** @throws TidegateError once it is freed. */
  get handle(): H {
    if (this.#handle === undefined) throw new TidegateError("Freed", `the ${this.#what} has been freed`);
    return this.#handle;
  }

  /** Gives the memory back; a second time it does nothing. */
  free(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }
}
