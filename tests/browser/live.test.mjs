// The live view, on a gateway of made-up traffic, and on a real one where TIDEGATE_LIVE names one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startExplorer } from "./support/explorer.mjs";
import { fakeGateway, snapshot, TOKEN } from "./support/fake-gateway.mjs";

let explorer;
before(async () => {
  explorer = await startExplorer();
});
after(() => explorer.close());

const hashOf = (gateway, token = TOKEN) => `#live?${new URLSearchParams({ gateway: gateway.url, token })}`;

/** Runs `body` in a page that is opened on a fresh gateway. */
async function onGateway(body, { token, hash = (gateway) => hashOf(gateway, token) } = {}) {
  const gateway = await fakeGateway();
  const { page, requests, errors, close } = await explorer.open(hash(gateway));
  try {
    await body(page, gateway);
    const known = [explorer.origin, new URL(gateway.url).origin];
    const foreign = requests.filter(
      (url) => !known.some((origin) => url.startsWith(origin)) && !/^(blob|data):/.test(url),
    );
    assert.deepEqual(foreign, [], "the page asked another origin than its own and the gateway");
    assert.deepEqual(errors, [], "an error was thrown in the page");
  } finally {
    await close();
    await gateway.close();
  }
}

// By its name alone: while a reference is learned, another tile speaks of it too.
const tile = (page, name) => page.locator(".tile").filter({ has: page.locator("dt", { hasText: name }) });
const panel = (page, name) => page.getByRole("region", { name, exact: true });
const state = (page) => page.locator(".connection-state");

test("the address alone opens the view on a live gateway", () =>
  onGateway(async (page, gateway) => {
    await tile(page, "Requests").waitFor();
    assert.match(await state(page).textContent(), /Live/);
    assert.match(await tile(page, "Drift").textContent(), /4 of 6/);
    assert.match(await tile(page, "Reference").textContent(), /ready.*10,000 rows/);

    const latency = await panel(page, "Latency by stage").textContent();
    for (const part of [
      "Total",
      "Upstream",
      "Inference",
      "p50",
      "p95",
      "p99",
      "4.2\u202fms",
      "16.8\u202fms",
    ]) {
      assert.ok(latency.includes(part), `latency has ${part}`);
    }
    assert.match(await panel(page, "Predictions").textContent(), /DOWN.*60%.*UP.*40%/s);
    assert.match(await panel(page, "Variants").textContent(), /control.*79\.2%80%.*treatment.*20\.8%20%/s);
    assert.match(await panel(page, "Not read").textContent(), /request bodies.*over cap.*17.*classes.*4/s);
    assert.match(
      await panel(page, "Business").textContent(),
      /click through14000\.20\.161 to 0\.239.*was 0\.25: worse by 20%.*from 0\.24 to 0\.18/s,
    );

    const names = await page.locator(".card-button").allTextContents();
    assert.deepEqual(
      names.slice(0, 4),
      ["transfer", "vicprice", "nswprice", "vicdemand"],
      "what drifts most comes first",
    );
    assert.equal(gateway.behaviour.polls > 0, true);
  }));

test("it asks again every two seconds and shows the rate, until it is paused", () =>
  onGateway(async (page, gateway) => {
    await tile(page, "Requests").waitFor();
    await page.waitForFunction(
      () => /\d\/s/.test(document.querySelector(".tile-note")?.textContent ?? ""),
      undefined,
      { timeout: 10_000 },
    );
    const seen = await tile(page, "Requests").locator(".tile-value").textContent();
    await page.waitForFunction((old) => document.querySelector(".tile-value")?.textContent !== old, seen, {
      timeout: 5000,
    });

    await page.getByRole("button", { name: "Pause" }).click();
    await page.waitForTimeout(200);
    const polls = gateway.behaviour.polls;
    await page.waitForTimeout(2600);
    assert.equal(gateway.behaviour.polls, polls, "a paused page does not ask");
    assert.match(await state(page).textContent(), /Paused.*last seen/);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.waitForFunction(() =>
      document.querySelector(".connection-state")?.textContent?.startsWith("Live"),
    );
    assert.ok(gateway.behaviour.polls > polls);
  }));

test("a wrong token is one clear sentence beside the form, and the right one connects", () =>
  onGateway(
    async (page, gateway) => {
      const alert = page.getByRole("alert");
      assert.equal(
        (await alert.textContent()).trim(),
        "The gateway refused the token: it must be the admin.token of the plugin's config.",
      );
      assert.equal(
        await page.getByLabel("Gateway").inputValue(),
        gateway.url,
        "the address need not be typed again",
      );
      await page.waitForTimeout(2500);
      assert.equal(gateway.behaviour.polls, 0, "it does not go on asking with a refused token");
      await page.getByLabel("Token").fill(TOKEN);
      await page.getByRole("button", { name: "Connect" }).click();
      await tile(page, "Requests").waitFor();
      assert.ok(!page.url().includes(TOKEN), "a typed token stays out of the address");
    },
    { token: "wrong" },
  ));

test("the form connects by keyboard, and refuses what is no admin API", () =>
  onGateway(
    async (page, gateway) => {
      await page.getByLabel("Gateway").fill(`${new URL(gateway.url).origin}/elsewhere`);
      await page.getByLabel("Token").fill(TOKEN);
      await page.keyboard.press("Enter");
      assert.match(
        await page.getByRole("alert").textContent(),
        /no admin API at .*\/elsewhere\/v1\/snapshot.*admin\.path/,
      );
      await page.getByLabel("Gateway").fill(`${gateway.url}/`);
      await page.getByLabel("Token").fill(TOKEN);
      await page.keyboard.press("Enter");
      await tile(page, "Requests").waitFor();
    },
    { hash: () => "#live" },
  ));

test("a gateway that goes away leaves what was seen, greyed, with its age; it is found again", async () => {
  const gateway = await fakeGateway();
  const { page, close } = await explorer.open(hashOf(gateway));
  await tile(page, "Requests").waitFor();
  await gateway.close();
  await page.getByText("Connection lost").waitFor();
  await page.getByText(/last seen \d+\u202fs ago, trying again/).waitFor();
  assert.match(
    await page.locator(".connection-problem").textContent(),
    /No answer from http:\/\/127\.0\.0\.1:\d+/,
  );
  assert.equal(await page.locator(".stale .tile").count(), 5, "the last data is still there");

  const again = await fakeGateway(gateway.port);
  await page.waitForFunction(() => document.querySelector(".stale") === null, undefined, { timeout: 15_000 });
  assert.match(await state(page).textContent(), /^Live/);
  await close();
  await again.close();
});

test("a model that is still learning says how far it is", () =>
  onGateway(async (page) => {
    await page.getByRole("combobox", { name: "Model" }).selectOption("weather");
    assert.match(await panel(page, "Drift").textContent(), /3,400 of 10,000 rows/);
    assert.match(await panel(page, "Not read").textContent(), /classes/);
  }));

test("a card opens to everything about its column, and Escape closes it", () =>
  onGateway(async (page) => {
    await page.getByRole("button", { name: "transfer" }).focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "transfer" });
    await dialog.waitFor();
    assert.match(await dialog.textContent(), /PSI over time.*Population stability index.*Jensen-Shannon/s);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "vicprice" }).click();
    await page.getByRole("dialog", { name: "vicprice" }).waitFor();
  }));

test("an estimate that the labels refute is warned of, and of the version that it is of", () =>
  onGateway(async (page) => {
    const quality = panel(page, "Quality");
    await quality.waitFor();
    const text = await quality.textContent();
    assert.match(text, /Version 2: The estimate does not hold\. Of 800 labelled predictions 93% were expected/);
    assert.match(text, /\(90% to 96%\), and 62% were \(58\.6% to 65\.3%\).*\(concept drift\)/);
    assert.equal(await quality.getByText("The estimate does not hold.").count(), 1);
  }));

test("a decision says from what share of the traffic to what", () =>
  onGateway(async (page) => {
    const alerts = panel(page, "Alerts");
    await alerts.waitFor();
    const decided = await alerts.getByRole("listitem").filter({ hasText: "rollback:" }).allTextContents();
    assert.match(decided[0], /treatment ramping, from 10% to 25% of its traffic/, "the newest first");
    assert.match(decided[1], /treatment on to rolled back, from 100% to 0% of its traffic, a dry run/);
  }));

test("an empty gateway and an unknown schema are said, not guessed", () =>
  onGateway(async (page, gateway) => {
    gateway.behaviour.body = { ...snapshot(Date.now() / 1000, 0), models: [] };
    await page.getByText("No requests yet").waitFor();
    gateway.behaviour.body = { schema: "tidegate.snapshot/9" };
    await page
      .getByText(/reads tidegate\.snapshot\/1, and the gateway sent "tidegate\.snapshot\/9"/)
      .waitFor();
  }));

const live = process.env.TIDEGATE_LIVE;
const missing = "TIDEGATE_LIVE names no page on a live gateway; `cargo xtask test` sets it";
test("a real gateway is shown as it runs", { skip: live || process.env.CI ? false : missing }, async () => {
  assert.ok(live, missing);
  const context = await explorer.browser.newContext();
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  // The page of the demo, for its gateway lets no other origin ask.
  await page.goto(live);
  await tile(page, "Requests").waitFor({ timeout: 60_000 });
  const count = async () =>
    Number((await tile(page, "Requests").locator(".tile-value").textContent()).replaceAll(",", ""));
  const first = await count();
  await page.waitForFunction(
    (seen) => Number(document.querySelector(".tile-value")?.textContent?.replaceAll(",", "")) > seen,
    first,
    { timeout: 20_000 },
  );
  assert.match(await tile(page, "Reference").textContent(), /learning|ready/);
  assert.match(await panel(page, "Latency by stage").textContent(), /Total/);
  assert.match(await state(page).textContent(), /^Live/);

  // What the demo tells its gateway fills the other panels, and within two minutes a variant is rolled back.
  const told = { timeout: 150_000 };
  await panel(page, "Quality").getByRole("rowheader", { name: "ROC AUC" }).waitFor(told);
  await panel(page, "Importance").waitFor(told);
  await panel(page, "Features").getByText(/of the lookups hit the cache/).waitFor(told);
  await panel(page, "Variants").getByRole("columnheader", { name: "Converted" }).waitFor(told);
  await panel(page, "Training").first().waitFor(told);
  await panel(page, "Business").getByRole("rowheader", { name: "orders" }).first().waitFor(told);
  const decided = panel(page, "Alerts").getByText("active to rolled back");
  await decided.waitFor(told);
  assert.match(await panel(page, "Alerts").textContent(), /alert fires.*treatment-fails.*ab_test_errors_total/s);
  assert.deepEqual(errors, []);
  await context.close();
});
