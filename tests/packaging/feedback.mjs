// The feedback collector on Redis: on a real one where there is one, and on one that keeps its semantics.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { createClient } from "redis";
import { installed } from "./consumer.mjs";
import { check } from "./harness.mjs";
import { FakeRedis } from "./redis-fake.mjs";
import { startRedis } from "./redis-server.mjs";

const DAY = 86_400;
const MONDAY = Date.UTC(2026, 8, 21) / 1000;

export async function checkFeedback(project) {
  const entry = pathToFileURL(join(installed(project), "dist/node.js")).href;
  const tidegate = await import(entry);
  const fake = () => new FakeRedis();

  await check("feedback in Redis is what it is in memory", () => checkSame(tidegate, fake()));
  await check("keys of feedback have their prefix and expire", () => checkKeys(tidegate, fake()));
  await check("ioredis and a function serve as clients, and no other object", async () => {
    const redis = fake();
    for (const client of [
      { call: (...command) => redis.sendCommand(command), sendCommand: () => assert.fail("that is ioredis's own") },
      (command) => redis.sendCommand(command),
    ]) {
      const store = new tidegate.RedisStore(client);
      assert.equal((await store.counts()).predictions, 0);
    }
    assert.throws(() => new tidegate.RedisStore({}), { code: "InvalidOptions", message: /^the client is none of/ });
    assert.throws(() => new tidegate.RedisStore(redis, { prefix: "{a}" }), { message: /no braces/ });
  });

  const server = await startRedis();
  if (server === undefined) {
    console.log("skipped feedback on a real Redis: there is no redis-server (apt-get install redis-server)");
    return;
  }
  const client = await createClient({ url: server.url }).connect();
  try {
    await check("feedback in a real Redis is what it is in memory", () => checkSame(tidegate, client));
    await check("scripts that a real Redis forgot are sent again", async () => {
      const feedback = new tidegate.FeedbackCollector(new tidegate.RedisStore(client, { prefix: "again" }));
      await feedback.storePrediction({ prediction_id: "a", prediction: 1 });
      await client.sendCommand(["SCRIPT", "FLUSH"]);
      assert.equal(await feedback.storePrediction({ prediction_id: "a", prediction: 1 }), "repeated");
      const ttl = await client.ttl("{again}:id:a");
      assert.ok(ttl > 30 * DAY && ttl <= 31 * DAY, `expires in ${ttl} s`);
    });
    await check("two processes on one Redis count exactly", () => checkTwoProcesses(tidegate, client, server.url, entry));
  } finally {
    await client.close();
    server.stop();
  }
}

/** The same predictions and labels into Redis and into memory, out of order, repeated and too late. */
async function checkSame({ FeedbackCollector, MemoryStore, RedisStore }, client) {
  const options = { retention_seconds: 20 * DAY, late_seconds: 30 * DAY, day_capacity: 25, positive: "b" };
  const collectors = [new RedisStore(client, { prefix: "same" }), new MemoryStore()].map(
    (store) => new FeedbackCollector(store, options),
  );
  let seed = 7;
  const below = (most) => (seed = (seed * 48_271) % 2_147_483_647) % most;
  for (let i = 0; i < 600; i += 1) {
    const prediction_id = `r${below(250)}`;
    const at = MONDAY + below(3 * DAY) + 0.25;
    const late = below(12) === 0 ? 25 * DAY : below(2 * DAY);
    const answer = "ab"[below(2)];
    const score = below(1000) / 1000;
    const outcomes = [];
    for (const feedback of collectors) {
      const outcome =
        i % 2 === 0
          ? feedback.storePrediction({ prediction_id, prediction: answer, at, score, features: { x: `\t"${i}"\n` } })
          : feedback.recordFeedback({ prediction_id, label: answer, at: at + late });
      outcomes.push(await outcome);
    }
    assert.equal(outcomes[0], outcomes[1], `step ${i}`);
  }
  const [redis, memory] = collectors;
  const counts = await redis.counts();
  assert.deepEqual(counts, await memory.counts());
  for (const [name, count] of Object.entries(counts)) assert.ok(count > 0 || name === "forgotten", `no ${name}`);
  assert.deepEqual(await redis.days(), await memory.days());
  assert.deepEqual(await redis.lag(), await memory.lag());
  for (const { day } of await memory.days()) assert.deepEqual(await redis.evaluate(day), await memory.evaluate(day));
  assert.deepEqual((await redis.evaluate()).scores, (await memory.evaluate()).scores);
  const [kept] = (await redis.store.judged(MONDAY / DAY)).map(({ at }) => at);
  assert.equal(kept % 1, 0.25);
  assert.equal(await redis.store.prediction("nobody"), undefined);
}

async function checkKeys({ FeedbackCollector, RedisStore }, redis) {
  const feedback = new FeedbackCollector(new RedisStore(redis, { prefix: "mine" }));
  const features = { text: "it's \"good\"\t\n" };
  await feedback.storePrediction({ prediction_id: "a", prediction: "good", at: MONDAY, features });
  await feedback.recordFeedback({ prediction_id: "a", label: "good", at: MONDAY + 60 });
  await feedback.recordFeedback({ prediction_id: "b", label: "x\ty\n", at: MONDAY });
  const day = MONDAY / DAY;
  const keys = [`{mine}:counts`, `{mine}:day:${day}`, `{mine}:days`, `{mine}:id:a`, `{mine}:id:b`, `{mine}:rows:${day}`];
  assert.deepEqual(redis.keys(), keys);
  assert.deepEqual((await feedback.store.prediction("a")).features, features);
  const kept = (30 + 1) * DAY;
  assert.deepEqual(keys.map((key) => redis.ttl(key)), [-1, 2 * kept + DAY, -1, kept, kept, 2 * kept + DAY]);
  redis.forgetScripts();
  await feedback.storePrediction({ prediction_id: "b", prediction: "x\ty\n", at: MONDAY });
  assert.deepEqual((await feedback.counts()).joined, 2);
  redis.now = 2 * kept + DAY;
  assert.deepEqual(await feedback.days(), []);
  assert.deepEqual(redis.keys(), [`{mine}:counts`, "{mine}:days"]);
}

/** Two processes store the same predictions and learn the same labels, each in its own order. */
async function checkTwoProcesses({ FeedbackCollector, RedisStore }, client, url, entry) {
  const worker = join(import.meta.dirname, "feedback-worker.mjs");
  const ids = 400;
  const run = (order) => promisify(execFile)(process.execPath, [worker, entry, url, String(ids), order]);
  await Promise.all([run("up"), run("down")]);
  const feedback = new FeedbackCollector(new RedisStore(client, { prefix: "two" }));
  const counts = await feedback.counts();
  // Each id was predicted twice and labelled twice with the same; a third of the second labels contradict.
  assert.deepEqual(
    { ...counts, duplicate: 0, contradicting: 0 },
    { predictions: ids, repeated: ids, joined: ids, duplicate: 0, contradicting: 0, late: 0, unknown: 0, forgotten: 0, over_capacity: 0 },
  );
  assert.equal(counts.duplicate + counts.contradicting, ids);
  const different = Array.from({ length: ids }, (_, i) => i).filter((i) => i % 3 === 0).length;
  assert.equal(counts.contradicting, different);
  const [day] = await feedback.days();
  assert.deepEqual([day.predictions, day.labelled, day.completeness], [ids, ids, 1]);
  assert.equal((await feedback.evaluate()).rows, ids);
}
