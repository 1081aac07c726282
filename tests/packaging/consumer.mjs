// A project of someone who uses the package.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { check } from "./harness.mjs";

/** Where the package stands in a project. */
export const installed = (project) => join(project, "node_modules/tidegate");

/** Packs the folder and installs the tarball in an empty project, whose path is returned. */
export async function install(published) {
  const project = await mkdtemp(join(tmpdir(), "tidegate-packaging-"));
  const npm = (...args) =>
    execFileSync("npm", args, { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  const [{ filename }] = JSON.parse(npm("pack", resolve(published), "--json", "--loglevel=error"));
  npm("install", `./${filename}`, "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error");
  return project;
}

/** Lends a package of this folder to the project. */
export async function lend(project, name) {
  await symlink(join(import.meta.dirname, "node_modules", name), join(project, "node_modules", name));
}

export async function checkContents(project) {
  const root = installed(project);
  await check("the package holds what is needed and nothing else", async () => {
    const files = await readdir(root, { recursive: true });
    for (const needed of [
      "package.json",
      "README.md",
      "LICENSE",
      "dist/index.js",
      "dist/index.d.ts",
      "dist/tidegate.wasm",
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing`);
    }
    const stray = files.filter((file) => /\.test\.|\.tsx?$/.test(file) && !file.endsWith(".d.ts"));
    assert.deepEqual(stray, []);
    assert.equal(files.filter((file) => file.endsWith(".wasm")).length, 1);
  });
  await check("package.json is the published one", async () => {
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    assert.equal(manifest.scripts, undefined);
    assert.equal(manifest.devDependencies, undefined);
    for (const target of Object.values(manifest.exports).flatMap((entry) =>
      Object.values(typeof entry === "string" ? [entry] : entry),
    )) {
      await stat(join(root, target));
    }
  });
  await check("the core is under 300 KB gzipped", async () => {
    const size = gzipSync(await readFile(join(root, "dist/tidegate.wasm")), { level: 9 }).byteLength;
    assert.ok(size < 300_000, `${size} bytes`);
  });
}
