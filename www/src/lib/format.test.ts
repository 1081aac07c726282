import { describe, expect, test } from "vitest";

import {
  formatAgo,
  formatBytes,
  formatCount,
  formatCountShort,
  formatDateTime,
  formatInterval,
  formatNumber,
  formatPercent,
  formatPlural,
  formatPValue,
  formatRate,
  formatScore,
  formatSeconds,
} from "./format";

/** Narrow spaces as plain ones, so that the table below can be read. */
const plain = (text: string): string => text.replaceAll("\u202f", " ");

function check<T>(format: (value: T) => string, table: readonly (readonly [T, string])[]): void {
  for (const [value, expected] of table) {
    test(`${String(value)} is "${expected}"`, () => expect(plain(format(value))).toBe(expected));
  }
}

describe("formatCount groups thousands", () =>
  check(formatCount, [
    [0, "0"],
    [999, "999"],
    [12_345, "12,345"],
    [-4, "−4"],
  ]));
describe("formatCountShort fits an axis", () =>
  check(formatCountShort, [
    [12_345, "12.3K"],
    [2_000_000, "2M"],
  ]));

describe("formatPlural agrees with its count", () => {
  test("one", () => expect(formatPlural(1, "column")).toBe("1 column"));
  test("many", () => expect(formatPlural(1200, "class", "classes")).toBe("1,200 classes"));
});

describe("formatPercent takes a ratio and never rounds a trace away", () =>
  check(formatPercent, [
    [0, "0%"],
    [0.0004, "<0.1%"],
    [0.0094, "0.9%"],
    [0.05, "5%"],
    [0.451, "45.1%"],
    [0.5, "50%"],
    [0.9999, ">99.9%"],
    [1, "100%"],
    [null, "–"],
    [Number.NaN, "–"],
  ]));

describe("formatNumber keeps four significant digits", () =>
  check(formatNumber, [
    [0, "0"],
    [0.450485, "0.4505"],
    [-3.25, "−3.25"],
    [1234.56, "1,234.6"],
    [123_456.7, "123,457"],
    [12_400_000, "1.24×10⁷"],
    [0.000012, "1.20×10⁻⁵"],
    [Number.POSITIVE_INFINITY, "–"],
    [undefined, "–"],
  ]));

describe("formatScore lines up in a column", () =>
  check(formatScore, [
    [0, "0.000"],
    [0.0001, "<0.001"],
    [0.558252, "0.558"],
    [12.34, "12.3"],
    [-0.5, "−0.500"],
    [null, "–"],
  ]));

describe("formatPValue gives an underflowed p as a bound", () =>
  check(formatPValue, [
    [0, "<10⁻³⁰⁰"],
    [8.05814327174412e-296, "8.1×10⁻²⁹⁶"],
    [0.0032, "0.0032"],
    [0.0325, "0.033"],
    [0.308, "0.31"],
    [1, "1.00"],
    [null, "–"],
  ]));

describe("formatSeconds chooses the unit", () =>
  check(formatSeconds, [
    [0, "0 ms"],
    [0.00085, "850 µs"],
    [0.0123, "12.3 ms"],
    [0.99949, "999 ms"],
    [1.254, "1.25 s"],
    [125, "2 min 5 s"],
    [3600, "1 h"],
    [90_000, "1 d 1 h"],
    [null, "–"],
  ]));

describe("formatAgo", () =>
  check(formatAgo, [
    [0.4, "just now"],
    [12.7, "12 s ago"],
  ]));
describe("formatRate", () =>
  check(formatRate, [
    [0, "0/s"],
    [0.04, "<0.1/s"],
    [12.34, "12.3/s"],
    [1234, "1,234/s"],
    [null, "–"],
  ]));
describe("formatBytes", () =>
  check(formatBytes, [
    [12, "12 B"],
    [157_889, "158 kB"],
    [999_999, "1 MB"],
    [3.2e9, "3.2 GB"],
  ]));

test("formatInterval", () => {
  expect(formatInterval([0.421, 0.48])).toBe("0.421 to 0.480");
  expect(formatInterval(null)).toBe("–");
});

describe("formatDateTime", () => {
  check(formatDateTime, [
    [0, "1970-01-01"],
    [1_790_000_000, "2026-09-21 14:13"],
    [-86_400, "1969-12-31"],
    [Number.NaN, "–"],
    [1e20, "–"],
  ]);
});
