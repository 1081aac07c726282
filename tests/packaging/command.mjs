// The command line, as `npx tidegate` runs it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { check } from "./harness.mjs";
import { data } from "./node.mjs";

export async function checkCommand(project) {
  const tidegate = (...args) => {
    const { status, stdout, stderr } = spawnSync("npx", ["--no-install", "tidegate", ...args], {
      cwd: project,
      encoding: "utf8",
      env: { ...process.env, npm_config_update_notifier: "false", npm_config_loglevel: "silent" },
    });
    return { status, stdout, stderr };
  };
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
  await check("tidegate profile prints a summary and writes a profile", async () => {
    const { status, stdout } = tidegate("profile", current, "-o", "profile.json");
    assert.equal(status, 0);
    assert.match(stdout, /545 rows, 10 columns\n$/);
    assert.equal(
      JSON.parse(await readFile(join(project, "profile.json"), "utf8")).schema,
      "tidegate.profile/1",
    );
  });
  await check("--help and --version answer", () => {
    assert.match(tidegate("--help").stdout, /tidegate compare REFERENCE CURRENT/);
    assert.match(tidegate("--version").stdout, /^\d+\.\d+\.\d+\n$/);
  });

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
      /^tidegate: bad\/junk\.csv is neither CSV nor Parquet/,
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

/** The file with its first column's data overwritten; its footer still reads. */
function damaged(parquet) {
  const copy = Buffer.from(parquet);
  copy.fill(0xff, 4, 400);
  return copy;
}
