import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, Observatory } from "./node.js";

const START = 1_790_000_000;

/** Predictions and their labels; every fifth is wrong. */
const labelled = (count: number): Event[] =>
  Array.from({ length: count }, (_, i): Event[] => [
    {
      type: "inference",
      at: START + i,
      model_name: "sentiment",
      model_version: "v2.1",
      prediction_id: `r${i}`,
      predictions: ["good"],
      confidences: [0.8],
      latency_seconds: { total: 0.02 },
    },
    { type: "label", at: START + i + 60, prediction_id: `r${i}`, label: i % 5 === 0 ? "bad" : "good" },
  ]).flat();

test("labels join their predictions, and a figure below its threshold is an alert", async () => {
  const observatory = await Observatory.create({
    alerts: [{ name: "accuracy", when: "model_accuracy < 0.85", for_seconds: 10 }],
    models: [{ name: "sentiment", baseline: { accuracy: 0.9 } }],
  });
  assert.deepEqual(observatory.observe(labelled(200)), { taken: 400, refused: [] });
  const pending = observatory.tick(START + 300);
  assert.deepEqual(
    pending.map(({ name, state, value }) => [name, state, value]),
    [["accuracy", "pending", 0.8]],
  );
  assert.equal(observatory.tick(START + 310)[0]?.state, "firing");
  assert.equal(observatory.alerts()[0]?.labels.model_name, "sentiment");

  const [model] = observatory.snapshot().models;
  assert.equal(model?.quality[0]?.figures?.accuracy, 0.8);
  assert.ok(Math.abs((model?.quality[0]?.degradation[0]?.degradation ?? 0) - 0.1 / 0.9) < 1e-12);
  assert.match(
    observatory.prometheus(),
    /^model_accuracy\{model_name="sentiment",model_version="v2.1"\} 0\.8$/m,
  );
  observatory.free();
});

test("a bad event is told with its place, and the good ones are kept", async () => {
  const observatory = await Observatory.create();
  const taken = observatory.observe('{"type":"label","prediction_id":"a","label":1}\n{"type":"dance"}\n');
  assert.equal(taken.taken, 1);
  assert.equal(taken.refused[0]?.index, 1);
  assert.match(taken.refused[0]?.reason ?? "", /unknown variant `dance`/);
  observatory.free();
});

test("options that are not understood are refused by name", async () => {
  await assert.rejects(Observatory.create({ panes: 0 }), {
    name: "TidegateError",
    code: "InvalidOptions",
    message: /^options: .*panes must be from 1 to 240/,
  });
  const misspelt = { pane: 60 } as object;
  await assert.rejects(Observatory.create(misspelt), { message: /unknown field `pane`/ });
});

test("what was freed says so", async () => {
  const observatory = await Observatory.create();
  observatory.free();
  observatory.free();
  const freed = { name: "TidegateError", code: "Freed", message: "the observatory has been freed" };
  assert.throws(() => observatory.tick(), freed);
  assert.throws(() => observatory.observe([]), freed);
});
