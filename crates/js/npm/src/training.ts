// What became of a training run, from the log that its trainer wrote.

import { byteSource } from "./bytes.js";
import { locate, TidegateError } from "./error.js";
import type { TrainingSnapshot } from "./wire.js";
import { core } from "./wasm.js";

/** A file of a training run's log. */
export interface LogFile {
  bytes: Uint8Array | ArrayBuffer | Blob;
  /** Its name or path, for errors; in a folder such as `validation` or `loss_val` it is of the validation data. */
  name?: string;
  /** Whether its losses are of the validation data, where neither its path nor their own names say so. */
  is_validation?: boolean;
}

/** What became of a run, and what of its log cannot be read. */
export interface LoggedRun extends TrainingSnapshot {
  /** A sentence for each damaged event file, with the byte: what was written before it is in the run. */
  damaged: string[];
}

/**
 * Reads the log of a training run and says what is wrong with the run: a loss that is no number, divergence, a
 * plateau, overfitting, exploding or vanishing gradients, steps that wait for data.
 *
 * Reads TensorBoard event files, Hugging Face's `trainer_state.json`, Lightning's `metrics.csv` and others like it,
 * and JSON lines; of several files one run is made.
 *
 * @throws TidegateError if a file is no training log, or nothing was written before the damage.
 */
export async function training(files: LogFile | readonly LogFile[], jobId = "run"): Promise<LoggedRun> {
  const { TrainingLog } = await core();
  const log = new TrainingLog();
  try {
    const all = inOrder([files].flat() as LogFile[]);
    let silent: unknown;
    const damages: TidegateError[] = [];
    for (const { bytes, name, is_validation } of all) {
      const source = byteSource(bytes);
      const whole = await source.slice(0, source.size);
      try {
        locate(name, () => log.add(whole, is_validation ?? isOfValidation(name)));
      } catch (error) {
        if (isOf(error, "Damaged")) damages.push(error);
        else if (!isEventFileOfOthers(error, name) || all.length === 1) throw error;
        else silent ??= error;
      }
    }
    const run: TrainingSnapshot = JSON.parse(log.snapshot(jobId));
    const nothing = damages[0] ?? silent;
    if (nothing && !hasSomething(run)) throw nothing;
    return { ...run, damaged: damages.map(({ message }) => message) };
  } finally {
    log.free();
  }
}

/**
 * A run that was taken up again has a later event file, which its name tells, and says some steps anew: what it says
 * of them counts, whichever file is named first.
 */
function inOrder(files: readonly LogFile[]): LogFile[] {
  const events = files.filter(({ name }) => isEventFile(name));
  const others = files.filter(({ name }) => !isEventFile(name));
  return [...others, ...events.sort(({ name: one = "" }, { name: other = "" }) => (one < other ? -1 : 1))];
}

const isEventFile = (name = "") => /tfevents/i.test(name);

/** By its own folder: `run/validation/events...`, and `run/loss_val/events...` as PyTorch's `add_scalars` has it. */
const isOfValidation = (name = "") => /(^|[\\/_-])(val|valid|validation|eval|test|dev)[\\/][^\\/]*$/i.test(name);

/** Beside the files with the scalars of a run there are some with its graph or hyperparameters. */
const isEventFileOfOthers = (error: unknown, name?: string) =>
  isOf(error, "NothingKnown") && isEventFile(name);

const isOf = (error: unknown, code: string): error is TidegateError =>
  error instanceof TidegateError && error.code === code;

const hasSomething = ({ step, epochs }: TrainingSnapshot) => step !== null || epochs.length > 0;
