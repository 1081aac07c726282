/** From what a person knows of an experiment to come, to what the core is asked. */

import type { DesignOptions } from "tidegate";

/** What is filled in. Shares and lifts are in per cent, as people say them. */
export interface PlanForm {
  outcome: "rate" | "mean";
  /** The control's rate, in per cent. */
  ratePercent: number;
  /** The control's mean, and how far single units are from it. */
  mean: number;
  deviation: number;
  /** The smallest lift that is worth finding, in per cent of the control's. */
  liftPercent: number;
  powerPercent: number;
  alphaPercent: number;
  /** The treatment's share of the units, in per cent. */
  sharePercent: number;
  alternative: "two_sided" | "greater";
  looks: "once" | "always";
  /** Units that come on a day; 0 where nobody knows. */
  unitsADay: number;
}

export const USUAL_PLAN: PlanForm = {
  outcome: "rate",
  ratePercent: 10,
  mean: 20,
  deviation: 30,
  liftPercent: 10,
  powerPercent: 80,
  alphaPercent: 5,
  sharePercent: 50,
  alternative: "two_sided",
  looks: "once",
  unitsADay: 0,
};

/** The core's own number of units at which a test that may be looked at any time is sharpest. */
const TUNING_COUNT = 5000;

/** The question, or why there is none. */
export function planOptions(form: PlanForm): { options: DesignOptions } | { problem: string } {
  const { ratePercent, mean, deviation, liftPercent, powerPercent, alphaPercent, sharePercent } = form;
  const between = (value: number, low: number, high: number) => value > low && value < high;
  if (!(liftPercent !== 0 && Number.isFinite(liftPercent))) return { problem: "Give a lift that is not 0%." };
  if (form.alternative === "greater" && liftPercent < 0)
    return { problem: "A test for an increase alone finds no negative lift." };
  if (!between(alphaPercent, 0, 50)) return { problem: "False alarms must be between 0% and 50%." };
  if (!between(powerPercent, alphaPercent, 100))
    return { problem: "The chance to find it must be above the share of false alarms, and below 100%." };
  if (!between(sharePercent, 0, 100)) return { problem: "The share must be between 0% and 100%." };
  const common: DesignOptions = {
    alpha: alphaPercent / 100,
    power: powerPercent / 100,
    ratio: rounded(sharePercent / (100 - sharePercent)),
    alternative: form.alternative,
    looks: form.looks === "once" ? "once" : { always: { tuning_count: TUNING_COUNT } },
  };
  if (form.outcome === "mean") {
    if (!(mean !== 0 && Number.isFinite(mean))) return { problem: "Give a mean that is not 0." };
    if (!(deviation > 0)) return { problem: "The standard deviation must be above 0." };
    return { options: { ...common, effect: rounded(((liftPercent / 100) * mean) / deviation) } };
  }
  if (!between(ratePercent, 0, 100)) return { problem: "The rate must be between 0% and 100%." };
  const current = rounded((ratePercent / 100) * (1 + liftPercent / 100));
  if (!between(current, 0, 1)) return { problem: "With that lift the rate would leave 0% to 100%." };
  return { options: { ...common, reference_rate: ratePercent / 100, current_rate: current } };
}

/** Without what binary fractions add: a ratio of 2.0000000000000004 would need a unit more than one of 2. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** An effect of the core's (a difference of rates, or of means in standard deviations) as a lift of the control's outcome. */
export function liftOf(form: PlanForm, effect: number): number {
  return form.outcome === "rate"
    ? effect / (form.ratePercent / 100)
    : (effect * form.deviation) / Math.abs(form.mean);
}
