import type { FeatureSetSnapshot } from "tidegate";

import { formatCount, formatPercent, formatSeconds } from "../lib/format";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";

/** How a feature store answers, and how old what it gives is. */
export function FeatureSetPanel({ set }: { set: FeatureSetSnapshot }) {
  const nulls = new Map(set.columns.map(({ name, null_rate: rate }) => [name, rate]));
  return (
    <Panel title="Features" note={set.feature_set}>
      {set.cache_hit_rate !== null && (
        <p>{formatPercent(set.cache_hit_rate)} of the lookups hit the cache.</p>
      )}
      <Scroll>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Source</th>
              <th scope="col">Retrievals</th>
              <th scope="col">p50</th>
              <th scope="col">p99</th>
            </tr>
          </thead>
          <tbody>
            {set.retrievals.map(({ source, seconds }) => (
              <tr key={source}>
                <th scope="row">{source}</th>
                <td>{formatCount(seconds.count)}</td>
                <td>{formatSeconds(seconds.p50)}</td>
                <td>{formatSeconds(seconds.p99)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {set.freshness.length > 0 && (
        <Scroll>
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">Feature</th>
                <th scope="col">Mean age</th>
                <th scope="col">Oldest</th>
                <th scope="col">Stale</th>
                <th scope="col">Missing</th>
              </tr>
            </thead>
            <tbody>
              {set.freshness.map(
                ({ feature_name: name, mean_seconds: mean, oldest_seconds: oldest, stale_share: stale }) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td>{formatSeconds(mean)}</td>
                    <td>{formatSeconds(oldest)}</td>
                    <td>{formatPercent(stale)}</td>
                    <td>{formatPercent(nulls.get(name))}</td>
                  </tr>
                ),
              )}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
