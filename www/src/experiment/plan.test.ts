import { describe, expect, it } from "vitest";

import { liftOf, planOptions, USUAL_PLAN } from "./plan";

describe("a plan", () => {
  it("asks for rates as shares, and for the treatment's units by the control's", () => {
    expect(planOptions({ ...USUAL_PLAN, liftPercent: 20, sharePercent: 20 })).toEqual({
      options: {
        alpha: 0.05,
        power: 0.8,
        ratio: 0.25,
        alternative: "two_sided",
        looks: "once",
        reference_rate: 0.1,
        current_rate: 0.12,
      },
    });
  });

  it("asks for means in standard deviations", () => {
    const form = { ...USUAL_PLAN, outcome: "mean", mean: 20, deviation: 40, liftPercent: 10 } as const;
    const asked = planOptions(form);
    expect("options" in asked && asked.options.effect).toBeCloseTo(0.05, 12);
    expect(liftOf(form, 0.05)).toBeCloseTo(0.1, 12);
    expect(liftOf(USUAL_PLAN, 0.02)).toBeCloseTo(0.2, 12);
  });

  it("says what is wrong instead of asking", () => {
    for (const wrong of [
      { ratePercent: 0 },
      { ratePercent: Number.NaN },
      { ratePercent: 60, liftPercent: 80 },
      { liftPercent: 0 },
      { liftPercent: -10, alternative: "greater" },
      { powerPercent: 4 },
      { alphaPercent: 50 },
      { sharePercent: 100 },
      { outcome: "mean", deviation: 0 },
      { outcome: "mean", mean: 0 },
    ] as const) {
      expect(planOptions({ ...USUAL_PLAN, ...wrong }), JSON.stringify(wrong)).toHaveProperty("problem");
    }
  });
});
