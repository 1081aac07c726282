/** What the page and its worker say to each other. */

import type { Report } from "tidegate";

import type { ChosenOptions } from "./settings";
import type { Slot, TableShape } from "./state";

/** A file and the number that the page knows it by: a file that was read once is not read again. */
export interface NumberedFile {
  number: number;
  file: File;
}

/** Asks for the files to be read, and to be compared if there are two. */
export type WorkRequest = Partial<Record<Slot, NumberedFile>> & { options: ChosenOptions };

export type WorkMessage =
  | { type: "progress"; ratio: number; stage: string }
  | { type: "read"; slot: Slot; shape: TableShape }
  /** The end; without a report if there was only one file. */
  | { type: "done"; report: Report | null }
  /** The end; `slot` is the file at fault, `null` where it is neither. */
  | { type: "failed"; slot: Slot | null; message: string };
