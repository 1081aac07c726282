import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, compareProfiles, compareSegments, merge, profile, readTable, type Report } from "./node.js";

const ramp = (from: number) => Float64Array.from({ length: 1000 }, (_, i) => from + i);
const REFERENCE = { income: ramp(0), city: Array(1000).fill("Oslo") };
const CURRENT = { income: ramp(250), city: Array(1000).fill("Oslo") };

const verdicts = ({ columns }: Report) =>
  Object.fromEntries(columns.map(({ name, verdict }) => [name, verdict]));

test("a column that moved drifts, one that did not does not", async () => {
  const report = await compare(REFERENCE, CURRENT);
  assert.equal(report.schema, "tidegate.report/1");
  assert.equal(report.verdict, "drift");
  assert.deepEqual(verdicts(report), { income: "drift", city: "no_drift" });
  // A quarter of the ramp lies beyond the reference: that is the largest gap of the two.
  assert.equal(report.columns[0]?.tests[0]?.statistic, 0.25);
});

test("tables that were read before can be compared more than once, and are not freed", async () => {
  const [reference, current] = [await readTable(REFERENCE), await readTable(CURRENT)];
  const once = await compare(reference, current);
  assert.deepEqual(await compare(reference, current), once);
  assert.deepEqual((await compare(reference, reference)).verdict, "no_drift");
  assert.equal(reference.rows, 1000);
  reference.free();
  current.free();
});

test("options reach the core, and what it refuses is a TidegateError", async () => {
  const report = await compare(REFERENCE, CURRENT, { methods: ["psi"], kinds: { income: "categorical" } });
  assert.deepEqual(
    report.columns.map(({ kind, tests }) => [kind, tests.map(({ method }) => method)]),
    [
      ["categorical", ["psi"]],
      ["categorical", ["psi"]],
    ],
  );
  const refused = (options: object, code: string, message: RegExp) =>
    assert.rejects(compare(REFERENCE, CURRENT, options), { name: "TidegateError", code, message });
  await refused({ alpha: 2 }, "InvalidOptions", /^options: alpha must be between 0 and 1/);
  await refused({ methods: ["guess"] }, "InvalidOptions", /^options: unknown variant `guess`/);
  await refused({ kinds: { age: "numeric" } }, "UnknownColumn", /"age"/);
});

test("a change that no column shows is seen by the methods for whole rows", async () => {
  const column = (step: number) => Float64Array.from({ length: 500 }, (_, i) => (i * step) % 500);
  const apart = { x: column(1), y: column(211) };
  const joined = { x: column(1), y: column(1) };
  const report = await compare(apart, joined, { multivariate: ["domain_classifier", "mmd"] });
  assert.equal(report.verdict, "drift");
  assert.deepEqual(verdicts(report), { x: "no_drift", y: "no_drift" });
  assert.deepEqual(
    report.multivariate?.map(({ method, verdict }) => [method, verdict]),
    [
      ["domain_classifier", "drift"],
      ["mmd", "drift"],
    ],
  );
  assert.equal((await compare(apart, joined)).multivariate, undefined);
});

test("a column that could not be read is in the report, with the reason", async () => {
  const field = { name: "tags", type: { toString: () => "List<Utf8>" } };
  const nested = { numRows: 1000, schema: { fields: [field] }, getChild: () => null };
  const report = await compare(REFERENCE, nested);
  const tags = report.columns.find(({ name }) => name === "tags");
  assert.equal(tags?.verdict, "insufficient_data");
  assert.match(tags?.note ?? "", /^not read from the current table: Arrow's List<Utf8>/);
});

test("progress goes through both tables and every column, and the signal ends it", async () => {
  const labels = new Set<string>();
  await compare(REFERENCE, CURRENT, { onProgress: (_done, _total, label) => labels.add(label) });
  assert.deepEqual(
    [...labels],
    ["reading reference", "reading current", "comparing income", "comparing city", "comparing"],
  );

  const controller = new AbortController();
  const onProgress = (_done: number, _total: number | undefined, label: string) => {
    if (label === "comparing income") controller.abort();
  };
  await assert.rejects(compare(REFERENCE, CURRENT, { onProgress, signal: controller.signal }), {
    name: "AbortError",
  });
});

test("profiles on one's bins can be compared and merged", async () => {
  const reference = await profile(REFERENCE);
  const current = await profile(CURRENT, { reference });
  assert.equal(reference.schema, "tidegate.profile/1");
  assert.deepEqual(verdicts(await compareProfiles(reference, current)), {
    income: "drift",
    city: "no_drift",
  });
  const merged = await merge(reference, current, current);
  assert.equal(merged.rows, 3000);
  assert.deepEqual(merged.columns[1]?.counts, { count: 3000, missing: 0 });
  await assert.rejects(merge(reference, { ...current, schema: "tidegate.profile/9" }), {
    name: "TidegateError",
  });
});

test("segments are compared by themselves, and a table without their column is told", async () => {
  const town = Array.from({ length: 1000 }, (_, row) => (row < 10 ? "hamlet" : "Oslo"));
  const cities = { city: town };
  const { segments, columns } = await compare({ ...REFERENCE, ...cities }, { ...CURRENT, ...cities }, { segment_by: "city" });
  assert.equal(segments?.by, "city");
  assert.equal(columns.length, 2, "the whole is as it was");
  for (const { segment, columns, reference } of segments?.segments ?? []) {
    assert.equal(segment.kind, "category");
    assert.deepEqual(
      columns.map(({ name }) => name),
      reference.rows < 30 ? [] : ["income"],
    );
  }
  const alone = await compareSegments({ ...REFERENCE, ...cities }, { ...CURRENT, ...cities }, "city");
  assert.deepEqual(alone, segments, "the same without the whole");
  const refusal = { code: "NoSegments", message: 'options: both tables need column "town" to be cut by it' };
  await assert.rejects(compare(REFERENCE, CURRENT, { segment_by: "town" }), refusal);
  await assert.rejects(compareSegments(REFERENCE, CURRENT, "town"), refusal);
  await assert.rejects(compareSegments(REFERENCE, CURRENT, "city", { kinds: { town: "numeric" } }), { code: "UnknownColumn" });
});
