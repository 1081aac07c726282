// One of two processes on one Redis: `node feedback-worker.mjs ENTRY URL IDS up|down`.

import { createClient } from "redis";

const [entry, url, ids, order] = process.argv.slice(2);
const { FeedbackCollector, RedisStore } = await import(entry);
const client = await createClient({ url }).connect();
const feedback = new FeedbackCollector(new RedisStore(client, { prefix: "two" }));

const MONDAY = Date.UTC(2026, 8, 21) / 1000;
const all = Array.from({ length: Number(ids) }, (_, i) => (order === "up" ? i : ids - 1 - i));
const label = (i) => (order === "down" && i % 3 === 0 ? "other" : "same");

// Some labels go before their predictions, and twenty steps are on their way at once.
const steps = all.flatMap((i) => {
  const predict = () => feedback.storePrediction({ prediction_id: `r${i}`, prediction: "same", at: MONDAY + i });
  const learn = () => feedback.recordFeedback({ prediction_id: `r${i}`, label: label(i), at: MONDAY + i + 30 });
  return i % 2 === 0 ? [predict, learn] : [learn, predict];
});
for (let start = 0; start < steps.length; start += 20) {
  await Promise.all(steps.slice(start, start + 20).map((step) => step()));
}
await client.close();
