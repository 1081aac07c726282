// The browser computes the same bits as the native core: every number of both reports is the same double,
// and so is all that the parity tests compute.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { launch } from "./support/browser.mjs";
import { drop, exportedReport, ROOT, startExplorer } from "./support/explorer.mjs";
import { serveFolder } from "./support/static-server.mjs";

const native = process.env.TIDEGATE_NATIVE_REPORT;
const missing = "TIDEGATE_NATIVE_REPORT names no native report; `cargo xtask test` writes one and sets it";
const table = (name) => join(ROOT, "tests/bits", name);

/** The leaves of a report by their path; what is left out and what is `null` are the same. */
function leaves(value, path = "", found = new Map()) {
  if (value === null) return found;
  if (typeof value !== "object") return found.set(path, value);
  for (const [key, child] of Object.entries(value)) leaves(child, `${path}/${key}`, found);
  return found;
}

function differences(one, other) {
  const [left, right] = [leaves(one), leaves(other)];
  const paths = new Set([...left.keys(), ...right.keys()]);
  return [...paths]
    .filter((path) => !Object.is(left.get(path), right.get(path)))
    .map((path) => `${path}: native ${left.get(path)}, here ${right.get(path)}`);
}

test("a neighbouring double is another", () => {
  assert.deepEqual(differences({ a: [1, 0.1], b: null }, { a: [1.0, 0.1] }), []);
  assert.equal(differences({ a: 0.1 }, { a: 0.10000000000000002 }).length, 1);
  assert.equal(differences({ a: 0 }, { a: -0 }).length, 1);
  assert.equal(differences({ a: 1 }, { a: 1, b: 2 }).length, 1);
});

test(
  "Chromium computes the bits that the native core computes",
  { skip: native || process.env.CI ? false : missing },
  async () => {
    assert.ok(native, missing);
    const explorer = await startExplorer();
    try {
      const { page } = await explorer.open();
      await drop(page, "main", table("reference.csv"), table("current.csv"));
      const report = await exportedReport(page);
      const expected = JSON.parse(await readFile(native, "utf8"));
      assert.deepEqual(differences(expected, report), []);
      const numbers = [...leaves(report).values()].filter((leaf) => typeof leaf === "number");
      assert.ok(numbers.length > 200, `only ${numbers.length} numbers were compared`);
    } finally {
      await explorer.close();
    }
  },
);

const nativeGoldens = process.env.TIDEGATE_NATIVE_GOLDENS;
const probe = process.env.TIDEGATE_BITS_PROBE;
const noGoldens = "TIDEGATE_NATIVE_GOLDENS or TIDEGATE_BITS_PROBE is not set; `cargo xtask test` sets both";

test(
  "Chromium computes the goldens that the native core computes",
  { skip: (nativeGoldens && probe) || process.env.CI ? false : noGoldens },
  async () => {
    assert.ok(nativeGoldens && probe, noGoldens);
    const expected = JSON.parse(await readFile(nativeGoldens, "utf8"));
    const folder = await mkdtemp(join(tmpdir(), "tidegate-goldens-"));
    await writeFile(join(folder, "index.html"), "<!doctype html><title>goldens</title>");
    await copyFile(table("host.mjs"), join(folder, "host.js"));
    await copyFile(probe, join(folder, "probe.wasm"));
    const server = await serveFolder(folder);
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(server.url);
      const found = await page.evaluate(async (tests) => {
        const { goldens } = await import("/host.js");
        return goldens(await (await fetch("/probe.wasm")).arrayBuffer(), tests);
      }, Object.keys(expected));
      assert.deepEqual(found, expected);
      assert.ok(Object.keys(found).length > 80, "too few tests were compared");
    } finally {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true });
    }
  },
);
