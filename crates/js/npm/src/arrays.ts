// Tables that are already JavaScript values: columns or rows.

import { ColumnCollector, describe, type Kinds, type TableColumn } from "./column.js";
import { TidegateError } from "./error.js";

/** A value of a table; `null`, `undefined` and `NaN` are missing. */
export type Cell = number | bigint | string | boolean | Date | null | undefined;

/** Columns of one length by name: `{ age: new Float64Array([31, 46]), city: ["Oslo", null] }`. */
export type Columns = Readonly<Record<string, ArrayLike<Cell>>>;

/** Records: `[{ age: 31, city: "Oslo" }, { age: 46 }]`. A field that a record lacks is missing. */
export type Rows = readonly object[];

export function* readColumns(input: Columns, label: string, kinds: Kinds): Generator<TableColumn> {
  let first: { name: string; length: number } | undefined;
  for (const [name, values] of Object.entries(input)) {
    const place = member(label, name);
    if (typeof values !== "object" || values === null || typeof values.length !== "number") {
      throw new TidegateError("InvalidInput", `${place} is ${describe(values)}, not an array`);
    }
    first ??= { name, length: values.length };
    if (values.length !== first.length) {
      const other = `${member(label, first.name)} has ${first.length}`;
      throw new TidegateError("ColumnLength", `${place} has ${values.length} values, but ${other}`);
    }
    const collector = new ColumnCollector(name, (index) => `${place}[${index}]`, kinds[name]);
    collector.pushAll(values);
    yield { name, column: collector.finish() };
  }
}

export function* readRows(rows: Rows, label: string, kinds: Kinds): Generator<TableColumn> {
  const collectors = new Map<string, ColumnCollector>();
  for (const [index, row] of rows.entries()) {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      const message = `${label}[${index}] is ${describe(row)}: each row is an object of values by column name`;
      throw new TidegateError("InvalidInput", message);
    }
    for (const [name, value] of Object.entries(row)) {
      let collector = collectors.get(name);
      if (collector === undefined) {
        const locate = (index: number) => member(`${label}[${index}]`, name);
        collector = new ColumnCollector(name, locate, kinds[name]);
        collectors.set(name, collector);
      }
      collector.padTo(index);
      collector.push(value);
    }
  }
  for (const [name, collector] of collectors) {
    collector.padTo(rows.length);
    yield { name, column: collector.finish() };
  }
}

/** `age` where the table has no name, `reference.age`, or `reference["unit price"]` where the name is not an identifier. */
function member(label: string, name: string): string {
  if (label === "") return name;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
    ? `${label}.${name}`
    : `${label}[${JSON.stringify(name)}]`;
}
