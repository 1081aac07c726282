import type { SegmentEvaluation } from "tidegate";

import { formatCount, formatNumber, formatPercent, formatPValue, formatScore } from "../lib/format";
import { segmentText } from "../lib/segments";
import { IntervalPlot } from "../plots/interval-plot";
import { Icon } from "../ui/icon";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";

const VERDICT_TEXT: Readonly<Record<SegmentEvaluation["verdict"], string>> = {
  worse: "Worse",
  better: "Better",
  no_difference: "As elsewhere",
  insufficient_data: "Too little data",
};

/** In which segments the model is worse than in the rest of the rows. */
export function SegmentsPanel({ by, segments }: { by: string; segments: readonly SegmentEvaluation[] }) {
  const isOfNumbers = segments.some(({ mae }) => mae !== null);
  const hasArea = segments.some(({ roc_auc: area }) => area !== null);
  const figure = isOfNumbers ? "Mean absolute error" : "Accuracy";
  const format = isOfNumbers ? formatNumber : formatPercent;
  const valueOf = ({ accuracy, mae }: SegmentEvaluation) => accuracy ?? mae;
  const drawn = segments.flatMap((one) => {
    const value = valueOf(one);
    if (value === null) return [];
    const rest =
      one.rest === null ? [] : [{ name: "All other rows", value: one.rest, shape: "diamond" as const }];
    const tone = one.verdict === "worse" ? ("alarm" as const) : ("main" as const);
    return [{ name: segmentText(one.segment), value, interval: one.accuracy_interval, marks: rest, tone }];
  });
  return (
    <Panel title={`By ${by}`} note="each segment against all other rows" isWide>
      <IntervalPlot title={`${figure} by ${by}`} data={{ rows: drawn, format }} />
      <Scroll>
        <table class="figures">
          <caption class="visually-hidden">
            {figure} by {by}
          </caption>
          <thead>
            <tr>
              <th scope="col">{by}</th>
              <th scope="col">Rows</th>
              <th scope="col">{figure}</th>
              <th scope="col">All other rows</th>
              {hasArea && <th scope="col">ROC AUC</th>}
              <th scope="col">Adjusted p</th>
              <th scope="col" class="text">
                Verdict
              </th>
            </tr>
          </thead>
          <tbody>
            {segments.map((one) => (
              <tr key={segmentText(one.segment)}>
                <th scope="row" class="name">
                  {segmentText(one.segment)}
                </th>
                <td>{formatCount(one.rows)}</td>
                <td>{format(valueOf(one))}</td>
                <td>{format(one.rest)}</td>
                {hasArea && <td>{formatScore(one.roc_auc)}</td>}
                <td>{formatPValue(one.p_adjusted)}</td>
                <td class="text">
                  <Verdict verdict={one.verdict} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="quiet note">
        A diamond is the figure of all other rows. Worse is what chance does not explain, corrected for the
        number of segments, and what is large enough to matter:{" "}
        {isOfNumbers ? "a fifth of the errors' standard deviation" : "five points of the accuracy"}.
      </p>
    </Panel>
  );
}

function Verdict({ verdict }: { verdict: SegmentEvaluation["verdict"] }) {
  const looks = verdict === "worse" ? "drift" : verdict === "insufficient_data" ? verdict : "no_drift";
  return (
    <span class={`badge badge-${looks}`}>
      <Icon name={looks} size={12} />
      {VERDICT_TEXT[verdict]}
    </span>
  );
}
