// Damaged Parquet files: each is read or refused in a sentence, and none keeps the reader for ever.

import { execFileSync } from "node:child_process";
import assert from "node:assert/strict";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { check } from "./harness.mjs";
import { data } from "./node.mjs";

const COPIES = 400;
const LIMIT_MILLISECONDS = 60_000;

export async function checkDamage(project) {
  const script = join(project, "damaged.js");
  await copyFile(join(import.meta.dirname, "consumer/damaged.js"), script);
  for (const file of (await readdir(data("."))).filter((file) => file.endsWith(".parquet"))) {
    await check(`${COPIES} damaged copies of ${file} are read or refused`, () => {
      const output = execFileSync(process.execPath, [script, data(file), String(COPIES)], {
        cwd: project,
        encoding: "utf8",
        timeout: LIMIT_MILLISECONDS,
        killSignal: "SIGKILL",
      });
      const refusals = output.trimEnd().split("\n");
      assert.ok(refusals.length > COPIES / 10, `${refusals.length} were refused`);
      for (const refusal of refusals) assert.match(refusal, /^copy \d+( is |: column ".+)/);
    });
  }
}
