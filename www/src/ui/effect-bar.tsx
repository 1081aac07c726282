import type { Verdict } from "tidegate";

import { formatInterval, formatScore, type Maybe } from "../lib/format";

interface Props {
  value: number;
  interval: Maybe<readonly [number, number]>;
  verdict: Verdict;
}

/** An effect as a bar on the scale from 0 to 1, its number beside it and its interval as a whisker. */
export function EffectBar({ value, interval, verdict }: Props) {
  const percent = (ratio: number): string => `${Math.min(1, Math.max(0, ratio)) * 100}%`;
  const title = !interval ? undefined : `95% interval ${formatInterval(interval)}`;
  return (
    <span class="effect" title={title}>
      <span class="number">{formatScore(value)}</span>
      <span class="effect-track" aria-hidden="true">
        <span class={`effect-value effect-${verdict}`} style={{ inlineSize: percent(value) }} />
        {interval && (
          <span
            class="effect-whisker"
            style={{
              insetInlineStart: percent(interval[0]),
              inlineSize: percent(Math.min(1, interval[1]) - Math.max(0, interval[0])),
            }}
          />
        )}
      </span>
    </span>
  );
}
