/** Two cumulative distributions on one set of bins, with the place where they are furthest apart. */

import { formatNumber, formatPercent, formatScore } from "../lib/format";
import type { Bins, HistogramLayout } from "./histogram";
import { PlotSvg } from "./plot-svg";
import { linearScale } from "./scale";
import type { PlotText, Reading } from "./types";

/** Shares of the two samples below each edge, in [0, 1]. */
export interface Cumulative {
  edges: readonly number[];
  reference: number[];
  current: number[];
  /** Index of the edge at which the two differ most. */
  widest: number;
}

export function cumulativeOf({ edges, reference, current, below, above }: Bins): Cumulative {
  const shares = (counts: readonly number[], index: 0 | 1): number[] => {
    let seen = below?.[index] ?? 0;
    const total = Math.max(
      1,
      counts.reduce((sum, count) => sum + count, seen + (above?.[index] ?? 0)),
    );
    return [seen / total, ...counts.map((count) => (seen += count) / total)];
  };
  const [references, currents] = [shares(reference, 0), shares(current, 1)];
  const gaps = references.map((share, i) => Math.abs(share - (currents[i] ?? share)));
  return { edges, reference: references, current: currents, widest: gaps.indexOf(Math.max(...gaps)) };
}

/** The shares below one edge. */
export function readCumulative({ edges, reference, current }: Cumulative, index: number): Reading {
  const [one, other] = [reference[index] ?? 0, current[index] ?? 0];
  return {
    heading: `below ${formatNumber(edges[index])}`,
    rows: [
      ["Reference", formatPercent(one)],
      ["Current", formatPercent(other)],
      ["Gap", formatScore(Math.abs(one - other))],
    ],
  };
}

interface Props {
  data: Cumulative;
  /** Of the histogram above it, so that the two share their axis. */
  layout: HistogramLayout;
  height: number;
  text: PlotText;
  active: number | null;
}

export function CumulativePlot({ data, layout: { frame, xs, size }, height, text, active }: Props) {
  const bottom = height - 6;
  const y = linearScale([0, 1], [bottom, 8]);
  const line = (shares: readonly number[]): string =>
    shares.map((share, i) => `${i === 0 ? "M" : "L"}${fixed(xs[i] ?? 0)} ${fixed(y(share))}`).join("");
  const at = active ?? data.widest;
  const [x, one, other] = [xs[at] ?? 0, data.reference[at] ?? 0, data.current[at] ?? 0];
  const isLeft = x < (frame.left + frame.right) / 2;
  return (
    <PlotSvg size={{ width: size.width, height }} text={text}>
      <g class="plot-axes" aria-hidden="true">
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line class="grid" x1={frame.left} x2={frame.right} y1={y(share)} y2={y(share)} />
            <text x={frame.left - 8} y={y(share)} dy="0.32em" text-anchor="end">
              {formatPercent(share)}
            </text>
          </g>
        ))}
      </g>
      <path class="cumulative-reference" d={line(data.reference)} />
      <path class="line-current" d={line(data.current)} />
      <line class="gap" x1={x} x2={x} y1={y(one)} y2={y(other)} />
      <text
        class="gap-text"
        x={x + (isLeft ? 8 : -8)}
        y={y((one + other) / 2)}
        dy="0.32em"
        text-anchor={isLeft ? "start" : "end"}
      >
        gap {formatScore(Math.abs(one - other))}
      </text>
    </PlotSvg>
  );
}

function fixed(pixels: number): string {
  return String(Math.round(pixels * 100) / 100);
}
