// One column on its way from JavaScript values to what the core takes: numbers, or codes and levels.

import { TidegateError } from "./error.js";
import type { ColumnKind } from "./wire.js";

/** A column as the core takes it. */
export type CollectedColumn =
  { kind: "numeric"; values: Float64Array } | { kind: "categorical"; codes: Uint32Array; levels: string[] };

/** A column of a table, or why it could not be read. */
export type TableColumn = { name: string } & ({ column: CollectedColumn } | { unread: string });

/** Kinds declared for columns, by their names. */
export type Kinds = Readonly<Record<string, ColumnKind>>;

/** The code of a missing category. */
export const MISSING = 0xffff_ffff;

/** Says where a value stands, such as `reference.age[3]`. */
export type Locate = (index: number) => string;

/**
 * Gathers a column's values, in any number of pieces.
 *
 * The first value that is present decides the kind, unless one is declared: numbers, bigints and
 * dates make a numeric column, strings and booleans a categorical one. A date counts as its seconds
 * since 1970. `null`, `undefined`, `NaN` and invalid dates are missing. A column without any value
 * is numeric.
 */
export class ColumnCollector {
  readonly #name: string;
  readonly #locate: Locate;
  readonly #declared: ColumnKind | undefined;
  #kind: ColumnKind | undefined;
  #length = 0;
  #values = new Float64Array();
  #codes = new Uint32Array();
  readonly #levels = new Map<string, number>();

  constructor(name: string, locate: Locate, kind?: ColumnKind) {
    this.#name = name;
    this.#locate = locate;
    this.#declared = kind;
    if (kind !== undefined) this.#become(kind);
  }

  /** Values so far, missing ones too. */
  get length(): number {
    return this.#length;
  }

  push(value: unknown): void {
    const index = this.#length;
    this.padTo(index + 1);
    this.#set(index, value);
  }

  /** Adds missing values until there are `length`. */
  padTo(length: number): void {
    if (length <= this.#length) return;
    this.#length = length;
    this.#reserve();
  }

  pushAll(values: ArrayLike<unknown>): void {
    const start = this.#length;
    this.padTo(start + values.length);
    if (isNumbers(values) && values.length > 0) {
      if (this.#kind === undefined) this.#become("numeric");
      if (this.#kind === "numeric") return this.#values.set(values, start);
    }
    for (let i = 0; i < values.length; i++) this.#set(start + i, values[i]);
  }

  finish(): CollectedColumn {
    if (this.#kind === "categorical") {
      const codes = this.#codes.subarray(0, this.#length);
      return { kind: "categorical", codes, levels: [...this.#levels.keys()] };
    }
    if (this.#kind === undefined) this.#become("numeric");
    return { kind: "numeric", values: this.#values.subarray(0, this.#length) };
  }

  #set(index: number, value: unknown): void {
    if (value === null || value === undefined) return;
    if (typeof value === "number") {
      if (!Number.isNaN(value)) this.#setNumber(index, value, value);
    } else if (typeof value === "string" || typeof value === "boolean") {
      this.#setText(index, value);
    } else if (typeof value === "bigint") {
      this.#setNumber(index, Number(value), value);
    } else if (value instanceof Date) {
      const seconds = value.getTime() / 1000;
      if (!Number.isNaN(seconds)) this.#setNumber(index, seconds, seconds);
    } else {
      throw this.#refused("UnknownValue", index, value, "a column holds numbers, dates, strings or booleans");
    }
  }

  #setNumber(index: number, number: number, value: number | bigint): void {
    if (this.#kind === undefined) this.#become("numeric");
    if (this.#kind === "numeric") this.#values[index] = number;
    else if (this.#declared === "categorical") this.#setLevel(index, String(value));
    else throw this.#refused("MixedColumn", index, value, this.#advice("text or booleans"));
  }

  #setText(index: number, value: string | boolean): void {
    if (this.#kind === undefined) this.#become("categorical");
    if (this.#kind === "categorical") return this.#setLevel(index, String(value));
    if (this.#declared === undefined)
      throw this.#refused("MixedColumn", index, value, this.#advice("numbers"));
    if (String(value).trim() === "") return;
    const number = Number(value);
    if (Number.isNaN(number))
      throw this.#refused("NotNumeric", index, value, "the column was declared numeric");
    this.#values[index] = number;
  }

  #setLevel(index: number, level: string): void {
    let code = this.#levels.get(level);
    if (code === undefined) {
      code = this.#levels.size;
      this.#levels.set(level, code);
    }
    this.#codes[index] = code;
  }

  #become(kind: ColumnKind): void {
    this.#kind = kind;
    this.#reserve();
  }

  /** Makes room for `#length` values; what is not set stays missing. */
  #reserve(): void {
    if (this.#kind === "numeric" && this.#values.length < this.#length) {
      const values = this.#values;
      this.#values = new Float64Array(roomFor(this.#length, values.length));
      this.#values.set(values);
      this.#values.fill(NaN, values.length);
    } else if (this.#kind === "categorical" && this.#codes.length < this.#length) {
      const codes = this.#codes;
      this.#codes = new Uint32Array(roomFor(this.#length, codes.length));
      this.#codes.set(codes);
      this.#codes.fill(MISSING, codes.length);
    }
  }

  #advice(held: string): string {
    const kinds = `kinds: { ${JSON.stringify(this.#name)}: "categorical" }`;
    return `the values before it are ${held}; to read all of them as categories, pass ${kinds}`;
  }

  #refused(code: string, index: number, value: unknown, why: string): TidegateError {
    return new TidegateError(code, `${this.#locate(index)} is ${describe(value)}: ${why}`);
  }
}

/** Whether a value of the array can be nothing but a number. */
export function isNumbers(values: ArrayLike<unknown>): values is ArrayLike<number> {
  return ArrayBuffer.isView(values) && !(values instanceof BigInt64Array || values instanceof BigUint64Array);
}

/** Doubling keeps pushing one value at a time linear; one large piece gets what it needs. */
function roomFor(length: number, capacity: number): number {
  return capacity === 0 ? length : Math.max(length, 2 * capacity);
}

/** A value in a sentence: short, and on one line. */
export function describe(value: unknown): string {
  if (typeof value === "string") {
    return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  }
  if (typeof value === "number" || typeof value === "bigint") return `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  if (value === null || value === undefined) return "missing";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return `an object (${value.constructor?.name ?? "without a class"})`;
  return `a ${typeof value}`;
}
