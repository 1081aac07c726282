// What must hold of the page for every reader: names, roles, order, contrast, both themes, small screens.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openEstimate, openExperiment, openExplanation, openPlan, openQuality, openTraining } from "./support/analyses.mjs";
import { startExplorer } from "./support/explorer.mjs";
import { fakeGateway, TOKEN } from "./support/fake-gateway.mjs";
import { contrastFailures, unnamedControls } from "./support/audit.mjs";

let explorer;
let gateway;
before(async () => {
  explorer = await startExplorer();
  gateway = await fakeGateway();
});
after(async () => {
  await explorer.close();
  await gateway.close();
});

const VIEWS = {
  "the empty comparison": async () => explorer.open(""),
  "a report with an open row": async (options) => {
    const opened = await explorer.open("", options);
    await opened.page.getByRole("button", { name: "Try with example data" }).click();
    await opened.page.getByRole("button", { name: "vicprice" }).click();
    return opened;
  },
  "labelled predictions": (options) => openQuality(explorer, options),
  "an estimate without labels": (options) => openEstimate(explorer, options),
  "an experiment": (options) => openExperiment(explorer, options),
  "the plan of an experiment": (options) => openPlan(explorer, options),
  "a training run": (options) => openTraining(explorer, options),
  "an explanation": (options) => openExplanation(explorer, options),
  "the form of the live view": async (options) => explorer.open("#live", options),
  "the live view": async (options) => {
    const opened = await explorer.open(
      `#live?${new URLSearchParams({ gateway: gateway.url, token: TOKEN })}`,
      options,
    );
    await opened.page.locator(".live .tiles").waitFor();
    return opened;
  },
};

for (const [name, open] of Object.entries(VIEWS)) {
  describe(name, () => {
    for (const colorScheme of ["light", "dark"]) {
      test(`has text of enough contrast in ${colorScheme}`, async () => {
        const { page, close } = await open({ colorScheme });
        assert.deepEqual(await page.evaluate(contrastFailures), []);
        await close();
      });
    }

    test("names every control, picture and table, and has each id once", async () => {
      const { page, close } = await open();
      assert.deepEqual(await page.evaluate(unnamedControls), []);
      await close();
    });

    test("has one main region, one first heading in sight, and headings that skip no level", async () => {
      const { page, close } = await open();
      assert.equal(await page.getByRole("main").count(), 1);
      const levels = await page.evaluate(() =>
        [...document.querySelectorAll("main :is(h1, h2, h3)")]
          .filter((heading) => heading.checkVisibility())
          .map((heading) => Number(heading.tagName[1])),
      );
      assert.ok(levels.filter((level) => level === 1).length <= 1, `first headings in ${levels}`);
      for (let i = 1; i < levels.length; i++)
        assert.ok(levels[i] - levels[i - 1] <= 1, `a level is skipped in ${levels}`);
      await close();
    });

    test("fits a narrow screen without scrolling sideways", async () => {
      const { page, close } = await open({ viewport: { width: 360, height: 740 } });
      const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= screen, `${content} px of content on ${screen} px`);
      await close();
    });
  });
}

test("the theme follows the system, and the button overrules and remembers", async () => {
  const { page, close } = await explorer.open("", { colorScheme: "dark" });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await page.emulateMedia({ colorScheme: "light" });
  const light = await ground();
  assert.notEqual(dark, light);
  const button = page.getByRole("button", { name: /^Theme/ });
  await button.click();
  assert.equal(await ground(), light);
  await button.click();
  assert.equal(await ground(), dark, "dark was chosen on a light system");
  await page.reload();
  await button.waitFor();
  assert.equal(await ground(), dark, "the choice is remembered");
  await button.click();
  assert.equal(await ground(), light, "and can be given back to the system");
  await close();
});

test("the two samples and the verdicts differ by more than colour", async () => {
  const { page, close } = await VIEWS["a report with an open row"]();
  const drawn = (selector) =>
    page
      .locator(selector)
      .first()
      .evaluate((path) => [getComputedStyle(path).fill, getComputedStyle(path).strokeWidth]);
  const [referenceFill] = await drawn(".plot-frame .area-reference");
  const [currentFill, currentWidth] = await drawn(".plot-frame .line-current");
  assert.notEqual(referenceFill, "none");
  assert.equal(currentFill, "none");
  assert.equal(currentWidth, "2px");
  const shapes = await page
    .locator(".badge path")
    .evaluateAll((paths) => new Set(paths.map((path) => path.getAttribute("d"))).size);
  assert.equal(shapes, 2, "drift and stable have shapes of their own");
  await close();
});

test("the skip link leads past the header", async () => {
  const { page, close } = await explorer.open("");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  await close();
});

test("on a narrow screen all views and file names are in sight, and a wide table can be reached by keyboard", async () => {
  const { page, close } = await VIEWS["a report with an open row"]({ viewport: { width: 400, height: 800 } });
  const isCut = (element) => element.scrollWidth > element.clientWidth + 1;
  assert.equal(await page.getByRole("navigation", { name: "Views" }).evaluate(isCut), false);
  for (const width of [400, 800, 1000]) {
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual(await page.locator(".file-name").evaluateAll((all) => all.map((it) => it.scrollWidth > it.clientWidth)), [false, false], `at ${width}`);
  }
  await page.setViewportSize({ width: 400, height: 800 });
  await page.getByLabel("By the values of").selectOption("period");
  const wide = page.getByRole("group", { name: "Table, wider than the screen" });
  await wide.waitFor();
  await wide.focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.activeElement.scrollLeft > 0);
  await close();
});

test("with the system's own colours the open view, effects and verdicts are still told apart", async () => {
  const { page, close } = await VIEWS["a report with an open row"]({ forcedColors: "active", reducedMotion: "reduce" });
  const style = (locator, name) => locator.evaluate((it, name) => getComputedStyle(it)[name], name);
  assert.equal(await style(page.locator(".header nav a[aria-current]"), "outlineStyle"), "solid");
  const bar = page.locator(".effect-value").first();
  assert.notEqual(await style(bar, "backgroundColor"), await style(page.locator(".effect-track").first(), "backgroundColor"));
  assert.equal(await style(page.locator(".badge").first(), "borderTopStyle"), "solid");
  assert.equal(await style(page.getByRole("button", { name: "Report as HTML" }), "transitionDuration"), "0s");
  await close();
});
