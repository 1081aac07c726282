import type { ModelImportanceSnapshot } from "tidegate";

import { formatNumber, formatPlural } from "../lib/format";
import { BarList } from "../plots/bar-list";
import { Panel } from "../ui/panel";
import { VerdictBadge } from "../ui/verdict-badge";

const MOST_BARS = 12;

/** How much each feature matters to the model now. */
export function ImportancePanel({ importance }: { importance: ModelImportanceSnapshot }) {
  const { features, order, explanations } = importance;
  const risen = features.filter(({ reference }) => reference && reference.rank_change < 0).slice(0, 3);
  return (
    <Panel title="Importance" note={`of ${formatPlural(explanations, "explanation")}`}>
      {order && (
        <p class="verdict-line">
          <VerdictBadge verdict={order.verdict} /> the order of the features
        </p>
      )}
      <BarList
        title="Mean size of the SHAP values"
        bars={features
          .slice(0, MOST_BARS)
          .map(({ feature_name: name, importance: value }) => ({ name, value }))}
        format={(value) => formatNumber(value, 3)}
      />
      {risen.length > 0 && (
        <p class="quiet note">
          Risen since the reference:{" "}
          {risen
            .map(({ feature_name: name, reference }) => `${name} by ${-(reference?.rank_change ?? 0)}`)
            .join(", ")}
          .
        </p>
      )}
    </Panel>
  );
}
