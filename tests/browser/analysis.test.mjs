// The views that judge: a model, an experiment, a training run, and what moves predictions.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { openExperiment, openExplanation, openPlan, openQuality, openTraining, planned } from "./support/analyses.mjs";
import { drop, example, ROOT, startExplorer } from "./support/explorer.mjs";

const golden = async (file) => JSON.parse(await readFile(join(ROOT, "tests/golden", `${file}.json`), "utf8")).cases;

let explorer;
before(async () => {
  explorer = await startExplorer();
});
after(() => explorer.close());

/** Runs `body` in what was opened, and fails if it asked anyone else for anything or threw. */
async function within(opening, body) {
  const { page, requests, errors, close } = await opening;
  try {
    await body(page);
    const foreign = requests.filter((url) => !url.startsWith(explorer.origin) && !/^(blob|data):/.test(url));
    assert.deepEqual(foreign, [], "the page asked another origin");
    assert.deepEqual(errors, [], "an error was thrown in the page");
  } finally {
    await close();
  }
}

const tile = (page, name) =>
  page
    .locator(".tile")
    .filter({ has: page.locator("dt", { hasText: new RegExp(`^${name}`) }) })
    .locator(".tile-value")
    .textContent();

test("labelled predictions give scikit-learn's figures, a confusion matrix and a calibration curve", () =>
  within(openQuality(explorer), async (page) => {
    const want = (await golden("quality")).find(({ name }) => name === "california");
    assert.equal(await tile(page, "ROC AUC"), want.roc_auc.toFixed(3));
    assert.equal(await tile(page, "Calibration error"), want.equal_width_10.expected.toFixed(3));
    assert.equal(await tile(page, "Accuracy"), "61.4%");
    assert.equal(await page.getByRole("img", { name: /^Calibration curve/ }).locator("circle.dot").count(), 10);
    const matrix = page.getByRole("group", { name: /^Confusion matrix/ });
    await matrix.focus();
    await page.keyboard.press("ArrowRight");
    assert.match(await matrix.getByRole("status").textContent(), /^0, predicted 0Rows400Of 099.3%$/);
  }));

test("the columns can be picked, and without labels an estimate is NannyML's", () =>
  within(explorer.open("#quality"), async (page) => {
    const sample = (name) => join(ROOT, "tests/golden/samples", `${name}.csv`);
    await drop(page, ".slot >> visible=true >> nth=0", sample("cbpe_car_loan_reference"));
    await page.getByRole("region", { name: "Evaluation" }).waitFor();
    await page.getByLabel("Score of the positive class").selectOption("");
    await page.locator(".tile", { hasText: "ROC AUC" }).waitFor({ state: "detached" });
    await drop(page, ".slot >> visible=true >> nth=1", sample("cbpe_car_loan_current"));
    await page.getByText("An estimate needs the column of the score.").waitFor();
    await page.getByLabel("Score of the positive class").selectOption("score");
    const panel = page.getByRole("region", { name: "Estimated without labels" });
    await panel.waitFor();
    const row = await panel.getByRole("row", { name: /^Recall/ }).textContent();
    assert.match(row, /^Recall0\.9080\.877 to 0\.9400\.9420\.901Drift/i);
    assert.equal(await panel.getByRole("img", { name: /^Estimated figures/ }).locator("circle.dot").count(), 7);
  }));

test("segments show where a model is worse, with scipy's p-values", () =>
  within(openQuality(explorer), async (page) => {
    const want = (await golden("segments")).find(({ sample }) => sample === "quality_california");
    await page.getByLabel("Segments by").selectOption("score");
    const panel = page.getByRole("region", { name: "By score" });
    const rows = panel.getByRole("row");
    await rows.nth(want.segments.length).waitFor();
    const texts = await rows.allTextContents();
    for (const [i, { rows, figure, rest }] of want.segments.entries()) {
      const percent = (share) => `${Number((share * 100).toFixed(1))}%`;
      assert.ok(texts[i + 1].includes(`${rows}${percent(figure)}${percent(rest)}`), texts[i + 1]);
    }
    assert.match(texts[1], /^below 0\.12.*5\.0 × 10|^below 0\.12.*Better$/);
    assert.ok(texts.some((text) => text.endsWith("Worse")));
    const plot = panel.getByRole("group", { name: "Accuracy by score" });
    await plot.focus();
    await page.keyboard.press("ArrowRight");
    assert.match(await plot.getByRole("status").textContent(), /^below 0\.12.*All other rows53\.2%/);
    await page.getByLabel("Segments by").selectOption("");
    await panel.waitFor({ state: "detached" });
  }));

/** Rows whose scores mean what they say, but for the share of the labels that is turned. */
function scored(rows, turned) {
  let seed = 11;
  const next = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const lines = Array.from({ length: rows }, () => {
    const score = next();
    const label = next() < score !== next() < turned;
    return `${label ? 1 : 0},${score > 0.5 ? 1 : 0},${score.toFixed(3)}`;
  });
  return ["label,predicted,score", ...lines].join("\n");
}

test("where the labels refute the estimate it is said, and nowhere else", () =>
  within(explorer.open("#quality"), async (page) => {
    const slot = (n) => `.slot >> visible=true >> nth=${n}`;
    await drop(page, slot(0), { name: "known.csv", text: scored(2000, 0) });
    await page.getByRole("region", { name: "Evaluation" }).waitFor();
    await drop(page, slot(1), { name: "like-it.csv", text: scored(1500, 0) });
    const panel = page.getByRole("region", { name: "Estimated without labels" });
    await panel.waitFor();
    assert.doesNotMatch(await panel.textContent(), /does not hold/);
    await page.getByRole("button", { name: /^Remove/ }).locator("visible=true").last().click();
    await drop(page, slot(1), { name: "turned.csv", text: scored(1500, 0.5) });
    await panel.getByText("The estimate does not hold.").waitFor();
    assert.match(await panel.textContent(), /Of 1,500 labelled rows 7\d(\.\d)?% were expected .* and \d+(\.\d)?% were/);
  }));

test("an experiment's table gives differences with intervals, and a covariate takes noise off", () =>
  within(openExperiment(explorer), async (page) => {
    const region = page.getByRole("region", { name: "Experiment", exact: true });
    await region.getByText("has the larger mean than old").waitFor();
    assert.equal(await region.locator(".interval").count(), 2);
    await page.getByLabel("Before the experiment").selectOption("");
    await region.getByText("cannot be told from old yet").waitFor();
    assert.equal(await region.locator(".interval").count(), 1);
    await page.getByLabel("Outcome").selectOption("bought");
    await region.getByRole("columnheader", { name: "Rate" }).waitFor();
  }));

test("a training log gives loss curves and what is wrong with the run", () =>
  within(openTraining(explorer), async (page) => {
    const findings = page.getByRole("list", { name: "Findings" });
    assert.match(await findings.textContent(), /^Overfitting: the validation loss was 0\.5000 in epoch 5/);
    const plot = page.getByRole("img", { name: /^Loss by epoch/ });
    assert.equal(await plot.locator(".line").count(), 2);
    assert.equal(await plot.locator(".mark").count(), 1);
  }));

test("of a damaged event file the page shows what came before the damage, and says where that is", async () => {
  const bytes = await readFile(join(ROOT, "crates/core/tests/training/runs/pytorch/by_epoch.tfevents"));
  bytes[Math.floor(bytes.length / 2)] ^= 0xff;
  const folder = await mkdtemp(join(tmpdir(), "tidegate-damaged-"));
  const file = join(folder, "events.out.tfevents.1");
  await writeFile(file, bytes);
  try {
    await within(explorer.open("#training"), async (page) => {
      await drop(page, ".slot >> visible=true", file);
      await page.getByRole("img", { name: /^Loss by epoch/ }).waitFor();
      assert.match(await page.getByRole("alert").textContent(), /tfevents\.1: the event file is damaged at byte \d+/);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a model and rows give SHAP values, of all rows and of one", () =>
  within(openExplanation(explorer), async (page) => {
    const want = (await golden("lecture")).ExplainabilityMonitor;
    const all = page.getByRole("group", { name: /^Mean size of the SHAP values/ });
    const most = want.importance.indexOf(Math.max(...want.importance));
    await all.focus();
    await page.keyboard.press("ArrowRight");
    assert.match(await all.getByRole("status").textContent(), new RegExp(`^f${most}Value`));
    const one = page.getByRole("group", { name: /^SHAP values of row 1/ });
    assert.equal(await one.locator(".bar").count(), want.importance.length);
    await page.getByLabel("Row", { exact: true }).fill("7");
    await page.getByRole("group", { name: /^SHAP values of row 7/ }).waitFor();
  }));

test("what cannot be read is told in one sentence, in its place", () =>
  within(explorer.open("#training"), async (page) => {
    await drop(page, ".slot >> visible=true", { name: "sales.csv", text: "a,b\n1,2\n" });
    assert.match(await page.getByRole("alert").textContent(), /sales\.csv: no training log/);
    await page.getByRole("link", { name: "Experiment" }).click();
    await drop(page, ".slot >> visible=true", { name: "ragged.csv", text: "variant,outcome\n1,2\n3\n" });
    assert.match(await page.getByRole("alert").locator("visible=true").first().textContent(), /ragged\.csv: .*row 2/);
  }));

test("whole rows are compared when asked for, and signals stand beside the tests", () =>
  within(explorer.open(""), async (page) => {
    await drop(page, ".compare", example("elec2-reference.csv"), example("elec2-current.csv"));
    await page.getByRole("button", { name: "Compare whole rows too" }).click();
    const panel = page.getByRole("region", { name: "Whole rows" });
    await panel.getByRole("row", { name: /^Domain classifier/ }).waitFor({ timeout: 60_000 });
    assert.equal(await panel.getByRole("row").count(), 4);
    await page.getByRole("button", { name: "transfer" }).click();
    await page.getByRole("columnheader", { name: "Signal" }).first().waitFor();
  }));

for (const [view, result] of [
  ["quality", "Estimated without labels"],
  ["experiment", "Experiment"],
  ["training", /^Training run/],
  ["explain", "Explanation"],
]) {
  test(`the example of ${view} is one click away`, () =>
    within(explorer.open(`#${view}`), async (page) => {
      await page.getByRole("button", { name: "Try with example data" }).click();
      await page.getByRole("region", { name: result }).waitFor();
      assert.equal(await page.getByRole("alert").count(), 0);
    }));
}

test("many classes find their probabilities by their names", () =>
  within(explorer.open("#quality"), async (page) => {
    const want = (await golden("quality")).find(({ name, kind }) => name === "digits" && kind === "probabilities");
    await drop(page, ".slot >> visible=true >> nth=0", join(ROOT, "tests/golden/samples/quality_digits.csv"));
    await page.locator(".tile", { hasText: "ROC AUC" }).waitFor();
    assert.equal(await tile(page, "ROC AUC"), want.areas.roc_auc_one_against_rest.macro.toFixed(3));
    assert.equal(await page.getByLabel("Score of the positive class").count(), 0);
    assert.equal(await page.getByRole("img", { name: /^Confusion matrix/ }).locator(".cell").count(), 100);
  }));

test("an experiment's size is statsmodels', for rates and for means", async () => {
  const all = await golden("experiment_design");
  const asked = [
    ...all.filter(({ function: name }) => name === "two_proportions_counts"),
    ...all.filter(({ function: name, effect }) => name === "two_means_counts" && effect < 1),
  ];
  assert.ok(asked.length >= 10);
  const percent = (share) => Number((share * 100).toPrecision(10));
  for (const { want, effect, reference_rate, current_rate, power, alpha, ratio, alternative } of asked) {
    const outcome =
      effect === undefined
        ? {
            "Rate of the control": percent(reference_rate),
            "Smallest lift worth finding": percent(current_rate / reference_rate - 1),
          }
        : { "Mean of the control": 10, "Standard deviation": 10, "Smallest lift worth finding": percent(effect) };
    const fields = {
      "What is measured": effect === undefined ? "rate" : "mean",
      ...outcome,
      "Chance to find it (power)": percent(power),
      "False alarms (alpha)": percent(alpha),
      "Share of the treatment": (100 * ratio) / (1 + ratio),
      "A finding is": alternative,
    };
    await within(openPlan(explorer, {}, fields), async (page) => {
      await page.locator(".plan-plot").first().waitFor();
      const counted = ([control, treatment]) =>
        [...document.querySelectorAll(".tile")].filter((tile) => tile.checkVisibility()).slice(1, 3)
          .map((tile) => tile.querySelector(".tile-value").textContent).join() === [control, treatment].join();
      await page.waitForFunction(counted, want.map((count) => count.toLocaleString("en-US")));
    });
  }
});

test("a plan says what is wrong with it, what a look at any time costs, and how long it takes", () =>
  within(openPlan(explorer, {}), async (page) => {
    const units = async () => Number((await tile(page, "Units in all")).replaceAll(",", ""));
    const once = await units();
    await page.getByLabel("It is judged").selectOption("always");
    await page.waitForFunction((once) => document.querySelector(".tile-value").textContent !== once, once.toLocaleString("en-US"));
    assert.ok((await units()) > once, "more units for every look");
    await page.getByLabel("Units a day").fill("1000");
    await page.getByLabel("Units a day").blur();
    assert.match(await tile(page, "It takes"), /^\d+ days$/);
    await page.getByLabel("Smallest lift worth finding").fill("0");
    await page.getByLabel("Smallest lift worth finding").blur();
    assert.match(await page.getByRole("alert").textContent(), /a lift that is not 0%/);
    assert.equal(await planned(page).count(), 0, "no answer to another question stays");
  }));
