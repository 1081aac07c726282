// The built explorer in a browser, and what a person does with it.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "./browser.mjs";
import { serveFolder } from "./static-server.mjs";

export const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

function builtFolder() {
  const folder = resolve(process.env.TIDEGATE_EXPLORER ?? join(ROOT, "target/tidegate/explorer"));
  if (!existsSync(join(folder, "index.html"))) {
    throw new Error(
      `There is no built explorer in ${folder}: run \`cargo xtask build\`, or set TIDEGATE_EXPLORER.`,
    );
  }
  return folder;
}

/** Serves the explorer from a path that is not the root, in one Chromium; `close` ends both. */
export async function startExplorer() {
  const server = await serveFolder(builtFolder(), "/any/path/");
  const browser = await launch();
  return {
    browser,
    origin: server.origin,
    /** Opens a page in a fresh context and notes what it asks for and what goes wrong in it. */
    async open(hash = "", contextOptions = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...contextOptions });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const requests = [];
      const errors = [];
      context.on("request", (request) => requests.push(request.url()));
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(server.url + hash);
      await page.getByRole("navigation", { name: "Views" }).waitFor();
      return { page, requests, errors, close: () => context.close() };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** A file of the example pair, or of this folder's `data`. */
export const example = (name) => join(ROOT, "www/public/examples", name);
export const data = (name) => join(ROOT, "tests/browser/data", name);

/** Drops files, given by path or as `{ name, text }`, on an element. */
export async function drop(page, selector, ...files) {
  const contents = await Promise.all(
    files.map(async (file) =>
      typeof file === "string"
        ? { name: basename(file), base64: (await readFile(file)).toString("base64") }
        : { name: file.name, base64: Buffer.from(file.text).toString("base64") },
    ),
  );
  const dataTransfer = await page.evaluateHandle((entries) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of entries) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
    }
    return transfer;
  }, contents);
  await page.locator(selector).dispatchEvent("drop", { dataTransfer });
}

/** Waits for the report and gives it as the page exports it. */
export async function exportedReport(page) {
  await page.locator(".headline").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Report as JSON" }).click(),
  ]);
  return JSON.parse(await readFile(await download.path(), "utf8"));
}
