import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, type Method } from "../node.js";
import {
  adjust,
  binCounts,
  compareCounts,
  compareNumbers,
  compareSketches,
  decileEdges,
  DistinctSketch,
  QuantileSketch,
  type Test,
} from "./node.js";

const wave = (from: number) => Float64Array.from({ length: 1000 }, (_, i) => from + Math.round(500 * Math.sin(i)) / 10);
const REFERENCE = wave(0);
const CURRENT = wave(12);

test("each method says what a report says, to the bit", async () => {
  const { columns } = await compare({ x: REFERENCE }, { x: CURRENT }, { methods: "all" });
  const reported = columns[0]?.tests.map(({ p_adjusted: _, ...rest }) => rest) ?? [];
  assert.ok(reported.length > 12);
  const methods = reported.map(({ method }) => method);
  const found = await compareNumbers(REFERENCE, CURRENT, { methods });
  const judged = (tests: Test[]) => tests.map(({ verdict: _, ...rest }) => rest);
  assert.deepEqual(judged(found), judged(reported));
  assert.equal(found[0]?.verdict, columns[0]?.verdict);
});

test("counts of categories say what a report says, to the bit", async () => {
  const city = (north: number) => Array.from({ length: 600 }, (_, row) => (row < north ? "north" : row % 3 ? "south" : "west"));
  const [one, other] = [city(200), city(260)];
  const { columns } = await compare({ city: one }, { city: other });
  const counts = (rows: string[]) => ["north", "south", "west"].map((name) => rows.filter((row) => row === name).length);
  const methods: Method[] = ["chi_square", "psi", "jensen_shannon"];
  const found = await compareCounts(counts(one), counts(other), { methods });
  assert.deepEqual(found, columns[0]?.tests.map(({ p_adjusted: _, ...rest }) => rest));
});

test("a ramp that moved by a quarter has the gap that one can see, and is judged as asked", async () => {
  const ramp = (from: number) => Array.from({ length: 1000 }, (_, i) => from + i);
  const [ks, psi, distance] = await compareNumbers(ramp(0), ramp(250));
  assert.deepEqual([ks?.method, ks?.statistic, ks?.verdict], ["kolmogorov_smirnov", 0.25, "drift"]);
  assert.deepEqual([distance?.method, distance?.statistic], ["wasserstein", 250]);
  assert.equal(psi?.p_value, null);
  const [calm] = await compareNumbers(ramp(0), ramp(250), { effect_floor: { kolmogorov_smirnov: 0.3 } });
  assert.deepEqual([calm?.effect_floor, calm?.verdict], [0.3, "no_drift"]);
});

test("any array of numbers will do", async () => {
  const [one] = await compareNumbers(Int16Array.from(REFERENCE), Float32Array.from(CURRENT), { methods: ["mann_whitney"] });
  const [other] = await compareNumbers([...Int16Array.from(REFERENCE)], [...Float32Array.from(CURRENT)], { methods: ["mann_whitney"] });
  assert.deepEqual(one, other);
  const big = BigInt64Array.from(Int16Array.from(REFERENCE), BigInt);
  const [third] = await compareNumbers(big as never, Float32Array.from(CURRENT), { methods: ["mann_whitney"] });
  assert.deepEqual(third, one);
});

test("edges are kept, and counts on them are compared tomorrow", async () => {
  const edges = await decileEdges(REFERENCE);
  const [before, now] = [await binCounts(edges, REFERENCE), await binCounts(edges, CURRENT)];
  assert.equal(before.length, edges.length + 1);
  assert.equal(before.reduce((sum, count) => sum + count, 0), 1000);
  const methods: Method[] = ["psi", "chi_square"];
  const kept = await compareCounts(before, now, { methods, on_quantiles: true });
  assert.deepEqual(kept, await compareNumbers(REFERENCE, CURRENT, { methods }));
});

test("p-values are corrected as the books say", async () => {
  const close = (found: ArrayLike<number>, wanted: number[]) =>
    assert.ok(wanted.every((value, i) => Math.abs(value - (found[i] ?? 2)) < 1e-15), `${Array.from(found)}`);
  close(await adjust([0.01, 0.04, 0.03]), [0.03, 0.04, 0.04]);
  close(await adjust([0.01, 0.04, 0.03], "holm"), [0.03, 0.06, 0.06]);
  await assert.rejects(adjust([0.01], "bonferroni" as "holm"), { code: "InvalidOptions" });
});

test("a sketch has quantiles, merges, and comes back from its bytes", async () => {
  const [one, other] = [await QuantileSketch.create(), await QuantileSketch.create({ k: 400 })];
  assert.deepEqual([one.count, one.range, one.quantile(0.5), one.rank(1)], [0, null, null, null]);
  for (let i = 1; i <= 50_000; i++) one.push(i);
  other.push(Float64Array.from({ length: 50_000 }, (_, i) => 50_001 + i));
  one.push(NaN);
  one.push([Infinity]);
  assert.throws(() => one.push([1, undefined as never]), { code: "NotFinite", message: /^values\[1\] is missing/ });
  assert.throws(() => one.push("3" as never), { code: "InvalidInput" });
  one.merge(other);
  assert.deepEqual([one.count, one.range], [100_000, [1, 100_000]]);
  const median = one.quantile(0.5) ?? 0;
  assert.ok(Math.abs(median / 100_000 - 0.5) <= one.rankError, `${median}`);
  const copy = await QuantileSketch.fromBytes(one.toBytes());
  assert.deepEqual([copy.quantile(0.5), copy.quantile(0.99), copy.count], [median, one.quantile(0.99), 100_000]);
  const [ks] = await compareSketches(one, other, { methods: ["kolmogorov_smirnov"] });
  assert.equal(ks?.verdict, "drift");
  assert.ok(Math.abs((ks?.effect ?? 0) - 0.5) < one.rankError + other.rankError);
  await assert.rejects(QuantileSketch.fromBytes(Uint8Array.of(1, 2, 3)), { name: "TidegateError", code: "CorruptData" });
  one.free();
  one.free();
  assert.throws(() => one.count, { code: "Freed" });
});

test("a sketch counts what is different", async () => {
  const [one, other] = [await DistinctSketch.create(), await DistinctSketch.create()];
  for (let i = 0; i < 20_000; i++) {
    one.push(`user ${i % 8000}`);
    other.push(`user ${4000 + (i % 8000)}`);
  }
  one.merge(other);
  assert.ok(Math.abs(one.estimate / 12_000 - 1) < 4 * one.relativeError, `${one.estimate}`);
  const copy = await DistinctSketch.fromBytes(one.toBytes());
  assert.equal(copy.estimate, one.estimate);
  assert.throws(() => copy.push(null as never), { code: "InvalidInput", message: /and not missing$/ });
  copy.free();
  assert.throws(() => copy.push(1), { code: "Freed" });
});

test("what is refused says where and why", async () => {
  const refusals: [Promise<unknown>, string, RegExp][] = [
    [compareNumbers([], [1]), "EmptySample", /reference/],
    [compareNumbers([1], [1, NaN]), "NotFinite", /^current\[1\] is the number NaN: give finite numbers/],
    [compareNumbers([1, null as never], [1]), "NotFinite", /^reference\[1\] is missing: give finite numbers/],
    [compareNumbers(["1"] as never, [1]), "NotFinite", /^reference\[0\] is the string "1"/],
    [compareNumbers("123" as never, [1]), "InvalidInput", /^reference is the string "123", not an array of numbers$/],
    [compareNumbers(undefined as never, [1]), "InvalidInput", /^reference is missing, not an array/],
    [compareNumbers([1], [1], { methods: ["kolmogorov" as Method] }), "InvalidOptions", /^methods: unknown variant `kolmogorov`/],
    [compareNumbers([1], [1], { alpha: 2 }), "InvalidOptions", /alpha/],
    [compareNumbers([1], [1], { effect_floor: { psi: -1 } }), "InvalidOptions", /effect_floor/],
    [compareCounts([1, 2], [1]), "ShapeMismatch", /length/],
    [compareCounts([1.5, 2], [1, 2]), "OutOfRange", /whole numbers/],
    [compareCounts([1, 2], [1, 2], { methods: ["energy"] }), "OutOfRange", /a method for counts/],
    [binCounts([2, 1], [1]), "OutOfRange", /./],
    [QuantileSketch.create({ k: 2 }), "OutOfRange", /k/],
    [QuantileSketch.create({ k: 65_536 + 200 }), "OutOfRange", /k is at most 65535/],
    [DistinctSketch.create({ lg_k: 256 + 12 }), "OutOfRange", /lg_k/],
  ];
  for (const [refused, code, message] of refusals) {
    await assert.rejects(refused, { name: "TidegateError", code, message });
  }
});
