// One Chromium for a test file.
import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the Chromium that `TIDEGATE_CHROMIUM` names, or the system's. */
export async function launch() {
  const executablePath = process.env.TIDEGATE_CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no Chromium at ${executablePath}: apt-get install chromium, or set TIDEGATE_CHROMIUM.`,
    );
  }
  return chromium.launch({ executablePath, args: ARGS });
}
