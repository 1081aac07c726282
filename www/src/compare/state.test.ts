import type { Report } from "tidegate";
import { expect, test } from "vitest";

import { type CompareAction, type CompareState, INITIAL, needsWork, reduce } from "./state";

const file = (name: string): File => new File(["a,b\n1,2\n"], name);
const REPORT: Report = {
  schema: "tidegate.report/1",
  verdict: "no_drift",
  reference: { rows: 1 },
  current: { rows: 1 },
  columns: [],
};

function after(...actions: CompareAction[]): CompareState {
  return actions.reduce(reduce, INITIAL);
}

const both = (first: string, second: string): CompareAction => ({
  type: "files",
  files: [file(first), file(second)],
  slot: null,
});
const names = ({ slots }: CompareState) => [slots.reference.file?.name, slots.current.file?.name];

test("two files dropped at once are ordered by what their names say", () => {
  expect(names(after(both("train.csv", "live.csv")))).toEqual(["train.csv", "live.csv"]);
  expect(names(after(both("live.csv", "train.csv")))).toEqual(["train.csv", "live.csv"]);
  expect(names(after(both("current.csv", "january.csv")))).toEqual(["january.csv", "current.csv"]);
  expect(names(after(both("a.csv", "b.csv")))).toEqual(["a.csv", "b.csv"]);
});

test("one file goes to the slot it was dropped on, or to the first free one", () => {
  expect(names(after({ type: "files", files: [file("a.csv")], slot: "current" }))).toEqual([
    undefined,
    "a.csv",
  ]);
  const one: CompareAction = { type: "files", files: [file("a.csv")], slot: null };
  const two: CompareAction = { type: "files", files: [file("b.csv")], slot: null };
  expect(names(after(one, two))).toEqual(["a.csv", "b.csv"]);
});

test("three files are refused with a sentence, and nothing that was there is lost", () => {
  const state = after(both("a.csv", "b.csv"), {
    type: "files",
    files: [file("c"), file("d"), file("e")],
    slot: null,
  });
  expect(names(state)).toEqual(["a.csv", "b.csv"]);
  expect(state.notice).toBe("3 files are too many: drop two, a reference and a current one.");
});

test("work is due for one unread file, and for a pair", () => {
  const one = after({ type: "files", files: [file("a.csv")], slot: null });
  expect(needsWork(one)).toBe(true);
  const read = [
    one,
    { type: "start" },
    { type: "read", id: 1, slot: "reference", shape: { rows: 1, columns: 2 } },
    { type: "done", id: 1, report: null },
  ] as const;
  const idle = (read.slice(1) as CompareAction[]).reduce(reduce, one);
  expect(needsWork(idle)).toBe(false);
  expect(needsWork(reduce(idle, { type: "files", files: [file("b.csv")], slot: null }))).toBe(true);
});

test("a bad file is marked, the other is kept, and the pair is not tried again", () => {
  const state = after(
    both("a.csv", "b.csv"),
    { type: "start" },
    { type: "failed", id: 1, slot: "current", message: "b.csv: row 3 is short." },
  );
  expect(state.slots.current.error).toBe("b.csv: row 3 is short.");
  expect(names(state)).toEqual(["a.csv", "b.csv"]);
  expect(state.slots.reference.error).toBeNull();
  const read = reduce(
    reduce(reduce(state, { type: "start" }), {
      type: "read",
      id: 2,
      slot: "reference",
      shape: { rows: 1, columns: 2 },
    }),
    { type: "done", id: 2, report: null },
  );
  expect(needsWork(read)).toBe(false);
});

test("a report that comes after its files changed is stale", () => {
  const state = after(
    both("a.csv", "b.csv"),
    { type: "start" },
    { type: "swap" },
    { type: "done", id: 1, report: REPORT },
  );
  expect(state.run.state).toBe("idle");
  expect(names(state)).toEqual(["b.csv", "a.csv"]);
});

test("progress and the report of the running work arrive", () => {
  const state = after(
    both("a.csv", "b.csv"),
    { type: "start" },
    { type: "progress", id: 1, ratio: 0.4, stage: "Reading a.csv" },
  );
  expect(state.run).toMatchObject({ state: "running", ratio: 0.4 });
  expect(reduce(state, { type: "done", id: 1, report: REPORT }).run).toEqual({
    state: "done",
    report: REPORT,
  });
});

test("cancelling keeps the files and does not start again by itself", () => {
  const state = after(both("a.csv", "b.csv"), { type: "start" }, { type: "cancel" });
  expect(state.run.state).toBe("cancelled");
  expect(names(state)).toEqual(["a.csv", "b.csv"]);
  expect(needsWork(state)).toBe(false);
});
