// From whatever a table comes as, to a table in the core's memory.

import { type Columns, readColumns, readRows, type Rows } from "./arrays.js";
import { type ArrowTable, isArrowTable, readArrow } from "./arrow.js";
import {
  type Bytes,
  type ByteSequence,
  type ByteSource,
  byteSource,
  collect,
  decompressed,
  isBytes,
  isStream,
  openStream,
  type Stream,
  sequence,
} from "./bytes.js";
import { describe, type Kinds, type TableColumn } from "./column.js";
import { locate, TidegateError } from "./error.js";
import { assertReadable, isGzip, isJson, isParquet, SIGNATURE_BYTES } from "./file-format.js";
import { jsonRows } from "./json-rows.js";
import { readParquet } from "./parquet.js";
import { Work, type WorkOptions } from "./progress.js";
import { Table, type UnreadColumn } from "./table.js";
import { core } from "./wasm.js";

/**
 * What is read as a table: columns by name, an array of records, an Apache Arrow table, or the bytes
 * of a CSV or Parquet file.
 */
export type TableInput = Columns | Rows | ArrowTable | Bytes | Table;

/** Options of reading a table. */
export interface ReadOptions extends WorkOptions {
  /** What errors call the table; `table` by default. */
  label?: string;
  /** Kinds of columns, by name, where the values' own are not wanted. */
  kinds?: Kinds;
}

/** Reads a table once, to compare it more than once. Free it in the end. */
export async function readTable(input: TableInput, options: ReadOptions = {}): Promise<Table> {
  return readAny(input, new Reading(options));
}

/** Reads a file that is neither in memory nor a Blob. */
export function readSource(source: ByteSource, options: ReadOptions): Promise<Table> {
  return readFile(source, new Reading(options));
}

/** One table being read: what it is called, what is declared of it, and how far the work is. */
class Reading {
  readonly label: string;
  readonly kinds: Kinds;
  readonly work: Work;

  constructor(options: ReadOptions) {
    this.label = options.label ?? "table";
    this.kinds = options.kinds ?? {};
    this.work = new Work(options);
  }

  step(done: number, total: number | undefined): Promise<void> {
    return this.work.step(done, total, `reading ${this.label}`);
  }
}

async function readAny(input: TableInput, reading: Reading): Promise<Table> {
  const { label, kinds } = reading;
  if (input instanceof Table) return input;
  if (isStream(input)) return readStream(input, reading);
  if (isBytes(input)) return readFile(byteSource(input), reading);
  if (typeof input !== "object" || input === null) {
    const advice =
      typeof input === "string" ? "read the file and pass its bytes" : "pass columns, records or bytes";
    throw new TidegateError("InvalidInput", `${label} is ${describe(input)}, not a table: ${advice}`);
  }
  if (isArrowTable(input)) return build(readArrow(input, label, kinds), reading, input.schema.fields.length);
  if (Array.isArray(input)) return build(readRows(input, label, kinds), reading, undefined);
  return build(readColumns(input as Columns, label, kinds), reading, Object.keys(input).length);
}

async function readFile(source: ByteSource, reading: Reading): Promise<Table> {
  const head = await source.slice(0, SIGNATURE_BYTES);
  if (isParquet(head)) return readParquetFile(source, reading);
  if (isGzip(head)) return readGzip(sequence(source), reading);
  return readText(head, sequence(source), reading);
}

/** What is compressed once; what it holds is not decompressed again, for that need not end. */
async function readGzip(bytes: ByteSequence, reading: Reading): Promise<Table> {
  try {
    return await readStream(decompressed(bytes), reading, true);
  } catch (error) {
    // The decompressor's: a browser's is a TypeError, Node's has a code of zlib.
    const { code } = error as { code?: unknown };
    if (!(error instanceof TypeError || String(code).startsWith("Z_"))) throw error;
    throw new TidegateError("UnknownFormat", `${reading.label} is damaged: gzip cannot decompress it`);
  }
}

async function readStream(stream: Stream, reading: Reading, isDecompressed = false): Promise<Table> {
  const bytes = await openStream(stream, SIGNATURE_BYTES);
  try {
    if (isParquet(bytes.head)) return await readParquetFile(byteSource(await collect(bytes)), reading);
    if (isGzip(bytes.head) && !isDecompressed) return await readGzip(bytes, reading);
    return await readText(bytes.head, bytes, reading);
  } finally {
    await bytes.close();
  }
}

async function readText(head: Uint8Array, bytes: ByteSequence, reading: Reading): Promise<Table> {
  const { label, kinds } = reading;
  if (!isJson(head)) return readCsv(head, bytes, reading);
  const rows = jsonRows(new TextDecoder().decode(await collect(bytes)), label);
  return build(readRows(rows, label, kinds), reading, undefined);
}

async function readCsv(head: Uint8Array, { size, chunks }: ByteSequence, reading: Reading): Promise<Table> {
  const { label, kinds } = reading;
  assertReadable(head, label);
  const { CsvReader } = await core();
  const reader = locate(label, () => new CsvReader(JSON.stringify({ kinds })));
  try {
    let done = 0;
    for await (const chunk of chunks) {
      locate(label, () => reader.push(chunk));
      done += chunk.byteLength;
      await reading.step(done, size);
    }
  } catch (error) {
    reader.free();
    throw error;
  }
  return new Table(
    locate(label, () => reader.finish()),
    [],
  );
}

async function readParquetFile(source: ByteSource, reading: Reading): Promise<Table> {
  const { label, kinds } = reading;
  const { columnCount, columns } = await readParquet(source, label, kinds);
  return build(columns, reading, columnCount);
}

/** Hands the columns to the core, one at a time. */
async function build(
  columns: Iterable<TableColumn> | AsyncIterable<TableColumn>,
  reading: Reading,
  columnCount: number | undefined,
): Promise<Table> {
  const { label } = reading;
  const { TableHandle } = await core();
  const handle = new TableHandle();
  const unread: UnreadColumn[] = [];
  try {
    let done = 0;
    for await (const next of columns) {
      const { name } = next;
      if ("unread" in next) {
        unread.push({ name, reason: next.unread });
      } else if (next.column.kind === "numeric") {
        const { values } = next.column;
        locate(label, () => handle.pushNumeric(name, values));
      } else {
        const { codes, levels } = next.column;
        locate(label, () => handle.pushCategorical(name, codes, levels));
      }
      done += 1;
      await reading.step(done, columnCount);
    }
  } catch (error) {
    handle.free();
    throw error;
  }
  return new Table(handle, unread);
}
