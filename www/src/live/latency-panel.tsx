import type { ModelSnapshot, Summary } from "tidegate";

import { formatCount, formatSeconds } from "../lib/format";
import { STAGE_TEXT, STAGES } from "./figures";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";

/** Latency percentiles by stage and version, since the first request. */
export function LatencyPanel({ model }: { model: ModelSnapshot }) {
  const rows = model.versions
    .flatMap(({ version, latency }) => latency.map(({ stage, seconds }) => ({ version, stage, seconds })))
    .sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
  const scale = logScale(rows.map((row) => row.seconds));
  const hasVersions = model.versions.length > 1;
  if (rows.length === 0) return null;
  return (
    <Panel title="Latency by stage" note="since the first request">
      <Scroll>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Stage</th>
              {hasVersions && (
                <th scope="col" class="version">
                  Version
                </th>
              )}
              <th scope="col" class="range-cell">
                p50 to p99
              </th>
              <th scope="col">p50</th>
              <th scope="col">p95</th>
              <th scope="col">p99</th>
              <th scope="col">Count</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ version, stage, seconds }) => (
              <tr key={`${stage} ${version}`}>
                <th scope="row">{STAGE_TEXT[stage]}</th>
                {hasVersions && <td class="version">{version}</td>}
                <td class="range-cell">
                  <Range seconds={seconds} scale={scale} />
                </td>
                <td>{formatSeconds(seconds.p50)}</td>
                <td>{formatSeconds(seconds.p95)}</td>
                <td>{formatSeconds(seconds.p99)}</td>
                <td>{formatCount(seconds.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="quiet note">
        Bars run from the median to the 99th percentile, with a mark at the 95th, on a logarithmic scale.
      </p>
    </Panel>
  );
}

type LogScale = (seconds: number) => number;

/** Percent of the track's width, from the smallest median to the largest p99, logarithmic. */
function logScale(summaries: readonly Summary[]): LogScale {
  const values = summaries.flatMap(({ p50, p99 }) => [p50 ?? 0, p99 ?? 0]).filter((value) => value > 0);
  const low = Math.log(Math.min(...values)) - 0.15;
  const high = Math.log(Math.max(...values)) + 0.15;
  return (seconds) => Math.min(100, Math.max(0, ((Math.log(seconds) - low) / (high - low)) * 100));
}

function Range({ seconds: { p50, p95, p99 }, scale }: { seconds: Summary; scale: LogScale }) {
  if (!p50 || !p95 || !p99) return <span class="quiet">–</span>;
  const from = scale(p50);
  return (
    <span class="range" aria-hidden="true">
      <span
        class="range-bar"
        style={{ insetInlineStart: `${from}%`, inlineSize: `${Math.max(1, scale(p99) - from)}%` }}
      />
      <span class="range-mark" style={{ insetInlineStart: `${scale(p95)}%` }} />
    </span>
  );
}
