import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDeltaBlocks, checkPage, checkPrefix, type PageHeader } from "./parquet-checks.js";

const V1: PageHeader = {
  type: "DATA_PAGE",
  compressed_page_size: 100,
  uncompressed_page_size: 900,
  data_page_header: { num_values: 50 },
};
const LEVELS = { repetition_levels_byte_length: 0, definition_levels_byte_length: 8 };
const V2_VALUES = { num_values: 50, num_nulls: 50, num_rows: 50, ...LEVELS };
const V2: PageHeader = {
  type: "DATA_PAGE_V2",
  compressed_page_size: 8,
  uncompressed_page_size: 8,
  data_page_header_v2: V2_VALUES,
};
const DICTIONARY: PageHeader = {
  type: "DICTIONARY_PAGE",
  compressed_page_size: 100,
  uncompressed_page_size: 50,
  dictionary_page_header: { num_values: 50 },
};
const DAMAGED = /^Error: a page says of itself what cannot be$/;

test("a page that fits is let through, to the last byte and value", () => {
  for (const header of [V1, V2, DICTIONARY]) checkPage(header, 100, 50);
  checkPage({ ...V1, compressed_page_size: 0, data_page_header: { num_values: 0 } }, 0, 0);
});

test("a size or count that is missing, negative, broken or too high is refused", () => {
  for (const value of [undefined, Number.NaN, -1, 0.5, 101]) {
    for (const header of [V1, V2, DICTIONARY]) {
      const { compressed_page_size: _size, ...others } = header;
      const resized = value === undefined ? others : { ...others, compressed_page_size: value };
      assert.throws(() => checkPage(resized, 100, 50), DAMAGED);
    }
    for (const field of Object.keys(V2_VALUES)) {
      const data_page_header_v2 = { ...V2_VALUES, [field]: value };
      assert.throws(() => checkPage({ ...V2, data_page_header_v2 }, 100, 50), DAMAGED, field);
    }
  }
  assert.throws(() => checkPage(V1, 100, 49), DAMAGED);
  assert.throws(() => checkPage(V2, 100, 49), DAMAGED);
  assert.throws(() => checkPage({ ...DICTIONARY, uncompressed_page_size: 49 }, 100, 50), DAMAGED);
});

test("a page without the header of its type is refused", () => {
  const { data_page_header: _values, ...bare } = V1;
  for (const type of ["DATA_PAGE", "DATA_PAGE_V2", "DICTIONARY_PAGE"]) {
    assert.throws(() => checkPage({ ...bare, type }, 100, 50), DAMAGED);
  }
});

test("delta blocks must hold values, unless there is but one", () => {
  checkDeltaBlocks(128, 4, 1000);
  checkDeltaBlocks(0, 0, 1);
  for (const [values, parts] of [
    [0, 4],
    [128, 0],
    [-128, 4],
    [3, 4],
  ] as const) {
    assert.throws(() => checkDeltaBlocks(values, parts, 2), DAMAGED);
  }
});

test("a string cannot begin with more than the previous one has", () => {
  checkPrefix(2, new Uint8Array(2));
  checkPrefix(0, undefined);
  assert.throws(() => checkPrefix(3, new Uint8Array(2)), DAMAGED);
  assert.throws(() => checkPrefix(1, undefined), DAMAGED);
});
