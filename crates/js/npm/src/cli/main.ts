#!/usr/bin/env node
// The command `tidegate`.

import { readFile, writeFile } from "node:fs/promises";
import { compare, compareChunks, estimate, estimateChunks, evaluateTable, experimentOfTable, explain, profile, training } from "../node.js";
import { TidegateError } from "../error.js";
import type { Table } from "../table.js";
import {
  type CompareCommand,
  type ExplainCommand,
  HELP,
  type ObserveCommand,
  parseCommand,
  type ProfileCommand,
  type TrainingCommand,
} from "./arguments.js";
import type { EstimateCommand, EvaluateCommand, ExperimentCommand } from "./judging.js";
import { printable } from "./format.js";
import { mergeFiles, readProfile } from "./merge-files.js";
import { observeLogs, readOptions } from "./observe-log.js";
import { readFileTable, readLogFiles, refuse } from "./open-file.js";
import { paletteFor } from "./palette.js";
import { ProgressLine } from "./progress-line.js";
import { renderBeside } from "./render-beside.js";
import { renderEvaluatedSegments, renderSegments } from "./render-segments.js";
import { renderChunks } from "./render-chunks.js";
import { brokenBounds, figuresOf, renderEstimation, renderEvaluation, strangers } from "./render-evaluation.js";
import { renderEstimateChunks } from "./render-estimate-chunks.js";
import { renderExperiment } from "./render-experiment.js";
import { renderExplanation } from "./render-explanation.js";
import { renderObserved } from "./render-observed.js";
import { renderProfile } from "./render-profile.js";
import { renderReport } from "./render-report.js";
import { renderTraining } from "./render-training.js";

enum Exit {
  Done = 0,
  Drift = 1,
  BadInput = 2,
}

const progress = new ProgressLine(process.stderr);

async function run(argv: readonly string[]): Promise<Exit> {
  const command = parseCommand(argv);
  switch (command.name) {
    case "help":
      process.stdout.write(HELP);
      return Exit.Done;
    case "version":
      process.stdout.write(`${await packageVersion()}\n`);
      return Exit.Done;
    case "compare":
      return runCompare(command);
    case "profile":
      return runProfile(command);
    case "merge":
      await writeJson(command.output, await mergeFiles(command.files));
      return Exit.Done;
    case "explain":
      return runExplain(command);
    case "training":
      return runTraining(command);
    case "evaluate":
      return runEvaluate(command);
    case "estimate":
      return runEstimate(command);
    case "experiment":
      return runExperiment(command);
    case "observe":
      return runObserve(command);
  }
}

async function runCompare(command: CompareCommand): Promise<Exit> {
  const { kinds, methods, alpha, json, comparing } = command;
  const reference = await read(command.reference, { kinds });
  const current = await read(command.current, { kinds });
  const options = {
    kinds,
    compatibility: comparing.like,
    in_time_order: comparing.inTimeOrder,
    multivariate: comparing.multivariate,
    ...(methods && { methods }),
    ...(alpha && { alpha }),
    ...(comparing.segmentBy !== undefined && { segment_by: comparing.segmentBy }),
    onProgress: progress.report,
  };
  if (comparing.chunks !== undefined) {
    const chunked = await compareChunks(reference, current, comparing.chunks, options);
    progress.clear();
    if (json !== undefined) await writeJson(json, chunked);
    if (json !== "-") print(renderChunks(chunked, paletteFor(process.stdout, process.env), terminalWidth()));
    return command.failOnDrift && chunked.verdict === "drift" ? Exit.Drift : Exit.Done;
  }
  const report = await compare(reference, current, options);
  progress.clear();

  if (json !== undefined) await writeJson(json, report);
  if (json !== "-") {
    const palette = paletteFor(process.stdout, process.env);
    const width = terminalWidth();
    print([
      ...renderReport(report, palette, width),
      ...renderSegments(report.segments, palette, width),
      ...renderBeside(report, palette, width),
    ]);
  }
  if (!report.columns.some(({ tests }) => tests.length > 0)) {
    const files = `${command.reference} and ${command.current}`;
    const message = `nothing was compared: ${files} share no column that holds comparable values`;
    throw new TidegateError("NothingCompared", message);
  }
  return command.failOnDrift && report.verdict === "drift" ? Exit.Drift : Exit.Done;
}

async function runProfile({ file, kinds, columns, reference, output }: ProfileCommand): Promise<Exit> {
  const frozen = reference === undefined ? undefined : await readProfile(reference);
  const ofReference = Object.fromEntries(frozen?.columns.map(({ name, summary }) => [name, summary.kind]) ?? []);
  const table = await read(file, { kinds: { ...ofReference, ...kinds } });
  const summary = await inFile(file, profile(table, { ...columns, ...(frozen && { reference: frozen }) }));
  progress.clear();

  if (output !== undefined) await writeJson(output, summary);
  if (output !== "-") print(renderProfile(summary, paletteFor(process.stdout, process.env), terminalWidth()));
  for (const { name, reason } of table.unread) {
    process.stderr.write(`${printable(name)} was left out: ${reason}\n`);
  }
  return Exit.Done;
}

async function runExplain(command: ExplainCommand): Promise<Exit> {
  const { model, file, background, kinds, json } = command;
  const bytes = await readFile(model).catch((error) => refuse(model, error));
  const table = await read(file, { kinds });
  const against = background === undefined ? undefined : await read(background, { kinds });
  const found = await explain(bytes, table, {
    ...(against && { background: against }),
    onProgress: progress.report,
  }).catch((error) => {
    throw inFiles(error, { model });
  });
  progress.clear();

  const width = found.features.length;
  const rowsOf = (values: Float64Array) =>
    Array.from({ length: found.rows }, (_, row) => Array.from(values.subarray(row * width, (row + 1) * width)));
  const outputs = found.outputs.map((output) => ({ ...output, values: rowsOf(output.values) }));
  if (json !== undefined) await writeJson(json, { ...found, outputs });
  if (json !== "-") print(renderExplanation(found, paletteFor(process.stdout, process.env), terminalWidth()));
  return Exit.Done;
}

async function runTraining({ paths, json, failOnFinding }: TrainingCommand): Promise<Exit> {
  const run = await training(await readLogFiles(paths), paths[0]);
  if (json !== undefined) await writeJson(json, run);
  if (json !== "-") print(renderTraining(run, paletteFor(process.stdout, process.env)));
  for (const sentence of run.damaged) process.stderr.write(`tidegate: ${printable(sentence)}\n`);
  if (run.damaged.length > 0) return Exit.BadInput;
  return failOnFinding && run.findings.length > 0 ? Exit.Drift : Exit.Done;
}

async function runEvaluate({ file, columns, kinds, json, bounds }: EvaluateCommand): Promise<Exit> {
  const table = await read(file, { kinds });
  const found = await inFile(file, evaluateTable(table, columns));
  const { unknown, broken } = brokenBounds(found, bounds);
  if (unknown.length > 0) {
    const names = unknown.map((name) => `"${name}"`).join(", ");
    const known = [...figuresOf(found).keys()].join(", ");
    throw new TidegateError("UnknownFigure", `${file} has no figure ${names}; there are ${known}`);
  }
  const [palette, width] = [paletteFor(process.stdout, process.env), terminalWidth()];
  const segments = renderEvaluatedSegments(found.segments ?? [], columns.segment_by ?? "", palette, width);
  await show(found, json, [...renderEvaluation(found, palette, width), ...segments]);
  const doubt = strangers(found);
  if (doubt !== undefined) process.stderr.write(`tidegate: ${printable(doubt)}\n`);
  for (const sentence of broken) process.stderr.write(`${sentence}\n`);
  return broken.length > 0 ? Exit.Drift : Exit.Done;
}

async function runEstimate(command: EstimateCommand): Promise<Exit> {
  const { reference, current, columns, chunks, kinds, json, failOnDrift } = command;
  const [known, unknown] = [await read(reference, { kinds }), await read(current, { kinds })];
  const told = (error: unknown) => {
    throw inFiles(error, { reference, current });
  };
  const palette = paletteFor(process.stdout, process.env);
  if (chunks !== undefined) {
    const found = await estimateChunks(known, unknown, chunks, columns).catch(told);
    await show(found, json, renderEstimateChunks(found, palette, terminalWidth()));
    return failOnDrift && found.verdict === "drift" ? Exit.Drift : Exit.Done;
  }
  const found = await estimate(known, unknown, columns).catch(told);
  await show(found, json, renderEstimation(found, palette, terminalWidth()));
  return failOnDrift && found.verdict === "drift" ? Exit.Drift : Exit.Done;
}

async function runExperiment(command: ExperimentCommand): Promise<Exit> {
  const { file, columns, kinds, json, failOnMismatch } = command;
  const table = await read(file, { kinds });
  const found = await inFile(file, experimentOfTable(table, columns));
  await show(found, json, renderExperiment(found, paletteFor(process.stdout, process.env), terminalWidth()));
  const isMismatch = found.sample_ratio?.fixed.verdict === "mismatch";
  return failOnMismatch && isMismatch ? Exit.Drift : Exit.Done;
}

/** What `work` throws, with the file's name before it. */
async function inFile<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof TidegateError ? new TidegateError(error.code, `${file}: ${inWords(error.message)}`) : error;
  }
}

/** What is said of values in memory, of rows of a file; and how the command line has it otherwise. */
function inWords(message: string): string {
  return message
    .replace(/, index (\d+)/, (_, index) => `, row ${Number(index) + 1}`)
    .replace(/leave such rows out$/, "leave such rows out by --leave-out-missing");
}

/** What the core says of one of two tables, with its file's name in place of what the core calls it. */
function inFiles(error: unknown, files: Readonly<Record<string, string>>): unknown {
  if (!(error instanceof TidegateError)) return error;
  const message = error.message.replace(/^(reference|current|model): /, (_, table) => `${files[table] ?? table}: `);
  return new TidegateError(error.code, inWords(message));
}

async function show(found: unknown, json: string | undefined, lines: readonly string[]): Promise<void> {
  progress.clear();
  if (json !== undefined) await writeJson(json, found);
  if (json !== "-") print(lines);
}

async function runObserve({ paths, options, metrics, json }: ObserveCommand): Promise<Exit> {
  const log = await observeLogs(paths, await readOptions(options));
  if (json !== undefined) await writeJson(json, log.snapshot);
  if (metrics !== undefined) await writeText(metrics, log.metrics);
  if (json !== "-" && metrics !== "-") {
    print(renderObserved(log, paletteFor(process.stdout, process.env), terminalWidth()));
  }
  if (log.refused > 0) {
    process.stderr.write(`tidegate: ${log.refused} records were refused, the first: ${printable(log.reason ?? "")}\n`);
  }
  return Exit.Done;
}

async function read(path: string, { kinds }: Pick<CompareCommand, "kinds">): Promise<Table> {
  const table = await readFileTable(path, { kinds, onProgress: progress.report });
  const names = table.handle.columns();
  const numbers = names.filter((name) => name.trim() !== "" && Number.isFinite(Number(name)));
  if (numbers.length > 0 && 2 * numbers.length >= names.length) {
    progress.clear();
    const shown = numbers.slice(0, 3).map((name) => JSON.stringify(name)).join(", ");
    process.stderr.write(`tidegate: ${path}: columns are called ${shown}: if the file has no header, give it one\n`);
  }
  return table;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeText(path, `${JSON.stringify(value, null, 2)}\n`);
}

async function writeText(path: string, text: string): Promise<void> {
  if (path === "-") process.stdout.write(text);
  else await writeFile(path, text).catch((error) => refuse(path, error, "there is no such folder"));
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Output that no terminal shows is not cut. */
function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : Infinity;
}

async function packageVersion(): Promise<string> {
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return JSON.parse(manifest).version;
}

// A reader that has seen enough, such as `head`, closes the pipe.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  progress.clear();
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`tidegate: ${printable(message)}\n`);
  process.exitCode = Exit.BadInput;
}
