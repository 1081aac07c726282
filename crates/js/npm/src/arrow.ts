// Apache Arrow tables, recognised by their shape: the `apache-arrow` package is not needed.

import { ColumnCollector, type Kinds, type TableColumn } from "./column.js";

/** The part of an Apache Arrow table that is read. */
export interface ArrowTable {
  readonly numRows: number;
  readonly schema: { readonly fields: readonly ArrowField[] };
  getChild(name: string): ArrowVector | null;
}

/** A field of an Arrow schema. */
export interface ArrowField {
  readonly name: string;
  readonly type: { toString(): string };
}

/** A column of an Arrow table. */
export interface ArrowVector {
  readonly length: number;
  readonly nullCount: number;
  get(index: number): unknown;
  toArray(): ArrayLike<unknown>;
}

export function isArrowTable(input: object): input is ArrowTable {
  return (
    "getChild" in input &&
    typeof input.getChild === "function" &&
    "schema" in input &&
    typeof input.schema === "object" &&
    input.schema !== null &&
    "fields" in input.schema &&
    Array.isArray(input.schema.fields)
  );
}

// Types by the names that Arrow's own `toString` gives them.
const PLAIN_NUMBERS = /^(Float(32|64)|Uint(8|16|32)|Int(8|16|32))$/;
const MILLISECONDS = /^(Timestamp|Date)/;
const DECIMAL = /^Decimal/;
const SCALAR = /^(Float|Int|Uint|Bool|Utf8|LargeUtf8|Dictionary|Time|Duration|Null)/;

export function* readArrow(table: ArrowTable, label: string, kinds: Kinds): Generator<TableColumn> {
  for (const field of table.schema.fields) {
    const { name } = field;
    const type = String(field.type);
    const vector = table.getChild(name);
    const convert = converter(type, field.type);
    if (vector === null || convert === undefined) {
      yield { name, unread: `Arrow's ${type} is neither a number nor a category` };
      continue;
    }
    const collector = new ColumnCollector(
      name,
      (row) => `${label}: column ${JSON.stringify(name)}, row ${row + 1}`,
      kinds[name],
    );
    if (PLAIN_NUMBERS.test(type) && vector.nullCount === 0) {
      collector.pushAll(vector.toArray());
    } else {
      for (let row = 0; row < vector.length; row++) {
        const value = vector.get(row);
        collector.push(value === null || value === undefined ? value : convert(value));
      }
    }
    yield { name, column: collector.finish() };
  }
}

/** What makes of a value that is present one that a column takes; `undefined` if the type has none. */
function converter(type: string, arrowType: object): ((value: unknown) => unknown) | undefined {
  // Whatever their unit, Arrow gives timestamps and dates in milliseconds.
  if (MILLISECONDS.test(type)) return (value) => Number(value) / 1000;
  if (DECIMAL.test(type)) {
    const scale = "scale" in arrowType ? Number(arrowType.scale) : 0;
    return (value) => Number(decimalInteger(value as Uint32Array)) / 10 ** scale;
  }
  return SCALAR.test(type) ? (value) => value : undefined;
}

/** A decimal's unscaled integer from its little-endian words in two's complement. */
function decimalInteger(words: Uint32Array): bigint {
  const unsigned = words.reduceRight((value, word) => (value << 32n) | BigInt(word), 0n);
  return BigInt.asIntN(32 * words.length, unsigned);
}
