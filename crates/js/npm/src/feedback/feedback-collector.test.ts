import assert from "node:assert/strict";
import { test } from "node:test";
import { FeedbackCollector, MemoryStore } from "../node.js";

const DAY = 86_400;
const MONDAY = Date.UTC(2026, 8, 21) / 1000;

test("a label that comes a month late counts for the day of its prediction", async () => {
  const feedback = new FeedbackCollector();
  for (const [id, day, prediction] of [["a", 0, "good"], ["b", 0, "bad"], ["c", 1, "good"]] as const) {
    await feedback.storePrediction({ prediction_id: id, prediction, at: MONDAY + day * DAY + 60 });
  }
  const later = MONDAY + 29 * DAY;
  assert.equal(await feedback.recordFeedback({ prediction_id: "a", label: "good", at: later }), "joined");
  assert.equal(await feedback.recordFeedback({ prediction_id: "b", label: "good", at: later }), "joined");
  assert.deepEqual(await feedback.days(), [
    { day: "2026-09-21", predictions: 2, labelled: 2, completeness: 1, accuracy: 0.5 },
    { day: "2026-09-22", predictions: 1, labelled: 0, completeness: 0, accuracy: null },
  ]);
  const evaluation = await feedback.evaluate("2026-09-21");
  assert.equal(evaluation?.classification?.accuracy, 0.5);
  assert.equal(await feedback.evaluate("2026-09-22"), undefined);
  assert.deepEqual((await feedback.lag()).at(-1), { within_seconds: 30 * DAY, share: 2 / 3 });
});

test("each label is counted as what it is", async () => {
  const feedback = new FeedbackCollector(new MemoryStore());
  const store = (prediction_id: string, at: number) => feedback.storePrediction({ prediction_id, prediction: 1, at });
  const learn = (prediction_id: string, label: number, at: number) => feedback.recordFeedback({ prediction_id, label, at });
  assert.equal(await store("a", MONDAY), "stored");
  assert.equal(await store("a", MONDAY + 1), "repeated");
  assert.equal(await learn("a", 1, MONDAY + 10), "joined");
  assert.equal(await learn("a", 1, MONDAY + 11), "duplicate");
  assert.equal(await learn("a", 0, MONDAY + 12), "contradicting");
  assert.equal(await learn("early", 0, MONDAY + 13), "unknown");
  assert.equal(await learn("early", 0, MONDAY + 14), "unknown");
  assert.equal(await learn("nobody", 0, MONDAY + 15), "unknown");
  assert.equal((await feedback.counts()).unknown, 3);
  assert.equal(await store("early", MONDAY + 20), "joined");
  assert.equal(await store("old", MONDAY + 30), "stored");
  assert.equal(await learn("old", 1, MONDAY + 30 + 30 * DAY + 1), "late");
  assert.equal(await learn("forgotten", 1, MONDAY + 40 * DAY), "unknown");
  assert.equal(await learn("old", 1, MONDAY + 40 * DAY), "unknown");
  assert.deepEqual(await feedback.counts(), {
    predictions: 3,
    repeated: 1,
    joined: 2,
    duplicate: 2,
    contradicting: 1,
    late: 1,
    unknown: 3,
    forgotten: 0,
    over_capacity: 0,
  });
});

test("memory is bounded, and what it has no room for is counted", async () => {
  const store = new MemoryStore({ capacity: 10 });
  const feedback = new FeedbackCollector(store, { day_capacity: 4 });
  for (let i = 0; i < 50; i += 1) {
    await feedback.storePrediction({ prediction_id: `${i}`, prediction: "x", at: MONDAY + i });
    await feedback.recordFeedback({ prediction_id: `${i}`, label: "x", at: MONDAY + i + 1 });
  }
  const { joined, forgotten, over_capacity } = await feedback.counts();
  assert.deepEqual([joined, forgotten, over_capacity], [50, 40, 46]);
  assert.equal((await store.judged(MONDAY / DAY)).length, 4);
  assert.equal((await feedback.evaluate())?.rows, 4);
});

test("scores make areas, and numbers errors", async () => {
  const scored = new FeedbackCollector(new MemoryStore(), { positive: true });
  for (const [i, score] of [0.1, 0.4, 0.35, 0.8].entries()) {
    await scored.storePrediction({ prediction_id: `${i}`, prediction: score > 0.5, score, at: MONDAY });
    await scored.recordFeedback({ prediction_id: `${i}`, label: i > 1, at: MONDAY });
  }
  assert.equal((await scored.evaluate())?.scores?.roc_auc, 0.75);
  const numbers = new FeedbackCollector();
  await numbers.storePrediction({ prediction_id: "a", prediction: 2.5, at: MONDAY });
  await numbers.recordFeedback({ prediction_id: "a", label: 2, at: MONDAY });
  assert.equal((await numbers.evaluate())?.regression?.mae, 0.5);
});

test("what is no prediction, no label and no option is refused by its name", async () => {
  const feedback = new FeedbackCollector();
  const refused = (work: Promise<unknown>, message: RegExp) => assert.rejects(work, { name: "TidegateError", message });
  await refused(feedback.storePrediction({ prediction_id: "", prediction: 1 }), /^prediction_id is text of 0 characters/);
  await refused(feedback.storePrediction({ prediction_id: "a", prediction: NaN }), /^prediction of a is NaN/);
  await refused(feedback.storePrediction({ prediction_id: "a", prediction: 1, score: Infinity }), /^score of a is Infinity/);
  await refused(feedback.recordFeedback({ prediction_id: "a", label: null as never }), /^label of a is null/);
  await refused(feedback.recordFeedback({ prediction_id: "a", label: 1, at: 1.79e12 }), /^at of a is 1790000000000/);
  await refused(feedback.evaluate("monday"), /^"monday" is no day/);
  assert.throws(() => new FeedbackCollector(new MemoryStore(), { retention: 3 } as object), { message: /unknown field `retention`/ });
  assert.throws(() => new FeedbackCollector(new MemoryStore(), { retention_seconds: NaN }), { message: /retention_seconds is NaN/ });
});
