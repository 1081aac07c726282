import type { TableHandle } from "./tidegate_js.js";
import { Held } from "./held.js";
import type { ColumnKind } from "./wire.js";

/**
 * A table that has been read, to be compared or profiled more than once.
 *
 * It lives in WebAssembly's memory: call `free` when it is no longer needed.
 */
export class Table {
  readonly #held: Held<TableHandle>;

  /** Columns that could not be read, each with the reason. */
  readonly unread: readonly UnreadColumn[];

  /** @internal */
  constructor(handle: TableHandle, unread: readonly UnreadColumn[]) {
    this.#held = new Held(handle, "table");
    this.unread = unread;
  }

  /** Rows. */
  get rows(): number {
    return this.handle.rows;
  }

  /** The columns that were read, in order. */
  get columns(): readonly { name: string; kind: ColumnKind }[] {
    const { handle } = this;
    return handle.columns().map((name) => ({ name, kind: handle.kind(name) as ColumnKind }));
  }

  /** @internal */
  get handle(): TableHandle {
    return this.#held.handle;
  }

  /** Gives the memory back. The table cannot be used after it. */
  free(): void {
    this.#held.free();
  }
}

/** A column that could not be read. */
export interface UnreadColumn {
  name: string;
  reason: string;
}
