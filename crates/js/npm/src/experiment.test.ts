import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assignVariant, experiment, experimentDesign, experimentOfTable } from "./node.js";

// What statsmodels, scipy, gbstats and GrowthBook's SDK say: see tests/golden/generate_experiment.py and the two others.
const GOLDEN = new URL("../../../../tests/golden/", import.meta.url);
const cases = async (file: string, name: string): Promise<any[]> =>
  JSON.parse(await readFile(new URL(`${file}.json`, GOLDEN), "utf8")).cases.filter(
    (one: { function: string }) => one.function === name,
  );

function near(actual: number | null | undefined, expected: number, relative = 1e-10): void {
  assert.ok(typeof actual === "number", `${actual} is no number`);
  assert.ok(Math.abs(actual - expected) <= relative * Math.max(Math.abs(expected), 1e-9), `${actual} is not ${expected}`);
}

const effectOf = async (...given: Parameters<typeof experiment>) => (await experiment(...given)).variants[1]?.effect;

test("two proportions are compared as statsmodels does, with the lift's interval", async () => {
  const all = (await cases("experiment", "two_proportions")).filter(({ trials }) => trials[0] > 1 && trials[1] > 1);
  assert.ok(all.length > 5);
  for (const { successes, trials, alpha, ...want } of all) {
    const variants = [0, 1].map((i) => ({ name: `${i}`, successes: successes[i], trials: trials[i] }));
    const { fixed } = (await effectOf(variants, { alpha }))!;
    near(fixed?.statistic, want.statistic);
    near(fixed?.p_value, want.p_value);
    near(fixed?.difference.interval[0], want.interval[0], 1e-9);
    near(fixed?.difference.interval[1], want.interval[1], 1e-9);
    if (want.lift_interval) near(fixed?.lift?.interval[1], want.lift_interval[1], 1e-9);
  }
});

test("two means are compared by Welch's test, and so that each look is valid", async () => {
  for (const { reference, current, alpha, ...want } of await cases("experiment", "two_means")) {
    if (Math.max(Math.abs(reference.mean), Math.abs(current.mean)) > 1e100) continue;
    const variants = [{ name: "a", ...reference }, { name: "b", ...current }];
    const { fixed } = (await effectOf(variants, { alpha }))!;
    near(fixed?.df, want.df);
    near(fixed?.p_value, want.p_value, 1e-9);
    near(fixed?.difference.interval[0], want.interval[0], 1e-8);
  }
  for (const { reference, current, alpha, tuning_count, ...want } of await cases("experiment", "confidence_sequence")) {
    const variants = [{ name: "a", ...reference }, { name: "b", ...current }];
    const { always_valid } = (await effectOf(variants, { alpha, tuning_count }))!;
    near(always_valid?.ln_p_value, want.ln_p_value, 1e-9);
    near(always_valid?.comparison.difference.interval[0], want.interval[0], 1e-8);
  }
});

test("chances to win are those of the posteriors", async () => {
  for (const { successes, trials, ...want } of await cases("experiment", "bayes_proportions")) {
    if (trials[0] === 0 || trials[1] === 0) continue;
    const variants = [0, 1].map((i) => ({ name: `${i}`, successes: successes[i], trials: trials[i] }));
    const { posterior } = (await effectOf(variants))!;
    near(posterior?.chance_to_win, want.chance_to_win, 1e-9);
    near(posterior?.expected_loss_current, want.expected_loss_current, 1e-7);
  }
});

test("a split that was not planned is told", async () => {
  for (const { observed, weights, ...want } of await cases("experiment", "sample_ratio")) {
    if (observed.some((count: number) => count === 0)) continue;
    const variants = observed.map((trials: number, i: number) => ({ name: `${i}`, successes: 0, trials }));
    const planned = Object.fromEntries(weights.map((weight: number, i: number) => [`${i}`, weight]));
    const { sample_ratio } = await experiment(variants, { weights: planned });
    near(sample_ratio?.fixed.statistic, want.statistic);
    near(sample_ratio?.fixed.p_value, want.p_value, 1e-9);
  }
});

test("values with covariates are adjusted by them, as lists and as a table", async () => {
  for (const { reference, current, alpha, ...want } of await cases("experiment_design", "cuped")) {
    const numbers = (list: (number | null)[]) => list.map((value) => value ?? NaN);
    const side = (name: string, of: any) => ({ name, values: of.values, covariates: numbers(of.covariates) });
    const variants = [side("old", reference), side("new", current)];
    const { adjusted } = (await effectOf(variants, { alpha }))!;
    near(adjusted?.fixed.difference.value, want.difference, 1e-9);
    near(adjusted?.fixed.p_value, want.p_value, 1e-8);
    const rows = variants.flatMap(({ name, values, covariates }) =>
      values.map((value: number, i: number) => ({ arm: name, value, before: covariates[i] })),
    );
    const columns = { variant: "arm", outcome: "value", covariate: "before", alpha };
    const ofTable = await experimentOfTable(rows, columns);
    assert.deepEqual(ofTable.variants[1]?.effect?.adjusted, adjusted);
  }
});

test("the third of effect, size and power is found", async () => {
  for (const { effect, power, alpha, alternative, ratio, want } of await cases("experiment_design", "two_means_counts")) {
    const { counts } = await experimentDesign({ effect, power, alpha, alternative, ratio });
    assert.deepEqual([counts.reference, counts.current], want);
  }
  for (const one of await cases("experiment_design", "two_proportions_counts")) {
    const { reference_rate, current_rate, power, alpha, alternative, ratio, want } = one;
    const asked = { reference_rate, current_rate, power, alpha, alternative, ratio };
    const { counts } = await experimentDesign(asked);
    assert.deepEqual([counts.reference, counts.current], want);
  }
  for (const { effect, reference, current, alpha, alternative, want } of await cases("experiment_design", "two_means_power")) {
    const { power } = await experimentDesign({ effect, counts: { reference, current }, alpha, alternative });
    near(power, want, 1e-8);
  }
});

test("units get the variants that GrowthBook's SDK gives them", async () => {
  let checked = 0;
  for (const { seed, unit, version, want } of await cases("bucketing", "bucket")) {
    if (version !== 2) continue;
    const variants = [{ name: "below", weight: 0.3 }, { name: "above", weight: 0.7 }];
    assert.equal((await assignVariant(seed, unit, variants)).name, want < 0.3 ? "below" : "above");
    checked += 1;
  }
  assert.ok(checked > 5);
});

test("what does not fit is told with its place", async () => {
  const refused = (work: Promise<unknown>, code: string, message: RegExp) =>
    assert.rejects(work, { name: "TidegateError", code, message });
  const [a, b] = [{ name: "a", successes: 1, trials: 9 }, { name: "b", successes: 2, trials: 9 }];
  await refused(experiment([a]), "InvalidOptions", /two variants at least/);
  await refused(experiment([a, { ...b, successes: 10 }]), "Variant", /^variant "b": more successes than trials/);
  await refused(experiment([a, b], { control: "c" }), "InvalidOptions", /control is "c", which is no variant/);
  await refused(experiment([a, b], { weights: { a: 1 } }), "InvalidOptions", /weights has none for variant "b"/);
  const mixed = [a, { name: "b", values: [1, 2] }];
  await refused(experiment(mixed), "InvalidOptions", /^variants need the same kind of outcome/);
  const [one, other] = [{ name: "a", values: [1, 2, 3] }, { name: "b", values: [1, NaN, 3] }];
  await refused(experiment([one, other]), "MissingValue", /^column "values", index 4 has no value/);
  await refused(experiment([one, { ...other, covariates: [1] }]), "ColumnLength", /^variant "b" has 3 values and 1 covariates/);
  const infinite = { name: "b", count: 9, mean: Infinity, variance: 1 };
  await refused(experiment([{ ...infinite, name: "a", mean: 1 }, infinite]), "NotFinite", /^mean is Infinity/);
  await refused(experimentDesign({}), "InvalidOptions", /^options: give two of/);
  await refused(assignVariant("x", "u", [{ name: "a", weight: 2 }]), "InvalidOptions", /must sum to 1/);
});
