// What a long call owes to the one who waits: signs of life, a way out, and the thread now and then.

/** Where a call is: `done` of `total` units of what `label` says; `total` is unknown for a stream. */
export type OnProgress = (done: number, total: number | undefined, label: string) => void;

/** Options of every call that may take long. */
export interface WorkOptions {
  /** Called as the work goes on. */
  onProgress?: OnProgress;
  /** Ends the call early, with the signal's reason as its error. */
  signal?: AbortSignal;
}

const TURN_MILLISECONDS = 40;

/** The steps of one call. */
export class Work {
  readonly #options: WorkOptions;
  #turnBegan = performance.now();

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  /** Between two steps: reports, stops if it should, and lets others have the thread if it is their turn. */
  async step(done: number, total: number | undefined, label: string): Promise<void> {
    this.#options.signal?.throwIfAborted();
    this.#options.onProgress?.(done, total, label);
    if (performance.now() - this.#turnBegan < TURN_MILLISECONDS) return;
    await nextTask();
    this.#turnBegan = performance.now();
    this.#options.signal?.throwIfAborted();
  }
}

/** Waits for the events that are due; timers would be held back in a background tab. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
