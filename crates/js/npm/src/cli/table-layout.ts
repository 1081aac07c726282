// A table of text for a terminal: columns that line up, in the width that there is.

import { displayWidth, fit } from "./format.js";

export interface LayoutColumn {
  header: string;
  align: "left" | "right";
  /** Has no more cells than this, however wide the terminal is. */
  most?: number;
  /** May be cut down to this many cells when the terminal is narrow; not at all if absent. */
  shrinkTo?: number;
  /** Left out when the terminal is too narrow all the same; the highest goes first. */
  leaveOut?: number;
}

/** A row: a cell for each column, or some cells and then a text over all that is left. */
export interface LayoutRow {
  cells: readonly string[];
  rest?: string;
  /** Paints the cell of a column, after it has got its width. */
  paint?: (text: string, column: number) => string;
}

const GAP = "  ";

/** The lines of a table no wider than `width`, its header first. A column without a cell is left out. */
export function layOut(
  columns: readonly LayoutColumn[],
  rows: readonly LayoutRow[],
  width: number,
): string[] {
  const natural = columns.map(({ header, most = Infinity }, i) => {
    const widest = rows.reduce((width, { cells }) => Math.max(width, displayWidth(cells[i] ?? "")), 0);
    return Math.max(displayWidth(header), Math.min(widest, most));
  });
  let shown = columns.map((_, i) => i).filter((i) => rows.some(({ cells }) => cells[i]));
  const spare = (widths: number[]) =>
    width - shown.reduce((sum, i) => sum + (widths[i] ?? 0) + GAP.length, 0);

  const least = columns.map(({ shrinkTo }, i) => Math.min(natural[i] ?? 0, shrinkTo ?? Infinity));
  while (spare(least) < 0) {
    const leaving = shown
      .filter((i) => columns[i]?.leaveOut !== undefined)
      .sort((a, b) => (columns[b]?.leaveOut ?? 0) - (columns[a]?.leaveOut ?? 0))[0];
    if (leaving === undefined) break;
    shown = shown.filter((i) => i !== leaving);
  }

  const widths = [...natural];
  for (const i of shown) {
    const missing = -spare(widths);
    if (missing > 0) widths[i] = Math.max(least[i] ?? 0, (widths[i] ?? 0) - missing);
  }

  const line = ({ cells, rest, paint = (text) => text }: LayoutRow) => {
    let used = 0;
    let text = "";
    for (const i of shown) {
      const cell = cells[i];
      if (cell === undefined) break;
      text += GAP + paint(fit(cell, widths[i] ?? 0, columns[i]?.align ?? "left"), i);
      used += GAP.length + (widths[i] ?? 0);
    }
    if (rest === undefined) return text.trimEnd();
    const room = Math.min(displayWidth(rest), Math.max(width - used - GAP.length, 0));
    return (text + GAP + fit(rest, room, "left")).trimEnd();
  };
  return [{ cells: columns.map(({ header }) => header) }, ...rows].map(line);
}
