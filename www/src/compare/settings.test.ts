import { expect, test } from "vitest";

import { optionsOf, USUAL } from "./settings";

test("the usual settings ask for nothing, others for what they say", () => {
  expect(optionsOf(USUAL)).toEqual({});
  expect(optionsOf({ alpha: 0.01, method: "psi", categories: ["zip"] })).toEqual({
    alpha: 0.01,
    methods: ["psi", "kolmogorov_smirnov", "chi_square", "wasserstein", "jensen_shannon"],
    kinds: { zip: "categorical" },
  });
});
