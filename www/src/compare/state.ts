/** What the compare view knows, and how each thing that happens changes it. */

import type { Report } from "tidegate";

/** The two tables. */
export type Slot = "reference" | "current";

/** One place for a file. */
export interface SlotState {
  file: File | null;
  /** Why this file could not be read. */
  error: string | null;
}

/** Where the computation stands. */
export type Run =
  | { state: "idle" }
  | { state: "running"; id: number; ratio: number; stage: string }
  | { state: "done"; report: Report }
  | { state: "cancelled" };

export interface CompareState {
  slots: Record<Slot, SlotState>;
  run: Run;
  /** Something that concerns neither file alone, such as three files dropped at once. */
  notice: string | null;
  /** Number of the newest run: answers of an older one are stale. */
  runs: number;
}

export type CompareAction =
  | { type: "files"; files: readonly File[]; slot: Slot | null }
  | { type: "remove"; slot: Slot }
  | { type: "swap" }
  | { type: "start" }
  | { type: "progress"; id: number; ratio: number; stage: string }
  | { type: "done"; id: number; report: Report }
  | { type: "failed"; id: number; slot: Slot | null; message: string }
  | { type: "cancel" }
  | { type: "notice"; message: string };

const EMPTY: SlotState = { file: null, error: null };

export const INITIAL: CompareState = {
  slots: { reference: EMPTY, current: EMPTY },
  run: { state: "idle" },
  notice: null,
  runs: 0,
};

/** True when there are two files to compare and neither is known to be bad. */
export function isReady(state: CompareState): boolean {
  const { reference, current } = state.slots;
  return reference.file !== null && current.file !== null && reference.error === null && current.error === null;
}

export function reduce(state: CompareState, action: CompareAction): CompareState {
  switch (action.type) {
    case "files":
      return withFiles(state, action.files, action.slot);
    case "remove":
      return changed(state, { ...state.slots, [action.slot]: EMPTY });
    case "swap":
      return changed(state, { reference: state.slots.current, current: state.slots.reference });
    case "start": {
      const id = state.runs + 1;
      return { ...state, runs: id, notice: null, run: { state: "running", id, ratio: 0, stage: "Starting" } };
    }
    case "progress":
      if (!isRunning(state, action.id)) return state;
      return { ...state, run: { state: "running", id: action.id, ratio: action.ratio, stage: action.stage } };
    case "done":
      return isRunning(state, action.id) ? { ...state, run: { state: "done", report: action.report } } : state;
    case "failed": {
      if (!isRunning(state, action.id)) return state;
      const failed: CompareState = { ...state, run: { state: "idle" } };
      if (action.slot === null) return { ...failed, notice: action.message };
      const slot = { ...state.slots[action.slot], error: action.message };
      return { ...failed, slots: { ...state.slots, [action.slot]: slot } };
    }
    case "cancel":
      return state.run.state === "running" ? { ...state, run: { state: "cancelled" } } : state;
    case "notice":
      return { ...state, notice: action.message };
  }
}

function isRunning(state: CompareState, id: number): boolean {
  return state.run.state === "running" && state.run.id === id;
}

/** New slots make whatever was computed before wrong, and whatever runs now stale. */
function changed(state: CompareState, slots: Record<Slot, SlotState>): CompareState {
  return { ...state, slots, run: { state: "idle" }, notice: null };
}

function withFiles(state: CompareState, files: readonly File[], slot: Slot | null): CompareState {
  const [first, second] = files;
  if (first === undefined) return state;
  if (files.length > 2) {
    return { ...state, notice: `${files.length} files are too many: drop two, a reference and a current one.` };
  }
  if (second !== undefined) {
    const [reference, current] = inOrder(first, second);
    return changed(state, { reference: filled(reference), current: filled(current) });
  }
  return changed(state, { ...state.slots, [slot ?? freeSlot(state)]: filled(first) });
}

const filled = (file: File): SlotState => ({ file, error: null });

function freeSlot(state: CompareState): Slot {
  const { file, error } = state.slots.reference;
  return file === null || error !== null ? "reference" : "current";
}

const BEFORE = /ref|train|base|before|old|prev/i;
const AFTER = /cur|prod|after|new|live|test/i;

/** Two files dropped together: their names may say which is the reference; else as they came. */
function inOrder(first: File, second: File): [File, File] {
  const swapped = BEFORE.test(second.name) && !BEFORE.test(first.name);
  const contradicted = AFTER.test(first.name) && !AFTER.test(second.name) && !BEFORE.test(first.name);
  return swapped || contradicted ? [second, first] : [first, second];
}
