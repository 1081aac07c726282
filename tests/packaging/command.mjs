// The command line, as `npx tidegate` runs it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { check } from "./harness.mjs";
import { data } from "./node.mjs";

export async function checkCommand(project) {
  const run = (command, args, environment) => {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: project,
      encoding: "utf8",
      env: {
        ...process.env,
        npm_config_update_notifier: "false",
        npm_config_loglevel: "silent",
        ...environment,
      },
    });
    return { status, stdout, stderr };
  };
  const tidegate = (...args) => run("npx", ["--no-install", "tidegate", ...args]);
  const reference = data("flights_reference.csv");
  const current = data("flights_current.snappy.parquet");

  await check("tidegate compare prints a table, what drifted first", () => {
    const { status, stdout, stderr } = tidegate("compare", reference, current);
    assert.deepEqual([status, stderr], [0, ""]);
    const lines = stdout.trimEnd().split("\n");
    assert.match(lines[0], /^ +column +verdict +test +effect +adjusted p +missing +never seen$/);
    const verdicts = lines.slice(1, 11).map((line) => /(drift|too little data|no drift)/.exec(line)?.[0]);
    const order = ["drift", "too little data", "no drift"];
    assert.deepEqual(
      verdicts,
      [...verdicts].sort((a, b) => order.indexOf(a) - order.indexOf(b)),
    );
    assert.equal(verdicts[0], "drift");
    assert.match(lines.at(-1), /^\d+ of 10 columns drifted · .*501 rows against 545$/);
    assert.doesNotMatch(stdout, /\u001b/);
  });
  await check("--fail-on-drift exits with 1 for drift and 0 for none", () => {
    assert.equal(tidegate("compare", reference, current, "--fail-on-drift").status, 1);
    assert.equal(tidegate("compare", reference, reference, "--fail-on-drift").status, 0);
  });
  await check("--json writes the report to a file or to standard output", async () => {
    const { stdout } = tidegate("compare", reference, current, "--json", "-");
    assert.equal(JSON.parse(stdout).schema, "tidegate.report/1");
    assert.equal(tidegate("compare", reference, current, "--json", "report.json").status, 0);
    assert.equal(await readFile(join(project, "report.json"), "utf8"), stdout);
  });
  await check("--methods, --kind and --alpha reach the comparison", () => {
    const options = ["--methods", "psi", "--kind", "hour=categorical", "--alpha", "0.01", "--json", "-"];
    const report = JSON.parse(tidegate("compare", reference, current, ...options).stdout);
    for (const { tests } of report.columns)
      assert.deepEqual(
        tests.map(({ method }) => method),
        ["psi"],
      );
    assert.equal(report.columns.find(({ name }) => name === "hour").kind, "categorical");
  });
  await check("--segment-by compares and evaluates segment by segment", () => {
    const { stdout } = tidegate("compare", reference, current, "--segment-by", "origin");
    assert.match(stdout, /\nBy origin\n +segment +reference +current +verdict +columns that drifted\n/);
    for (const origin of ["EWR", "JFK", "LGA"]) assert.match(stdout, new RegExp(`\n +${origin} +\\d+ +\\d+ +(drift|no drift|too little data)`));
    const sample = join(import.meta.dirname, "../golden/samples/quality_california.csv");
    const columns = ["--label", "y_true", "--prediction", "y_pred", "--segment-by", "score"];
    const evaluated = tidegate("evaluate", sample, ...columns);
    assert.match(evaluated.stdout, /\nBy score\n +segment +rows +accuracy .*\n +below 0\.12 +202 +0\.8663 +0\.5322 .* better\n/);
    const { status, stderr } = tidegate("compare", reference, current, "--segment-by", "nothing");
    assert.deepEqual([status, /both tables need column "nothing" to be cut by it/.test(stderr)], [2, true]);
  });
  await check("tidegate profile prints a summary and writes a profile", async () => {
    const { status, stdout } = tidegate("profile", current, "-o", "profile.json");
    assert.equal(status, 0);
    assert.match(stdout, /545 rows, 10 columns\n$/);
    assert.equal(
      JSON.parse(await readFile(join(project, "profile.json"), "utf8")).schema,
      "tidegate.profile/1",
    );
  });
  await check("evaluate, estimate and experiment judge by columns, and exit with what was asked for", () => {
    const sample = (file) => join(import.meta.dirname, "../golden/samples", `${file}.csv`);
    const columns = ["--label", "y_true", "--prediction", "y_pred", "--score", "score"];
    const evaluated = tidegate("evaluate", sample("quality_california"), ...columns, "--fail-below", "roc_auc=0.9");
    assert.equal(evaluated.status, 1);
    assert.match(evaluated.stdout, /^accuracy 0\.6141 \(/);
    assert.equal(evaluated.stderr, "roc_auc is 0.8479, below 0.9\n");
    const files = ["cbpe_car_loan_reference", "cbpe_car_loan_current"].map(sample);
    const estimated = tidegate("estimate", ...files, ...columns, "--json", "-");
    assert.equal(estimated.status, 0);
    assert.equal(JSON.parse(estimated.stdout).schema, "tidegate.estimate/1");
    assert.equal(tidegate("estimate", ...files, ...columns, "--fail-on-drift").status, 1);
    const chunked = tidegate("estimate", ...files, ...columns, "--chunk-rows", "250");
    assert.equal(chunked.status, 0);
    assert.match(chunked.stdout, /^ +chunk +rows +verdict +accuracy .*\n +1 +250 +no drift +0\.9416 /);
    assert.match(chunked.stdout, /\nas it was: accuracy 0\.9205 to 0\.9795, .*\n2 of 4 chunks drifted\n/);
    const carriers = ["experiment", reference, "--variant", "carrier", "--outcome", "distance"];
    assert.equal(tidegate(...carriers).status, 0);
    for (const [args, message] of [
      [["evaluate", reference, "--label", "carrier", "--prediction", "tail"], /^tidegate: .*reference\.csv: there is no column "tail"\n$/],
      [["estimate", ...files, ...columns.slice(0, 4), "--score", "nothing"], /^tidegate: .*reference\.csv: there is no column "nothing"\n$/],
      [["experiment", reference, "--variant", "carrier", "--outcome", "dest"], /^tidegate: .*column "dest" must hold numbers/],
      [["evaluate", reference, ...columns, "--fail-below", "rmse=1"], /^tidegate: /],
    ]) {
      const { status, stderr } = tidegate(...args);
      assert.equal(status, 2);
      assert.match(stderr, message);
      assert.equal(stderr.split("\n").length, 2);
    }
  });
  await check("profiles of parts of a table are merged on the bins of the first", async () => {
    assert.equal(tidegate("profile", reference, "--kind", "hour=categorical", "-o", "first.json").status, 0);
    assert.equal(tidegate("profile", current, "--reference", "first.json", "-o", "second.json").status, 0);
    const merged = JSON.parse(tidegate("merge", "first.json", "second.json").stdout);
    assert.equal(merged.rows, 501 + 545);
    assert.equal(merged.columns.find(({ name }) => name === "hour").summary.kind, "categorical");
    assert.equal(tidegate("profile", reference, "--prediction", "delay").status, 2);
    const role = ["profile", reference, "--prediction", "carrier", "-o", "-"];
    assert.equal(JSON.parse(tidegate(...role).stdout).columns.find(({ name }) => name === "prediction").role, "prediction");
  });
  await check("columns that do not fit each other, or a file without a header, are doubted aloud", async () => {
    const judged = tidegate("evaluate", reference, "--label", "carrier", "--prediction", "dest");
    assert.equal(judged.status, 0);
    assert.match(judged.stderr, /^tidegate: no prediction is one of the labels \(.*\): are --label and --prediction the right columns\?\n$/);
    await writeFile(join(project, "headless.csv"), "1,2,Oslo\n3,4,Bergen\n");
    const { status, stderr } = tidegate("profile", "headless.csv");
    assert.deepEqual([status, stderr], [0, 'tidegate: headless.csv: columns are called "1", "2": if the file has no header, give it one\n']);
    const unknown = tidegate("evaluate", reference, "--label", "carrier", "--prediction", "carrier", "--fail-below", "acc=0.9");
    assert.match(unknown.stderr, /has no figure "acc"; there are .*accuracy/);
    const missing = tidegate("evaluate", reference, "--label", "air_time", "--prediction", "distance");
    assert.match(missing.stderr, /column "air_time", row \d+ has no value: give it one, or leave such rows out by --leave-out-missing\n$/);
    const nowhere = tidegate("compare", reference, current, "--json", "nowhere/report.json");
    assert.deepEqual([nowhere.status, nowhere.stderr], [2, "tidegate: nowhere/report.json: there is no such folder\n"]);
    const wrong = tidegate("explain", reference, current);
    assert.match(wrong.stderr, /^tidegate: .*flights_reference\.csv: not a model that can be read/);
  });
  await check("--help and --version answer", () => {
    assert.match(tidegate("--help").stdout, /tidegate compare REFERENCE CURRENT/);
    assert.match(tidegate("--version").stdout, /^\d+\.\d+\.\d+\n$/);
  });

  await check("--help tells the exit codes and gives examples", () => {
    const { stdout } = tidegate("--help");
    for (const code of [0, 1, 2]) assert.match(stdout, new RegExp(`^  ${code}  \\w`, "m"));
    assert.match(stdout, /^Examples\n  tidegate compare /m);
  });
  await checkTables(project, { run, tidegate });

  await mkdir(join(project, "bad"));
  const bad = async (name, content) => {
    const path = join("bad", name);
    await writeFile(join(project, path), content);
    return path;
  };
  const parquet = await readFile(current);
  const REFUSALS = [
    ["a missing file", "nowhere.csv", /^tidegate: nowhere\.csv: there is no such file$/],
    ["a directory", "bad", /^tidegate: bad is a directory, not a file$/],
    ["an empty file", await bad("empty.csv", ""), /^tidegate: bad\/empty\.csv: the file is empty/],
    [
      "a header alone",
      await bad("header.csv", "a,b\n"),
      /^tidegate: bad\/header\.csv: the file has a header but no rows$/,
    ],
    [
      "a ragged row",
      await bad("ragged.csv", "a,b\n1,2\n3\n"),
      /^tidegate: bad\/ragged\.csv: row 2 .*has 1 cell, the header has 2$/,
    ],
    [
      "binary junk",
      await bad("junk.csv", Buffer.from([0, 1, 2, 255])),
      /^tidegate: bad\/junk\.csv is no table: it holds binary data; CSV, Parquet and JSON records are read/,
    ],
    [
      "half a Parquet file",
      await bad("half.parquet", parquet.subarray(0, 2000)),
      /^tidegate: bad\/half\.parquet is a Parquet file that is cut short/,
    ],
    [
      "damaged Parquet data",
      await bad("damaged.parquet", damaged(parquet)),
      /^tidegate: bad\/damaged\.parquet: column "/,
    ],
  ];
  for (const [name, path, message] of REFUSALS) {
    await check(`${name} is one line on standard error and exit code 2`, () => {
      const { status, stdout, stderr } = tidegate("compare", reference, path);
      assert.match(stderr, /^[^\n]*\n$/);
      assert.match(stderr.trimEnd(), message);
      assert.deepEqual([status, stdout], [2, ""]);
    });
  }
  for (const [args, message] of [
    [["compare", reference], /^tidegate: compare takes two files/],
    [["compare", reference, current, "--methods", "guess"], /^tidegate: .*guess/],
    [["compare", reference, current, "--kind", "carrier=numeric"], /^tidegate: .*carrier/],
    [["nonsense"], /^tidegate: "nonsense" is not a command/],
  ]) {
    await check(
      `tidegate ${args.map((arg) => arg.split("/").at(-1)).join(" ")} is refused in one line`,
      () => {
        const { status, stderr } = tidegate(...args);
        assert.equal(status, 2);
        assert.match(stderr, /^[^\n]*\n$/);
        assert.match(stderr, message);
      },
    );
  }
}

/** Tables that are out of the ordinary, and where the output goes. */
async function checkTables(project, { run, tidegate }) {
  const table = async (name, header, rows) => {
    const lines = [header, ...rows].map((cells) => `${cells.join(",")}\n`);
    await writeFile(join(project, name), lines.join(""));
    return name;
  };
  const rowsOf = (count, row) => Array.from({ length: count }, (_, i) => row(i));

  const three = await table(
    "three.csv",
    ["a", "b"],
    rowsOf(100, (i) => [i, `k${i % 3}`]),
  );
  const two = await table(
    "two.csv",
    ["a", "b"],
    rowsOf(2, (i) => [i, "k1"]),
  );
  const other = await table(
    "other.csv",
    ["c"],
    rowsOf(100, (i) => [i]),
  );
  await check("a file does not drift from itself", () => {
    const { status, stdout, stderr } = tidegate("compare", three, three, "--fail-on-drift");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /\n0 of 2 columns drifted · 100 rows against 100\n$/);
  });
  await check("two rows are too little data", () => {
    const { status, stdout } = tidegate("compare", two, two, "--fail-on-drift");
    assert.equal(status, 0);
    assert.equal(stdout.match(/too little data/g).length, 2);
  });
  await check("tables without a common column were not compared, and that is no success", () => {
    const { status, stdout, stderr } = tidegate("compare", three, other);
    assert.equal(status, 2);
    assert.match(stdout, /^  a +not compared  the current table has no such column$/m);
    assert.equal(
      stderr,
      "tidegate: nothing was compared: three.csv and other.csv share no column that holds comparable values\n",
    );
  });

  const names = rowsOf(300, (i) => `column_${i}`);
  const wide = await table(
    "wide.csv",
    names,
    rowsOf(20, (i) => names.map((_, j) => i * j)),
  );
  await check("300 columns are 300 lines", () => {
    const { stdout } = tidegate("compare", wide, wide);
    assert.equal(stdout.match(/^  column_\d+ /gm).length, 300);
  });
  await check("a reader that closes the pipe is no error", () => {
    const pipe = "set -o pipefail; npx --no-install tidegate compare wide.csv wide.csv --json - | head -n 1";
    assert.deepEqual(run("bash", ["-c", pipe]), { status: 0, stdout: "{\n", stderr: "" });
  });

  const title = "a name that is long ".repeat(20);
  const long = await table(
    "long.csv",
    [title, "b"],
    rowsOf(600, (i) => [`${"category ".repeat(40)}${i % 2}`, `${"値".repeat(200)}${i % 5}`]),
  );
  await check("long names of columns and categories are cut, and the rest lines up", () => {
    const [header, first, second] = tidegate("compare", long, long).stdout.split("\n");
    const at = header.indexOf("verdict");
    assert.ok(at < 70, header);
    for (const line of [first, second]) assert.equal(line.indexOf("no drift"), at);
    assert.match(`${first}\n${second}`, /a name that is long.*…  no drift/);
    const profile = tidegate("profile", long).stdout.split("\n").slice(0, 3);
    for (const line of profile) assert.ok(line.length < 220, line);
  });

  await check("colours are for terminals, and NO_COLOR has the last word", () => {
    const args = ["--no-install", "tidegate", "compare", three, three];
    const coloured = (environment) => /\u001b/.test(run("npx", args, environment).stdout);
    assert.equal(coloured({ FORCE_COLOR: "", NO_COLOR: "" }), false);
    assert.equal(coloured({ FORCE_COLOR: "1", NO_COLOR: "" }), true);
    assert.equal(coloured({ FORCE_COLOR: "1", NO_COLOR: "1" }), false);
  });
}

/** The file with its first column's data overwritten; its footer still reads. */
function damaged(parquet) {
  const copy = Buffer.from(parquet);
  copy.fill(0xff, 4, 400);
  return copy;
}
