/** What was predicted of each class, as a grid: the diagonal is right. */

import { formatCount, formatNumber, formatPercent } from "../lib/format";
import { PlotSvg } from "./plot-svg";
import type { Hit, PlotText, Reading, Size } from "./types";

export interface ConfusionData {
  classes: readonly string[];
  /** A list an actual class, of a number a predicted class; expected numbers may have decimals. */
  cells: readonly (readonly number[])[];
}

export interface ConfusionLayout {
  size: Size;
  hits: Hit[];
  left: number;
  top: number;
  side: number;
}

/** Classes beyond which a grid is only noise. */
export const MOST_CLASSES = 25;

export function layoutConfusion({ classes }: ConfusionData, width: number): ConfusionLayout {
  const longest = Math.max(...classes.map((name) => name.length));
  const left = Math.min(110, 24 + 7 * Math.min(longest, 12));
  const side = Math.max(12, Math.min(76, (width - left - 4) / classes.length));
  const top = 24;
  const hits = classes.flatMap((_, row) =>
    classes.map((_, column) => ({ x: left + column * side, y: top + row * side, width: side, height: side })),
  );
  return { size: { width, height: top + side * classes.length + 26 }, hits, left, top, side };
}

const share = (list: readonly number[], count: number) => {
  const all = list.reduce((sum, one) => sum + one, 0);
  return all === 0 ? null : count / all;
};

export function readConfusion({ classes, cells }: ConfusionData, index: number): Reading {
  const [row, column] = [Math.floor(index / classes.length), index % classes.length];
  const list = cells[row] ?? [];
  const count = list[column] ?? 0;
  return {
    heading: `${classes[row]}, predicted ${classes[column]}`,
    rows: [
      ["Rows", Number.isInteger(count) ? formatCount(count) : formatNumber(count)],
      [`Of ${classes[row]}`, formatPercent(share(list, count))],
    ],
  };
}

export function Confusion({
  data: { classes, cells },
  layout: { size, hits, left, top, side },
  text,
  active,
}: {
  data: ConfusionData;
  layout: ConfusionLayout;
  text: PlotText;
  active: number | null;
}) {
  const cut = (name: string) => (name.length > 12 ? `${name.slice(0, 11)}…` : name);
  const isRoomy = side >= 34;
  return (
    <PlotSvg size={size} text={text}>
      <text x={left} y={12} class="axis-label">
        predicted
      </text>
      {classes.map((name, row) => (
        <g key={name}>
          <text class="category-name" x={left - 8} y={top + (row + 0.5) * side} dy="0.32em" text-anchor="end">
            {side >= 12 ? cut(name) : ""}
          </text>
          {isRoomy && (
            <text
              class="category-name"
              x={left + (row + 0.5) * side}
              y={top + side * classes.length + 17}
              text-anchor="middle"
            >
              {cut(name).slice(0, Math.max(2, Math.floor(side / 7)))}
            </text>
          )}
        </g>
      ))}
      {cells.flatMap((list, row) =>
        list.map((count, column) => {
          const hit = hits[row * classes.length + column];
          const part = share(list, count) ?? 0;
          const tone = row === column ? "right" : "wrong";
          if (hit === undefined) return null;
          return (
            <g key={`${row} ${column}`} class={`cell cell-${tone}`}>
              <rect
                x={hit.x + 1}
                y={hit.y + 1}
                width={side - 2}
                height={side - 2}
                rx={3}
                fill-opacity={part === 0 ? 0.03 : 0.1 + 0.5 * part}
                class={active === row * classes.length + column ? "cell-active" : undefined}
              />
              {isRoomy && (
                <text x={hit.x + side / 2} y={hit.y + side / 2} dy="0.35em" text-anchor="middle">
                  {Number.isInteger(count) ? formatCount(count) : formatNumber(count, 3)}
                </text>
              )}
            </g>
          );
        }),
      )}
    </PlotSvg>
  );
}
