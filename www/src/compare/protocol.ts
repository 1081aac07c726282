/** What the page and its worker say to each other. */

import type { Report } from "tidegate";

import type { Slot } from "./state";

export interface CompareRequest {
  reference: File;
  current: File;
}

export type WorkerMessage =
  | { type: "progress"; ratio: number; stage: string }
  | { type: "done"; report: Report }
  /** `slot` is the table at fault; `null` where it is neither. */
  | { type: "failed"; slot: Slot | null; message: string };
