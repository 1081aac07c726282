// Two samples against each other, by as many methods as are asked for.

import { locate, located } from "../error.js";
import type { Asked } from "../tidegate_stats.js";
import type { Method, TestReport, Verdict } from "../wire.js";
import { finiteOf, type Numbers, numbersOf } from "./numbers.js";
import type { QuantileSketch } from "./quantile-sketch.js";
import { statisticsModule } from "./wasm.js";

/** What one method found: a test of a report, for which no other columns count. */
export type Test = Omit<TestReport, "p_adjusted" | "p_effective">;

/** How samples are compared. */
export interface TestOptions {
  /** The methods, in the order of the answer. */
  methods?: readonly Method[];
  /** The accepted chance of a false alarm, between 0 and 1; 0.05 by default. */
  alpha?: number;
  /** The smallest effect that matters, by method, in place of the default ones. */
  effect_floor?: Partial<Record<Method, number>>;
}

/** How counts are compared. */
export interface CompareCountsOptions extends TestOptions {
  /** Whether the bins are those between quantiles of the reference, as of `decileEdges`: its noise is allowed for. */
  on_quantiles?: boolean;
}

/**
 * Compares two samples of numbers, by Kolmogorov-Smirnov, the stability index and Wasserstein's distance where no
 * methods are given. Methods that need counts see both samples between the deciles of the reference.
 *
 * ```js
 * const [ks, psi] = await compareNumbers(lastYear, lastWeek, { methods: ["kolmogorov_smirnov", "psi"] });
 * if (ks.verdict === "drift") console.log(ks.effect, ks.p_value, psi.statistic);
 * ```
 *
 * @throws TidegateError if a sample is empty or holds a value that is no finite number.
 */
export async function compareNumbers(
  reference: Numbers,
  current: Numbers,
  options: TestOptions = {},
): Promise<Test[]> {
  const { compareNumbers: compare } = await statisticsModule.load();
  const samples = [finiteOf(reference, "reference"), finiteOf(current, "current")] as const;
  return tests(["kolmogorov_smirnov", "psi", "wasserstein"], options, (asked) => compare(...samples, asked));
}

/**
 * Compares two samples that were counted in the same categories or bins, by the chi-square test and the stability index
 * where no methods are given.
 *
 * @throws TidegateError if the two have other lengths, or hold what is no count.
 */
export async function compareCounts(
  reference: Numbers,
  current: Numbers,
  options: CompareCountsOptions = {},
): Promise<Test[]> {
  const { compareCounts: compare } = await statisticsModule.load();
  const samples = [finiteOf(reference, "reference"), finiteOf(current, "current")] as const;
  const onQuantiles = options.on_quantiles ?? false;
  return tests(["chi_square", "psi"], options, (asked) => compare(...samples, onQuantiles, asked));
}

/**
 * Compares what two sketches have seen, by Kolmogorov-Smirnov, the stability index and Wasserstein's distance where no
 * methods are given; what a sketch does not know counts against drift.
 *
 * @throws TidegateError if a sketch is empty, or a method needs all values.
 */
export async function compareSketches(
  reference: QuantileSketch,
  current: QuantileSketch,
  options: TestOptions = {},
): Promise<Test[]> {
  const { compareSketches: compare } = await statisticsModule.load();
  const [one, other] = [reference.handle, current.handle];
  return tests(["kolmogorov_smirnov", "psi", "wasserstein"], options, (asked) => compare(one, other, asked));
}

/** The inner edges of bins between the deciles of a sample: keep them, and a score means the same tomorrow. */
export async function decileEdges(reference: Numbers): Promise<Float64Array> {
  const { decileEdges: edges } = await statisticsModule.load();
  const sample = finiteOf(reference, "reference");
  return locate(undefined, () => edges(sample));
}

/** How many values fall into each bin: one more than there are inner edges, which rise. */
export async function binCounts(edges: Numbers, values: Numbers): Promise<Float64Array> {
  const { binCounts: counts } = await statisticsModule.load();
  const [inner, all] = [finiteOf(edges, "edges"), numbersOf(values, "values")];
  return locate(undefined, () => counts(inner, all));
}

/** How p-values are corrected for their number. */
export type Correction = "benjamini_hochberg" | "benjamini_yekutieli" | "holm";

/** p-values corrected for their number, in their order. */
export async function adjust(
  pValues: Numbers,
  correction: Correction = "benjamini_hochberg",
): Promise<Float64Array> {
  const bindings = await statisticsModule.load();
  const all = finiteOf(pValues, "p-values");
  return locate(undefined, () => bindings.adjust(all, correction));
}

const VERDICTS: readonly Verdict[] = ["no_drift", "drift", "insufficient_data"];

/** What each method found, out of the numbers that the module answers with. */
async function tests(
  usual: readonly Method[],
  { methods = usual, alpha, effect_floor = {} }: TestOptions,
  work: (asked: Asked) => Float64Array,
): Promise<Test[]> {
  const { Asked } = await statisticsModule.load();
  const [names, floors] = [Object.keys(effect_floor), Float64Array.from(Object.values(effect_floor))];
  let asked: Asked | undefined;
  try {
    asked = new Asked([...methods], alpha, names, floors);
    const found = work(asked);
    const width = found.length / methods.length;
    return methods.map((method, i) => test(method, found.subarray(i * width, (i + 1) * width)));
  } catch (error) {
    throw located(undefined, error);
  } finally {
    asked?.free();
  }
}

function test(method: Method, found: Float64Array): Test {
  const [statistic, p, effect, lower, upper, detectable_effect, effect_floor, threshold, verdict] =
    found as unknown as number[] as [number, number, number, number, number, number, number, number, 0 | 1 | 2];
  return {
    method,
    statistic,
    p_value: Number.isNaN(p) ? null : p,
    effect,
    interval: Number.isNaN(lower) ? null : [lower, upper],
    detectable_effect,
    effect_floor,
    threshold,
    verdict: VERDICTS[verdict] ?? "insufficient_data",
  };
}
