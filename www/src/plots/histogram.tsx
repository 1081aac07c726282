/** Two distributions of numbers on one set of bins: the reference as filled bars, the current one as a line over them. */

import { formatCount, formatNumber, formatPercent } from "../lib/format";
import { PlotSvg } from "./plot-svg";
import { linearScale, type Scale, ticks } from "./scale";
import type { Hit, PlotText, Reading, Size } from "./types";

/** Both samples, counted on `edges.length - 1` bins. */
export interface Bins {
  edges: readonly number[];
  reference: readonly number[];
  current: readonly number[];
}

interface Bin {
  from: number;
  to: number;
  /** Shares of the two samples, in [0, 1]. */
  reference: number;
  current: number;
}

export interface HistogramLayout {
  size: Size;
  /** Inside of the axes. */
  frame: { left: number; right: number; top: number; bottom: number };
  x: Scale;
  y: Scale;
  /** Height of the data: share, or share per unit where the bins differ in width. */
  domain: [number, number];
  isDensity: boolean;
  bins: Bin[];
  hits: Hit[];
}

const MARGIN = { left: 44, right: 10, top: 8, bottom: 26 };

/** Shares of the bins. An outer bin without an end is drawn as wide as its neighbour. */
function binsOf({ edges, reference, current }: Bins): Bin[] {
  const finite = closed(edges);
  const total = (counts: readonly number[]): number => Math.max(1, counts.reduce((sum, count) => sum + count, 0));
  const [references, currents] = [total(reference), total(current)];
  return finite.slice(1).map((to, i) => ({
    from: finite[i] ?? to,
    to,
    reference: (reference[i] ?? 0) / references,
    current: (current[i] ?? 0) / currents,
  }));
}

function closed(edges: readonly number[]): number[] {
  const result = edges.map((edge) => (Number.isFinite(edge) ? edge : Number.NaN));
  const last = result.length - 1;
  const inner = result.filter((edge) => !Number.isNaN(edge));
  const width = inner.length > 1 ? ((inner.at(-1) ?? 0) - (inner[0] ?? 0)) / (inner.length - 1) : 1;
  if (Number.isNaN(result[0])) result[0] = (inner[0] ?? 0) - width;
  if (Number.isNaN(result[last])) result[last] = (inner.at(-1) ?? 1) + width;
  return result;
}

export function layoutHistogram(data: Bins, size: Size, margin = MARGIN): HistogramLayout {
  const bins = binsOf(data);
  const from = bins[0]?.from ?? 0;
  const to = bins.at(-1)?.to ?? 1;
  const widths = bins.map((bin) => bin.to - bin.from);
  const widest = Math.max(...widths);
  const isDensity = widths.some((width) => width < widest * 0.999);
  const heightOf = (share: number, bin: Bin): number =>
    isDensity ? share / Math.max(bin.to - bin.from, widest * 1e-6) : share;
  const scaled = bins.map((bin) => ({ ...bin, reference: heightOf(bin.reference, bin), current: heightOf(bin.current, bin) }));
  const top = Math.max(1e-12, ...scaled.flatMap((bin) => [bin.reference, bin.current]));
  const frame = { left: margin.left, right: size.width - margin.right, top: margin.top, bottom: size.height - margin.bottom };
  const x = linearScale([from, to], [frame.left, frame.right]);
  const y = linearScale([0, top], [frame.bottom, frame.top]);
  const hits = bins.map((bin) => ({
    x: x(bin.from),
    y: frame.top,
    width: Math.max(1, x(bin.to) - x(bin.from)),
    height: frame.bottom - frame.top,
  }));
  return { size, frame, x, y, domain: [0, top], isDensity, bins: scaled, hits };
}

/** What is in one bin. */
export function readHistogram(data: Bins, index: number): Reading {
  const bin = binsOf(data)[index];
  const value = (share: number, count: number | undefined): string => `${formatPercent(share)} (${formatCount(count ?? 0)})`;
  if (bin === undefined) return { heading: "", rows: [] };
  return {
    heading: `${formatNumber(bin.from)} to ${formatNumber(bin.to)}`,
    rows: [
      ["Reference", value(bin.reference, data.reference[index])],
      ["Current", value(bin.current, data.current[index])],
    ],
  };
}

export function Histogram({ layout, text, active }: { layout: HistogramLayout; text: PlotText; active: number | null }) {
  const { size, frame, y, hits } = layout;
  const highlighted = active === null ? undefined : hits[active];
  return (
    <PlotSvg size={size} text={text}>
      <Axes layout={layout} />
      {highlighted && <rect class="plot-active" {...highlighted} />}
      <path class="area-reference" d={`${steps(layout, "reference")}V${frame.bottom}H${frame.left}Z`} />
      <path class="line-reference" d={steps(layout, "reference")} />
      <path class="area-current" d={`${steps(layout, "current")}V${frame.bottom}H${frame.left}Z`} />
      <path class="line-current" d={steps(layout, "current")} />
      <line class="axis" x1={frame.left} x2={frame.right} y1={y(0)} y2={y(0)} />
    </PlotSvg>
  );
}

/** The same in the size of a table cell, without axes. */
export function HistogramSparkline({ data, size, text }: { data: Bins; size: Size; text: PlotText }) {
  const layout = layoutHistogram(data, size, { left: 1, right: 1, top: 2, bottom: 2 });
  const { frame } = layout;
  return (
    <PlotSvg size={size} text={text}>
      <path class="area-reference" d={`${steps(layout, "reference")}V${frame.bottom}H${frame.left}Z`} />
      <path class="line-current" d={steps(layout, "current")} />
    </PlotSvg>
  );
}

function Axes({ layout: { frame, x, y, domain, isDensity, bins } }: { layout: HistogramLayout }) {
  const xDomain: [number, number] = [bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1];
  const room = Math.max(2, Math.floor((frame.right - frame.left) / 90));
  return (
    <g class="plot-axes" aria-hidden="true">
      {ticks(domain, 4).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={frame.left} x2={frame.right} y1={y(tick)} y2={y(tick)} />
          <text x={frame.left - 8} y={y(tick)} dy="0.32em" text-anchor="end">
            {isDensity ? formatNumber(tick, 2) : formatPercent(tick)}
          </text>
        </g>
      ))}
      {ticks(xDomain, room).map((tick) => (
        <text key={tick} x={x(tick)} y={frame.bottom + 18} text-anchor="middle">
          {formatNumber(tick)}
        </text>
      ))}
    </g>
  );
}

/** The outline of one sample, from left to right. */
function steps({ x, y, bins, frame }: HistogramLayout, sample: "reference" | "current"): string {
  const parts = bins.map((bin) => `V${fixed(y(bin[sample]))}H${fixed(x(bin.to))}`);
  return `M${fixed(frame.left)} ${fixed(frame.bottom)}${parts.join("")}`;
}

function fixed(pixels: number): string {
  return String(Math.round(pixels * 100) / 100);
}
