// How good a model is: on labelled predictions, or by its confidences alone.

import type { Cell } from "./arrays.js";
import { locate } from "./error.js";
import { type ReadOptions, readTable, type TableInput } from "./read-table.js";
import type { Table } from "./table.js";
import { core } from "./wasm.js";
import type { ChunkedEstimation, ChunkOptions, EvaluateOptions, Estimation, Evaluation, Missing, Task } from "./wire.js";

/** Options of an evaluation of lists. */
export interface EvaluateListsOptions {
  /**
   * What the model says of how likely each class is. Of two classes a score of the positive one, for each
   * prediction; a probability, or else any number that is higher where it is more likely. Of more classes, their
   * probabilities by class.
   */
  scores?: ArrayLike<number> | Readonly<Record<string, ArrayLike<number>>>;
  /** The positive class of two; the second in their order by default. */
  positive?: string | number | boolean;
  /** What is predicted, where the values should not tell. */
  task?: Task;
  /** What becomes of rows without a label, a prediction or a score: an error by default. */
  missing?: Missing;
  /** Bins of the calibration curve; 10 by default. */
  calibration_bins?: number;
  /** Of intervals; 0.05 by default. */
  alpha?: number;
  /** What each prediction belongs to, such as its city: each segment is held against the others. */
  segments?: ArrayLike<Cell>;
}

/** Options of an evaluation of a table: which columns hold what, and how it is read. */
export type EvaluateTableOptions = EvaluateOptions & Pick<ReadOptions, "kinds" | "signal" | "onProgress">;

/**
 * Says how good predictions were, once the truth is known: confusion, precision, recall, F1 and others of classes;
 * the areas under the curves, losses and the calibration of their scores; the errors of numbers.
 *
 * ```js
 * const { classification, scores } = await evaluate(["cat", "dog", "dog"], ["cat", "dog", "cat"], { scores: [0.1, 0.8, 0.4] });
 * classification.accuracy; // 0.6666666666666666
 * scores.roc_auc; // 1
 * ```
 *
 * @throws TidegateError if lengths differ, a value is missing or is none, or an option is not understood.
 */
export async function evaluate(
  labels: ArrayLike<Cell>,
  predictions: ArrayLike<Cell>,
  options: EvaluateListsOptions = {},
): Promise<Evaluation> {
  const { scores, positive, segments, ...others } = options;
  const columns: Record<string, ArrayLike<Cell>> = { labels, predictions };
  const asked: EvaluateOptions = { ...others, label: "labels", prediction: "predictions" };
  if (positive !== undefined) asked.positive = String(positive);
  if (segments !== undefined) {
    columns["segments"] = segments;
    asked.segment_by = "segments";
  }
  if (scores !== undefined && isList(scores)) {
    columns["scores"] = scores;
    asked.score = "scores";
  } else if (scores !== undefined) {
    const byClass = Object.entries(scores);
    for (const [name, values] of byClass) columns[`scores.${name}`] = values;
    asked.scores = Object.fromEntries(byClass.map(([name]) => [name, `scores.${name}`]));
  }
  return withTables([{ input: columns, label: "" }], {}, (bindings, table) =>
    bindings.evaluate(table!.handle, JSON.stringify(asked)),
  );
}

/**
 * Says how good the predictions in a table were, of which one column is the truth.
 *
 * @throws TidegateError if the table cannot be read, or its columns are not what the options say.
 */
export async function evaluateTable(input: TableInput, options: EvaluateTableOptions): Promise<Evaluation> {
  const { kinds, signal, onProgress, ...asked } = options;
  return withTables([{ input, label: "table" }], defined({ kinds, signal, onProgress }), (bindings, table) =>
    bindings.evaluate(table!.handle, JSON.stringify(asked)),
  );
}

/**
 * Says how good the predictions in `current` probably are, before their truth is known: confidence-based performance
 * estimation, as NannyML has it. The labelled rows of `reference` say what the probabilities mean. It sees drift of
 * the inputs, and none of what the inputs mean.
 *
 * @throws TidegateError if a table cannot be read, or its columns are not what the options say.
 */
export async function estimate(
  reference: TableInput,
  current: TableInput,
  options: EvaluateTableOptions,
): Promise<Estimation> {
  const { kinds, signal, onProgress, ...asked } = options;
  return withTables(both(reference, current), defined({ kinds, signal, onProgress }), (bindings, one, other) =>
    bindings.estimate(one!.handle, other!.handle, JSON.stringify(asked)),
  );
}

/**
 * The same over time: of each chunk of `current`, of so many rows or of a period of its time column. The reference is
 * cut in the same way, and a figure drifted where it is more than three standard deviations from its mean over the
 * chunks of the reference, as NannyML has it. Have ten or more of them.
 *
 * ```js
 * const by = { period_seconds: 86_400, time: "at" };
 * const { chunks } = await estimateChunks(january, july, by, { label: "churned", prediction: "predicted", score: "p_churn" });
 * const alarms = chunks.filter(({ verdict }) => verdict === "drift").map(({ from_seconds }) => from_seconds);
 * ```
 *
 * @throws TidegateError if a table cannot be read, its columns are not what the options say, or a row has no time.
 */
export async function estimateChunks(
  reference: TableInput,
  current: TableInput,
  by: ChunkOptions,
  options: EvaluateTableOptions,
): Promise<ChunkedEstimation> {
  const { kinds, signal, onProgress, ...asked } = options;
  return withTables(both(reference, current), defined({ kinds, signal, onProgress }), (bindings, one, other) =>
    bindings.estimateChunks(one!.handle, other!.handle, JSON.stringify(by), JSON.stringify(asked)),
  );
}

const both = (reference: TableInput, current: TableInput) => [
  { input: reference, label: "reference" },
  { input: current, label: "current" },
];

/**
 * Reads tables, has the core work on them, and frees those that were read here.
 *
 * @internal
 */
export async function withTables<T>(
  inputs: readonly { input: TableInput; label: string }[],
  options: ReadOptions,
  work: (bindings: Awaited<ReturnType<typeof core>>, ...tables: Table[]) => string,
): Promise<T> {
  const bindings = await core();
  const tables: Table[] = [];
  try {
    for (const { input, label } of inputs) tables.push(await readTable(input, { ...options, label }));
    return JSON.parse(locate(undefined, () => work(bindings, ...tables)));
  } finally {
    for (const [index, table] of tables.entries()) {
      if (table !== inputs[index]?.input) table.free();
    }
  }
}

/**
 * Only those of the options that are given.
 *
 * @internal
 */
export function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> };
}

const isList = (scores: object): scores is ArrayLike<number> =>
  Array.isArray(scores) || ArrayBuffer.isView(scores);
