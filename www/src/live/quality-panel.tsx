import type { Figures, ModelSnapshot, QualitySnapshot } from "tidegate";

import { formatCount, formatNumber, formatPercent, formatPlural, formatScore } from "../lib/format";
import { IntervalPlot } from "../plots/interval-plot";
import { ConceptWarning } from "../quality/concept-warning";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";
import { ShareBar } from "../ui/share-bar";
import { WarningLine } from "../ui/warning-line";
import { estimateRows } from "./estimate-rows";

type Figure = [name: string, of: (figures: Figures) => number | null, format: (value: number) => string];

const FIGURES: readonly Figure[] = [
  ["Accuracy", (it) => it.accuracy, formatPercent],
  ["F1, mean of the classes", (it) => it.f1, formatScore],
  ["ROC AUC", (it) => it.roc_auc, formatScore],
  ["Log loss", (it) => it.log_loss, formatScore],
  ["Calibration error", (it) => it.calibration_error, formatScore],
  ["Mean absolute error", (it) => it.mae, formatNumber],
  ["Root mean squared error", (it) => it.rmse, formatNumber],
  ["R²", (it) => it.r2, formatScore],
];

/** How good the newest labelled predictions were, against what is normal; nothing before the first label. */
export function QualityPanel({ model }: { model: ModelSnapshot }) {
  // A gateway of before these existed leaves them out.
  const { quality = [], cohorts = [] } = model;
  if (quality.length === 0) return null;
  const shown = FIGURES.filter(([, of]) => quality.some(({ figures }) => figures && of(figures) !== null));
  const days = cohorts.slice(-7).reverse();
  const expected = estimateRows(cohorts.slice(-7));
  return (
    <Panel title="Quality" note="of the newest labelled predictions">
      <Scroll>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              {quality.map(({ version }) => (
                <th key={version} scope="col">
                  {quality.length > 1 ? `Version ${version}` : "Now"}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Labelled predictions</th>
              {quality.map(({ version, figures, missing }) => (
                <td key={version}>
                  {figures ? formatCount(figures.rows) : `${formatCount(missing)} more needed`}
                </td>
              ))}
            </tr>
            {quality.some(({ estimated }) => estimated) && (
              <tr>
                <th scope="row">Accuracy, estimated without labels</th>
                {quality.map(({ version, estimated }) => (
                  <td key={version}>{formatPercent(estimated?.accuracy)}</td>
                ))}
              </tr>
            )}
            {shown.map(([name, of, format]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {quality.map(({ version, figures }) => {
                  const value = figures && of(figures);
                  return <td key={version}>{value === null ? "–" : format(value)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {quality.map((one) => (
        <Worse key={one.version} quality={one} who={quality.length > 1 ? `Version ${one.version}: ` : ""} />
      ))}
      {expected.length > 0 && (
        <>
          <h3>Accuracy expected, by the day of the prediction</h3>
          <IntervalPlot title="Accuracy expected by day" data={{ rows: expected, format: formatPercent }} />
          <p class="quiet note">
            Expected from the confidences alone; a cross is what the labels say so far. Days whose labels
            disagree with what was expected of them stand out.
          </p>
        </>
      )}
      {days.length > 0 && (
        <>
          <h3>By the day of the prediction</h3>
          <Scroll>
            <table class="figures">
              <thead>
                <tr>
                  <th scope="col">Day</th>
                  <th scope="col">Predictions</th>
                  <th scope="col" class="share-cell">
                    Labelled
                  </th>
                  <th scope="col">Right</th>
                </tr>
              </thead>
              <tbody>
                {days.map((day) => (
                  <tr key={day.at_seconds}>
                    <th scope="row">{new Date(day.at_seconds * 1000).toISOString().slice(0, 10)}</th>
                    <td>{formatCount(day.predictions)}</td>
                    <td class="share-cell">
                      <ShareBar share={day.completeness ?? 0} text={formatPercent(day.completeness)} />
                    </td>
                    <td>{formatPercent(day.accuracy)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
    </Panel>
  );
}

/** Which figures are worse than their baseline, and whose they are. */
function Worse({ quality, who }: { quality: QualitySnapshot; who: string }) {
  const { degradation, error_change: change, estimate_check: check } = quality;
  const worse = degradation.filter((one) => one.degradation > 0.05);
  return (
    <>
      <ConceptWarning check={check} of="prediction" who={who} />
      {worse.map(({ metric, baseline, current, degradation }) => (
        <WarningLine key={metric}>
          {who}
          {metric.replaceAll("_", " ")} is {formatNumber(current)}, and was {formatNumber(baseline)}: worse by{" "}
          {formatPercent(degradation)}.
        </WarningLine>
      ))}
      {change !== null && change.changes > 0 && (
        <WarningLine>
          {who}the stream of errors changed {formatPlural(change.changes, "time")}.
        </WarningLine>
      )}
    </>
  );
}
