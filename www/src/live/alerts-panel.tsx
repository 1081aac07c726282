import type { Alert, Decision } from "tidegate";

import { formatNumber, formatTime } from "../lib/format";
import { Icon } from "../ui/icon";
import { Panel } from "../ui/panel";

const STATE_TEXT: Record<Alert["state"], string> = {
  firing: "firing",
  pending: "pending",
  resolved: "resolved",
  no_data: "no data",
  insufficient_data: "too little data",
};

const ORDER: readonly Alert["state"][] = ["firing", "pending", "insufficient_data", "no_data", "resolved"];

/** What is wrong now, what was, and what was done about it; nothing where there are no rules. */
export function AlertsPanel({
  alerts = [],
  decisions = [],
}: {
  alerts?: readonly Alert[];
  decisions?: readonly Decision[];
}) {
  if (alerts.length === 0 && decisions.length === 0) return null;
  const ordered = [...alerts].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const firing = alerts.filter(({ state }) => state === "firing").length;
  return (
    <Panel title="Alerts" note={firing === 0 ? "none is firing" : `${firing} firing`} isWide>
      <ul class="alerts">
        {ordered.map((alert) => (
          <li key={alert.name + JSON.stringify(alert.labels)} class={`alert alert-${alert.state}`}>
            <span class="alert-state">
              {alert.state === "firing" && <Icon name="warning" size={14} />}
              {STATE_TEXT[alert.state]}
            </span>
            <strong>{alert.name}</strong>
            <code>{alert.when}</code>
            {alert.value !== null && <span class="number">is {formatNumber(alert.value)}</span>}
            <span class="quiet">
              {Object.entries(alert.labels)
                .map(([name, value]) => `${name} ${value}`)
                .join(", ")}{" "}
              since {formatTime(alert.since_seconds)}
            </span>
          </li>
        ))}
      </ul>
      {decisions.length > 0 && <Decisions decisions={decisions} />}
    </Panel>
  );
}

/** The newest first. */
function Decisions({ decisions }: { decisions: readonly Decision[] }) {
  return (
    <>
      <h3>What was decided</h3>
      <ul class="alerts">
        {[...decisions].reverse().map((decision) => (
          <li key={`${decision.at_seconds} ${decision.action} ${decision.to}`} class="alert">
            <span class="alert-state">{formatTime(decision.at_seconds)}</span>
            <strong>{decision.action}</strong>
            <span>
              {decision.from} to {decision.to}
              {decision.dry_run && ", a dry run"}
            </span>
            <span class="quiet">
              {decision.reason}
              {decision.evidence && `: ${decision.evidence.alert}, ${decision.evidence.when}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
