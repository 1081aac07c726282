/** The worker: everything heavy happens here, so that the page stays awake. The wasm is loaded on the first comparison. */

import { compare, profile } from "tidegate";

import type { CompareRequest, WorkerMessage } from "./protocol";
import type { Slot } from "./state";

const post = (message: WorkerMessage): void => self.postMessage(message);

self.onmessage = async ({ data }: MessageEvent<CompareRequest>): Promise<void> => {
  try {
    const report = await compare(data.reference, data.current, {
      onProgress: (progress) => post({ type: "progress", ...progress }),
    });
    post({ type: "done", report });
  } catch (error) {
    post({ type: "failed", slot: await slotAtFault(data), message: sentence(error) });
  }
};

/** The table that cannot be read by itself; `null` when both can, so that only the comparison failed. */
async function slotAtFault(files: CompareRequest): Promise<Slot | null> {
  for (const slot of ["reference", "current"] as const) {
    try {
      await profile(files[slot]);
    } catch {
      return slot;
    }
  }
  return null;
}

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
