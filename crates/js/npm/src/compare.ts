import { Work, type WorkOptions } from "./progress.js";
import { type ReadOptions, readTable, type TableInput } from "./read-table.js";
import { locate } from "./error.js";
import { Table, type UnreadColumn } from "./table.js";
import type { Kinds } from "./column.js";
import type { ColumnReport, Method, MultivariateMethod, Peer, Report, SegmentsReport } from "./wire.js";
import { core } from "./wasm.js";

/** Options of a comparison. */
export interface CompareOptions extends WorkOptions {
  /** The methods to use in place of the default choice for each kind of column. */
  methods?: readonly Method[] | "all";
  /** Kinds of columns, by name, where the values' own are not wanted. */
  kinds?: Kinds;
  /** Adjusted p-value below which a difference counts, between 0 and 1; 0.05 by default. */
  alpha?: number;
  /** The smallest effect that matters, by method, in place of the default ones. */
  effect_floor?: Partial<Record<Method, number>> & {
    multivariate?: Partial<Record<MultivariateMethod, number>>;
  };
  /** Whether the rows of both tables are in the order of time: those that depend on the rows before then count for less. */
  in_time_order?: boolean;
  /** Other tools whose own numbers for each column the report should hold too. */
  compatibility?: readonly Peer[];
  /** Methods for whole rows, to see a change that no column shows; none by default. */
  multivariate?: readonly MultivariateMethod[];
  /** A column to cut both tables by, so that drift is found that the whole hides. */
  segment_by?: string;
}

/**
 * Compares two tables, column by column.
 *
 * @throws TidegateError if a table cannot be read or an option is not understood.
 */
export async function compare(
  reference: TableInput,
  current: TableInput,
  options: CompareOptions = {},
): Promise<Report> {
  return withTables(reference, current, options, compareTables);
}

/**
 * Compares two tables segment by segment of a column, and not as a whole: the `segments` of a report with `segment_by`,
 * for who has the rest already.
 *
 * @throws TidegateError if a table cannot be read or has no such column, or an option is not understood.
 */
export async function compareSegments(
  reference: TableInput,
  current: TableInput,
  segment_by: string,
  options: Omit<CompareOptions, "segment_by" | "multivariate"> = {},
): Promise<SegmentsReport> {
  return withTables(reference, current, { ...options, segment_by, multivariate: [] }, async (one, other, asked) => {
    // Columns whose kind is said are compared as a whole too, for a kind of a column that is in neither table is refused.
    const kinds = Object.keys(options.kinds ?? {});
    const { segments } = await compareColumns(one, other, asked, (name) => kinds.includes(name));
    return segments as SegmentsReport;
  });
}

/** Reads both tables, and frees what it has read when the work on them is done. */
async function withTables<T>(
  reference: TableInput,
  current: TableInput,
  options: CompareOptions,
  work: (reference: Table, current: Table, options: CompareOptions) => Promise<T>,
): Promise<T> {
  const opened: Table[] = [];
  const open = async (input: TableInput, label: string): Promise<Table> => {
    const readOptions: ReadOptions = { ...options, label };
    const table = await readTable(input, readOptions);
    if (table !== input) opened.push(table);
    return table;
  };
  try {
    return await work(await open(reference, "reference"), await open(current, "current"), options);
  } finally {
    for (const table of opened) table.free();
  }
}

/** What the core is told of the options. */
function json(options: CompareOptions): string {
  const { methods, kinds, alpha, effect_floor, in_time_order, compatibility, multivariate, segment_by } = options;
  return JSON.stringify({ methods, kinds, alpha, effect_floor, in_time_order, compatibility, multivariate, segment_by });
}

async function compareTables(reference: Table, current: Table, options: CompareOptions): Promise<Report> {
  const report = await compareColumns(reference, current, options, () => true);
  addUnread(report, reference.unread, "reference");
  addUnread(report, current.unread, "current");
  return report;
}

/** The report of the columns that are wanted, and of the rows and segments that are asked for. */
async function compareColumns(
  reference: Table,
  current: Table,
  options: CompareOptions,
  isWanted: (name: string) => boolean,
): Promise<Report> {
  const { Comparison } = await core();
  const work = new Work(options);
  const comparison = locate(undefined, () => new Comparison(json(options)));
  try {
    const names = comparison.columnNames(reference.handle, current.handle).filter(isWanted);
    for (const [done, name] of names.entries()) {
      await work.step(done, names.length, `comparing ${name}`);
      locate(`column ${JSON.stringify(name)}`, () =>
        comparison.compareColumn(reference.handle, current.handle, name),
      );
    }
    await work.step(names.length, names.length, "comparing");
  } catch (error) {
    comparison.free();
    throw error;
  }
  return JSON.parse(locate(undefined, () => comparison.finish(reference.handle, current.handle)));
}

/** Columns that could not be read are in the report too, with the reason. */
function addUnread(report: Report, unread: readonly UnreadColumn[], side: "reference" | "current"): void {
  for (const { name, reason } of unread) {
    const known = report.columns.find((column) => column.name === name);
    const note = `not read from the ${side} table: ${reason}`;
    if (known === undefined) report.columns.push({ ...notCompared(name), note });
    else known.note = note;
  }
}

function notCompared(name: string): ColumnReport {
  return {
    name,
    kind: "categorical",
    verdict: "insufficient_data",
    reference: { count: 0, missing: 0 },
    current: { count: 0, missing: 0 },
    tests: [],
    unseen: { count: 0 },
    distribution: { kind: "categories", names: [], reference: [], current: [], other: [0, 0] },
  };
}
