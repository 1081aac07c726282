// One line on the terminal that says how far a long command is.

import type { WriteStream } from "node:tty";
import type { OnProgress } from "../progress.js";
import { fit, printable } from "./format.js";

const SILENT_MILLISECONDS = 500;
const REFRESH_MILLISECONDS = 100;

export class ProgressLine {
  readonly #stream: WriteStream;
  #next = performance.now() + SILENT_MILLISECONDS;
  #shown = false;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  readonly report: OnProgress = (done, total, label) => {
    if (!this.#stream.isTTY || performance.now() < this.#next) return;
    this.#next = performance.now() + REFRESH_MILLISECONDS;
    this.#shown = true;
    const share = total ? ` ${Math.floor((100 * done) / total)}%` : "";
    const line = fit(printable(label), this.#stream.columns - share.length - 1, "left").trimEnd();
    this.#stream.write(`\r\u{1b}[K${line}${share}`);
  };

  clear(): void {
    if (this.#shown) this.#stream.write("\r\u{1b}[K");
    this.#shown = false;
  }
}
