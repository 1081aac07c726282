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
  /** Observations beside the bins: reference, current. */
  below?: readonly [number, number];
  above?: readonly [number, number];
}

interface Bin {
  from: number;
  to: number;
  /** Shares of all observations of a sample, in [0, 1]. */
  reference: number;
  current: number;
}

export interface HistogramLayout {
  size: Size;
  /** Inside of the axes. */
  frame: { left: number; right: number; top: number; bottom: number };
  /**
   * Bins of one width stand on an axis of values. Bins of many widths, such as a reference's deciles, stand side
   * by side: on an axis of values a narrow one would be a spike that hides the others.
   */
  isEven: boolean;
  bins: Bin[];
  /** Where the bins begin and end, in pixels: one more than there are bins. */
  xs: number[];
  y: Scale;
  top: number;
  hits: Hit[];
}

const MARGIN = { left: 44, right: 14, top: 8, bottom: 26 };

const NONE = [0, 0] as const;

/** Bins with their shares. What lies beside the bins counts into the whole. */
function binsOf({ edges, reference, current, below = NONE, above = NONE }: Bins): Bin[] {
  const total = (counts: readonly number[], beside: number): number =>
    Math.max(
      1,
      counts.reduce((sum, count) => sum + count, beside),
    );
  const references = total(reference, below[0] + above[0]);
  const currents = total(current, below[1] + above[1]);
  return edges.slice(1).map((to, i) => ({
    from: edges[i] ?? to,
    to,
    reference: (reference[i] ?? 0) / references,
    current: (current[i] ?? 0) / currents,
  }));
}

export function layoutHistogram(data: Bins, size: Size, margin = MARGIN): HistogramLayout {
  const bins = binsOf(data);
  const frame = {
    left: margin.left,
    right: size.width - margin.right,
    top: margin.top,
    bottom: size.height - margin.bottom,
  };
  const range: [number, number] = [frame.left, frame.right];
  const widths = bins.map((bin) => bin.to - bin.from);
  const isEven = Math.min(...widths) > 0.99 * Math.max(...widths);
  const byValue = linearScale([bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1], range);
  const byIndex = linearScale([0, bins.length], range);
  const xs = data.edges.map((edge, i) => (isEven ? byValue(edge) : byIndex(i)));
  const top = Math.max(1e-12, ...bins.flatMap((bin) => [bin.reference, bin.current]));
  const hits = bins.map((_, i) => {
    const x = xs[i] ?? frame.left;
    return { x, y: frame.top, width: Math.max(1, (xs[i + 1] ?? x) - x), height: frame.bottom - frame.top };
  });
  return { size, frame, isEven, bins, xs, y: linearScale([0, top], [frame.bottom, frame.top]), top, hits };
}

/** What is in one bin. */
export function readHistogram(data: Bins, index: number): Reading {
  const bin = binsOf(data)[index];
  const value = (share: number, count: number | undefined): string =>
    `${formatPercent(share)} (${formatCount(count ?? 0)})`;
  if (bin === undefined) return { heading: "", rows: [] };
  return {
    heading: `${formatNumber(bin.from)} to ${formatNumber(bin.to)}`,
    rows: [
      ["Reference", value(bin.reference, data.reference[index])],
      ["Current", value(bin.current, data.current[index])],
    ],
  };
}

/** How much lies beside the bins, in a sentence; empty where nothing does. */
export function besideSentence(data: Bins): string {
  const { below = NONE, above = NONE } = data;
  const bins = binsOf(data);
  const share = (sample: "reference" | "current"): number =>
    1 - bins.reduce((sum, bin) => sum + bin[sample], 0);
  if (below[0] + below[1] + above[0] + above[1] === 0) return "";
  const beside = (index: 0 | 1, sample: "reference" | "current"): string =>
    below[index] + above[index] === 0 ? "none" : formatPercent(share(sample));
  return `Beside the range drawn: ${beside(0, "reference")} of the reference, ${beside(1, "current")} of the current table.`;
}

export function Histogram({
  layout,
  text,
  active,
}: {
  layout: HistogramLayout;
  text: PlotText;
  active: number | null;
}) {
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

function Axes({ layout }: { layout: HistogramLayout }) {
  const { frame, y, top } = layout;
  return (
    <g class="plot-axes" aria-hidden="true">
      {ticks([0, top], 4).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={frame.left} x2={frame.right} y1={y(tick)} y2={y(tick)} />
          <text x={frame.left - 8} y={y(tick)} dy="0.32em" text-anchor="end">
            {formatPercent(tick)}
          </text>
        </g>
      ))}
      {xTicks(layout).map(({ x, label }) => (
        <text key={x} x={x} y={frame.bottom + 18} text-anchor="middle">
          {label}
        </text>
      ))}
    </g>
  );
}

/** Round values, or the edges themselves where the bins stand side by side. */
function xTicks({ frame, isEven, bins, xs }: HistogramLayout): { x: number; label: string }[] {
  const width = frame.right - frame.left;
  if (isEven) {
    const domain: [number, number] = [bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1];
    const scale = linearScale(domain, [frame.left, frame.right]);
    return ticks(domain, Math.max(2, Math.floor(width / 80))).map((tick) => ({
      x: scale(tick),
      label: formatNumber(tick),
    }));
  }
  const every = Math.max(1, Math.ceil((bins.length * 58) / width));
  const edges = [...bins.map((bin) => bin.from), bins.at(-1)?.to ?? 0];
  return edges.flatMap((edge, i) =>
    i % every === 0 ? [{ x: xs[i] ?? 0, label: formatNumber(edge, 3) }] : [],
  );
}

/** The outline of one sample, from left to right. */
function steps({ xs, y, bins, frame }: HistogramLayout, sample: "reference" | "current"): string {
  const parts = bins.map((bin, i) => `V${fixed(y(bin[sample]))}H${fixed(xs[i + 1] ?? frame.right)}`);
  return `M${fixed(frame.left)} ${fixed(frame.bottom)}${parts.join("")}`;
}

function fixed(pixels: number): string {
  return String(Math.round(pixels * 100) / 100);
}
