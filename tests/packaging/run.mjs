// The package as its users have it: packed, installed into an empty project, and used from there.
// `TIDEGATE_NPM` is the folder that `cargo xtask build` leaves, `TIDEGATE_CHROMIUM` a Chromium.

import { rm } from "node:fs/promises";
import { checkBrowsers } from "./browsers.mjs";
import { checkCommand } from "./command.mjs";
import { checkContents, install } from "./consumer.mjs";
import { checkDamage } from "./damage.mjs";
import { checkFeedback } from "./feedback.mjs";
import { summary } from "./harness.mjs";
import { checkNode } from "./node.mjs";
import { checkPrometheus } from "./prometheus.mjs";
import { checkSchemas } from "./schemas.mjs";
import { checkStatistics } from "./stats.mjs";
import { checkSystems } from "./systems/index.mjs";
import { checkTypes } from "./types.mjs";

const published = process.env.TIDEGATE_NPM;
if (!published) {
  console.error(
    "Set TIDEGATE_NPM to the package's folder: `cargo xtask build` leaves it in target/tidegate/npm.",
  );
  process.exit(2);
}

const project = await install(published);
try {
  await checkContents(project);
  const report = await checkNode(project, published);
  await checkDamage(project);
  await checkFeedback(project);
  await checkPrometheus(project);
  await checkSchemas(project);
  await checkSystems(project);
  await checkTypes(project);
  await checkCommand(project);
  await checkBrowsers(project, report);
  await checkStatistics(project);
} finally {
  await rm(project, { recursive: true, force: true });
}
process.exitCode = summary() ? 0 : 1;
