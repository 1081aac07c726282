// Colours, where the terminal has them and the user wants them.

import type { WriteStream } from "node:tty";
import type { Verdict } from "../wire.js";

type Paint = (text: string) => string;

/** How each meaning is painted. No meaning is told by colour alone. */
export type Palette = Record<Verdict | "dim", Paint>;

const code =
  (open: number, close: number): Paint =>
  (text) =>
    `\u{1b}[${open}m${text}\u{1b}[${close}m`;

const COLOURED: Palette = {
  drift: code(31, 39),
  insufficient_data: code(33, 39),
  no_drift: code(32, 39),
  dim: code(2, 22),
};

const same: Paint = (text) => text;
const PLAIN: Palette = { drift: same, insufficient_data: same, no_drift: same, dim: same };

/** The palette for what is written to `stream`; `NO_COLOR` and `FORCE_COLOR` decide over the terminal. */
export function paletteFor(stream: WriteStream, environment: NodeJS.ProcessEnv): Palette {
  if (environment["NO_COLOR"]) return PLAIN;
  if (environment["FORCE_COLOR"] && environment["FORCE_COLOR"] !== "0") return COLOURED;
  return stream.isTTY && environment["TERM"] !== "dumb" ? COLOURED : PLAIN;
}
