import type { BusinessMetricSnapshot } from "tidegate";

import { formatCount, formatNumber, formatPercent, formatPlural, formatTime } from "../lib/format";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";
import { WarningLine } from "../ui/warning-line";

/** What a model is worth: each business metric by version, in the window. */
export function BusinessPanel({ metrics }: { metrics: readonly BusinessMetricSnapshot[] }) {
  if (metrics.length === 0) return null;
  return (
    <Panel title="Business" note="of the window">
      <Scroll>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col">Version</th>
              <th scope="col">Values</th>
              <th scope="col">Mean</th>
              <th scope="col">95% interval</th>
            </tr>
          </thead>
          <tbody>
            {metrics.map(({ metric, model_version: version, window }) => (
              <tr key={`${metric} ${version}`}>
                <th scope="row">{words(metric)}</th>
                <td>{version}</td>
                <td>{formatCount(window.count)}</td>
                <td>
                  {window.mean === null
                    ? `${formatCount(window.missing)} more needed`
                    : formatNumber(window.mean)}
                </td>
                <td>
                  {window.interval
                    ? `${formatNumber(window.interval[0])} to ${formatNumber(window.interval[1])}`
                    : "–"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {metrics.map((metric) => (
        <Changed key={`${metric.metric} ${metric.model_version}`} metric={metric} />
      ))}
    </Panel>
  );
}

/** What is worse than it was, or changed. */
function Changed({
  metric: { metric, model_version: version, degradation, change },
}: {
  metric: BusinessMetricSnapshot;
}) {
  const who = `${words(metric)} of version ${version}`;
  return (
    <>
      {degradation && degradation.degradation > 0.05 && (
        <WarningLine>
          {who} is {formatNumber(degradation.current)}, and was {formatNumber(degradation.baseline)}: worse by{" "}
          {formatPercent(degradation.degradation)}.
        </WarningLine>
      )}
      {change !== null && change.changes > 0 && (
        <p class="quiet note">
          {who} changed {formatPlural(change.changes, "time")}
          {change.at_seconds !== null && `, last at ${formatTime(change.at_seconds)}`}
          {change.before !== null &&
            change.after !== null &&
            `, from ${formatNumber(change.before)} to ${formatNumber(change.after)}`}
          .
        </p>
      )}
    </>
  );
}

/** `click_through` as `click through`. */
const words = (name: string): string => name.replaceAll("_", " ");
