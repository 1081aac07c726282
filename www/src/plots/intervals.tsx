/** Estimates with their intervals, one below the other, on one scale. */

import { PlotSvg } from "./plot-svg";
import { linearScale, type Scale, ticks } from "./scale";
import type { Hit, PlotText, Reading, Size } from "./types";

export interface IntervalRow {
  name: string;
  value: number;
  interval: readonly [number, number] | null;
  /** Other values on the same scale, told apart by their shapes. */
  marks?: readonly { name: string; value: number; shape: "diamond" | "cross" }[];
  tone: "main" | "second" | "alarm";
}

export interface IntervalData {
  rows: readonly IntervalRow[];
  format: (value: number) => string;
  /** A value that matters, such as no difference. */
  line?: number;
}

export interface IntervalLayout {
  size: Size;
  x: Scale;
  domain: [number, number];
  left: number;
  right: number;
  bottom: number;
  hits: Hit[];
}

const ROW = 34;

export function layoutIntervals({ rows, line }: IntervalData, width: number): IntervalLayout {
  const left = Math.min(150, width * 0.34);
  const right = width - 18;
  const values = rows.flatMap(({ value, interval, marks = [] }) => [
    value,
    ...(interval ?? []),
    ...marks.map((mark) => mark.value),
  ]);
  const all = line === undefined ? values : [...values, line];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const space = (high - low || Math.abs(high) || 1) * 0.06;
  const domain: [number, number] = [low - space, high + space];
  const bottom = 8 + ROW * rows.length;
  const hits = rows.map((_, i) => ({ x: 0, y: 4 + i * ROW, width, height: ROW }));
  return {
    size: { width, height: bottom + 26 },
    x: linearScale(domain, [left, right]),
    domain,
    left,
    right,
    bottom,
    hits,
  };
}

export function readIntervals({ rows, format }: IntervalData, index: number): Reading {
  const row = rows[index];
  if (row === undefined) return { heading: "", rows: [] };
  const interval =
    row.interval && (["Interval", `${format(row.interval[0])} to ${format(row.interval[1])}`] as const);
  const marks = (row.marks ?? []).map(({ name, value }) => [name, format(value)] as const);
  return {
    heading: row.name,
    rows: [["Estimate", format(row.value)], ...(interval ? [interval] : []), ...marks],
  };
}

export function Intervals({
  data: { rows, format, line },
  layout: { size, x, domain, left, right, bottom, hits },
  text,
  active,
}: {
  data: IntervalData;
  layout: IntervalLayout;
  text: PlotText;
  active: number | null;
}) {
  const highlighted = active === null ? undefined : hits[active];
  return (
    <PlotSvg size={size} text={text}>
      {highlighted && <rect class="plot-active" {...highlighted} />}
      <g class="plot-axes" aria-hidden="true">
        {ticks(domain, Math.max(2, Math.floor((right - left) / 90))).map((tick) => (
          <g key={tick}>
            <line class="grid" x1={x(tick)} x2={x(tick)} y1={4} y2={bottom} />
            <text x={x(tick)} y={bottom + 17} text-anchor="middle">
              {format(tick)}
            </text>
          </g>
        ))}
      </g>
      {line !== undefined && <line class="axis zero" x1={x(line)} x2={x(line)} y1={4} y2={bottom} />}
      {rows.map(({ name, value, interval, marks = [], tone }, i) => {
        const y = 4 + (i + 0.5) * ROW;
        return (
          <g key={name} class={`tone-${tone}`}>
            <text class="category-name" x={0} y={y} dy="0.32em">
              {name.length > 20 ? `${name.slice(0, 19)}…` : name}
            </text>
            {interval && <line class="interval" x1={x(interval[0])} x2={x(interval[1])} y1={y} y2={y} />}
            {marks.map((mark) => (
              <Mark key={mark.name} shape={mark.shape} x={x(mark.value)} y={y} />
            ))}
            <circle class="dot" cx={x(value)} cy={y} r={4.5} />
          </g>
        );
      })}
    </PlotSvg>
  );
}

function Mark({ shape, x, y }: { shape: "diamond" | "cross"; x: number; y: number }) {
  const path =
    shape === "diamond" ? `M${x} ${y - 6}l6 6l-6 6l-6 -6Z` : `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`;
  return <path class={shape} d={path} />;
}
