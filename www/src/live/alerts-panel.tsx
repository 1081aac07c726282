import type { Alert, Decision } from "tidegate";

import { formatNumber, formatPercent, formatTime } from "../lib/format";
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
            <div>
              <p>
                <strong>{alert.name}</strong>
                {alert.state === "firing" && <span class="tag">{alert.severity}</span>} {alert.summary}
              </p>
              <p class="quiet alert-detail">
                <code>{alert.when}</code>
                {alert.value !== null && (
                  <span>
                    {alert.state === "resolved" ? "was" : "is"}{" "}
                    <span class="number">{formatNumber(alert.value)}</span>
                  </span>
                )}
                {seriesOf(alert.labels) && <span>{seriesOf(alert.labels)}</span>}
                <span>since {formatTime(alert.since_seconds)}</span>
              </p>
            </div>
          </li>
        ))}
      </ul>
      {decisions.length > 0 && <Decisions decisions={decisions} />}
    </Panel>
  );
}

/** Which series of a metric, as `model_name elec2, version 1`. */
function seriesOf(labels: Alert["labels"]): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** `rolled_back` as `rolled back`. */
const words = (name: string): string => name.replaceAll("_", " ");

/** From what share of the traffic to what, where the decision is about one. */
export function sharesOf({ action, share_from: from, share_to: to }: Decision): string {
  // A gateway of before these existed leaves them out.
  if (from === null || to === null || from === undefined || to === undefined) return "";
  const whose = action.startsWith("circuit") ? "the requests" : "its traffic";
  return `from ${formatPercent(from)} to ${formatPercent(to)} of ${whose}`;
}

/** `ramping` once where it is the same before and after. */
const stepOf = ({ from, to }: Decision): string =>
  from === to ? words(to) : `${words(from)} to ${words(to)}`;

/** The newest first. */
function Decisions({ decisions }: { decisions: readonly Decision[] }) {
  return (
    <>
      <h3>What was decided</h3>
      <ul class="alerts">
        {[...decisions].reverse().map((decision) => (
          <DecisionItem
            key={`${decision.at_seconds} ${decision.action} ${decision.to}`}
            decision={decision}
          />
        ))}
      </ul>
    </>
  );
}

function DecisionItem({ decision }: { decision: Decision }) {
  const { at_seconds: at, action, reason, evidence, dry_run: isDry } = decision;
  const shares = sharesOf(decision);
  return (
    <li class="alert">
      <span class="alert-state">{formatTime(at)}</span>
      <div>
        <p>
          <strong>{action}</strong> {stepOf(decision)}
          {shares && `, ${shares}`}
          {isDry && ", a dry run"}
        </p>
        <p class="quiet alert-detail">
          <span>{reason}</span>
          {evidence && (
            <>
              <strong>{evidence.alert}</strong>
              <code>{evidence.when}</code>
              {evidence.value !== null && (
                <span>
                  was <span class="number">{formatNumber(evidence.value)}</span>
                </span>
              )}
            </>
          )}
        </p>
      </div>
    </li>
  );
}
