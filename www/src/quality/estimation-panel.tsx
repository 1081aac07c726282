import type { EstimatedFigure, Estimation } from "tidegate";

import { formatPlural, formatScore } from "../lib/format";
import { IntervalPlot } from "../plots/interval-plot";
import type { IntervalRow } from "../plots/intervals";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";
import { VerdictBadge } from "../ui/verdict-badge";
import { ConceptWarning } from "./concept-warning";

export const FIGURE_TEXT: Readonly<Record<string, string>> = {
  accuracy: "Accuracy",
  precision: "Precision",
  recall: "Recall",
  specificity: "Specificity",
  f1: "F1",
  roc_auc: "ROC AUC",
  average_precision: "Average precision",
};

const nameOf = ({ name }: EstimatedFigure) => FIGURE_TEXT[name] ?? name;

/** How good the model probably is on rows whose truth is not known yet. */
export function EstimationPanel({ estimation }: { estimation: Estimation }) {
  const { figures, rows, reference_rows: referenceRows, verdict } = estimation;
  const known = figures.filter((figure) => figure.estimated !== null);
  const isRealized = figures.some(({ realized }) => realized !== null);
  return (
    <Panel
      title="Estimated without labels"
      note={`${formatPlural(rows, "row")}, by ${formatPlural(referenceRows, "labelled row")}`}
      isWide
    >
      <p class="verdict-line">
        <VerdictBadge verdict={verdict} />
        {SAYS[verdict]}
      </p>
      <ConceptWarning check={estimation.estimate_check} of="row" />
      <IntervalPlot
        title="Estimated figures"
        data={{ rows: known.map((figure) => rowOf(figure)), format: formatScore }}
      />
      <Scroll>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              <th scope="col">Estimated</th>
              <th scope="col">Interval</th>
              <th scope="col">On the labelled rows</th>
              {isRealized && <th scope="col">Realized</th>}
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {known.map((figure) => (
              <tr key={figure.name}>
                <th scope="row">{nameOf(figure)}</th>
                <td>{formatScore(figure.estimated)}</td>
                <td>
                  {formatScore(figure.interval?.[0])} to {formatScore(figure.interval?.[1])}
                </td>
                <td>{formatScore(figure.reference)}</td>
                {isRealized && <td>{formatScore(figure.realized)}</td>}
                <td>
                  <VerdictBadge verdict={figure.verdict} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="quiet note">
        A diamond is the figure on the labelled rows{isRealized && ", a cross what it turned out to be"}. An
        estimate sees inputs that move to where the model is less sure; it cannot see that the same inputs
        begin to have other outcomes.
      </p>
    </Panel>
  );
}

const SAYS = {
  drift: "The model is probably no longer as good as on the labelled rows.",
  no_drift: "Nothing says that the model is not as good as on the labelled rows.",
  insufficient_data: "Too few rows to say.",
} as const;

function rowOf(figure: EstimatedFigure): IntervalRow {
  const { estimated, interval, reference, realized, verdict } = figure;
  return {
    name: nameOf(figure),
    value: estimated ?? 0,
    interval,
    marks: [
      ...(reference === null
        ? []
        : [{ name: "On the labelled rows", value: reference, shape: "diamond" as const }]),
      ...(realized === null ? [] : [{ name: "Realized", value: realized, shape: "cross" as const }]),
    ],
    tone: verdict === "drift" ? "alarm" : "main",
  };
}
