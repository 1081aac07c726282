import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { readTable, type TableInput, type ReadOptions } from "./node.js";

const text = (csv: string) => new TextEncoder().encode(csv);
const CSV = text("age,city\n31,Oslo\n46,\n,Bergen\n");
const SHAPE = {
  rows: 3,
  columns: [
    { name: "age", kind: "numeric" },
    { name: "city", kind: "categorical" },
  ],
};

async function shape(input: TableInput, options?: ReadOptions) {
  const table = await readTable(input, options);
  const { rows, columns } = table;
  table.free();
  return { rows, columns };
}

async function* pieces(bytes: Uint8Array, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

const INPUTS: Record<string, () => TableInput> = {
  "columns by name": () => ({ age: [31, 46, null], city: ["Oslo", null, "Bergen"] }),
  "columns of typed arrays": () => ({ age: Float32Array.of(31, 46, NaN), city: ["Oslo", "", "Bergen"] }),
  records: () => [{ age: 31, city: "Oslo" }, { age: 46 }, { city: "Bergen" }],
  "CSV in a Uint8Array": () => CSV,
  "CSV in an ArrayBuffer": () => CSV.slice().buffer,
  "CSV in a Blob": () => new Blob([CSV]),
  "CSV in a ReadableStream": () => new Blob([CSV]).stream(),
  "CSV in an async iterable, a byte at a time": () => pieces(CSV, 1),
  "CSV with semicolons and decimal commas": () => text("age;city\n31,0;Oslo\n46,0;\n;Bergen\n"),
  "JSON, an array of records": () => text(' [{"age": 31, "city": "Oslo"}, {"age": 46}, {"city": "Bergen"}]'),
  "JSON, a record a line": () => text('{"age": 31, "city": "Oslo"}\r\n{"age": 46}\n\n{"city": "Bergen"}\n'),
  "JSON with gzip": () => new Blob([gzipSync('[{"age": 31, "city": "Oslo"}, {"age": 46}, {"city": "Bergen"}]')]),
};

for (const [name, input] of Object.entries(INPUTS)) {
  test(`reads ${name}`, async () => assert.deepEqual(await shape(input()), SHAPE));
}

test("reads an Arrow table by its shape", async () => {
  const vector = (values: unknown[]) => ({
    length: values.length,
    nullCount: values.filter((value) => value === null).length,
    get: (index: number) => values[index],
    toArray: () => values,
  });
  const children: Record<string, [type: object, values: unknown[]]> = {
    when: [{ toString: () => "Timestamp<MICROSECOND>" }, [1000, null]],
    city: [{ toString: () => "Dictionary<Int32, Utf8>" }, ["Oslo", "Oslo"]],
    price: [{ toString: () => "Decimal[10e+2]", scale: 2 }, [Uint32Array.of(150, 0, 0, 0), null]],
    tags: [{ toString: () => "List<Utf8>" }, [["a"], []]],
  };
  const arrow = {
    numRows: 2,
    schema: { fields: Object.entries(children).map(([name, [type]]) => ({ name, type })) },
    getChild: (name: string) => vector(children[name]?.[1] ?? []),
  };
  const table = await readTable(arrow);
  assert.deepEqual(table.columns, [
    { name: "when", kind: "numeric" },
    { name: "city", kind: "categorical" },
    { name: "price", kind: "numeric" },
  ]);
  assert.deepEqual(
    table.unread.map(({ name }) => name),
    ["tags"],
  );
  table.free();
});

test("declared kinds hold for every input", async () => {
  for (const input of [text("zip\n0151\n5003\n"), { zip: [151, 5003] }, [{ zip: 151 }, { zip: 5003 }]]) {
    const { columns } = await shape(input, { kinds: { zip: "categorical" } });
    assert.deepEqual(columns, [{ name: "zip", kind: "categorical" }]);
  }
});

const REFUSALS: Record<string, [input: unknown, code: string, message: RegExp]> = {
  "a path": ["a.csv", "InvalidInput", /^ref is the string "a\.csv", not a table: read the file/],
  "no table": [undefined, "InvalidInput", /^ref is missing, not a table/],
  "a column that is no array": [{ age: 3 }, "InvalidInput", /^ref\.age is the number 3, not an array$/],
  "columns of different lengths": [
    { a: [1], "b c": [] },
    "ColumnLength",
    /^ref\["b c"\] has 0 values, but ref\.a has 1$/,
  ],
  "a record that is none": [[{ a: 1 }, 2], "InvalidInput", /^ref\[1\] is the number 2/],
  "a record's value that does not fit": [
    [{ a: 1 }, { a: "x" }],
    "MixedColumn",
    /^ref\[1\]\.a is the string "x"/,
  ],
  "no bytes": [new Uint8Array(), "EmptyFile", /^ref: the file is empty/],
  "a ragged row": [text("a,b\n1,2\n3\n"), "RaggedRow", /^ref: row 2 \(line 3\)/],
  "binary data": [Uint8Array.of(1, 2, 0, 3), "UnknownFormat", /^ref is no table: it holds binary data; CSV, Parquet and JSON/],
  "a pickle": [Uint8Array.of(0x80, 4, 0x95, 9), "UnknownFormat", /^ref is no table: it holds binary data/],
  "a PDF": [text("%PDF-1.7\n1 0 obj\n"), "UnknownFormat", /^ref is a PDF; CSV, Parquet and JSON/],
  "a page": [text("<!doctype html>\n<p>a, b"), "UnknownFormat", /^ref is a page or XML, and no table/],
  "an old spreadsheet": [Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0), "UnknownFormat", /^ref is a spreadsheet/],
  "an Arrow stream": [Uint8Array.of(255, 255, 255, 255, 8), "UnknownFormat", /^ref is an Arrow stream/],
  "a list of numbers": [text("[1, 2]"), "UnknownFormat", /^ref is JSON, and no table: have an array of records/],
  "no records": [text("[]"), "UnknownFormat", /^ref is JSON, and no table/],
  "columns as JSON": [text('{"a": [1], "b": [2]}'), "UnknownFormat", /^ref is JSON, and no table/],
  "a report": [
    text('{"schema": "tidegate.report/1", "columns": []}'),
    "UnknownFormat",
    /^ref is a tidegate\.report\/1, and no table: give the tables themselves$/,
  ],
  "a spreadsheet": [text("PK\u0003\u0004..."), "UnknownFormat", /^ref is a zip archive or a spreadsheet/],
  "half a Parquet file": [
    text("PAR1 and nothing more"),
    "UnreadableFile",
    /^ref is a Parquet file that is cut short/,
  ],
};

for (const [name, [input, code, message]] of Object.entries(REFUSALS)) {
  test(`refuses ${name} in one line`, async () => {
    await assert.rejects(readTable(input as TableInput, { label: "ref" }), {
      name: "TidegateError",
      code,
      message,
    });
  });
}

test("a stream is let go, whatever comes of it", async () => {
  for (const [csv, ends] of [
    ["a,b\n1,2\n", true],
    ["a,b\n1\n", false],
    ["PK\u0003\u0004", false],
  ] as const) {
    let closed = false;
    const stream = async function* () {
      try {
        yield text(csv);
        if (!ends) yield text("more, ".repeat(1000));
        if (!ends) assert.fail("read on after the error");
      } finally {
        closed = true;
      }
    };
    await readTable(stream()).then(
      (table) => table.free(),
      (error) => assert.equal(error.name, "TidegateError"),
    );
    assert.ok(closed, csv);
  }
});

test("a table that has been freed says so", async () => {
  const table = await readTable({ age: [1] });
  table.free();
  table.free();
  assert.throws(() => table.rows, { name: "TidegateError", code: "Freed" });
});

test("reading reports bytes, and stops at the signal", async () => {
  const seen: unknown[] = [];
  await shape(CSV, { label: "ref", onProgress: (...progress) => seen.push(progress) });
  assert.deepEqual(seen, [[CSV.length, CSV.length, "reading ref"]]);

  const reason = new Error("enough");
  await assert.rejects(readTable(CSV, { signal: AbortSignal.abort(reason) }), reason);
});

test("a Parquet file that cannot be read any more is not called damaged", async () => {
  class Moved extends Blob {
    #reads = 0;
    override slice(start?: number, end?: number): Blob {
      if (this.#reads++ === 0) return super.slice(start, end);
      throw new Error("it was moved");
    }
  }
  await assert.rejects(readTable(new Moved(["PAR1", new Uint8Array(600)]), { label: "ref" }), {
    name: "TidegateError",
    message: "ref: it was moved",
  });
});

test("a table that gzip compressed is read as what it holds, from memory and from a stream", async () => {
  const bytes = gzipSync("a,b\n1,x\n2,y\n");
  for (const input of [bytes, new Blob([bytes]), new Blob([bytes]).stream()]) {
    const table = await readTable(input);
    assert.deepEqual([table.rows, table.columns.map(({ name }) => name)], [2, ["a", "b"]]);
    table.free();
  }
  const refused = (input: Uint8Array, message: string) =>
    assert.rejects(readTable(input, { label: "f.csv.gz" }), { name: "TidegateError", code: "UnknownFormat", message });
  await refused(bytes.subarray(0, 20), "f.csv.gz is damaged: gzip cannot decompress it");
  await refused(gzipSync(bytes), "f.csv.gz is compressed with gzip twice; decompress it first");
  const advice = "have an array of records, or a record a line";
  await refused(text('[{"a": 1}, 2]'), `f.csv.gz: record 2 is no JSON object: ${advice}`);
  await refused(text('{"a": 1}\n{"a": 2\n'), `f.csv.gz: line 2 is no JSON object: ${advice}`);
  await refused(text("BZh91AY&SY"), "f.csv.gz is compressed with bzip2; decompress it first");
});
