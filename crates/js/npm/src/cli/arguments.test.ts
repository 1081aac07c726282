import assert from "node:assert/strict";
import { test } from "node:test";
import { type CompareCommand, parseCommand } from "./arguments.js";

test("compare takes its files and options in any order", () => {
  const argv = [
    "compare",
    "--alpha",
    "0.01",
    "a.csv",
    "--kind",
    "zip=categorical",
    "--kind=x=y=numeric",
    "b.csv",
  ];
  assert.deepEqual(
    parseCommand([...argv, "--methods", "psi, chi_square", "--json", "-", "--fail-on-drift"]),
    {
      name: "compare",
      reference: "a.csv",
      current: "b.csv",
      json: "-",
      failOnDrift: true,
      methods: ["psi", "chi_square"],
      kinds: { zip: "categorical", "x=y": "numeric" },
      alpha: 0.01,
      comparing: { chunks: undefined, inTimeOrder: false, like: [], multivariate: [], segmentBy: undefined },
    },
  );
});

test("help is what nothing, or --help with anything, asks for", () => {
  for (const argv of [[], ["--help"], ["compare", "-h"]])
    assert.deepEqual(parseCommand(argv), { name: "help" });
  assert.deepEqual(parseCommand(["--version"]), { name: "version" });
  assert.deepEqual(parseCommand(["profile", "a.csv", "-o", "p.json"]), {
    name: "profile",
    file: "a.csv",
    kinds: {},
    reference: undefined,
    columns: {},
    output: "p.json",
  });
});

test("observe takes logs, and where to write what they say", () => {
  assert.deepEqual(parseCommand(["observe", "a.log", "-", "--metrics", "m", "--options", "o.json"]), {
    name: "observe",
    paths: ["a.log", "-"],
    options: "o.json",
    metrics: "m",
    json: undefined,
  });
});

test("explain takes a model, a file and a background", () => {
  const argv = ["explain", "model.json", "a.csv", "--background", "b.csv", "--kind", "zip=categorical"];
  assert.deepEqual(parseCommand(argv), {
    name: "explain",
    model: "model.json",
    file: "a.csv",
    background: "b.csv",
    json: undefined,
    kinds: { zip: "categorical" },
  });
});

const REFUSALS: [argv: string[], message: RegExp][] = [
  [
    ["compare", "a.csv"],
    /^compare takes two files, a reference and a current one, and got 1; see tidegate --help$/,
  ],
  [["compare", "a", "b", "c"], /got 3/],
  [["compare", "-", "-"], /^standard input can be only one of the two files; see tidegate --help$/],
  [["profile"], /^profile takes one file, and got 0/],
  [["profile", "a.csv", "--json", "x"], /^profile does not take --json/],
  [["compare", "a", "b", "-o", "x"], /^compare does not take --output/],
  [["explain", "model.json"], /^explain takes a model and a file, and got 1/],
  [["explain", "m", "-", "--background", "-"], /^standard input can be only one/],
  [["explain", "m", "a", "--alpha", "0.1"], /^explain does not take --alpha/],
  [["compare", "a", "b", "--background", "c"], /^compare does not take --background/],
  [["observe"], /^observe takes the access logs/],
  [["observe", "a.log", "--json", "-", "--metrics", "-"], /^standard output can be only one/],
  [["observe", "a.log", "--alpha", "0.1"], /^observe does not take --alpha/],
  [["compare", "a", "b", "--metrics", "m"], /^compare does not take --metrics/],
  [["drift"], /^"drift" is not a command/],
  [["compare", "a", "b", "--alpha", "2"], /^--alpha takes a number between 0 and 1, and got "2"/],
  [["compare", "a", "b", "--kind", "zip"], /^--kind takes COLUMN=numeric/],
  [["compare", "a", "b", "--colour"], /^Unknown option '--colour'; see tidegate --help$/],
];

for (const [argv, message] of REFUSALS) {
  test(`refuses: tidegate ${argv.join(" ")}`, () => {
    assert.throws(() => parseCommand(argv), { name: "TidegateError", code: "Usage", message });
  });
}

test("a comparison can be of chunks, of whole rows, and in other tools' words", () => {
  const asked = (...argv: string[]) => {
    const command = parseCommand(["compare", "a.csv", "b.csv", ...argv]);
    assert.equal(command.name, "compare");
    return (command as CompareCommand).comparing;
  };
  assert.deepEqual(asked("--chunk-rows", "500").chunks, { rows: 500 });
  assert.deepEqual(asked("--chunk-period", "12h", "--time", "at").chunks, { period_seconds: 43_200, time: "at" });
  assert.deepEqual(asked("--like", "evidently,nannyml").like, ["evidently", "nannyml"]);
  assert.equal(asked("--multivariate", "all").multivariate.length, 3);
  assert.equal(asked("--segment-by", "city").segmentBy, "city");
  for (const argv of [
    ["--chunk-rows", "0"],
    ["--chunk-period", "1d"],
    ["--chunk-period", "1y", "--time", "at"],
    ["--time", "at"],
    ["--chunk-rows", "5", "--chunk-period", "1d"],
  ]) {
    assert.throws(() => asked(...argv), /see tidegate --help/);
  }
});
