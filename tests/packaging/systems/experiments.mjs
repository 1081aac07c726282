// ABTestMonitor, and what is done when a variant or a model fails.

import assert from "node:assert/strict";
import { golden, near, shown, START, watch } from "./support.mjs";

const TEST = "model-v2-vs-v3";
const VARIANTS = ["control", "treatment"];
const experiments = [{ name: TEST, variants: [{ name: "control", weight: 0.45 }, { name: "treatment", weight: 0.55 }] }];

export async function abTestMonitor(tidegate) {
  const want = golden["ABTestMonitor"];
  // Variants are assigned by whoever serves, and a unit that converted says so in the same call.
  const events = VARIANTS.flatMap((variant, side) =>
    want.latency[side].flatMap((total, i) => {
      const [at, unit] = [START + i / 10, `${variant}-${i}`];
      const request = { type: "inference", at, model_name: "model", unit, variants: { [TEST]: variant }, latency_seconds: { total } };
      const conversion = { type: "conversion", at: at + 30, experiment: TEST, unit };
      // A second one of a unit counts in the total alone.
      return want.converted[side][i] ? [request, conversion, ...(i % 10 === 0 ? [conversion] : [])] : [request];
    }),
  );
  const { snapshot, metrics } = await watch(tidegate, events, START + 300, { experiments });
  const [experiment] = snapshot.experiments;
  for (const [side, variant] of VARIANTS.entries()) {
    const labels = { test_name: TEST, variant };
    const twice = want.converted[side].filter((converted, i) => converted && i % 10 === 0).length;
    assert.equal(metrics.of("ab_test_requests_total", labels), want.latency[side].length);
    assert.equal(metrics.of("ab_test_conversions_total", labels), want.successes[side] + twice);
    near(metrics.of("ab_test_latency_seconds_sum", labels), want.latency_sum[side], 1e-9);
    assert.equal(metrics.of("ab_test_latency_seconds_count", labels), want.latency[side].length);
    assert.equal(experiment.variants[side].conversions, want.successes[side]);
    near(metrics.of("ab_test_conversion_rate", labels), want.successes[side] / want.latency[side].length);
  }
  const { rate } = experiment.variants[1].effect;
  near(rate.statistic, want.statistic, 1e-10);
  near(rate.p_value, want.p_value, 1e-9);
  near(rate.difference.value, want.difference);
  near(rate.difference.interval[0], want.interval[0], 1e-9);
  near(rate.difference.interval[1], want.interval[1], 1e-9);
  near(rate.lift.value, want.lift, 1e-10);
  assert.ok(experiment.sample_ratio_p_value > 0.05);

  // Assigned by the observatory itself, as a gateway and GrowthBook's SDKs would.
  const observatory = await tidegate.Observatory.create({ experiments });
  for (const unit of ["u1", "u2", "u3", "u4", "u5", "u6"]) {
    const { name } = await tidegate.assignVariant(TEST, unit, experiments[0].variants);
    assert.equal(observatory.variantOf(TEST, unit), name);
  }
  assert.equal(observatory.variantOf("another", "u1"), undefined);
  observatory.free();
}

export async function remediation({ Observatory }) {
  const observatory = await Observatory.create({
    experiments,
    alerts: [
      { name: "variant", when: 'ab_test_errors_total{variant="treatment"} > 10', actions: [`rollback:${TEST}/treatment`] },
      { name: "model", when: "rate(inference_requests_total{status=\"server_error\"}[1m]) > 0", actions: ["circuit:model", "retrain:model"] },
    ],
    remediation: {
      rollback: { ramp_after_seconds: 120, ramp: [0.1, 0.5], hold_seconds: 60 },
      circuit: { open_seconds: 30, probe_share: 0.2, probes: 10 },
    },
  });
  const requests = (from, count, status, variant) =>
    observatory.observe(
      Array.from({ length: count }, (_, i) => {
        return { type: "inference", at: from, model_name: "model", status, unit: `${variant}${i}`, variants: { [TEST]: variant } };
      }),
    );
  const states = () => observatory.snapshot().decisions.map(({ action, to }) => `${action} ${to}`);
  const treated = () => {
    const units = Array.from({ length: 1000 }, (_, i) => `u${i}`);
    return units.filter((unit) => observatory.variantOf(TEST, unit) === "treatment").length;
  };

  requests(START, 100, "success", "control");
  observatory.tick(START);
  const all = treated();
  assert.ok(all > 500 && all < 600, `${all} of 1000`);
  assert.deepEqual(observatory.directives(), { variants: [], circuits: [] });

  requests(START + 5, 20, "server_error", "treatment");
  const changed = observatory.tick(START + 10);
  assert.deepEqual(changed.map(({ name, state }) => [name, state]).sort(), [["model", "firing"], ["variant", "firing"]]);
  assert.deepEqual(observatory.directives(), {
    variants: [{ experiment: TEST, variant: "treatment", share_kept: 0 }],
    circuits: [{ model_name: "model", share_passed: 0 }],
  });
  assert.equal(treated(), 0);
  assert.deepEqual(states().sort(), ["circuit:model open", "retrain:model requested", `rollback:${TEST}/treatment rolled_back`]);
  const [decision] = observatory.snapshot().decisions;
  assert.ok(decision.evidence.alert.length > 0 && decision.evidence.value > 0);

  // Half open: probes pass, and when they succeed all do.
  observatory.tick(START + 100);
  assert.deepEqual(observatory.directives().circuits, [{ model_name: "model", share_passed: 0.2 }]);
  requests(START + 101, 10, "success", "control");
  observatory.tick(START + 102);
  assert.deepEqual(observatory.directives().circuits, []);
  assert.equal(states().at(-1), "circuit:model closed");
  const { metrics } = shown(observatory);
  assert.equal(metrics.of("ab_test_errors_total", { variant: "treatment" }), 20);
  observatory.free();

  for (const policies of [{ rollback: { ramp: [0.5, 0.1] } }, { circuit: { probe_share: 0 } }, { rollbacks: {} }]) {
    await assert.rejects(Observatory.create({ remediation: policies }), { code: "InvalidOptions" });
  }
}
