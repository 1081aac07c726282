import type { ModelSnapshot, VersionSnapshot } from "tidegate";

import { formatCount, formatPercent, formatNumber, formatPlural, formatScore } from "../lib/format";
import { ShareBar } from "../ui/share-bar";
import { Panel } from "../ui/panel";

const MOST_CLASSES = 10;

/** Predicted classes, and how sure the model was of them, by version. */
export function PredictionPanel({ model }: { model: ModelSnapshot }) {
  const versions = model.versions.filter((version) => version.predictions.length > 0);
  if (versions.length === 0) return null;
  const counts = new Map<string, number>();
  for (const { class: name, count } of versions.flatMap((version) => version.predictions))
    counts.set(name, (counts.get(name) ?? 0) + count);
  const names = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const shown = names.slice(0, MOST_CLASSES);
  return (
    <Panel title="Predictions" note="by class, since the first request">
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">Class</th>
            {versions.length > 1 && (
              <th scope="col" class="version">
                Version
              </th>
            )}
            <th scope="col" class="share-cell">
              Share
            </th>
            <th scope="col">Count</th>
          </tr>
        </thead>
        {shown.map((name) => (
          <tbody key={name}>
            {versions.map((version, i) => (
              <ClassRow
                key={version.version}
                name={name}
                version={version}
                versions={versions.length}
                isFirst={i === 0}
              />
            ))}
          </tbody>
        ))}
      </table>
      {names.length > shown.length && (
        <p class="quiet note">
          and {formatPlural(names.length - shown.length, "rarer class", "rarer classes")}
        </p>
      )}
      {versions.map(({ version, confidence, batch_size, batch_utilization }) => (
        <p key={version} class="quiet note">
          {versions.length > 1 && `Version ${version}: `}
          {confidence.count > 0 && `median confidence ${formatScore(confidence.p50)}, `}
          {formatNumber(batch_size.count === 0 ? null : batch_size.sum / batch_size.count, 3)} rows a request
          {batch_utilization !== null && `, ${formatPercent(batch_utilization)} of the largest batch`}.
        </p>
      ))}
    </Panel>
  );
}

interface RowProps {
  name: string;
  version: VersionSnapshot;
  versions: number;
  isFirst: boolean;
}

function ClassRow({ name, version, versions, isFirst }: RowProps) {
  const total = version.predictions.reduce((sum, { count }) => sum + count, 0);
  const count = version.predictions.find((entry) => entry.class === name)?.count ?? 0;
  const share = total === 0 ? 0 : count / total;
  return (
    <tr>
      {isFirst && (
        <th scope="rowgroup" rowSpan={versions}>
          {name}
        </th>
      )}
      {versions > 1 && <td class="version">{version.version}</td>}
      <td class="share-cell">
        <ShareBar share={share} text={formatPercent(share)} />
      </td>
      <td>{formatCount(count)}</td>
    </tr>
  );
}
