// The package in a real Chromium: built by Vite, served by Vite, and on a page without any tool.

import assert from "node:assert/strict";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";
import { build, createServer, preview } from "vite";
import { check } from "./harness.mjs";
import { data } from "./node.mjs";

const executablePath = process.env.TIDEGATE_CHROMIUM ?? "/usr/bin/chromium";

/** Checks that a page gets `report` to the last bit, however the package came to it. */
export async function checkBrowsers(project, report) {
  const root = join(project, "page");
  await mkdir(join(root, "public"), { recursive: true });
  for (const file of ["page.html", "page.js"]) {
    await copyFile(
      join(import.meta.dirname, "consumer", file),
      join(root, file === "page.html" ? "index.html" : file),
    );
  }
  for (const file of ["flights_reference.csv", "flights_current.csv", "flights_current.zstd.parquet"]) {
    await copyFile(data(file), join(root, "public", file));
  }

  await withBrowser(async (browser) => {
    const same = async (url) => {
      const reports = JSON.parse(await answer(browser, url, "window.reports"));
      assert.deepEqual(reports, { csv: report, parquet: report });
    };
    await check("vite build leaves exactly one .wasm, and the page works", async () => {
      await build({ root, logLevel: "error" });
      const files = await readdir(join(root, "dist"), { recursive: true });
      assert.equal(files.filter((file) => file.endsWith(".wasm")).length, 1, files.join("\n"));
      const server = await preview({ root, logLevel: "error", preview: { port: 0 } });
      try {
        await same(server.resolvedUrls.local[0]);
      } finally {
        await server.close();
      }
    });
    await check("vite's development server serves the page", async () => {
      const server = await createServer({ root, logLevel: "error", server: { port: 0 } });
      try {
        await server.listen();
        await same(server.resolvedUrls.local[0]);
      } finally {
        await server.close();
      }
    });
    await check("a page without a bundler imports it by its address", async () => {
      await copyFile(join(import.meta.dirname, "consumer/plain.html"), join(project, "plain.html"));
      const server = await serve(project);
      try {
        await same(`${server.url}/plain.html`);
      } finally {
        server.close();
      }
    });
  });
}

/** Opens a Chromium for `work`. */
export async function withBrowser(work) {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** What a page leaves in its window, without a fault or a warning. */
export async function answer(browser, url, expression) {
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on(
    "console",
    (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()),
  );
  try {
    await page.goto(url);
    await page.waitForFunction(expression, undefined, { timeout: 60_000 }).catch((error) => {
      throw new Error(`${error.message}\n${faults.join("\n")}`);
    });
    assert.deepEqual(faults, []);
    return await page.evaluate(expression);
  } finally {
    await page.close();
  }
}

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** A server of the files below `root`. */
async function serve(root) {
  const server = createHttpServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    try {
      const body = await readFile(join(root, path));
      response
        .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" })
        .end(body);
    } catch {
      response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
