/** Curves over a number: a ROC curve, a calibration curve, losses by epoch. */

import { PlotSvg } from "./plot-svg";
import { linearScale, type Scale, ticks } from "./scale";
import type { Hit, PlotText, Reading, Size } from "./types";

export interface Curve {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  tone: "main" | "second" | "alarm";
  dashed?: boolean;
  /** A dot at each point. */
  dotted?: boolean;
}

export interface Axis {
  label: string;
  domain: readonly [number, number];
  format: (value: number) => string;
}

export interface XyData {
  curves: readonly Curve[];
  x: Axis;
  y: Axis;
  /** What a perfect or a blind model would have: a line from corner to corner. */
  hasDiagonal?: boolean;
  /** A moment that matters. */
  mark?: { x: number; label: string };
}

export interface XyLayout {
  size: Size;
  frame: { left: number; right: number; top: number; bottom: number };
  x: Scale;
  y: Scale;
  /** Where the curves have a point, ascending. */
  xs: number[];
  hits: Hit[];
}

const MARGIN = { left: 56, right: 14, top: 12, bottom: 42 };

export function layoutXy(data: XyData, size: Size): XyLayout {
  const frame = {
    left: MARGIN.left,
    right: size.width - MARGIN.right,
    top: MARGIN.top,
    bottom: size.height - MARGIN.bottom,
  };
  const x = linearScale(data.x.domain, [frame.left, frame.right]);
  const y = linearScale(data.y.domain, [frame.bottom, frame.top]);
  const all = data.curves.flatMap(({ points }) => points.map(([at]) => at));
  const xs = [...new Set(all)].sort((a, b) => a - b);
  const middle = (a: number, b: number) => (x(a) + x(b)) / 2;
  const hits = xs.map((at, i) => {
    const left = i === 0 ? frame.left : middle(xs[i - 1] ?? at, at);
    const right = i === xs.length - 1 ? frame.right : middle(at, xs[i + 1] ?? at);
    return { x: left, y: frame.top, width: Math.max(1, right - left), height: frame.bottom - frame.top };
  });
  return { size, frame, x, y, xs, hits };
}

/** The curves at one of their points. */
export function readXy(data: XyData, layout: XyLayout, index: number): Reading {
  const at = layout.xs[index] ?? 0;
  const rows = data.curves.flatMap(({ name, points }) => {
    const point = points.findLast(([x]) => x === at);
    return point === undefined ? [] : [[name, data.y.format(point[1])] as const];
  });
  return { heading: `${data.x.label} ${data.x.format(at)}`, rows };
}

export function XyChart({
  data,
  layout,
  text,
  active,
}: {
  data: XyData;
  layout: XyLayout;
  text: PlotText;
  active: number | null;
}) {
  const { size, frame, x, y, xs } = layout;
  const at = active === null ? undefined : xs[active];
  return (
    <PlotSvg size={size} text={text}>
      <Axes data={data} layout={layout} />
      {data.hasDiagonal && (
        <line class="diagonal" x1={frame.left} y1={frame.bottom} x2={frame.right} y2={frame.top} />
      )}
      {data.mark && <Mark mark={data.mark} layout={layout} />}
      {data.curves.map(({ name, points, tone, dashed, dotted }) => (
        <g key={name} class={`tone-${tone}`}>
          <path class={dashed ? "line dashed" : "line"} d={path(points, layout)} />
          {dotted && points.map(([px, py]) => <circle key={px} class="dot" cx={x(px)} cy={y(py)} r={3.5} />)}
        </g>
      ))}
      {at !== undefined && <line class="cursor" x1={x(at)} x2={x(at)} y1={frame.top} y2={frame.bottom} />}
    </PlotSvg>
  );
}

function Mark({ mark, layout: { frame, x } }: { mark: { x: number; label: string }; layout: XyLayout }) {
  const isLate = x(mark.x) > (frame.left + frame.right) / 2;
  return (
    <g class="mark" aria-hidden="true">
      <line class="threshold" x1={x(mark.x)} x2={x(mark.x)} y1={frame.top} y2={frame.bottom} />
      <text x={x(mark.x) + (isLate ? -6 : 6)} y={frame.top + 10} text-anchor={isLate ? "end" : "start"}>
        {mark.label}
      </text>
    </g>
  );
}

function Axes({ data, layout: { frame, x, y } }: { data: XyData; layout: XyLayout }) {
  const across = ticks(data.x.domain, Math.max(2, Math.floor((frame.right - frame.left) / 90)));
  return (
    <g class="plot-axes" aria-hidden="true">
      {ticks(data.y.domain, 4).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={frame.left} x2={frame.right} y1={y(tick)} y2={y(tick)} />
          <text x={frame.left - 8} y={y(tick)} dy="0.32em" text-anchor="end">
            {data.y.format(tick)}
          </text>
        </g>
      ))}
      {across.map((tick) => (
        <text key={tick} x={x(tick)} y={frame.bottom + 17} text-anchor="middle">
          {data.x.format(tick)}
        </text>
      ))}
      <line class="axis" x1={frame.left} x2={frame.right} y1={frame.bottom} y2={frame.bottom} />
      <text class="axis-label" x={(frame.left + frame.right) / 2} y={frame.bottom + 35} text-anchor="middle">
        {data.x.label}
      </text>
    </g>
  );
}

function path(points: XyData["curves"][number]["points"], { x, y }: XyLayout): string {
  const fixed = (pixels: number) => String(Math.round(pixels * 100) / 100);
  return points.map(([px, py], i) => `${i === 0 ? "M" : "L"}${fixed(x(px))} ${fixed(y(py))}`).join("");
}
