// A training run as lines that a person reads.

import type { TrainingSnapshot } from "../wire.js";
import { formatNumber, plural, printable, words } from "./format.js";
import type { Palette } from "./palette.js";

/** What is wrong with a run, what is known of it last, and how long it is. */
export function renderTraining(run: TrainingSnapshot, palette: Palette): string[] {
  const findings = run.findings.map(({ kind, evidence }) => `${palette.drift(words(kind))}: ${evidence}`);
  const last = run.epochs.at(-1);
  const known: [string, number | null | undefined][] = [
    ["loss", run.loss ?? last?.loss],
    ["validation loss", last?.validation_loss],
    ["gradient norm", run.grad_norm],
    ["learning rate", run.learning_rate],
    ["samples a second", run.throughput_samples_per_second],
  ];
  const figures = known.flatMap(([name, value]) => (value == null ? [] : [`${name} ${formatNumber(value)}`]));
  const steps = run.step == null ? "" : `, the last step is ${run.step}`;
  return [
    ...(findings.length > 0 ? findings : [palette.no_drift("nothing is wrong that the log shows")]),
    "",
    figures.join(", "),
    palette.dim(`${printable(run.job_id)}: ${plural(run.epochs.length, "epoch")}${steps}`),
  ];
}
