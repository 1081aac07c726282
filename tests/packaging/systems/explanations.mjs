// ExplainabilityMonitor.

import assert from "node:assert/strict";
import { golden, goldenFile, near, START, watch } from "./support.mjs";

export async function explainabilityMonitor(tidegate) {
  const want = golden["ExplainabilityMonitor"];
  const names = want.rows[0].map((_, i) => `f${i}`);
  const table = Object.fromEntries(names.map((name, i) => [name, want.rows.map((row) => row[i])]));
  const { outputs, features } = await tidegate.explain(await goldenFile(`models/${want.model}`), table);
  const [{ values, importance }] = outputs;
  // XGBoost's and so shap's values are of single precision.
  for (const [i, value] of want.importance.entries()) near(importance[i], value, 1e-4);
  const tolerance = 1e-3 * Math.max(...want.importance);
  for (const [i, value] of want.first_row.entries()) assert.ok(Math.abs(values[i] - value) < tolerance);

  const attributions = (row) => features.map((name, i) => [name, values[row * features.length + i]]);
  const explanation = (pairs, row) => {
    return { type: "explanation", at: START + row, model_name: "diabetes", attributions: Object.fromEntries(pairs) };
  };
  const events = want.rows.map((_, row) => explanation(attributions(row), row));
  const { snapshot, metrics } = await watch(tidegate, events, START + 200);
  const seen = new Map(snapshot.importances[0].features.map((one) => [one.feature_name, one]));
  for (const [i, name] of names.entries()) {
    near(seen.get(name).importance, want.importance[i], 1e-4);
    assert.equal(seen.get(name).rank, want.ranks[i]);
    const labels = { model_name: "diabetes", feature_name: name };
    near(metrics.of("feature_importance_score_sum", labels), want.sums[i], 1e-4);
    assert.equal(metrics.of("feature_importance_score_count", labels), want.rows.length);
    assert.equal(metrics.of("feature_importance_rank", labels), want.ranks[i]);
  }

  // Against what mattered when the model was made: the same order agrees, the reverse drifted.
  const reference_importances = Object.fromEntries(names.map((name, i) => [name, want.importance[i]]));
  const options = { models: [{ name: "diabetes", reference_importances }] };
  const agreement = async (events) => (await watch(tidegate, events, START + 200, options)).metrics.of("feature_importance_agreement");
  near(await agreement(events), 1, 1e-6);
  const swapped = (pairs) => pairs.map(([name], i) => [name, pairs[pairs.length - 1 - i][1]]);
  assert.ok((await agreement(want.rows.map((_, row) => explanation(swapped(attributions(row)), row)))) < 0.95);
}
