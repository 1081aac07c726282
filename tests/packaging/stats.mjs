// The statistics alone, as `tidegate/stats`: in Node, and on a page that Vite built.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { build, createServer, preview } from "vite";
import { check } from "./harness.mjs";
import { answer, withBrowser } from "./browsers.mjs";

/** Of scipy 1.17.1: `chi2_contingency([[120, 80, 10], [100, 95, 25]], correction=False)`. */
const CHI_SQUARE = { statistic: 9.304941811435317, pvalue: 0.009538005278220458 };

const consumer = (file) => join(import.meta.dirname, "consumer", file);

/** What a page says that a server has; the server is closed. */
async function toldBy(server) {
  try {
    return await withBrowser((browser) => answer(browser, server.resolvedUrls.local[0], "window.tests"));
  } finally {
    await server.close();
  }
}

export async function checkStatistics(project) {
  const root = join(project, "stats");
  await mkdir(root);
  for (const file of ["stats.js", "stats-node.js"]) await copyFile(consumer(file), join(root, file));
  await copyFile(consumer("stats-page.html"), join(root, "index.html"));

  const told = await check("Node imports the statistics alone", () => {
    const told = execFileSync(process.execPath, [join(root, "stats-node.js")], { cwd: project, encoding: "utf8" });
    const [[ks], [chiSquare]] = JSON.parse(told);
    assert.deepEqual([ks.method, ks.verdict], ["kolmogorov_smirnov", "no_drift"]);
    assert.ok(Math.abs(chiSquare.statistic / CHI_SQUARE.statistic - 1) < 1e-12, `${chiSquare.statistic}`);
    assert.ok(Math.abs(chiSquare.p_value / CHI_SQUARE.pvalue - 1) < 1e-9, `${chiSquare.p_value}`);
    return told;
  });

  await check("a page built by vite loads the statistics alone, and gets the same bits", async () => {
    await build({ root, logLevel: "error" });
    const files = await readdir(join(root, "dist"), { recursive: true });
    const modules = files.filter((file) => file.endsWith(".wasm"));
    assert.equal(modules.length, 1, files.join("\n"));
    const { size } = await stat(join(root, "dist", modules[0]));
    assert.ok(size < 400_000, `${size} bytes`);
    assert.equal(await toldBy(await preview({ root, logLevel: "error", preview: { port: 0 } })), told);
  });

  await check("vite's development server serves them too", async () => {
    const server = await createServer({ root, logLevel: "error", server: { port: 0 } });
    assert.equal(await toldBy(await server.listen()), told);
  });
}
