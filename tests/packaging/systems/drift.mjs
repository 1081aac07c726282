// DriftDetector and ContinuousDriftMonitor.

import assert from "node:assert/strict";
import { golden, near, START, watch } from "./support.mjs";

const testOf = (tests, method) => tests.find((one) => one.method === method);

function tables() {
  const { income, city } = golden["DriftDetector"];
  const side = (name) => ({ income: income[name], city: city[name] });
  return [side("reference"), side("current")];
}

export async function driftDetector(tidegate) {
  const want = golden["DriftDetector"];
  const [reference, current] = tables();
  const options = { methods: "all", multivariate: ["mmd"] };
  const report = await tidegate.compare(reference, current, options);
  const [numbers, names] = report.columns;
  assert.deepEqual([report.verdict, numbers.verdict, names.verdict], ["drift", "drift", "drift"]);
  const ks = testOf(numbers.tests, "kolmogorov_smirnov");
  near(ks.statistic, want.ks.statistic);
  // One of the two is exact, the other is the limit of large samples.
  near(Math.log(ks.p_value), Math.log(want.ks.p_value), 0.05);
  near(testOf(numbers.tests, "wasserstein").statistic, want.wasserstein, 1e-10);
  near(testOf(numbers.tests, "cramer_von_mises").statistic, want.cramer_von_mises, 1e-10);
  near(testOf(numbers.tests, "psi").statistic, want.psi);
  near(testOf(names.tests, "psi").statistic, want.city_psi);
  near(testOf(names.tests, "chi_square").statistic, want.chi_square.statistic);
  near(testOf(names.tests, "chi_square").p_value, want.chi_square.p_value, 1e-9);
  const [rows] = report.multivariate;
  assert.deepEqual([rows.method, rows.verdict], ["mmd", "drift"]);
  assert.ok(rows.test.p_value < 0.01, `${rows.test.p_value}`);

  const same = await tidegate.compare(reference, reference, options);
  assert.deepEqual([same.verdict, same.multivariate[0].verdict], ["no_drift", "no_drift"]);
  assert.equal(testOf(same.columns[0].tests, "psi").statistic, 0);
}

export async function continuousDriftMonitor(tidegate) {
  const want = golden["DriftDetector"];
  const [before, after] = tables();
  const reference = await tidegate.profile(before);
  const inference = (at, i, { income, city }) => {
    return { type: "inference", at, model_name: "credit", features: { income: income[i], city: city[i] } };
  };
  // What is older than the window's 24 hours does not count: a thousand of the reference's own rows, then others.
  const hours = 3600;
  const old = Array.from({ length: 1000 }, (_, i) => inference(START + i, i, before));
  const now = Array.from({ length: 800 }, (_, i) => inference(START + 30 * hours + i, i, after));
  const options = { pane_seconds: hours, panes: 24, models: [{ name: "credit", reference }] };
  const detected = ({ metrics }, feature_name) => metrics.of("feature_drift_detected", { feature_name });

  const quiet = await watch(tidegate, old, START + hours, options);
  assert.deepEqual([detected(quiet, "income"), detected(quiet, "city")], [0, 0]);
  const found = await watch(tidegate, [...old, ...now], START + 30 * hours + 900, options);
  const { columns, window } = found.snapshot.models[0];
  assert.equal(window.rows, 800);
  assert.deepEqual(columns.map(({ name, verdict }) => [name, verdict]).sort(), [["city", "drift"], ["income", "drift"]]);
  const score = (feature_name) => found.metrics.of("feature_drift_score", { model_name: "credit", feature_name });
  near(score("income"), want.psi);
  near(score("city"), want.city_psi);
  assert.deepEqual([detected(found, "income"), detected(found, "city")], [1, 1]);
  // Too few rows are no verdict.
  const few = await watch(tidegate, now.slice(0, 3), START + 30 * hours + 900, options);
  assert.equal(detected(few, "income"), undefined);

  // The default rules call somebody once it has held for five minutes; alertCheck does not wait.
  const observatory = await tidegate.Observatory.create({ ...options, pane_seconds: 60 });
  observatory.observe(now);
  observatory.tick(START + 30 * hours + 800);
  const drifting = ({ name, state }) => name === "feature_drift" && state === "firing";
  assert.deepEqual(observatory.alerts().filter(drifting), []);
  assert.deepEqual(observatory.alertCheck().filter(drifting).map(({ labels }) => labels.feature_name).sort(), ["city", "income"]);
  // And what was learned from the first rows is a reference too.
  observatory.free();
  const learn = { models: [{ name: "credit", learn_samples: 1000 }], pane_seconds: 60 };
  const learned = await tidegate.Observatory.create(learn);
  // In another order: rows that rise from each to the next say hardly more than one.
  learned.observe(old.map(({ at }, i) => inference(at, (i * 387) % 1000, before)));
  learned.tick(START + 1000);
  learned.observe(Array.from({ length: 800 }, (_, i) => inference(START + 1001 + i, i, after)));
  learned.tick(START + 1900);
  const states = learned.snapshot().models[0].columns.map(({ name, verdict }) => `${name} ${verdict}`);
  assert.deepEqual(states.sort(), ["city drift", "income drift"]);
  learned.free();
}
