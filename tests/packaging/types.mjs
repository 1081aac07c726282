// The package's types in a user's strict TypeScript.

import { execFile } from "node:child_process";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { lend } from "./consumer.mjs";
import { check } from "./harness.mjs";

const tsc = join(import.meta.dirname, "node_modules/typescript/bin/tsc");

const SETTINGS = {
  "a bundler for browsers": {
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2022", "dom"],
    types: [],
  },
  Node: { module: "nodenext", moduleResolution: "nodenext", lib: ["es2022"], types: ["node"] },
};

export async function checkTypes(project) {
  await copyFile(join(import.meta.dirname, "consumer/main.ts"), join(project, "main.ts"));
  await lend(project, "@types");
  await lend(project, "undici-types");
  for (const [name, settings] of Object.entries(SETTINGS)) {
    await check(`the types compile strictly for ${name}`, async () => {
      const config = join(project, "tsconfig.json");
      const compilerOptions = {
        ...settings,
        target: "es2022",
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
      };
      await writeFile(config, JSON.stringify({ compilerOptions, files: ["main.ts"] }));
      await promisify(execFile)(process.execPath, [tsc, "--project", config]).catch(({ stdout }) => {
        throw new Error(stdout);
      });
    });
  }
}
