/** Runs the work in a worker that can be stopped at any moment. */

import type { NumberedFile, WorkMessage } from "./protocol";
import type { ChosenOptions } from "./settings";
import type { Slot } from "./state";

export class Computer {
  #worker: Worker | null = null;
  readonly #numbers = new WeakMap<File, number>();
  #files = 0;

  /** Reads the files, and compares them if there are two. Stops whatever ran before. */
  start(
    { reference, current }: Record<Slot, File | null>,
    options: ChosenOptions,
    onMessage: (message: WorkMessage) => void,
  ): void {
    const worker = this.#idleWorker();
    worker.onmessage = ({ data }: MessageEvent<WorkMessage>) => {
      if (data.type === "done" || data.type === "failed") worker.onmessage = null;
      onMessage(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.stop();
      const reason = event.message || "its worker could not be loaded";
      onMessage({ type: "failed", slot: null, message: `The computation stopped: ${reason}.` });
    };
    worker.postMessage({
      options,
      ...(reference && { reference: this.#numbered(reference) }),
      ...(current && { current: this.#numbered(current) }),
    });
  }

  /** Stops at once, wherever the work stands. The page still holds the files. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
  }

  /** A worker that has finished keeps its compiled wasm and the tables that it has read. */
  #idleWorker(): Worker {
    if (this.#worker?.onmessage) this.stop();
    this.#worker ??= new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "tidegate",
    });
    return this.#worker;
  }

  #numbered(file: File): NumberedFile {
    const number = this.#numbers.get(file) ?? ++this.#files;
    this.#numbers.set(file, number);
    return { number, file };
  }
}
