import assert from "node:assert/strict";
import { test } from "node:test";
import { ColumnCollector, MISSING } from "./column.js";
import type { ColumnKind } from "./wire.js";

function collect(values: ArrayLike<unknown>, kind?: ColumnKind) {
  const collector = new ColumnCollector("age", (index) => `reference.age[${index}]`, kind);
  collector.pushAll(values);
  return collector.finish();
}

const numeric = (...values: number[]) => ({ kind: "numeric", values: Float64Array.from(values) });
const categorical = (levels: string[], ...codes: number[]) => ({
  kind: "categorical",
  codes: Uint32Array.from(codes),
  levels,
});

test("numbers, bigints and dates are numeric, a date by its seconds", () => {
  assert.deepEqual(collect([1.5, -0, Infinity]), numeric(1.5, -0, Infinity));
  assert.deepEqual(collect([1n, 2]), numeric(1, 2));
  assert.deepEqual(collect([new Date(1500)]), numeric(1.5));
});

test("typed arrays are numeric, whatever their width", () => {
  assert.deepEqual(collect(Float32Array.of(0.5, NaN)), numeric(0.5, NaN));
  assert.deepEqual(collect(Uint8Array.of(255)), numeric(255));
  assert.deepEqual(collect(BigInt64Array.of(-1n)), numeric(-1));
});

test("strings and booleans are categories in the order in which they come", () => {
  assert.deepEqual(collect(["b", "a", "b", ""]), categorical(["b", "a", ""], 0, 1, 0, 2));
  assert.deepEqual(collect([true, false]), categorical(["true", "false"], 0, 1));
});

test("null, undefined, NaN and invalid dates are missing", () => {
  assert.deepEqual(collect([null, 1, undefined, NaN, new Date(NaN)]), numeric(NaN, 1, NaN, NaN, NaN));
  assert.deepEqual(collect([undefined, "a", null, NaN]), categorical(["a"], MISSING, 0, MISSING, MISSING));
});

test("a column without a value is numeric", () => {
  assert.deepEqual(collect([]), numeric());
  assert.deepEqual(collect([null, null]), numeric(NaN, NaN));
});

test("a declared kind reads what would else be of the other kind", () => {
  assert.deepEqual(collect([7, null, 7n], "categorical"), categorical(["7"], 0, MISSING, 0));
  assert.deepEqual(collect(Int8Array.of(7, 8), "categorical"), categorical(["7", "8"], 0, 1));
  assert.deepEqual(collect(["1.5", " ", true], "numeric"), numeric(1.5, NaN, 1));
  assert.deepEqual(collect([null], "categorical"), categorical([], MISSING));
});

test("pieces and single values make the same column as one array", () => {
  const collector = new ColumnCollector("age", String);
  collector.padTo(2);
  collector.pushAll([1, 2]);
  collector.push(3);
  collector.pushAll(Float64Array.of(4, 5));
  collector.padTo(8);
  assert.deepEqual(collector.finish(), numeric(NaN, NaN, 1, 2, 3, 4, 5, NaN));
});

test("a value that does not fit is refused by its place", () => {
  const refused = (values: unknown[], code: string, message: RegExp, kind?: ColumnKind) =>
    assert.throws(() => collect(values, kind), { name: "TidegateError", code, message });
  refused(
    [1, null, "x"],
    "MixedColumn",
    /^reference\.age\[2\] is the string "x": .* kinds: \{ "age": "categorical" \}$/,
  );
  refused(
    ["x", 1],
    "MixedColumn",
    /^reference\.age\[1\] is the number 1: the values before it are text or booleans/,
  );
  refused([1, true], "MixedColumn", /^reference\.age\[1\] is true/);
  refused([{}], "UnknownValue", /^reference\.age\[0\] is an object \(Object\)/);
  refused([[1]], "UnknownValue", /^reference\.age\[0\] is an array/);
  refused(["1", "x"], "NotNumeric", /^reference\.age\[1\] is the string "x"/, "numeric");
});
