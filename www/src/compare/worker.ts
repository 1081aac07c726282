/** The worker: files are read and compared here, so that the page stays awake. The wasm is loaded by the first of them. */

import { compare, readTable, type Table } from "tidegate";

import type { NumberedFile, WorkMessage, WorkRequest } from "./protocol";
import type { Slot } from "./state";

const post = (message: WorkMessage): void => self.postMessage(message);

/** Tables that are in the core's memory, by the number of their file. */
const tables = new Map<number, Table>();

self.onmessage = async ({ data }: MessageEvent<WorkRequest>): Promise<void> => {
  const { reference, current, options } = data;
  freeAllBut([reference?.number, current?.number]);
  const unread = [reference, current].filter((file) => file !== undefined && !tables.has(file.number)).length;
  const steps = unread + (reference && current ? 1 : 0);
  let done = 0;
  const nextStep = () => {
    const begun = done / steps;
    done += 1;
    return (part: number, whole: number | undefined, label: string): void =>
      post({
        type: "progress",
        ratio: begun + (whole ? part / whole : 0) / steps,
        stage: capitalised(label),
      });
  };

  const read = async (slot: Slot, numbered: NumberedFile): Promise<Table> => {
    const { file, number } = numbered;
    const table = tables.get(number) ?? (await readTable(file, { label: file.name, onProgress: nextStep() }));
    tables.set(number, table);
    post({
      type: "read",
      slot,
      shape: { rows: table.rows, columns: table.columns.length + table.unread.length },
    });
    return table;
  };

  let slot: Slot | null = null;
  try {
    slot = "reference";
    const one = reference && (await read(slot, reference));
    slot = "current";
    const other = current && (await read(slot, current));
    slot = null;
    const report = one && other ? await compare(one, other, { ...options, onProgress: nextStep() }) : null;
    post({ type: "done", report });
  } catch (error) {
    post({ type: "failed", slot, message: sentence(error) });
  }
};

function freeAllBut(numbers: readonly (number | undefined)[]): void {
  for (const [number, table] of tables) {
    if (numbers.includes(number)) continue;
    table.free();
    tables.delete(number);
  }
}

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
