/** What the compare view knows, and how each thing that happens changes it. */

import type { Report } from "tidegate";

import { type Settings, USUAL } from "./settings";

/** The two tables. */
export type Slot = "reference" | "current";

/** Size of a table that has been read. */
export interface TableShape {
  rows: number;
  columns: number;
}

/** One place for a file. */
export interface SlotState {
  file: File | null;
  /** What the file holds, once it has been read. */
  shape: TableShape | null;
  /** Why the file could not be read. */
  error: string | null;
}

/** Where the work stands. */
export type Run =
  | { state: "idle" }
  | { state: "running"; id: number; ratio: number; stage: string }
  | { state: "done"; report: Report }
  | { state: "cancelled" };

export interface CompareState {
  slots: Record<Slot, SlotState>;
  settings: Settings;
  run: Run;
  /** Something that concerns neither file alone, such as three files dropped at once. */
  notice: string | null;
  /** Number of the newest run: what an older one says is stale. */
  runs: number;
}

export type CompareAction =
  | { type: "files"; files: readonly File[]; slot: Slot | null }
  | { type: "remove"; slot: Slot }
  | { type: "swap" }
  | { type: "settings"; settings: Settings }
  | { type: "start" }
  | { type: "progress"; id: number; ratio: number; stage: string }
  | { type: "read"; id: number; slot: Slot; shape: TableShape }
  | { type: "done"; id: number; report: Report | null }
  | { type: "failed"; id: number; slot: Slot | null; message: string }
  | { type: "cancel" }
  | { type: "notice"; message: string };

const EMPTY: SlotState = { file: null, shape: null, error: null };

export const INITIAL: CompareState = {
  slots: { reference: EMPTY, current: EMPTY },
  settings: USUAL,
  run: { state: "idle" },
  notice: null,
  runs: 0,
};

/** The file of a slot, unless it is known to be bad. */
export function goodFile(state: CompareState, slot: Slot): File | null {
  const { file, error } = state.slots[slot];
  return error === null ? file : null;
}

/** True when nothing runs and there is a file to be read or a pair to be compared. */
export function needsWork(state: CompareState): boolean {
  if (state.run.state !== "idle" || state.notice !== null) return false;
  const isPair = goodFile(state, "reference") !== null && goodFile(state, "current") !== null;
  const isUnread = (slot: Slot): boolean =>
    goodFile(state, slot) !== null && state.slots[slot].shape === null;
  return isPair || isUnread("reference") || isUnread("current");
}

export function reduce(state: CompareState, action: CompareAction): CompareState {
  switch (action.type) {
    case "files":
      return withFiles(ofAnyColumns(state), action.files, action.slot);
    case "remove":
      return changed(ofAnyColumns(state), { ...state.slots, [action.slot]: EMPTY });
    case "settings":
      return { ...changed(state, state.slots), settings: action.settings };
    case "swap":
      return changed(state, { reference: state.slots.current, current: state.slots.reference });
    case "start": {
      const id = state.runs + 1;
      return { ...state, runs: id, notice: null, run: { state: "running", id, ratio: 0, stage: "Starting" } };
    }
    case "cancel":
      return state.run.state === "running" ? { ...state, run: { state: "cancelled" } } : state;
    case "notice":
      return { ...state, notice: action.message };
    default:
      return state.run.state === "running" && state.run.id === action.id ? told(state, action) : state;
  }
}

type Told = Extract<CompareAction, { id: number }>;

/** What the running work tells. */
function told(state: CompareState, action: Told): CompareState {
  switch (action.type) {
    case "progress":
      return { ...state, run: { state: "running", id: action.id, ratio: action.ratio, stage: action.stage } };
    case "read":
      return {
        ...state,
        slots: { ...state.slots, [action.slot]: { ...state.slots[action.slot], shape: action.shape } },
      };
    case "done":
      return {
        ...state,
        run: action.report === null ? { state: "idle" } : { state: "done", report: action.report },
      };
    case "failed": {
      const idle: CompareState = { ...state, run: { state: "idle" } };
      if (action.slot === null) return { ...idle, notice: action.message };
      const slot = { ...state.slots[action.slot], error: action.message };
      return { ...idle, slots: { ...state.slots, [action.slot]: slot } };
    }
  }
}

/** New slots make wrong whatever was computed before, and stale whatever runs now. */
function changed(state: CompareState, slots: Record<Slot, SlotState>): CompareState {
  return { ...state, slots, run: { state: "idle" }, notice: null };
}

/** Other files have other columns. */
const ofAnyColumns = (state: CompareState): CompareState => ({
  ...state,
  settings: { ...state.settings, categories: [] },
});

function withFiles(state: CompareState, files: readonly File[], slot: Slot | null): CompareState {
  const [first, second] = files;
  if (first === undefined) return state;
  if (files.length > 2) {
    return {
      ...state,
      notice: `${files.length} files are too many: drop two, a reference and a current one.`,
    };
  }
  if (second !== undefined) {
    const [reference, current] = inOrder(first, second);
    return changed(state, { reference: filled(reference), current: filled(current) });
  }
  return changed(state, { ...state.slots, [slot ?? freeSlot(state)]: filled(first) });
}

const filled = (file: File): SlotState => ({ ...EMPTY, file });

function freeSlot(state: CompareState): Slot {
  return goodFile(state, "reference") === null ? "reference" : "current";
}

const BEFORE = /ref|train|base|before|old|prev/i;
const AFTER = /cur|prod|after|new|live|test/i;

/** Two files dropped together: their names may say which is the reference; else as they came. */
function inOrder(first: File, second: File): [File, File] {
  const swapped = BEFORE.test(second.name) && !BEFORE.test(first.name);
  const contradicted = AFTER.test(first.name) && !AFTER.test(second.name) && !BEFORE.test(first.name);
  return swapped || contradicted ? [second, first] : [first, second];
}
