import { expect, test } from "vitest";

import { segmentText } from "./segments";

test("segments are called by their value, range or what they are not", () => {
  const range = (from: number | null, to: number | null) => segmentText({ kind: "range", from, to });
  expect(segmentText({ kind: "category", name: "Oslo" })).toBe("Oslo");
  expect([range(null, 18), range(18, 40), range(40, null), range(null, null)]).toEqual([
    "below 18",
    "18 to 40",
    "40 and more",
    "all numbers",
  ]);
  expect(segmentText({ kind: "others", categories: 3 })).toBe("3 other values");
  expect(segmentText({ kind: "missing" })).toBe("no value");
});
