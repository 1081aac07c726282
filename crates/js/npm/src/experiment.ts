// What an experiment says of its variants, how large it must be, and which variant a unit gets.

import type { Cell } from "./arrays.js";
import { TidegateError, locate } from "./error.js";
import { defined, withTables } from "./evaluate.js";
import type { ReadOptions, TableInput } from "./read-table.js";
import { core } from "./wasm.js";
import type {
  DesignOptions,
  ExperimentAnalysisOptions,
  ExperimentDesign,
  ExperimentReport,
} from "./wire.js";

/** What is known of a variant: how many of its units succeeded, or what each was worth. */
export type VariantData = { name: string } & (
  | { successes: number; trials: number }
  /** `variance` with the divisor `count - 1`. */
  | { count: number; mean: number; variance: number }
  /** One value a unit; `covariates`, what was known of each before the experiment, `NaN` where nothing was. */
  | { values: ArrayLike<number>; covariates?: ArrayLike<number> }
);

/** Options of an analysis. */
export type ExperimentListsOptions = Pick<
  ExperimentAnalysisOptions,
  "alpha" | "control" | "missing" | "tuning_count" | "weights"
>;

/** Options of an analysis of a table: which columns hold what, and how it is read. */
export type ExperimentTableOptions = Omit<ExperimentAnalysisOptions, "variants"> &
  Pick<ReadOptions, "kinds" | "signal" | "onProgress">;

/**
 * Compares the variants of an experiment with the first of them, the control: two proportions or Welch's test with
 * the lift and its interval; the same, valid however often it is looked at; the chance that a variant is better; with
 * covariates, CUPED; with weights, whether units were split as planned.
 *
 * ```js
 * const { variants } = await experiment([
 *   { name: "old", successes: 120, trials: 1000 },
 *   { name: "new", successes: 150, trials: 1000 },
 * ]);
 * variants[1].effect.fixed.lift.value; // 0.25
 * ```
 *
 * @throws TidegateError if a variant's numbers do not fit, or an option is not understood.
 */
export async function experiment(
  variants: readonly VariantData[],
  options: ExperimentListsOptions = {},
): Promise<ExperimentReport> {
  const lists = variants.filter((variant) => "values" in variant);
  if (lists.length === 0) {
    const { experiment } = await core();
    const asked = JSON.stringify({ ...options, variants }, finite);
    return JSON.parse(locate(undefined, () => experiment(asked)));
  }
  if (lists.length < variants.length) {
    const message = "variants need the same kind of outcome: values of all of them, or of none";
    throw new TidegateError("InvalidOptions", message);
  }
  const input = { ...columnsOf(lists) };
  const covariate = "covariates" in input ? { covariate: "covariates" } : {};
  const asked = { ...options, variant: "variants", outcome: "values", ...covariate };
  return withTables([{ input, label: "" }], {}, (bindings, table) =>
    bindings.experimentOfTable(table!.handle, JSON.stringify(asked)),
  );
}

/**
 * The same of a table with a row a unit: its variant, its outcome (a number; or a success, as 0 and 1 or `false` and
 * `true`), and perhaps a covariate.
 *
 * @throws TidegateError if the table cannot be read, or its columns are not what the options say.
 */
export async function experimentOfTable(
  input: TableInput,
  options: ExperimentTableOptions,
): Promise<ExperimentReport> {
  const { kinds, signal, onProgress, ...asked } = options;
  return withTables([{ input, label: "table" }], defined({ kinds, signal, onProgress }), (bindings, table) =>
    bindings.experimentOfTable(table!.handle, JSON.stringify(asked)),
  );
}

/**
 * Finds the third of an experiment's effect, size and power.
 *
 * ```js
 * (await experimentDesign({ reference_rate: 0.1, current_rate: 0.12 })).counts; // { reference: 3841, current: 3841 }
 * ```
 *
 * @throws TidegateError if not exactly one is missing, or no experiment is like that.
 */
export async function experimentDesign(options: DesignOptions): Promise<ExperimentDesign> {
  const { experimentDesign } = await core();
  return JSON.parse(locate(undefined, () => experimentDesign(JSON.stringify(options, finite))));
}

/**
 * The variant that a unit gets, of variants with such shares: the same as at Tidegate's gateway and in GrowthBook's
 * SDKs, with nothing stored.
 *
 * @throws TidegateError if the weights are no shares.
 */
export async function assignVariant<T extends { name: string; weight: number }>(
  experiment: string,
  unit: string,
  variants: readonly T[],
): Promise<T> {
  const weights = Float64Array.from(variants, ({ weight }) => weight);
  const sum = weights.reduce((sum, weight) => sum + weight, 0);
  if (!weights.every((weight) => weight >= 0) || !(Math.abs(sum - 1) < 1e-9)) {
    throw new TidegateError("InvalidOptions", `the weights of experiment ${JSON.stringify(experiment)} must sum to 1`);
  }
  const { variantOf } = await core();
  return variants[variantOf(experiment, unit, weights)!]!;
}

/** One row a unit. */
function columnsOf(variants: readonly Extract<VariantData, { values: unknown }>[]): Record<string, ArrayLike<Cell>> {
  const names: string[] = [];
  const values: number[] = [];
  const covariates: number[] = [];
  const any = variants.some((variant) => variant.covariates !== undefined);
  for (const [index, variant] of variants.entries()) {
    if (variants.findIndex(({ name }) => name === variant.name) < index) {
      throw new TidegateError("InvalidOptions", `two variants are named ${JSON.stringify(variant.name)}`);
    }
    const { length } = variant.values;
    const known = variant.covariates?.length ?? length;
    if (known !== length) {
      const message = `variant ${JSON.stringify(variant.name)} has ${length} values and ${known} covariates`;
      throw new TidegateError("ColumnLength", message);
    }
    for (let unit = 0; unit < length; unit += 1) {
      names.push(variant.name);
      values.push(variant.values[unit]!);
      if (any) covariates.push(variant.covariates?.[unit] ?? NaN);
    }
  }
  return { variants: names, values, ...(any && { covariates }) };
}

/** JSON makes `null` of numbers that are not finite; a name says better that they are wrong. */
function finite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TidegateError("NotFinite", `${key} is ${value}, and must be finite`);
  }
  return value;
}
