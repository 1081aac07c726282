import type { ExperimentSnapshot } from "tidegate";

import { formatCount, formatPercent, formatSeconds } from "../lib/format";
import { Scroll } from "../ui/scroll";
import { ShareBar } from "../ui/share-bar";
import { Panel } from "../ui/panel";
import { EffectTable } from "./effect-table";

/** The variants of one experiment: their share of the requests against their weight, and how each fares. */
export function ExperimentPanel({ experiment }: { experiment: ExperimentSnapshot }) {
  const { name, variants } = experiment;
  const total = variants.reduce((sum, variant) => sum + variant.requests, 0);
  return (
    <Panel title="Variants" note={name}>
      <Scroll>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col" class="share-cell">
                Share
              </th>
              <th scope="col">Weight</th>
              <th scope="col">Requests</th>
              <th scope="col">Errors</th>
              <th scope="col">p50</th>
              <th scope="col">p99</th>
            </tr>
          </thead>
          <tbody>
            {variants.map(({ name: variant, weight, requests, errors, latency_seconds: latency }) => {
              const share = total === 0 ? 0 : requests / total;
              return (
                <tr key={variant}>
                  <th scope="row">{variant}</th>
                  <td class="share-cell">
                    <ShareBar
                      share={share}
                      text={formatPercent(total === 0 ? null : share)}
                      expected={weight}
                    />
                  </td>
                  <td>{formatPercent(weight)}</td>
                  <td>{formatCount(requests)}</td>
                  <td>{formatPercent(requests === 0 ? null : errors / requests)}</td>
                  <td>{formatSeconds(latency.p50)}</td>
                  <td>{formatSeconds(latency.p99)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
      <p class="quiet note">
        The mark on each bar is the variant's weight, which is a share of users: a few busy ones can move the
        requests away from it.
      </p>
      <EffectTable experiment={experiment} />
    </Panel>
  );
}
