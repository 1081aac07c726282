// A project of someone who uses the package.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { check } from "./harness.mjs";

/** Where the package stands in a project. */
export const installed = (project) => join(project, "node_modules/tidegate");

/** Packs the folder and installs the tarball in an empty project, whose path is returned. */
export async function install(published) {
  const project = await emptyProject();
  const [{ filename }] = JSON.parse(npm(project, "pack", resolve(published), "--json"));
  npm(project, "install", `./${filename}`);
  return project;
}

/** Lends `work` a project in which the folder is installed as it is, which npm does by a link. */
export async function withLinked(published, work) {
  const project = await emptyProject();
  try {
    npm(project, "install", resolve(published));
    await work(project);
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

async function emptyProject() {
  const project = await mkdtemp(join(tmpdir(), "tidegate-packaging-"));
  const manifest = { name: "consumer", private: true, type: "module" };
  await writeFile(join(project, "package.json"), JSON.stringify(manifest));
  return project;
}

/** Runs npm without the network, which a package without dependencies does not need. */
function npm(project, command, ...args) {
  const quiet = ["--offline", "--no-audit", "--no-fund", "--loglevel=error"];
  return execFileSync("npm", [command, ...args, ...quiet], {
    cwd: project,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
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
      "THIRD_PARTY_LICENSES",
      "dist/index.js",
      "dist/index.d.ts",
      "dist/tidegate.wasm",
      "dist/stats/index.js",
      "dist/stats/index.d.ts",
      "dist/tidegate-stats.wasm",
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing`);
    }
    const stray = files.filter((file) => /\.test\.|\.tsx?$/.test(file) && !file.endsWith(".d.ts"));
    assert.deepEqual(stray, []);
    assert.equal(files.filter((file) => file.endsWith(".wasm")).length, 2);
  });
  await check("package.json is the published one", async () => {
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    assert.equal(manifest.scripts, undefined);
    assert.equal(manifest.devDependencies, undefined);
    assert.equal(manifest.dependencies, undefined);
    for (const target of Object.values(manifest.exports).flatMap((entry) =>
      Object.values(typeof entry === "string" ? [entry] : entry),
    )) {
      await stat(join(root, target));
    }
  });
  await check("what reads Parquet is one file without imports, and its licences are told", async () => {
    const decoder = await readFile(join(root, "dist/parquet-decoder.js"), "utf8");
    const imports = decoder.match(/^import\b.*|\bawait import\(.*|\brequire\(.*|["']node:.*/gm);
    assert.equal(imports, null);
    const bundled = new Set([...decoder.matchAll(/^\/\/ node_modules\/([^/]+)\//gm)].map(([, name]) => name));
    const licences = await readFile(join(root, "THIRD_PARTY_LICENSES"), "utf8");
    assert.ok(bundled.size > 0);
    for (const name of bundled)
      assert.match(licences, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\n+(The )?MIT`, "m"));
  });
  await check("the core is under 890 KB gzipped, and the statistics alone under 145", async () => {
    const size = async (file) => gzipSync(await readFile(join(root, file)), { level: 9 }).byteLength;
    const [core, statistics] = [await size("dist/tidegate.wasm"), await size("dist/tidegate-stats.wasm")];
    assert.ok(core < 890_000, `${core} bytes`);
    assert.ok(statistics < 145_000, `${statistics} bytes`);
  });
}
