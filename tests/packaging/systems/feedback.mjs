// FeedbackCollector: labels that come up to 29 days late, by the day of the prediction.

import assert from "node:assert/strict";
import { DAY, golden, near, START, watch } from "./support.mjs";

export async function feedbackCollector(tidegate) {
  const want = golden["FeedbackCollector"];
  const feedback = new tidegate.FeedbackCollector(undefined, { positive: 1 });
  const events = [];
  for (const [i, after] of want.at.entries()) {
    const [at, prediction, id] = [START + after, want.predictions[i], `r${i}`];
    const features = { place: i };
    await feedback.storePrediction({ prediction_id: id, features, prediction, score: want.scores[i], at });
    events.push({ type: "inference", at, model_name: "m", prediction_id: id, predictions: [prediction] });
  }
  for (const [i, after] of want.at.entries()) {
    if (!want.known[i]) continue;
    const [at, label, id] = [START + after + want.lag[i], want.labels[i], `r${i}`];
    assert.equal(await feedback.recordFeedback({ prediction_id: id, label, at }), "joined");
    // A label counts once, whoever tells it again.
    if (i % 50 === 0) assert.equal(await feedback.recordFeedback({ prediction_id: id, label, at }), "duplicate");
    events.push({ type: "label", at, prediction_id: id, label });
  }
  assert.equal(await feedback.recordFeedback({ prediction_id: "nobody", label: 1, at: START + 5 * DAY }), "unknown");

  const collected = await feedback.days();
  const { snapshot, metrics } = await watch(tidegate, events, START + 5 * DAY);
  const { cohorts, label_lag } = snapshot.models[0];
  for (let day = 0; day < 5; day += 1) {
    const [one, cohort] = [collected[day], cohorts[day]];
    assert.deepEqual([one.predictions, one.labelled], [want.count[day], want.labelled[day]]);
    assert.deepEqual([cohort.predictions, cohort.labelled], [want.count[day], want.labelled[day]]);
    near(one.accuracy, want.accuracy[day]);
    near(cohort.accuracy, want.accuracy[day]);
    near(cohort.completeness, want.labelled[day] / want.count[day]);
    near((await feedback.evaluate(one.day)).scores.roc_auc, want.roc_auc[day]);
  }
  const lag = await feedback.lag();
  const share = (seconds) => lag.find(({ within_seconds }) => within_seconds === seconds).share;
  near(share(DAY), want.within_a_day);
  near(share(7 * DAY), want.within_a_week);
  assert.ok(label_lag.length > 0);
  const labelled = want.known.filter(Boolean).length;
  assert.equal(metrics.of("model_labels_total", { outcome: "joined" }), labelled);
  near(metrics.of("model_label_completeness"), labelled / want.at.length);
}
