/** Two distributions of categories: for each a filled bar of the reference over an outlined one of the current table. */

import { formatCount, formatPercent } from "../lib/format";
import { PlotSvg } from "./plot-svg";
import { linearScale, type Scale } from "./scale";
import type { Hit, PlotText, Reading, Size } from "./types";

/** Both samples, counted by category; `other` is what has no name here. */
export interface Categories {
  names: readonly string[];
  reference: readonly number[];
  current: readonly number[];
  other: readonly [number, number];
}

interface Bar {
  name: string;
  /** Shares of the two samples, in [0, 1]. */
  reference: number;
  current: number;
  counts: [number, number];
}

export interface CategoryLayout {
  size: Size;
  bars: Bar[];
  hits: Hit[];
  x: Scale;
  labelWidth: number;
}

const ROW_HEIGHT = 38;
const MOST_BARS = 12;

/** The bars: the most frequent ones, and the rest in one. */
export function barsOf({ names, reference, current, other }: Categories): Bar[] {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const references = Math.max(1, sum(reference) + other[0]);
  const currents = Math.max(1, sum(current) + other[1]);
  const bar = (name: string, counts: [number, number]): Bar => ({
    name,
    counts,
    reference: counts[0] / references,
    current: counts[1] / currents,
  });
  const shown = names.slice(0, MOST_BARS).map((name, i) => bar(name, [reference[i] ?? 0, current[i] ?? 0]));
  const rest: [number, number] = [
    sum(reference.slice(MOST_BARS)) + other[0],
    sum(current.slice(MOST_BARS)) + other[1],
  ];
  return rest[0] + rest[1] > 0 ? [...shown, bar("all others", rest)] : shown;
}

export function layoutCategories(data: Categories, width: number): CategoryLayout {
  const bars = barsOf(data);
  const longest = Math.max(0, ...bars.map((bar) => bar.name.length));
  const labelWidth = Math.min(Math.max(48, longest * 7.5 + 12), width * 0.4, 180);
  const top = Math.max(1e-12, ...bars.flatMap((bar) => [bar.reference, bar.current]));
  const x = linearScale([0, top], [labelWidth, width - 56]);
  const hits = bars.map((_, i) => ({ x: 0, y: i * ROW_HEIGHT, width, height: ROW_HEIGHT }));
  return { size: { width, height: Math.max(1, bars.length) * ROW_HEIGHT }, bars, hits, x, labelWidth };
}

/** What is in one category. */
export function readCategory(data: Categories, index: number): Reading {
  const bar = barsOf(data)[index];
  if (bar === undefined) return { heading: "", rows: [] };
  return {
    heading: bar.name,
    rows: [
      ["Reference", `${formatPercent(bar.reference)} (${formatCount(bar.counts[0])})`],
      ["Current", `${formatPercent(bar.current)} (${formatCount(bar.counts[1])})`],
    ],
  };
}

export function CategoryBars({
  layout,
  text,
  active,
}: {
  layout: CategoryLayout;
  text: PlotText;
  active: number | null;
}) {
  const { size, bars, hits, x, labelWidth } = layout;
  const highlighted = active === null ? undefined : hits[active];
  return (
    <PlotSvg size={size} text={text}>
      {highlighted && <rect class="plot-active" {...highlighted} rx="6" />}
      {bars.map((bar, i) => {
        const y = i * ROW_HEIGHT;
        return (
          <g key={bar.name} aria-hidden="true">
            <text
              class="category-name"
              x={labelWidth - 10}
              y={y + ROW_HEIGHT / 2}
              dy="0.32em"
              text-anchor="end"
            >
              {shortened(bar.name, Math.floor((labelWidth - 12) / 7))}
            </text>
            <rect
              class="bar-reference"
              x={labelWidth}
              y={y + 6}
              height={12}
              width={x(bar.reference) - labelWidth}
            />
            <rect
              class="bar-current"
              x={labelWidth}
              y={y + 20}
              height={12}
              width={x(bar.current) - labelWidth}
            />
            <text class="category-value" x={x(bar.reference) + 6} y={y + 12} dy="0.35em">
              {formatPercent(bar.reference)}
            </text>
            <text class="category-value" x={x(bar.current) + 6} y={y + 26} dy="0.35em">
              {formatPercent(bar.current)}
            </text>
          </g>
        );
      })}
    </PlotSvg>
  );
}

/** The same in the size of a table cell: paired bars without names. */
export function CategorySparkline({ data, size, text }: { data: Categories; size: Size; text: PlotText }) {
  const bars = barsOf(data);
  const step = size.width / Math.max(1, bars.length);
  const thick = Math.min(14, step * 0.38);
  const top = Math.max(1e-12, ...bars.flatMap((bar) => [bar.reference, bar.current]));
  const y = linearScale([0, top], [size.height - 2, 2]);
  const base = size.height - 2;
  return (
    <PlotSvg size={size} text={text}>
      {bars.map((bar, i) => {
        const middle = (i + 0.5) * step;
        return (
          <g key={bar.name}>
            <rect
              class="bar-reference"
              x={middle - thick}
              y={y(bar.reference)}
              width={thick}
              height={base - y(bar.reference)}
            />
            <rect
              class="bar-current"
              x={middle + 1}
              y={y(bar.current)}
              width={thick}
              height={base - y(bar.current)}
            />
          </g>
        );
      })}
    </PlotSvg>
  );
}

function shortened(name: string, most: number): string {
  return name.length <= most ? name : `${name.slice(0, Math.max(1, most - 1))}…`;
}
