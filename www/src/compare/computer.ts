/** Runs comparisons in a worker that can be stopped at any moment. */

import type { CompareRequest, WorkerMessage } from "./protocol";

export class Computer {
  #worker: Worker | null = null;

  /** Starts a comparison and stops the one that runs, if any. */
  start(request: CompareRequest, onMessage: (message: WorkerMessage) => void): void {
    const worker = this.#idleWorker();
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      onMessage(data);
      if (data.type !== "progress") worker.onmessage = null;
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.stop();
      onMessage({ type: "failed", slot: null, message: `The computation stopped: ${event.message || "the worker could not be loaded"}.` });
    };
    worker.postMessage(request);
  }

  /** Stops at once, wherever the computation stands. The page still holds the files. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
  }

  /** A worker that has finished keeps its compiled wasm for the next comparison. */
  #idleWorker(): Worker {
    if (this.#worker?.onmessage) this.stop();
    this.#worker ??= new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "tidegate" });
    return this.#worker;
  }
}
