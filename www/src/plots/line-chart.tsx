/** Quantities over time, with a bound drawn across where there is one. Gaps stay gaps. */

import { formatTime } from "../lib/format";
import { PlotSvg } from "./plot-svg";
import { linearScale, type Scale, ticks } from "./scale";
import type { Hit, PlotText, Reading, Size } from "./types";

/** One line. Its name also tells it apart where colour does not; so does its dash. */
export interface Line {
  name: string;
  values: readonly (number | null)[];
  tone: "main" | "second" | "alarm";
  dashed?: boolean;
  /** Fill below it. */
  filled?: boolean;
}

export interface LineData {
  /** Moments, in seconds since 1970, ascending. */
  atSeconds: readonly number[];
  lines: readonly Line[];
  threshold?: { value: number; label: string };
  format: (value: number | null) => string;
}

export interface LineLayout {
  size: Size;
  frame: { left: number; right: number; top: number; bottom: number };
  x: Scale;
  y: Scale;
  domain: [number, number];
  hits: Hit[];
  compact: boolean;
}

/** Points a pixel beyond which more would only be ink. */
const POINTS_PER_PIXEL = 4;

export function layoutLines(data: LineData, size: Size, compact = false): LineLayout {
  const times = data.atSeconds;
  const margin = compact
    ? { left: 2, right: 2, top: 6, bottom: 4 }
    : { left: 52, right: 12, top: 10, bottom: 24 };
  const frame = {
    left: margin.left,
    right: size.width - margin.right,
    top: margin.top,
    bottom: size.height - margin.bottom,
  };
  const values = data.lines.flatMap((line) => line.values.filter((value) => value !== null));
  const most = Math.max(0, ...values, data.threshold ? data.threshold.value * 1.15 : 0);
  const domain: [number, number] = [0, most === 0 ? 1 : most];
  const x = linearScale([times[0] ?? 0, times.at(-1) ?? 1], [frame.left, frame.right]);
  const y = linearScale(domain, [frame.bottom, frame.top]);
  const hits = times.map((time, i) => {
    const left = i === 0 ? frame.left : (x(times[i - 1] ?? time) + x(time)) / 2;
    const right = i === times.length - 1 ? frame.right : (x(time) + x(times[i + 1] ?? time)) / 2;
    return { x: left, y: frame.top, width: Math.max(1, right - left), height: frame.bottom - frame.top };
  });
  return { size, frame, x, y, domain, hits, compact };
}

/** The values at one moment. */
export function readLines(data: LineData, index: number): Reading {
  const rows = data.lines.map((line) => [line.name, data.format(line.values[index] ?? null)] as const);
  const bound = data.threshold ? [[data.threshold.label, data.format(data.threshold.value)] as const] : [];
  return { heading: formatTime(data.atSeconds[index] ?? 0), rows: [...rows, ...bound] };
}

export function LineChart({
  data,
  layout,
  text,
  active,
}: {
  data: LineData;
  layout: LineLayout;
  text: PlotText;
  active: number | null;
}) {
  const { size, frame, x, y, compact } = layout;
  const at = active === null ? undefined : data.atSeconds[active];
  return (
    <PlotSvg size={size} text={text}>
      {!compact && <Axes data={data} layout={layout} />}
      {compact && <line class="axis" x1={frame.left} x2={frame.right} y1={frame.bottom} y2={frame.bottom} />}
      {data.lines.map((line) => {
        const runs = runsOf(data.atSeconds, line.values, size.width);
        return (
          <g key={line.name} class={`tone-${line.tone}`}>
            {line.filled &&
              runs.map((run) => <path key={run[0]?.[0]} class="line-fill" d={areaPath(run, layout)} />)}
            {runs.map((run) => (
              <path
                key={run[0]?.[0]}
                class={line.dashed ? "line dashed" : "line"}
                d={linePath(run, layout)}
              />
            ))}
          </g>
        );
      })}
      {data.threshold && (
        <line
          class="threshold"
          x1={frame.left}
          x2={frame.right}
          y1={y(data.threshold.value)}
          y2={y(data.threshold.value)}
        />
      )}
      {at !== undefined && <line class="cursor" x1={x(at)} x2={x(at)} y1={frame.top} y2={frame.bottom} />}
      {at !== undefined &&
        data.lines.map((line) => {
          const value = active === null ? null : (line.values[active] ?? null);
          return value === null ? null : (
            <circle
              key={line.name}
              class={`cursor-point tone-${line.tone}`}
              cx={x(at)}
              cy={y(value)}
              r={3.5}
            />
          );
        })}
    </PlotSvg>
  );
}

function Axes({ data, layout: { frame, x, y, domain } }: { data: LineData; layout: LineLayout }) {
  const times = data.atSeconds;
  const count = Math.max(1, Math.floor((frame.right - frame.left) / 110));
  const every = Math.max(1, Math.ceil(times.length / count));
  return (
    <g class="plot-axes" aria-hidden="true">
      {ticks(domain, 3).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={frame.left} x2={frame.right} y1={y(tick)} y2={y(tick)} />
          <text x={frame.left - 8} y={y(tick)} dy="0.32em" text-anchor="end">
            {data.format(tick)}
          </text>
        </g>
      ))}
      {times.map((time, i) =>
        i % every !== 0 || x(time) > frame.right - 24 ? null : (
          <text key={time} x={Math.max(x(time), frame.left + 10)} y={frame.bottom + 17} text-anchor="middle">
            {formatTime(time)}
          </text>
        ),
      )}
    </g>
  );
}

type Point = [atSeconds: number, value: number];

/** The stretches without a gap, thinned to what the pixels can show. */
function runsOf(times: readonly number[], values: readonly (number | null)[], width: number): Point[][] {
  const every = Math.max(1, Math.ceil(times.length / (POINTS_PER_PIXEL * Math.max(1, width))));
  const runs: Point[][] = [];
  let run: Point[] = [];
  for (let i = 0; i < times.length; i += every) {
    const value = values[i] ?? null;
    const time = times[i] ?? 0;
    if (value !== null) run.push([time, value]);
    if ((value === null || i + every >= times.length) && run.length > 0) {
      runs.push(run);
      run = [];
    }
  }
  return runs;
}

/** A run of one point is drawn as a dot: a short line that its round cap makes visible. */
function linePath(run: readonly Point[], { x, y }: LineLayout): string {
  const points = run.map(([time, value]) => `${fixed(x(time))} ${fixed(y(value))}`);
  return run.length === 1 ? `M${points[0]}h0.01` : `M${points.join("L")}`;
}

function areaPath(run: readonly Point[], layout: LineLayout): string {
  const first = run[0]?.[0] ?? 0;
  const last = run.at(-1)?.[0] ?? 0;
  const { x, frame } = layout;
  return `${linePath(run, layout)}L${fixed(x(last))} ${frame.bottom}L${fixed(x(first))} ${frame.bottom}Z`;
}

function fixed(pixels: number): string {
  return String(Math.round(pixels * 100) / 100);
}
