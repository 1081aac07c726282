// Comparing two files in the page.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { contrastFailures, unnamedControls } from "./support/audit.mjs";
import { data, drop, example, exportedReport, startExplorer } from "./support/explorer.mjs";

const EXPECTED = JSON.parse(await readFile(new URL("./expected/elec2.json", import.meta.url), "utf8"));
const REFERENCE = example("elec2-reference.csv");
const CURRENT = example("elec2-current.csv");
const DRIFTED = ["vicprice", "transfer", "vicdemand", "nswprice"];

let explorer;
before(async () => {
  explorer = await startExplorer();
});
after(() => explorer.close());

/** Runs `body` in a fresh page, and fails if it asked anyone else for anything or threw. */
async function inPage(body, options) {
  const { page, requests, errors, close } = await explorer.open("", options);
  try {
    await body(page, requests);
    const foreign = requests.filter((url) => !url.startsWith(explorer.origin) && !/^(blob|data):/.test(url));
    assert.deepEqual(foreign, [], "the page asked another origin");
    assert.deepEqual(errors, [], "an error was thrown in the page");
  } finally {
    await close();
  }
}

const columnNames = (page) => page.locator(".column-name").allTextContents();
const slot = (page, name) => page.getByRole("group", { name, exact: true });

/** Numbers of two tools that sum in different orders agree to 12 digits; tails of p-values to 6. */
function assertClose(actual, expected, relative, what) {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected) + 1e-300,
    `${what}: ${actual}, and scipy ${expected}`,
  );
}

function assertAsScipySays(report) {
  assert.equal(report.reference.rows, EXPECTED.rows[0]);
  assert.equal(report.current.rows, EXPECTED.rows[1]);
  const columns = report.columns.filter(({ name }) => name !== "time");
  assert.deepEqual(columns.map((column) => column.name).sort(), Object.keys(EXPECTED.columns).sort());
  for (const column of columns) {
    for (const [method, expected] of Object.entries(EXPECTED.columns[column.name])) {
      const found = column.tests.find((candidate) => candidate.method === method);
      assert.ok(found, `${column.name} has ${method}`);
      assertClose(found.statistic, expected.statistic, 1e-12, `${column.name}, ${method}`);
      if (expected.p_value !== undefined)
        assertClose(found.p_value, expected.p_value, 1e-6, `p of ${column.name}, ${method}`);
    }
  }
  const drifted = report.columns.filter((column) => column.verdict === "drift").map((column) => column.name);
  assert.deepEqual(drifted.sort(), [...DRIFTED].sort());
}

test("two CSV files dropped at once give the statistics that scipy gives", () =>
  inPage(async (page) => {
    await drop(page, "main", CURRENT, REFERENCE); // In the wrong order: their names say which is which.
    const report = await exportedReport(page);
    assertAsScipySays(report);
    assert.equal(
      await page.getByRole("heading", { level: 1 }).last().textContent(),
      "4 of 8 columns drifted.",
    );
    const names = await columnNames(page);
    assert.deepEqual(names.slice(0, 4), DRIFTED, "what drifted most comes first");
    const first = page.locator("tbody.column").first();
    assert.match(await first.textContent(), /vicprice.*Drift.*KS.*0\.378/s);
  }));

test("a Parquet pair dropped one at a time gives the same numbers", () =>
  inPage(async (page, requests) => {
    await drop(page, ".slot-reference", data("elec2-reference.parquet"));
    await page.getByText("792 rows").waitFor();
    assert.ok(
      requests.some((url) => url.endsWith(".wasm")),
      "the core is loaded by the first file",
    );
    await drop(page, ".slot-current", data("elec2-current.parquet"));
    assertAsScipySays(await exportedReport(page));
  }));

test("a ragged row is said at once and in one sentence, and the other file is kept", () =>
  inPage(async (page) => {
    await drop(page, ".slot-reference", REFERENCE);
    await page.getByText("792 rows").waitFor();
    await drop(page, ".slot-current", { name: "ragged.csv", text: "a,b\n1,2\n3\n4,5\n" });
    const alert = page.getByRole("alert");
    const sentence = (await alert.textContent()).trim();
    assert.match(sentence, /ragged\.csv/);
    assert.match(sentence, /3/, "the sentence says which row");
    assert.match(await slot(page, "Reference").textContent(), /elec2-reference\.csv/);
    assert.equal(await slot(page, "Reference").getByRole("alert").count(), 0);

    await drop(page, ".slot-current", CURRENT);
    assertAsScipySays(await exportedReport(page));
    assert.equal(await alert.count(), 0);
  }));

test("files that are no tables are refused, each with its own sentence", () =>
  inPage(async (page) => {
    const zip = { name: "table.xlsx", text: "PK\u0003\u0004 and so on" };
    const picture = { name: "picture.png", text: "\u0089PNG\r\n\u001a\n\0\0\0" };
    await drop(page, "main", zip, picture);
    await page.getByRole("alert").nth(1).waitFor();
    const [first, second] = await page.getByRole("alert").allTextContents();
    assert.match(first, /table\.xlsx is a zip archive or a spreadsheet; save the table as CSV or Parquet/);
    assert.match(second, /picture\.png is no table: .*; CSV, Parquet and JSON records are read, each with gzip or without/);
    const report = { name: "report.json", text: '{"schema": "tidegate.report/1", "columns": []}' };
    await drop(page, ".slot-reference", report);
    await page.getByText("report.json is a tidegate.report/1, and no table: give the tables themselves.").waitFor();
  }));

test("three files at once are too many, and nothing is lost", () =>
  inPage(async (page) => {
    await drop(page, "main", REFERENCE, CURRENT);
    await page.locator(".headline").waitFor();
    await drop(page, "main", REFERENCE, CURRENT, REFERENCE);
    assert.match(await page.getByRole("alert").textContent(), /3 files are too many/);
    assert.equal(await page.locator(".headline").count(), 1);
  }));

test("pasted CSV text is a file", () =>
  inPage(async (page) => {
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "x,y\n1,2\n3,4\n");
      document.body.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
      );
    });
    await page.getByText("2 rows").waitFor();
    assert.match(await slot(page, "Reference").textContent(), /pasted\.csv/);
  }));

test("the whole way works by keyboard alone", () =>
  inPage(async (page) => {
    const { keyboard } = page;
    const focused = () =>
      page.evaluate(
        () =>
          document.activeElement?.getAttribute("aria-label") ??
          document.activeElement?.textContent?.trim() ??
          "",
      );
    const tabTo = async (label) => {
      for (let i = 0; i < 40; i++) {
        if (label.test(await focused())) return;
        await keyboard.press("Tab");
      }
      assert.fail(`no way by Tab to ${label}`);
    };
    // Listened to all the time, for turning it on and off races with the key.
    page.on("filechooser", () => undefined);
    for (const [name, path] of [
      ["reference", REFERENCE],
      ["current", CURRENT],
    ]) {
      await tabTo(new RegExp(`Choose the ${name} file`));
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), keyboard.press("Enter")]);
      await chooser.setFiles(path);
      await page.getByText(name === "reference" ? "792 rows" : "1,584 rows").waitFor();
    }
    await page.locator(".headline").waitFor();
    assert.equal(await focused(), "4 of 8 columns drifted.", "the focus is taken to the answer");

    await tabTo(/Find a column/);
    await keyboard.type("price");
    assert.deepEqual(await columnNames(page), ["vicprice", "nswprice"]);
    await tabTo(/^Column/);
    await keyboard.press("Enter");
    assert.deepEqual(await columnNames(page), ["nswprice", "vicprice"]);
    assert.equal(await page.locator("th[aria-sort]").getAttribute("aria-sort"), "ascending");
    await tabTo(/^nswprice$/);
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: /^Kolmogorov-Smirnov/ }).waitFor();
    await tabTo(/^Distribution of nswprice/);
    await keyboard.press("ArrowRight");
    assert.match(await page.locator(".tooltip").textContent(), /to.*Reference.*%.*Current.*%/s);
    await keyboard.press("Escape");
    assert.equal(await page.locator(".tooltip").count(), 0);
  }));

test("progress goes on, cancelling keeps the files, and starting again works", () =>
  inPage(async (page) => {
    await page.evaluate(() => {
      const rows = Array.from({ length: 20_000 }, (_, i) => `${i},${(i * 7919) % 10_007},${i % 13}\n`).join(
        "",
      );
      const files = ["big-reference.csv", "big-current.csv"].map(
        (name) => new File(["a,b,c\n", ...Array(120).fill(rows)], name),
      );
      const dataTransfer = new DataTransfer();
      for (const file of files) dataTransfer.items.add(file);
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    });
    const bar = page.getByRole("progressbar", { name: "Comparison" });
    const now = async () => Number(await bar.getAttribute("aria-valuenow"));
    await bar.waitFor();
    await page.waitForFunction(
      () => Number(document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")) > 0,
    );
    const first = await now();
    await page.waitForFunction(
      (seen) => Number(document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")) > seen,
      first,
    );
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled. The files are still here.").waitFor();
    assert.match(await slot(page, "Reference").textContent(), /big-reference\.csv/);
    assert.match(await slot(page, "Current").textContent(), /big-current\.csv/);

    await page.getByRole("button", { name: "Compare again" }).click();
    await bar.waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("Cancelled. The files are still here.").waitFor();
  }));

test("the example that comes with the page works with one press", () =>
  inPage(async (page, requests) => {
    assert.equal(
      requests.filter((url) => /\.wasm|worker/.test(url)).length,
      0,
      "nothing heavy is loaded before it is needed",
    );
    await page.getByRole("button", { name: "Try with example data" }).click();
    assertAsScipySays(await exportedReport(page));
  }));

test("filters, rows and swapping do what they say", () =>
  inPage(async (page) => {
    await drop(page, "main", REFERENCE, CURRENT);
    await page.locator(".headline").waitFor();
    await page.getByRole("button", { name: /^Stable/ }).click();
    assert.deepEqual((await columnNames(page)).sort(), ["class", "nswdemand", "period", "time"]);
    await page.getByRole("button", { name: "class", exact: true }).click();
    assert.match(await page.locator(".detail").textContent(), /Chi-square, two samples/);
    await page.getByText("The numbers behind the plot").click();
    assert.match(
      await page.getByRole("table", { name: "Rows of class by bin" }).textContent(),
      /DOWN461907UP331677/,
    );
    await page.getByRole("button", { name: "Swap reference and current" }).click();
    await page.locator(".headline").waitFor();
    assert.match(await slot(page, "Reference").textContent(), /elec2-current\.csv/);
  }));

test("the report is a page of one file too, without a script, that asks nobody for anything", async () => {
  const { page, errors, close } = await explorer.open("");
  await page.getByRole("button", { name: "Try with example data" }).click();
  await page.locator(".headline").waitFor();
  await page.getByRole("button", { name: "Compare stretch by stretch" }).click();
  await page.getByLabel("By the values of").selectOption("class");
  await page.getByRole("button", { name: "Compare whole rows too" }).click();
  const told = (where) => where.locator("section").filter({ hasText: /^(Over time|By segment|Whole rows)/ });
  await told(page).getByRole("row", { name: /^Domain classifier/ }).waitFor();
  await page.getByRole("table", { name: "Segments by class" }).waitFor();
  await page.getByRole("group", { name: /^Verdicts over time/ }).waitFor();
  const headline = (await page.locator(".headline h1").textContent()).trim();
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Report as HTML" }).click(),
  ]);
  assert.equal(saved.suggestedFilename(), "tidegate-report.html");
  assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1, "the view itself is as it was");
  const html = await readFile(await saved.path(), "utf8");
  assert.ok(!/<script|\son[a-z]+=/i.test(html), "no script");

  const context = await explorer.browser.newContext({ viewport: { width: 390, height: 800 } });
  const requests = [];
  context.on("request", (request) => requests.push(request.url()));
  const alone = await context.newPage();
  const folder = await mkdtemp(join(tmpdir(), "tidegate-report-"));
  const file = join(folder, "report.html");
  await writeFile(file, html);
  await alone.goto(pathToFileURL(file).href);
  assert.deepEqual(requests.length, 1, `it asks for ${requests}`);
  assert.equal((await alone.getByRole("heading", { level: 1 }).textContent()).trim(), headline);
  assert.match(await alone.title(), /^elec2-current\.csv against elec2-reference\.csv: /);
  const shown = async (where, name) => where.getByRole("table", { name }).textContent();
  assert.equal(await shown(alone, "Segments by class"), await shown(page, "Segments by class"));
  assert.match(await told(alone).nth(0).textContent(), /Drift is first seen in the stretch from 1997-05-05:/);
  assert.equal(await alone.locator(".grid-cell.grid-drift").count(), await page.locator(".grid-cell.grid-drift").count());
  assert.ok(await alone.getByRole("row", { name: /^Domain classifier/ }).isVisible());
  const columns = await page.locator(".columns .column-name").allTextContents();
  assert.deepEqual(await alone.locator("tbody th a").allTextContents(), columns);
  await alone.getByRole("link", { name: "vicprice" }).click();
  assert.ok(await alone.getByRole("heading", { name: /^vicprice/ }).isVisible());
  assert.match(await alone.getByRole("region", { name: /^vicprice/ }).textContent(), /Kolmogorov-Smirnov.*Bound on p/s);
  const [content, screen] = await alone.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= screen, `${content} px of content on ${screen} px`);
  assert.deepEqual(await alone.evaluate(contrastFailures), []);
  assert.deepEqual(await alone.evaluate(unnamedControls), []);
  assert.deepEqual(errors, []);
  await context.close();
  await rm(folder, { recursive: true });
  await close();
});

test("the current table can be compared stretch by stretch, and the grid read by keyboard", () =>
  inPage(async (page) => {
    await page.getByRole("button", { name: "Try with example data" }).click();
    await page.getByRole("button", { name: "Compare stretch by stretch" }).click();
    const grid = page.getByRole("group", { name: /^Verdicts over time/ });
    await grid.waitFor();
    const cells = async (kind) => grid.locator(`.grid-cell.grid-${kind}`).count();
    assert.equal((await cells("drift")) + (await cells("no_drift")) + (await cells("insufficient_data")), 7 * 12);
    // The markets joined on 5 May 1997, where the seventh stretch begins; until then it is quiet.
    await page.getByText(/^Drift is first seen in the stretch from 1997-05-05: in vicprice, transfer and vicdemand\.$/).waitFor();
    await page.getByText(/^nswdemand is judged in no stretch: .*, and 132 rows count as 10\.$/).waitFor();
    await grid.focus();
    await page.keyboard.press("Home");
    const said = async () => grid.getByRole("status").textContent();
    for (let stretch = 0; stretch < 12; stretch++) {
      assert.match(await said(), stretch < 6 ? /^vicprice, from 199[67]-.*VerdictStable/ : /^vicprice, from 1997-.*VerdictDrift/);
      await page.keyboard.press("ArrowRight");
    }
    assert.match(await said(), /^transfer, from 1996-11-04 /);
    await page.keyboard.press("End");
    assert.match(await said(), /^class, from 1997-10-03 .*VerdictStable/);
    await page.getByRole("combobox", { name: "Stretches" }).selectOption("6");
    await page.waitForFunction(() => document.querySelectorAll(".grid-cell").length === 7 * 6);
    assert.deepEqual(await page.evaluate(contrastFailures), []);
    assert.deepEqual(await page.evaluate(unnamedControls), []);
    await page.getByRole("combobox", { name: "In the order of" }).selectOption("class");
    assert.match(await page.locator(".panel [role=alert]").textContent(), /class/);
  }));

/** Two cities whose ages move against each other, so that all together stay as they were, and a hamlet. */
function cities(moved) {
  const lines = Array.from({ length: 410 }, (_, row) => {
    const city = row >= 400 ? "hamlet" : ["north", "south"][row % 2];
    return `${city},${((Math.floor(row / 2) * 37) % 100) + (row % 2 === 0 ? moved : -moved) + 0.5}`;
  });
  return ["city,age", ...lines].join("\n");
}

test("segments show drift that the whole hides, and which of them are too small", () =>
  inPage(async (page) => {
    await drop(page, ".compare", { name: "before.csv", text: cities(-10) }, { name: "after.csv", text: cities(10) });
    await page.getByRole("heading", { name: "None of 2 columns drifted." }).waitFor();
    await page.getByLabel("By the values of").selectOption("city");
    const table = page.getByRole("table", { name: "Segments by city" });
    await table.waitFor();
    const rows = (await table.getByRole("row").allTextContents()).slice(1);
    assert.match(rows[0], /^north200 \(48\.8%\)200 \(48\.8%\)Driftage 0\.\d+$/);
    assert.match(rows[1], /^south200 \(48\.8%\)200 \(48\.8%\)Driftage 0\.\d+$/);
    assert.match(rows[2], /^hamlet10 \(2\.4%\)10 \(2\.4%\)Not judgedtoo small: fewer than 30 rows of either table$/);
    await page.getByLabel("By the values of").selectOption("age");
    await page.getByRole("table", { name: "Segments by age" }).getByRole("row", { name: /^below/ }).waitFor();
  }));

test("a column of too many values to cut by is said to be one, and tables without a common column are not cut", () =>
  inPage(async (page) => {
    const users = (letter) =>
      ["email,amount", ...Array.from({ length: 500 }, (_, row) => `${letter}${row}@example.com,${(row * 37) % 101}`)].join("\n");
    await drop(page, ".compare", { name: "before.csv", text: users("a") }, { name: "after.csv", text: users("b") });
    await page.getByLabel("By the values of").selectOption("email");
    await page.getByText("20 segments with too few rows of either table to be compared are not listed: email has too many values to cut by.").waitFor();
    assert.equal(await page.getByRole("table", { name: "Segments by email" }).getByRole("row").count(), 2);
    await drop(page, ".compare", { name: "one.csv", text: "a,b\n1,2\n" }, { name: "two.csv", text: "c,d\n1,2\n" });
    await page.getByRole("heading", { name: "No column is in both tables." }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Compare stretch by stretch" }).count(), 0);
  }));

test("on a narrow screen the ends of time do not lie on each other", () =>
  inPage(
    async (page) => {
      await page.getByRole("button", { name: "Try with example data" }).click();
      await page.getByRole("button", { name: "Compare stretch by stretch" }).click();
      const plot = page.getByRole("group", { name: /^Verdicts over time/ });
      await plot.getByText("from 1996-11-04 12:00").waitFor();
      assert.equal(await plot.getByText("from 1997-10-03 06:00").count(), 0);
      await page.setViewportSize({ width: 1000, height: 800 });
      await plot.getByText("from 1997-10-03 06:00").waitFor();
    },
    { viewport: { width: 390, height: 800 } },
  ));

test("files that gzip compressed are read as they are", () =>
  inPage(async (page) => {
    const compressed = async (path) => ({
      name: `${basename(path)}.gz`,
      text: gzipSync(await readFile(path)),
    });
    await drop(page, ".compare", await compressed(REFERENCE), await compressed(CURRENT));
    assertAsScipySays(await exportedReport(page));
  }));

test("an open column has the mean, the deviation and the range of both tables", () =>
  inPage(async (page) => {
    await drop(page, ".compare", REFERENCE, CURRENT);
    await page.getByRole("button", { name: "nswdemand" }).click();
    const table = page.getByRole("table", { name: "Statistics of nswdemand" });
    await table.waitFor();
    const values = async (path) => {
      const [head, ...lines] = (await readFile(path, "utf8")).trimEnd().split("\n");
      const at = head.split(",").indexOf("nswdemand");
      return lines.map((line) => Number(line.split(",")[at]));
    };
    const figures = (all) => {
      const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
      const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
      return [mean, Math.sqrt(variance), Math.min(...all), Math.max(...all)].map((it) => Number(it.toPrecision(4)));
    };
    const [before, now] = [figures(await values(REFERENCE)), figures(await values(CURRENT))];
    const want = ["Mean", "Standard deviation", "Smallest", "Largest"].map((name, i) => `${name}${before[i]}${now[i]}`);
    assert.deepEqual((await table.getByRole("row").allTextContents()).slice(1), want);
    await page.getByRole("button", { name: "class", exact: true }).click();
    const words = page.getByRole("table", { name: "Statistics of class" });
    await words.getByRole("row", { name: /^Categories 2 2$/ }).waitFor();
  }));

test("what is odd is said: the same file twice, JSON of no records, and a time that is none", () =>
  inPage(async (page) => {
    await drop(page, ".compare", REFERENCE, REFERENCE);
    await page.getByText("is it the same file twice?").waitFor();
    const rows = Array.from({ length: 100 }, (_, row) => `${row % 60},${row}`).join("\n");
    const table = (name) => ({ name, text: `air_time,distance\n${rows}\n` });
    await drop(page, ".compare", table("one.csv"), table("two.csv"));
    await page.getByText("None of 2 columns drifted.").waitFor();
    await page.getByRole("button", { name: "Compare stretch by stretch" }).click();
    assert.equal(await page.getByLabel("In the order of").inputValue(), "", "minutes in the air are no times");
    await page.getByRole("group", { name: "Verdicts over time" }).waitFor();
    await drop(page, ".compare", { name: "rows.json", text: '[{"a": 1}, 2]' });
    await page.getByText("rows.json: record 2 is no JSON object").waitFor();
  }));

test("what decides, how sure it must be, and which numbers are categories can be chosen", () =>
  inPage(async (page) => {
    const zips = (shift) => Array.from({ length: 400 }, (_, row) => `${(row % 5) * 1000},${((row * 37) % 100) + shift}`);
    const table = (name, shift) => ({ name, text: ["zip,age", ...zips(shift)].join("\n") });
    await drop(page, ".compare", table("before.csv", 0), table("after.csv", 8));
    await page.getByRole("heading", { name: "None of 2 columns drifted." }).waitFor();
    await page.getByText("How it is compared", { exact: true }).first().click();
    await page.getByLabel("Decided by").selectOption("welch_t");
    await page.getByRole("heading", { name: "1 of 2 columns drifted." }).waitFor();
    await page.getByLabel("Numbers that are categories").selectOption("zip");
    const again = page.getByRole("button", { name: "Read zip as numbers again" });
    await again.waitFor();
    const report = await exportedReport(page);
    const [zip, age] = ["zip", "age"].map((name) => report.columns.find((column) => column.name === name));
    assert.deepEqual([zip.kind, zip.tests[0].method, age.tests[0].method], ["categorical", "chi_square", "welch_t"]);
    await page.locator(".settings").getByLabel("False alarms (alpha)").selectOption("0.001");
    await page.getByLabel("By the values of").selectOption("zip");
    await page.getByRole("table", { name: "Segments by zip" }).getByRole("row", { name: /^1000/ }).waitFor();
    assert.equal((await exportedReport(page)).columns[0].tests[0].threshold, 0.001);
    await again.click();
    await again.waitFor({ state: "detached" });
    await page.locator(".headline").waitFor();
    await drop(page, ".compare", REFERENCE, CURRENT);
    await page.getByRole("heading", { name: /of 8 columns drifted/ }).waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
  }));
