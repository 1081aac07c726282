import { expect, test } from "vitest";

import { scoresOf } from "./scores";

const table = (...names: string[]) => ({
  rows: 1,
  columns: names.map((name) => ({ name, kind: "numeric" as const })),
});

test("of two classes the picked column counts, and none if none is picked", () => {
  expect(scoresOf(table("y", "s"), ["0", "1"], "s", ["y"])).toEqual({ score: "s" });
  expect(scoresOf(table("y", "s"), ["0", "1"], null, ["y"])).toBeNull();
});

test("of more classes each has the column that is called after it", () => {
  const names = ["y", "p_cat", "Score dog", "fox"];
  expect(scoresOf(table(...names), ["cat", "dog", "fox"], "p_cat", ["y"])).toEqual({
    scores: { cat: "p_cat", dog: "Score dog", fox: "fox" },
  });
  expect(scoresOf(table("y", "p1", "p10", "p0"), ["0", "1", "10"], null, ["y"])).toEqual({
    scores: { 0: "p0", 1: "p1", 10: "p10" },
  });
  expect(scoresOf(table("y", "p_cat", "top_dog"), ["cat", "dog", "fox"], null, ["y"])).toBeNull();
});
