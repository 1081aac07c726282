import type { TestReport } from "tidegate";
import { expect, test } from "vitest";

import { methodText, verdictSentence } from "./methods";

const KS: TestReport = {
  method: "kolmogorov_smirnov",
  statistic: 0.03,
  p_value: 0.02,
  p_adjusted: 0.04,
  effect: 0.03,
  interval: null,
  detectable_effect: 0.01,
  threshold: 0.05,
  effect_floor: 0.1,
  verdict: "no_drift",
};

test("a difference that is significant but small is said to be so", () => {
  expect(verdictSentence(KS)).toBe(
    "More than chance (adjusted p = 0.040, bound 0.05), but too small to matter.",
  );
});

test("chance is named where it explains the difference", () => {
  expect(verdictSentence({ ...KS, p_adjusted: 0.43 })).toBe(
    "Chance explains it (adjusted p = 0.43, bound 0.05).",
  );
});

test("drift names both of its reasons", () => {
  const drift: TestReport = { ...KS, p_adjusted: 0, verdict: "drift" };
  expect(verdictSentence(drift)).toContain("adjusted p <10⁻³⁰⁰");
  expect(verdictSentence(drift)).toContain("large enough to matter");
});

test("a score without a p-value is read against its bound", () => {
  const psi: TestReport = {
    ...KS,
    method: "psi",
    p_value: null,
    p_adjusted: null,
    effect: 0.31,
    threshold: 0.2,
    effect_floor: 0.2,
  };
  expect(verdictSentence(psi)).toBe("0.310 is at or above the bound of 0.2.");
});

test("too little data says what could have been seen", () => {
  const few: TestReport = { ...KS, verdict: "insufficient_data", detectable_effect: 0.61 };
  expect(verdictSentence(few)).toBe(
    "Too few rows to say either: an effect below 0.610 could not be told from chance.",
  );
});

test("a method that the page does not know is called by its name on the wire", () => {
  expect(methodText("of_tomorrow" as TestReport["method"]).name).toBe("of tomorrow");
});
