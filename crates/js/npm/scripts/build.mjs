// Compiles the package into dist/ from src/, from the bindings in wasm/, which `cargo xtask build`
// generates: tidegate_js.js, tidegate_js.d.ts and tidegate_js_bg.wasm, and from what reads Parquet.
import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleParquet } from "./bundle-parquet.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wasm = join(root, "wasm");
const dist = join(root, "dist");

for (const file of ["tidegate_js.js", "tidegate_js.d.ts", "tidegate_js_bg.wasm"]) {
  await stat(join(wasm, file)).catch(() => {
    console.error(`wasm/${file} is missing: run \`cargo xtask build\`, which generates it.`);
    process.exit(1);
  });
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist);

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "--project", root], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

await bundleParquet(root);
await copyFile(join(wasm, "tidegate_js.js"), join(dist, "tidegate_js.js"));
await copyFile(join(wasm, "tidegate_js_bg.wasm"), join(dist, "tidegate.wasm"));
await chmod(join(dist, "cli", "main.js"), 0o755);
