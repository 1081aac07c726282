/** What each method is called, and what its numbers mean to a reader. */

import type { Method, TestReport, Verdict } from "tidegate";

import { formatNumber, formatPValue, formatScore } from "./format";

interface MethodText {
  /** Full name. */
  name: string;
  /** Name in a table cell. */
  short: string;
  /** Name of its effect. */
  effect: string;
  /** What it measures, in a sentence. */
  measures: string;
  /** What the effect says of these two samples. */
  reads: (effect: number) => string;
}

const METHODS: Partial<Record<string, MethodText>> = {
  kolmogorov_smirnov: {
    name: "Kolmogorov-Smirnov",
    short: "KS",
    effect: "largest gap D",
    measures: "The largest gap between the two cumulative distributions.",
    reads: (effect) =>
      `At the value where they are furthest apart, the shares of rows below it differ by ${formatScore(effect * 100)} points of 100.`,
  },
  cramer_von_mises: {
    name: "Cramér-von Mises test",
    short: "Cramér-von Mises",
    effect: "root mean square gap",
    measures: "The gap between the two cumulative distributions, over all rows instead of the worst place.",
    reads: (effect) =>
      `Over all rows, the shares of rows below a value differ by about ${formatScore(effect * 100)} points of 100.`,
  },
  anderson_darling: {
    name: "Anderson-Darling test",
    short: "Anderson-Darling",
    effect: "weighted root mean square gap",
    measures:
      "The gap between the two cumulative distributions, over all rows, each weighted by what chance would make it: the tails count as much as the middle.",
    reads: (effect) =>
      `Weighted so, the shares of rows below a value differ by about ${formatScore(effect * 100)} points of 100.`,
  },
  mann_whitney: {
    name: "Mann-Whitney test",
    short: "Mann-Whitney",
    effect: "rank-biserial correlation, 0 to 1",
    measures: "Of all pairs of a row of each table, in how many the one or the other is the larger.",
    reads: (effect) =>
      `Of 100 pairs of a row of each, about ${formatScore(50 + effect * 50)} go the same way; without a move it would be 50.`,
  },
  welch_t: {
    name: "Welch's t-test",
    short: "Welch t",
    effect: "Cohen's d",
    measures: "Whether the mean moved, whatever the two variances are.",
    reads: (effect) =>
      `The means are ${formatScore(effect)} standard deviations apart. By custom, 0.2 is small, 0.5 medium and 0.8 large.`,
  },
  wasserstein: {
    name: "Wasserstein distance",
    short: "Wasserstein",
    effect: "distance in reference SDs",
    measures: "How far the values had to move, on average, to turn one distribution into the other.",
    reads: (effect) =>
      `On average a value moved by ${formatScore(effect)} of the reference's standard deviation.`,
  },
  energy: {
    name: "Energy distance",
    short: "Energy",
    effect: "inhomogeneity, 0 to 1",
    measures: "How much further apart rows of the two tables are than rows of one.",
    reads: (effect) =>
      `Of the mean distance between rows of the two, ${formatScore(effect * effect * 100)} parts of 100 are due to the difference.`,
  },
  psi: {
    name: "Population stability index",
    short: "PSI",
    effect: "index",
    measures:
      "How the shares of the reference's bins changed. It has no p-value; it is read against its bound.",
    reads: (effect) =>
      effect < 0.1
        ? "By custom, below 0.1 is stable."
        : effect < 0.25
          ? "By custom, 0.1 to 0.25 is worth a look."
          : "By custom, above 0.25 is a large shift.",
  },
  jensen_shannon: {
    name: "Jensen-Shannon distance",
    short: "Jensen-Shannon",
    effect: "distance, 0 to 1",
    measures: "How well one could tell from a value which table it came from: 0 not at all, 1 always.",
    reads: (effect) => `Here it is ${formatScore(effect)} on that scale.`,
  },
  kullback_leibler: {
    name: "Kullback-Leibler divergence",
    short: "Kullback-Leibler",
    effect: "divergence in nats",
    measures:
      "How badly the reference's shares describe the current rows. It has no p-value; it is read against its bound.",
    reads: (effect) =>
      `Here it is ${formatScore(effect)}: 0 for the same shares, without an upper end; a new category weighs most.`,
  },
  hellinger: {
    name: "Hellinger distance",
    short: "Hellinger",
    effect: "distance, 0 to 1",
    measures: "How little the shares of both overlap: 0 for the same shares, 1 for nothing in common.",
    reads: (effect) => `Here it is ${formatScore(effect)} on that scale.`,
  },
  total_variation: {
    name: "Total variation",
    short: "Total variation",
    effect: "share that moved",
    measures:
      "The share of the rows that would have to change their category, or bin, to make both the same.",
    reads: (effect) => `Here ${formatScore(effect * 100)} rows of 100 would have to.`,
  },
  chi_square: {
    name: "Chi-square, two samples",
    short: "Chi-square",
    effect: "Cramér's V",
    measures: "Whether each category, or bin of numbers, has the same share in both.",
    reads: (effect) =>
      `Its effect, Cramér's V, is ${formatScore(effect)}: 0 for the same shares, 1 for nothing in common.`,
  },
  g_test: {
    name: "G-test, two samples",
    short: "G-test",
    effect: "Cramér's V",
    measures:
      "Whether each category, or bin of numbers, has the same share in both, by the likelihood ratio.",
    reads: (effect) =>
      `Its effect, Cramér's V, is ${formatScore(effect)}: 0 for the same shares, 1 for nothing in common.`,
  },
  fisher_exact: {
    name: "Fisher's exact test",
    short: "Fisher exact",
    effect: "Cramér's V",
    measures: "Whether two categories have the same shares in both, exact for any number of rows.",
    reads: (effect) =>
      `Its effect, Cramér's V, is ${formatScore(effect)}: 0 for the same shares, 1 for nothing in common.`,
  },
  cramers_v: {
    name: "Cramér's V",
    short: "Cramér's V",
    effect: "V, 0 to 1",
    measures:
      "How strongly a category, or bin, depends on the table that it comes from; corrected for its bias.",
    reads: (effect) =>
      `Here it is ${formatScore(effect)}. By custom, 0.1 is a small difference, 0.3 a medium one.`,
  },
  l_infinity: {
    name: "Largest change of a share (L∞)",
    short: "Largest change",
    effect: "change of a share",
    measures: "The change of the category, or bin, whose share changed most.",
    reads: (effect) => `Its share changed by ${formatScore(effect * 100)} points of 100.`,
  },
  mmd: {
    name: "Maximum mean discrepancy",
    short: "MMD",
    effect: "correlation ratio, 0 to 1",
    measures:
      "How far apart the two samples lie for a kernel that sees any difference, by random relabelling.",
    reads: (effect) =>
      `Here it is ${formatScore(effect)}: 0 for no difference, 1 for nothing in common; 0.1 is small.`,
  },
};

/** Texts of a method; one that this page does not know yet is called by its name on the wire. */
export function methodText(method: Method): MethodText {
  const name = String(method).replaceAll("_", " ");
  return METHODS[method] ?? { name, short: name, effect: "effect", measures: "", reads: () => "" };
}

/** Names of the verdicts. */
export const VERDICT_TEXT: Record<Verdict, string> = {
  drift: "Drift",
  no_drift: "Stable",
  insufficient_data: "Not judged",
};

/** How a test came to its verdict, in a sentence. */
export function verdictSentence(test: TestReport): string {
  if (test.verdict === "insufficient_data") {
    const reach = test.detectable_effect
      ? ` an effect below ${formatScore(test.detectable_effect)} could not be told from chance`
      : "";
    return `Too few rows to say either${reach && `:${reach}`}.`;
  }
  const bound = formatNumber(test.threshold);
  const p = test.p_adjusted ?? test.p_value ?? null;
  const drifted = test.verdict === "drift";
  if (p === null) {
    return `${formatScore(test.effect)} is ${test.effect >= test.threshold ? "at or above" : "below"} the bound of ${bound}.`;
  }
  const chance = `${test.p_adjusted == null ? "p" : "adjusted p"} ${formatPValue(p).startsWith("<") ? formatPValue(p) : `= ${formatPValue(p)}`}`;
  if (drifted)
    return `Chance does not explain it (${chance}, bound ${bound}), and the effect is large enough to matter.`;
  return p < test.threshold
    ? `More than chance (${chance}, bound ${bound}), but too small to matter.`
    : `Chance explains it (${chance}, bound ${bound}).`;
}
