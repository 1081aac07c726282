import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// `cargo xtask build` puts the package together here; the explorer uses it as a user would.
const packageFolder =
  process.env["TIDEGATE_PACKAGE"] ?? fileURLToPath(new URL("../target/tidegate/npm", import.meta.url));
const testing = process.env["VITEST"] !== undefined;

if (!testing && !existsSync(packageFolder)) {
  throw new Error(`There is no package at ${packageFolder}: run \`cargo xtask build\` first.`);
}

export default defineConfig({
  // Relative, so that the built page can be served from any path.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: { alias: { tidegate: packageFolder } },
  server: { fs: { allow: ["..", packageFolder] } },
  worker: { format: "es" },
  build: {
    outDir: "../target/tidegate/explorer",
    emptyOutDir: true,
    // `light-dark()` in the styles; without it the two themes would need every rule twice.
    target: ["chrome123", "firefox120", "safari17.5"],
    // The wasm must stay a file of its own, for it is fetched only when a comparison starts.
    assetsInlineLimit: 0,
  },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
} as import("vite").UserConfig);
