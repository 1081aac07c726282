// What became of a training run, from the log that its trainer wrote.

import { byteSource } from "./bytes.js";
import { locate } from "./error.js";
import type { TrainingSnapshot } from "./wire.js";
import { core } from "./wasm.js";

/** A file of a training run's log. */
export interface LogFile {
  bytes: Uint8Array | ArrayBuffer | Blob;
  /** Its name or path, for errors; in a folder called `validation`, `val` or `eval` it is of the validation data. */
  name?: string;
  /** Whether its losses are of the validation data, where neither its path nor their own names say so. */
  is_validation?: boolean;
}

/**
 * Reads the log of a training run and says what is wrong with the run: a loss that is no number, divergence, a
 * plateau, overfitting, exploding or vanishing gradients, steps that wait for data.
 *
 * Reads TensorBoard event files, Hugging Face's `trainer_state.json`, Lightning's `metrics.csv` and others like it,
 * and JSON lines; of several files one run is made.
 *
 * @throws TidegateError if a file is damaged or is no training log.
 */
export async function training(files: LogFile | readonly LogFile[], jobId = "run"): Promise<TrainingSnapshot> {
  const { TrainingLog } = await core();
  const log = new TrainingLog();
  try {
    for (const { bytes, name, is_validation } of [files].flat() as LogFile[]) {
      const source = byteSource(bytes);
      const whole = await source.slice(0, source.size);
      locate(name, () => log.add(whole, is_validation ?? isOfValidation(name)));
    }
    return JSON.parse(log.snapshot(jobId));
  } finally {
    log.free();
  }
}

const isOfValidation = (name = "") => /(^|[\\/])(val|valid|validation|eval)[\\/]/i.test(name);
