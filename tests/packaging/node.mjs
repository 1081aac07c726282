// The package in Node.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as arrow from "apache-arrow";
import { installed, withLinked } from "./consumer.mjs";
import { check } from "./harness.mjs";

export const data = (file) => join(import.meta.dirname, "data", file);

/** Checks the package in Node; returns the flights' report, as others must get it to the last bit. */
export async function checkNode(project, published) {
  const run = await comparison(project);

  const report = await check("Node imports it by name and compares two CSV files", () => {
    const report = JSON.parse(run(data("flights_reference.csv"), data("flights_current.csv")));
    assert.equal(report.schema, "tidegate.report/1");
    assert.equal(report.verdict, "drift");
    assert.deepEqual([report.reference.rows, report.current.rows], [501, 545]);
    assert.deepEqual(report.columns.map(({ name }) => name).sort(), [...FLIGHT_COLUMNS].sort());
    const column = (name) => report.columns.find((column) => column.name === name);
    assert.equal(column("distance").reference.missing, 0);
    assert.ok(column("air_time").reference.missing > 0);
    assert.equal(column("carrier").kind, "categorical");
    return report;
  });

  for (const encoding of ["snappy", "zstd", "gzip", "lz4", "brotli", "none"]) {
    await check(`Parquet with ${encoding} reads as the CSV does`, () => {
      const other = run(data("flights_reference.csv"), data(`flights_current.${encoding}.parquet`));
      assert.deepEqual(JSON.parse(other), report);
    });
  }

  await check("a folder installed by a link reads Parquet", () =>
    withLinked(published, async (linked) => {
      const runLinked = await comparison(linked);
      const files = ["flights_reference.csv", "flights_current.brotli.parquet"].map(data);
      assert.deepEqual(JSON.parse(runLinked(...files)), report);
    }),
  );

  const tidegate = await import(pathToFileURL(join(installed(project), "dist/node.js")).href);
  await checkParquetTypes(tidegate);
  await checkInputs(tidegate, report);
  await checkExplain(tidegate);
  return report;
}

/** What compares two files in a project and returns what is printed. */
async function comparison(project) {
  const script = join(project, "node.js");
  await copyFile(join(import.meta.dirname, "consumer/node.js"), script);
  return (...args) => execFileSync(process.execPath, [script, ...args], { cwd: project, encoding: "utf8" });
}

const FLIGHT_COLUMNS = [
  "dep_delay",
  "arr_delay",
  "air_time",
  "distance",
  "hour",
  "dep_time",
  "carrier",
  "origin",
  "dest",
  "tailnum",
];

async function checkParquetTypes({ profile, readTable }) {
  const bytes = await readFile(data("types.parquet"));
  await check("every type of Parquet has its value", async () => {
    const { columns } = await profile(bytes);
    const found = Object.fromEntries(
      columns.map(({ name, counts, summary }) => {
        const values = summary.kind === "numeric" ? [summary.min, summary.max] : [...summary.names].sort();
        return [name, [counts.missing, ...values]];
      }),
    );
    const noon = Date.UTC(2013, 6, 1, 12) / 1000;
    assert.deepEqual(found, {
      int8: [1, -1, 3],
      uint32: [1, 1, 4_294_967_295],
      int64: [1, -(2 ** 53), 2 ** 53],
      uint64: [1, 0, 2 ** 63],
      float16: [1, -2, 0.5],
      float32: [2, 0.25, 0.25],
      float64: [1, -0.5, 1e300],
      decimal: [1, -1.25, 2.5],
      bool: [1, "false", "true"],
      string: [1, "", "Oslo"],
      dictionary: [1, "a", "b"],
      date: [1, -86_400, 86_400],
      seconds: [1, noon, noon],
      milliseconds: [1, noon + 0.25, noon + 0.25],
      microseconds: [1, noon + 0.25, noon + 0.25],
      nanoseconds: [1, noon + 0.25, noon + 0.25],
      nothing: [3],
    });
  });
  await check("nested columns of Parquet are named with the reason", async () => {
    const table = await readTable(bytes);
    assert.deepEqual(
      table.unread.map(({ name }) => name),
      ["list", "struct", "bytes"],
    );
    table.free();
  });
}

async function checkInputs({ compare, readTable, TidegateError }, report) {
  const [reference, current] = await Promise.all(
    ["flights_reference.csv", "flights_current.csv"].map(async (file) =>
      columnsOf(await readFile(data(file), "utf8"), report),
    ),
  );
  const rows = ({ distance, ...others }) =>
    distance.map((distance, i) => ({
      distance,
      ...Object.fromEntries(Object.entries(others).map(([name, values]) => [name, values[i]])),
    }));
  const sorted = ({ columns, ...rest }) => ({
    ...rest,
    columns: [...columns].sort((a, b) => (a.name < b.name ? -1 : 1)),
  });

  await check("arrays, records and Arrow tables compare as the CSV does", async () => {
    assert.deepEqual(await compare(reference, current), report);
    assert.deepEqual(sorted(await compare(rows(reference), rows(current))), sorted(report));
    const tables = [reference, current].map((columns) => new arrow.Table(arrowColumns(columns)));
    assert.deepEqual(await compare(...tables), report);
  });
  await check("progress is told, and a signal stops it", async () => {
    const steps = [];
    const controller = new AbortController();
    const stopped = compare(reference, current, {
      signal: controller.signal,
      onProgress: (done, total, label) => {
        steps.push(label);
        if (label.startsWith("comparing")) controller.abort();
      },
    });
    await assert.rejects(stopped, { name: "AbortError" });
    assert.ok(steps.includes("reading reference") && steps.includes("reading current"), steps.join());
  });
  await check("what cannot be read is one sentence with a code", async () => {
    const ragged = new TextEncoder().encode("a,b\n1,2\n3\n");
    const error = await readTable(ragged, { label: "mine" }).then(assert.fail, (error) => error);
    assert.ok(error instanceof TidegateError);
    assert.equal(error.code, "RaggedRow");
    assert.match(error.message, /^mine: .*row 2.*$/);
  });
}

/** The CSV file, parsed without the package's help: it has no quotes. */
function columnsOf(text, report) {
  const [header, ...lines] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const isNumeric = (name) => report.columns.find((column) => column.name === name).kind === "numeric";
  const value = (name, cell) => (cell === "" ? null : isNumeric(name) ? Number(cell) : cell);
  return Object.fromEntries(header.map((name, i) => [name, lines.map((line) => value(name, line[i]))]));
}

function arrowColumns(columns) {
  const type = (values) =>
    values.some((value) => typeof value === "string") ? undefined : new arrow.Float64();
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, arrow.vectorFromArray(values, type(values))]),
  );
}

/** SHAP values of the golden models, as the libraries that trained them give them. */
async function checkExplain({ explain }) {
  const golden = (file) => readFile(join(import.meta.dirname, "../golden", file));
  const { cases } = JSON.parse(await golden("explain.json"));
  for (const name of ["lightgbm multiclass", "xgboost regression_ubj"]) {
    await check(`explain gives the values of ${name}`, async () => {
      const wanted = cases.find((one) => one.name === name);
      const names = wanted.rows[0].map((_, i) => (name.startsWith("xgboost") ? `f${i}` : `Column_${i}`));
      const table = Object.fromEntries(names.map((name, i) => [name, wanted.rows.map((row) => row[i])]));
      const found = await explain(await golden(`models/${wanted.model}`), table);
      assert.deepEqual([found.method, found.rows], ["tree_path_dependent", wanted.rows.length]);
      assert.deepEqual(found.features, names);
      const tolerance = name.startsWith("xgboost") ? 1e-4 : 1e-9;
      wanted.path_dependent.forEach((outputs, row) =>
        outputs.forEach((values, output) =>
          values.forEach((value, feature) => {
            const got = found.outputs[output].values[row * names.length + feature];
            assert.ok(Math.abs(got - value) < tolerance, `${got} for ${value}`);
          }),
        ),
      );
      assert.equal(found.outputs.length, wanted.outputs);
    });
  }
  await check("explain against a background, and what it refuses", async () => {
    const model = await golden("models/lgb_regression.txt");
    const { rows, background, interventional } = cases.find(({ name }) => name === "lightgbm regression");
    const table = (rows) => Object.fromEntries(rows[0].map((_, i) => [`x${i}`, rows.map((row) => row[i])]));
    const found = await explain(model, table(rows), { background: table(background) });
    assert.equal(found.method, "tree_interventional");
    assert.ok(Math.abs(found.outputs[0].values[2] - interventional[0][0][2]) < 1e-4);
    await assert.rejects(explain(model, { x: [1] }), { code: "MissingColumn" });
    await assert.rejects(explain("a,b\n", { x: [1] }), { code: "UnknownFormat", message: /^model: / });
  });
}
