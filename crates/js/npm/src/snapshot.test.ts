import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, mergeSnapshots, Observatory } from "./node.js";

const START = 1_790_000_000;

test("snapshots of two observatories are as one of both, and those that are only to be looked at are refused", async () => {
  const snapshots = [];
  const events: Event[] = [
    { type: "inference", model_name: "iris", prediction_id: "r1", predictions: ["setosa"] },
    { type: "label", prediction_id: "r1", label: "setosa" },
  ];
  for (const event of events) {
    const observatory = await Observatory.create();
    observatory.observe(event, START);
    observatory.tick(START + 1);
    snapshots.push(observatory.snapshot({ mergeable: true }));
    assert.equal(observatory.snapshot().mergeable, undefined);
    observatory.free();
  }
  const [one, other] = snapshots;
  assert.ok(one && other);
  const merged = await mergeSnapshots(one, other);
  assert.equal(merged.feedback.joined, 1);
  assert.equal(merged.models[0]?.cohorts[0]?.accuracy, 1);
  assert.deepEqual(await mergeSnapshots(merged), merged);
  const { mergeable: _, ...plain } = one;
  await assert.rejects(mergeSnapshots(plain), { code: "NotMergeable" });
  for (const wrong of [[one, other], undefined, "{}"]) {
    const message = /^snapshots\[0\] is no snapshot.*mergeSnapshots\(\.\.\.list\)/;
    await assert.rejects(mergeSnapshots(wrong as never), { name: "TidegateError", code: "NotSnapshots", message });
  }
});
