// Arrays of numbers on their way into the module: what is no number is refused where it stands.

import { describe, isNumbers } from "../column.js";
import { TidegateError } from "../error.js";

/** Numbers in any array. */
export type Numbers = ArrayLike<number>;

/** An array as the module takes it, any number in it. */
export function numbersOf(values: Numbers, label: string): Float64Array {
  if (values instanceof Float64Array) return values;
  if (typeof values !== "object" || values === null || typeof values.length !== "number") {
    throw new TidegateError("InvalidInput", `${label} is ${describe(values)}, not an array of numbers`);
  }
  const list: ArrayLike<unknown> = values;
  if (isNumbers(list)) return new Float64Array(list);
  const all = new Float64Array(list.length);
  for (let i = 0; i < all.length; i++) {
    const value = list[i];
    if (typeof value !== "number" && typeof value !== "bigint") throw refused(label, i, value);
    all[i] = Number(value);
  }
  return all;
}

/** The same where each must be finite. */
export function finiteOf(values: Numbers, label: string): Float64Array {
  const all = numbersOf(values, label);
  const at = all.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw refused(label, at, all[at]);
  return all;
}

function refused(label: string, at: number, value: unknown): TidegateError {
  const advice = "give finite numbers, and leave out what is missing";
  return new TidegateError("NotFinite", `${label}[${at}] is ${describe(value)}: ${advice}`);
}
