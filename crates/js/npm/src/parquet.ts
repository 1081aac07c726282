// Parquet, by hyparquet: one column at a time and of it one row group, so that the file is never
// whole in memory and each column is let go as soon as it has been handed on.

import type { SchemaTree } from "hyparquet";
import type { ByteSource } from "./bytes.js";
import { type CollectedColumn, ColumnCollector, type Kinds, type TableColumn } from "./column.js";
import { located, TidegateError } from "./error.js";
import type { ColumnKind } from "./wire.js";

/** The columns of a Parquet file, in its order. Dates and timestamps become seconds since 1970. */
export async function readParquet(
  source: ByteSource,
  label: string,
  kinds: Kinds,
): Promise<{ columnCount: number; columns: AsyncIterable<TableColumn> }> {
  const { compressors, parquetMetadataAsync, parquetScan, parquetSchema } =
    await import("./parquet-decoder.js");
  const file = { byteLength: source.size, slice: sliceOf(source, label) };
  const readFooter = async () => {
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const fields = parquetSchema(metadata).children;
    if (fields.some(({ element }) => element.name === undefined)) throw new Error("a column has no name");
    return { metadata, fields };
  };
  const { metadata, fields } = await readFooter().catch((error: Error) => {
    if (error instanceof TidegateError) throw error;
    const message = `${label} is a Parquet file that is cut short or damaged (${error.message})`;
    throw new TidegateError("UnreadableFile", message, { cause: error });
  });

  async function* columns(): AsyncGenerator<TableColumn> {
    for (const field of fields) {
      const { name } = field.element;
      const kind = kindOf(field);
      if (typeof kind === "string") {
        yield { name, column: await readColumn(name, kinds[name] ?? kind) };
      } else {
        yield { name, ...kind };
      }
    }
  }

  async function readColumn(name: string, kind: ColumnKind): Promise<CollectedColumn> {
    const place = `${label}: column ${JSON.stringify(name)}`;
    const collector = new ColumnCollector(name, (row) => `${place}, row ${row + 1}`, kind);
    try {
      // A scan for each column, for it keeps what it has decoded.
      const scan = await parquetScan({
        file,
        metadata,
        compressors,
        columns: [name],
        parsers: PARSERS,
        useOffsetIndex: false,
      });
      for (const range of scan.ranges) {
        collector.pushAll(await scan.readColumn({ column: name, ...range }));
      }
    } catch (error) {
      throw error instanceof TidegateError ? error : unreadable(place, error as Error);
    }
    if (collector.length !== Number(metadata.num_rows)) {
      const message = `${place} has ${collector.length} values, the file says ${metadata.num_rows}: it is damaged`;
      throw new TidegateError("UnreadableFile", message);
    }
    return collector.finish();
  }

  return { columnCount: fields.length, columns: columns() };
}

/** What hyparquet throws, in words: a kind of data that it names and does not read, or else damage. */
function unreadable(place: string, error: Error): TidegateError {
  const why = /^parquet unsupported .*(?<!undefined)$/.test(error.message)
    ? `cannot be read: ${error.message}`
    : `is damaged (${error.message}); get the file once more from where it came from`;
  return new TidegateError("UnreadableFile", `${place} ${why}`, { cause: error });
}

const SECOND_NANOSECONDS = 1_000_000_000n;

const PARSERS = {
  timestampFromMilliseconds: (milliseconds: bigint) => Number(milliseconds) / 1e3,
  timestampFromMicroseconds: (microseconds: bigint) => Number(microseconds) / 1e6,
  // In two parts, for today's nanoseconds are more than a double can count.
  timestampFromNanoseconds: (nanoseconds: bigint) =>
    Number(nanoseconds / SECOND_NANOSECONDS) + Number(nanoseconds % SECOND_NANOSECONDS) / 1e9,
  dateFromDays: (days: number) => days * 86_400,
  // Compared as it is written.
  jsonFromBytes: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
};

/** How a field is read, by the file's schema and not by its values: a column may hold only nulls. */
function kindOf(field: SchemaTree): ColumnKind | { unread: string } {
  const { type, converted_type, logical_type, repetition_type } = field.element;
  const meaning = logical_type?.type ?? converted_type;
  if (field.children.length > 0 || repetition_type === "REPEATED") {
    return { unread: `its values are nested (${meaning ?? "a group"})` };
  }
  switch (meaning) {
    case "BSON":
    case "INTERVAL":
    case "VARIANT":
    case "GEOMETRY":
    case "GEOGRAPHY":
      return { unread: `Parquet's ${meaning} is neither a number nor a category` };
    case "DECIMAL":
    case "FLOAT16":
      return "numeric";
    case "UUID":
      return "categorical";
  }
  if (type === "FIXED_LEN_BYTE_ARRAY") return { unread: "its values are raw bytes" };
  return type === "BYTE_ARRAY" || type === "BOOLEAN" ? "categorical" : "numeric";
}

function sliceOf(source: ByteSource, label: string) {
  return async (start: number, end: number = source.size): Promise<ArrayBuffer> => {
    // A disk that fails, or a file that another has changed, is no damage of the data.
    const bytes = await source.slice(start, end).catch((error) => Promise.reject(located(label, error)));
    const { buffer, byteOffset, byteLength } = bytes;
    const whole = byteOffset === 0 && byteLength === buffer.byteLength;
    return (whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;
  };
}
