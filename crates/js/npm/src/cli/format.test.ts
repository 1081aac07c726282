import assert from "node:assert/strict";
import { test } from "node:test";
import {
  displayWidth,
  fit,
  formatNumber,
  formatPValue,
  formatShare,
  plural,
  printable,
  shorten,
} from "./format.js";

test("numbers keep four digits and no noise", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [0.1 + 0.2, "0.3"],
    [0.121349, "0.1213"],
    [5832, "5832"],
    [123456.7, "123500"],
    [1.23e-7, "1.2e-7"],
    [31_415_926, "31415926"],
    [31_415_926.5, "3.1e7"],
    [-9e15, "-9.0e15"],
    [-2.5, "-2.5"],
    [Infinity, "∞"],
    [NaN, "–"],
  ];
  for (const [value, expected] of cases) assert.equal(formatNumber(value), expected);
});

test("a p-value is never written as zero", () => {
  assert.equal(formatPValue(0), "< 1e-300");
  assert.equal(formatPValue(5e-324), "< 1e-300");
  assert.equal(formatPValue(1e-300), "1.0e-300");
  assert.equal(formatPValue(0.0004), "4.0e-4");
  assert.equal(formatPValue(0.05), "0.050");
  assert.equal(formatPValue(1), "1.000");
  assert.equal(formatPValue(null), "–");
});

test("a share says that something is there, or is not, however little", () => {
  assert.equal(formatShare(0, 10), "0%");
  assert.equal(formatShare(1, 100_000), "<0.1%");
  assert.equal(formatShare(1, 80), "1.3%");
  assert.equal(formatShare(99_999, 100_000), ">99.9%");
  assert.equal(formatShare(10, 10), "100%");
  assert.equal(formatShare(0, 0), "–");
});

test("text fills exactly the cells that it is given", () => {
  assert.equal(fit("age", 5, "left"), "age  ");
  assert.equal(fit("age", 5, "right"), "  age");
  assert.equal(fit("temperature", 5, "left"), "temp…");
  assert.equal(fit("温度計", 4, "left"), "温… ");
  assert.equal(displayWidth("e\u0301温🙂"), 5);
});

test("a name is shortened only where it is too long", () => {
  assert.equal(shorten("temperature", 11), "temperature");
  assert.equal(shorten("temperature", 10), "temperatu…");
  assert.equal(shorten("温度計", 4), "温…");
});

test("one is not many", () => {
  assert.deepEqual(
    [plural(0, "row"), plural(1, "row"), plural(5832, "row")],
    ["0 rows", "1 row", "5,832 rows"],
  );
});

test("names cannot drive the terminal", () => {
  assert.equal(printable("a\u001b[31m\nb\u202e"), "a\ufffd[31m\ufffdb\ufffd");
});
