/** Named numbers as bars to either side of zero. */

import { PlotFrame } from "./plot-frame";
import { PlotSvg } from "./plot-svg";
import { linearScale } from "./scale";
import { useWidth } from "./use-width";

export interface Bar {
  name: string;
  value: number;
}

interface Props {
  title: string;
  bars: readonly Bar[];
  format: (value: number) => string;
}

const ROW = 28;

/** Bars as wide as their place, in the order given, to be read one by one. */
export function BarList({ title, bars, format }: Props) {
  const [place, width] = useWidth<HTMLDivElement>(420);
  const left = Math.min(170, width * 0.36);
  const right = width - 64;
  const low = Math.min(0, ...bars.map(({ value }) => value));
  const high = Math.max(0, ...bars.map(({ value }) => value));
  const from = low < 0 ? left + 56 : left;
  const x = linearScale([low, high === low ? 1 : high], [from, right]);
  const size = { width, height: 8 + ROW * bars.length };
  const hits = bars.map((_, i) => ({ x: 0, y: 4 + i * ROW, width, height: ROW }));
  const text = {
    title,
    desc: `${bars.length} bars, from ${bars[0]?.name ?? "none"} to ${bars.at(-1)?.name ?? "none"}.`,
  };
  return (
    <div ref={place}>
      <PlotFrame
        label={title}
        hits={hits}
        read={(i) => ({ heading: bars[i]?.name ?? "", rows: [["Value", format(bars[i]?.value ?? 0)]] })}
      >
        {(active) => (
          <PlotSvg size={size} text={text}>
            {active !== null && <rect class="plot-active" {...hits[active]} />}
            {bars.map(({ name, value }, i) => {
              const y = 4 + i * ROW;
              const isNegative = value < 0;
              return (
                <g key={name} class={isNegative ? "tone-alarm" : "tone-main"}>
                  <text class="category-name" x={0} y={y + ROW / 2} dy="0.32em">
                    {name.length > 22 ? `${name.slice(0, 21)}…` : name}
                  </text>
                  <rect
                    class="bar"
                    x={Math.min(x(0), x(value))}
                    y={y + 6}
                    width={Math.max(1, Math.abs(x(value) - x(0)))}
                    height={ROW - 12}
                    rx={2}
                  />
                  <text
                    x={x(value) + (isNegative ? -6 : 6)}
                    y={y + ROW / 2}
                    dy="0.32em"
                    text-anchor={isNegative ? "end" : "start"}
                  >
                    {format(value)}
                  </text>
                </g>
              );
            })}
            <line class="axis" x1={x(0)} x2={x(0)} y1={4} y2={size.height - 4} />
          </PlotSvg>
        )}
      </PlotFrame>
    </div>
  );
}
