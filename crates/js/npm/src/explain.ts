import { type Bytes, byteSource, collect, isStream, openStream } from "./bytes.js";
import { locate } from "./error.js";
import { type ReadOptions, readTable, type TableInput } from "./read-table.js";
import type { Table } from "./table.js";
import { core } from "./wasm.js";

/** A model file: XGBoost's JSON or UBJSON, or LightGBM's text, in memory or as its bytes. */
export type ModelInput = string | Bytes;

/** Options of an explanation. */
export interface ExplainOptions extends ReadOptions {
  /**
   * Rows that a feature which is not known is taken from; a hundred are usual. Without it, the training
   * rows that the trees counted.
   */
  background?: TableInput;
}

/** What moved a model's outputs, row by row and feature by feature: SHAP values. */
export interface Explanation {
  schema: "tidegate.explanation/1";
  /** What a feature that is not known stands for: the trees' own counts, or the background. */
  method: "tree_path_dependent" | "tree_interventional";
  /** What the model was trained for, as its file names it. */
  objective: string;
  features: string[];
  rows: number;
  /** Cells whose category the model has never seen. They count as missing. */
  unknown_categories: number;
  /** One, or one a class. */
  outputs: OutputExplanation[];
}

/** The explanation of one output. */
export interface OutputExplanation {
  /** What the model gives before any feature is known: a margin, before any link function. */
  expected: number;
  /** Mean magnitude of each feature's values. */
  importance: number[];
  /** By row, then feature. With `expected`, a row's values add up to the model's margin for it. */
  values: Float64Array;
}

/**
 * Explains the outputs of a model of trees for the rows of a table.
 *
 * @throws TidegateError if the model or the table cannot be read, or they do not fit each other.
 */
export async function explain(
  model: ModelInput,
  input: TableInput,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const { background: backgroundInput, ...readOptions } = options;
  const { ModelHandle } = await core();
  const bytes = await modelBytes(model);
  // A file of a page knows what it is called.
  const name = typeof model === "object" && "name" in model ? String(model.name) : "model";
  const handle = locate(name, () => new ModelHandle(bytes));
  const opened: Table[] = [];
  const open = async (input: TableInput, label: string): Promise<Table> => {
    const table = await readTable(input, { ...readOptions, label });
    if (table !== input) opened.push(table);
    return table;
  };
  try {
    const label = options.label ?? "table";
    const table = await open(input, label);
    const background = backgroundInput && (await open(backgroundInput, "background"));
    const found = locate(undefined, () =>
      background === undefined
        ? handle.explain(table.handle)
        : handle.explainAgainst(table.handle, background.handle),
    );
    try {
      const outputs = Array.from(found.expected(), (expected, output) => ({
        expected,
        importance: Array.from(found.importance(output)),
        values: found.values(output),
      }));
      return {
        schema: "tidegate.explanation/1",
        method: found.method as Explanation["method"],
        objective: handle.objective,
        features: found.features(),
        rows: found.rows,
        unknown_categories: found.unknownCategories,
        outputs,
      };
    } finally {
      found.free();
    }
  } finally {
    handle.free();
    for (const table of opened) table.free();
  }
}

async function modelBytes(model: ModelInput): Promise<Uint8Array> {
  if (typeof model === "string") return new TextEncoder().encode(model);
  if (isStream(model)) {
    const stream = await openStream(model, 0);
    try {
      return await collect(stream);
    } finally {
      await stream.close();
    }
  }
  const source = byteSource(model);
  return source.slice(0, source.size);
}
