// Compiles the package into dist/ from src/, from the bindings in wasm/, which `cargo xtask build`
// generates: a .js, a .d.ts and a .wasm for each of the two modules, and from what reads Parquet.
import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleParquet } from "./bundle-parquet.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wasm = join(root, "wasm");
const dist = join(root, "dist");

// Each module, and what its .wasm is called in the package.
const modules = [
  ["tidegate_js", "tidegate.wasm"],
  ["tidegate_stats", "tidegate-stats.wasm"],
];
for (const [name] of modules) {
  for (const file of [`${name}.js`, `${name}.d.ts`, `${name}_bg.wasm`]) {
    await stat(join(wasm, file)).catch(() => {
      console.error(`wasm/${file} is missing: run \`cargo xtask build\`, which generates it.`);
      process.exit(1);
    });
  }
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist);

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "--project", root], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

await bundleParquet(root);
for (const [name, file] of modules) {
  await copyFile(join(wasm, `${name}.js`), join(dist, `${name}.js`));
  await copyFile(join(wasm, `${name}_bg.wasm`), join(dist, file));
}
await chmod(join(dist, "cli", "main.js"), 0o755);
