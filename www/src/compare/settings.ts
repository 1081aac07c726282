/** How two tables are compared, where a person wants it otherwise. */

import type { CompareOptions, Method } from "tidegate";

export interface Settings {
  /** The accepted chance of a false alarm, in `(0, 1)`. */
  alpha: number;
  /** The method that decides where it fits a column; `null` is the usual one of each kind. */
  method: Method | null;
  /** Columns of numbers that are read as categories. */
  categories: readonly string[];
}

export const USUAL: Settings = { alpha: 0.05, method: null, categories: [] };

/** Methods that can decide, of numbers or of categories. */
export const DECIDING: readonly Method[] = [
  "kolmogorov_smirnov",
  "anderson_darling",
  "cramer_von_mises",
  "mann_whitney",
  "welch_t",
  "wasserstein",
  "energy",
  "chi_square",
  "psi",
  "jensen_shannon",
  "hellinger",
  "total_variation",
];

/** Shown beside the deciding one, and decide where it does not fit. */
const OTHERS: readonly Method[] = [
  "kolmogorov_smirnov",
  "chi_square",
  "psi",
  "wasserstein",
  "jensen_shannon",
];

export type ChosenOptions = Pick<CompareOptions, "alpha" | "methods" | "kinds">;

/** The settings as the package takes them; of the usual ones nothing. */
export function optionsOf({ alpha, method, categories }: Settings): ChosenOptions {
  return {
    ...(alpha !== USUAL.alpha && { alpha }),
    ...(method !== null && { methods: [method, ...OTHERS.filter((other) => other !== method)] }),
    ...(categories.length > 0 && {
      kinds: Object.fromEntries(categories.map((name) => [name, "categorical" as const])),
    }),
  };
}
