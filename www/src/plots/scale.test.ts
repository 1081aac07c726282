import { expect, test } from "vitest";

import { linearScale, ticks } from "./scale";

test("linearScale maps ends to ends, also when pixels fall", () => {
  const y = linearScale([0, 10], [100, 0]);
  expect([y(0), y(5), y(10)]).toEqual([100, 50, 0]);
});

test("linearScale of one value is the middle", () => {
  expect(linearScale([3, 3], [0, 100])(3)).toBe(50);
});

test("ticks are round, inside the domain, and free of binary fractions", () => {
  expect(ticks([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticks([0.07, 0.43], 4)).toEqual([0.1, 0.2, 0.3, 0.4]);
  expect(ticks([-3, 7], 4)).toEqual([-2, 0, 2, 4, 6]);
  expect(ticks([0.1, 0.9], 3)).toEqual([0.2, 0.4, 0.6, 0.8]);
  expect(ticks([0, 0.3], 3)).toEqual([0, 0.1, 0.2, 0.3]);
});

test("ticks of a domain without extent is its one value", () => {
  expect(ticks([2, 2], 4)).toEqual([2]);
});
