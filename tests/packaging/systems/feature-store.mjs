// FeatureStoreMonitor.

import assert from "node:assert/strict";
import { golden, near, START, watch } from "./support.mjs";

export async function featureStoreMonitor(tidegate) {
  const want = golden["FeatureStoreMonitor"];
  const events = want.age.flatMap((age, i) => [
    {
      type: "feature_retrieval",
      at: START + i,
      feature_set: "user",
      source: "redis",
      duration_seconds: want.duration[i],
      cache_hit: want.hit[i],
    },
    {
      type: "feature_row",
      at: START + i,
      feature_set: "user",
      values: { age, city: want.city[i] },
      timestamps: { age: START + i - want.seconds_since_written[i] },
    },
  ]);
  const reference = await tidegate.profile({ age: want.age, city: want.city });
  // The rates need no reference; what is an outlier does.
  for (const options of [{}, { feature_sets: [{ name: "user", reference, max_age_seconds: 3600 }] }]) {
    const { snapshot, metrics } = await watch(tidegate, events, START + 301, options);
    const [set] = snapshot.feature_sets;
    near(set.cache_hit_rate, want.hit_rate);
    near(metrics.of("feature_cache_hit_rate", { feature_set: "user" }), want.hit_rate);
    const source = { feature_set: "user", source: "redis" };
    near(metrics.of("feature_retrieval_duration_seconds_sum", source), want.duration_sum, 1e-9);
    assert.equal(metrics.of("feature_retrieval_duration_seconds_count", source), want.duration.length);
    assert.equal(metrics.of("feature_retrieval_duration_seconds_bucket", { ...source, le: "0.005" }), want.within_5_ms);
    for (const [feature_name, rate] of Object.entries(want.null_rate)) {
      near(metrics.of("feature_null_rate", { feature_name }), rate);
    }
    const freshness = set.freshness.find(({ feature_name }) => feature_name === "age");
    near(freshness.mean_seconds, want.freshness_mean, 1e-9);
    near(freshness.oldest_seconds, want.freshness_oldest, 1e-9);
    near(metrics.of("feature_freshness_seconds", { feature_name: "age" }), want.freshness_mean, 1e-9);
    // A feature without timestamps has no age.
    assert.equal(metrics.of("feature_freshness_seconds", { feature_name: "city" }), undefined);
    if (options.feature_sets === undefined) continue;

    assert.deepEqual(set.columns.map(({ name, verdict }) => [name, verdict]).sort(), [["age", "no_drift"], ["city", "no_drift"]]);
    near(freshness.stale_share, want.seconds_since_written.filter((age) => age > 3600).length / want.age.length);
    assert.equal(metrics.of("feature_out_of_range_rate", { feature_name: "age" }), 0);
  }
}
