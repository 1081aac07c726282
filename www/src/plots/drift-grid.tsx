/** Verdicts of columns over time: a row a column, a cell a stretch of the current table. */

import type { Verdict } from "tidegate";

import { formatCount, formatScore } from "../lib/format";
import { VERDICT_TEXT } from "../lib/methods";
import { PlotSvg } from "./plot-svg";
import type { Hit, PlotText, Reading, Size } from "./types";

export interface GridCell {
  verdict: Verdict;
  /** The deciding test's, where there is one. */
  effect: number | null;
  /** Why it was not judged. */
  why?: string;
}

export interface GridData {
  /** Each column and its cells, one a stretch. */
  columns: readonly { name: string; cells: readonly GridCell[] }[];
  /** The stretches: what each is called, and its rows. */
  stretches: readonly { name: string; rows: number }[];
}

export interface GridLayout {
  size: Size;
  hits: Hit[];
  left: number;
  cell: { width: number; height: number };
}

const TOP = 4;
const BOTTOM = 24;
const CELL_HEIGHT = 20;

export function layoutGrid({ columns, stretches }: GridData, width: number): GridLayout {
  const longest = Math.max(...columns.map(({ name }) => name.length), 1);
  const left = Math.min(width * 0.35, 12 + 8 * Math.min(longest, 22));
  const cell = { width: (width - left) / Math.max(1, stretches.length), height: CELL_HEIGHT };
  const hits = columns.flatMap((_, row) =>
    stretches.map((_, at) => ({
      x: left + at * cell.width,
      y: TOP + row * cell.height,
      width: cell.width,
      height: cell.height,
    })),
  );
  return { size: { width, height: TOP + columns.length * cell.height + BOTTOM }, hits, left, cell };
}

export function readGrid({ columns, stretches }: GridData, index: number): Reading {
  const column = columns[Math.floor(index / stretches.length)];
  const stretch = stretches[index % stretches.length];
  const cell = column?.cells[index % stretches.length];
  if (column === undefined || stretch === undefined || cell === undefined) return { heading: "", rows: [] };
  return {
    heading: `${column.name}, ${stretch.name}`,
    rows: [
      ["Verdict", VERDICT_TEXT[cell.verdict]],
      ["Effect", formatScore(cell.effect)],
      ["Rows", formatCount(stretch.rows)],
      ...(cell.why === undefined ? [] : [["Why", cell.why] as [string, string]]),
    ],
  };
}

/** Effects from here on are drawn at full strength. */
const STRONG_EFFECT = 0.5;

export function DriftGrid({
  data,
  layout: { size, hits, left, cell },
  text,
  active,
}: {
  data: GridData;
  layout: GridLayout;
  text: PlotText;
  active: number | null;
}) {
  const { columns, stretches } = data;
  const room = Math.floor((left - 8) / 7.5);
  const cut = (name: string) => (name.length > room ? `${name.slice(0, room - 1)}…` : name);
  const baseline = size.height - 7;
  const [first, last] = [stretches[0]?.name ?? "", stretches.at(-1)?.name ?? ""];
  // Eleven pixels high: each letter is about seven wide.
  const hasRoom = 7 * (first.length + last.length) < size.width - left;
  return (
    <PlotSvg size={size} text={text}>
      {columns.map(({ name, cells }, row) => (
        <g key={name}>
          <text
            class="category-name"
            x={left - 8}
            y={TOP + (row + 0.5) * cell.height}
            dy="0.32em"
            text-anchor="end"
          >
            {cut(name)}
          </text>
          {cells.map((one, at) => {
            const index = row * stretches.length + at;
            const hit = hits[index];
            return hit && <Cell key={at} cell={one} hit={hit} isActive={index === active} />;
          })}
        </g>
      ))}
      <text x={left} y={baseline}>
        {first}
      </text>
      {stretches.length > 1 && hasRoom && (
        <text x={size.width} y={baseline} text-anchor="end">
          {last}
        </text>
      )}
    </PlotSvg>
  );
}

/** Drift has a mark as well as its colour, and what was not judged is empty. */
function Cell({ cell: { verdict, effect }, hit, isActive }: { cell: GridCell; hit: Hit; isActive: boolean }) {
  const strength = Math.min(1, (effect ?? 0) / STRONG_EFFECT);
  const [x, y] = [hit.x + hit.width / 2, hit.y + hit.height / 2];
  const half = Math.min(4, hit.width / 3);
  return (
    <g class={`grid-cell grid-${verdict}`}>
      <rect
        x={hit.x + 0.75}
        y={hit.y + 1}
        width={Math.max(0.5, hit.width - 1.5)}
        height={hit.height - 2}
        rx={2}
        fill-opacity={verdict === "insufficient_data" ? 0 : 0.15 + 0.6 * strength}
        class={isActive ? "cell-active" : undefined}
      />
      {verdict === "drift" && (
        <path class="grid-mark" d={`M${x - half} ${y + half}L${x} ${y - half}L${x + half} ${y + half}Z`} />
      )}
    </g>
  );
}
