// The views that judge, each with data in it.
import { join } from "node:path";
import { readFile } from "node:fs/promises";

import { drop, ROOT } from "./explorer.mjs";

const golden = (path) => join(ROOT, "tests/golden", path);

/** A slot of the view that is seen. */
const slot = (n) => `.slot >> visible=true >> nth=${n}`;

export async function openQuality(explorer, options) {
  const opened = await explorer.open("#quality", options);
  await drop(opened.page, slot(0), golden("samples/quality_california.csv"));
  await opened.page.getByRole("region", { name: "Evaluation" }).waitFor();
  return opened;
}

export async function openEstimate(explorer, options) {
  const opened = await explorer.open("#quality", options);
  await drop(opened.page, slot(0), golden("samples/cbpe_car_loan_reference.csv"));
  await drop(opened.page, slot(1), golden("samples/cbpe_car_loan_current.csv"));
  await opened.page.getByRole("region", { name: "Estimated without labels" }).waitFor();
  return opened;
}

/** Units whose outcome is mostly what it was before, and a little more in the new variant. */
function units() {
  let seed = 7;
  const next = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const lines = Array.from({ length: 3000 }, () => {
    const [isNew, before, noise] = [next() < 0.5, 10 + 6 * (next() + next() + next() - 1.5), next() - 0.5];
    const spent = before + noise + (isNew ? 0.15 : 0);
    return `${isNew ? "new" : "old"},${spent.toFixed(3)},${before.toFixed(3)},${next() < (isNew ? 0.14 : 0.1) ? 1 : 0}`;
  });
  // The control is the first that comes.
  return ["variant,spent,spent_before,bought", "old,10,10,0", ...lines].join("\n");
}

export async function openExperiment(explorer, options) {
  const opened = await explorer.open("#experiment", options);
  await drop(opened.page, slot(0), { name: "units.csv", text: units() });
  await opened.page.getByRole("region", { name: "Experiment", exact: true }).waitFor();
  return opened;
}

export async function openTraining(explorer, options) {
  const opened = await explorer.open("#training", options);
  const rows = Array.from({ length: 20 }, (_, epoch) => {
    const validation = epoch < 6 ? 1 - epoch / 10 : 0.4 + epoch / 20;
    return `${epoch},${(1 / (epoch + 1)).toFixed(4)},${validation.toFixed(4)}`;
  });
  const text = ["epoch,train_loss,val_loss", ...rows].join("\n");
  await drop(opened.page, slot(0), { name: "metrics.csv", text });
  await opened.page.getByRole("region", { name: /^Training run/ }).waitFor();
  return opened;
}

export async function openExplanation(explorer, options) {
  const { cases } = JSON.parse(await readFile(golden("lecture.json"), "utf8"));
  const { model, rows } = cases.ExplainabilityMonitor;
  const text = [rows[0].map((_, i) => `f${i}`).join(","), ...rows.map((row) => row.join(","))].join("\n");
  const opened = await explorer.open("#explain", options);
  await drop(opened.page, slot(0), golden(`models/${model}`));
  await drop(opened.page, slot(1), { name: "rows.csv", text });
  await opened.page.getByRole("region", { name: "Explanation" }).waitFor();
  return opened;
}

/** The plan of an experiment, with these fields filled in by their labels. */
export async function openPlan(explorer, options, fields = {}) {
  const opened = await explorer.open("#experiment", options);
  for (const [label, value] of Object.entries(fields)) {
    const field = (role) => opened.page.getByRole(role, { name: label });
    if (typeof value === "string") await field("combobox").selectOption(value);
    else await field("spinbutton").fill(String(value));
    await opened.page.keyboard.press("Tab");
  }
  await planned(opened.page).waitFor();
  return opened;
}

/** Where the answer is. */
export const planned = (page) => page.getByRole("group", { name: "The size that it needs" });
