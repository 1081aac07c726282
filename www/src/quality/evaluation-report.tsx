import type { Evaluation } from "tidegate";

import { formatNumber, formatPercent, formatPlural, formatScore } from "../lib/format";
import { MOST_CLASSES } from "../plots/confusion";
import { ConfusionPlot } from "../plots/confusion-plot";
import { Panel } from "../ui/panel";
import { Tile } from "../ui/tile";
import { ClassTable } from "./class-table";
import { SegmentsPanel } from "./segments-panel";
import { CalibrationPanel, RankingPanel } from "./score-panels";

/** Everything about labelled predictions: the figures first, then where they come from. */
export function EvaluationReport({
  evaluation,
  segmentBy,
}: {
  evaluation: Evaluation;
  segmentBy: string | null;
}) {
  const { classification, scores, rows, left_out_rows: leftOut, segments = [] } = evaluation;
  return (
    <section class="results" aria-label="Evaluation">
      <Figures evaluation={evaluation} />
      <p class="quiet note">
        {formatPlural(rows, "row")}
        {leftOut > 0 && `, and ${formatPlural(leftOut, "row")} without one of the values left out`}.
      </p>
      {segmentBy !== null && segments.length > 0 && <SegmentsPanel by={segmentBy} segments={segments} />}
      <div class="panels">
        {classification && classification.classes.length <= MOST_CLASSES && (
          <Panel title="Confusion" note="each row is an actual class, each column a predicted one">
            <ConfusionPlot
              title="Confusion matrix"
              data={{
                classes: classification.classes.map((one) => one.class),
                cells: classification.confusion,
              }}
            />
          </Panel>
        )}
        {scores?.calibration && (
          <CalibrationPanel calibration={scores.calibration} positive={scores.positive} />
        )}
        {scores && scores.curve.length > 0 && <RankingPanel scores={scores} />}
        {classification && <ClassTable classes={classification.classes} />}
      </div>
    </section>
  );
}

function Figures({ evaluation: { classification, scores, regression } }: { evaluation: Evaluation }) {
  const [low, high] = classification?.accuracy_interval ?? [null, null];
  return (
    <dl class="tiles">
      {classification && (
        <>
          <Tile name="Accuracy" value={formatPercent(classification.accuracy)}>
            95% sure: {formatPercent(low)} to {formatPercent(high)}
          </Tile>
          <Tile name="F1, mean of the classes" value={formatScore(classification.macro_average.f1)}>
            precision {formatScore(classification.macro_average.precision)}, recall{" "}
            {formatScore(classification.macro_average.recall)}
          </Tile>
          <Tile name="Matthews correlation" value={formatScore(classification.matthews_correlation)}>
            balanced accuracy {formatPercent(classification.balanced_accuracy)}
          </Tile>
        </>
      )}
      {scores && (
        <Tile name="ROC AUC" value={formatScore(scores.roc_auc)}>
          average precision {formatScore(scores.average_precision)}
        </Tile>
      )}
      {scores?.calibration && (
        <Tile name="Calibration error" value={formatScore(scores.calibration.expected_error)}>
          log loss {formatScore(scores.log_loss)}, Brier {formatScore(scores.brier)}
        </Tile>
      )}
      {regression && (
        <>
          <Tile name="Mean absolute error" value={formatNumber(regression.mae)}>
            median {formatNumber(regression.median_absolute_error)}, largest{" "}
            {formatNumber(regression.max_error)}
          </Tile>
          <Tile name="Root mean squared error" value={formatNumber(regression.rmse)}>
            relative error {formatPercent(regression.mape)}
          </Tile>
          <Tile name="Explained variance, R²" value={formatScore(regression.r2)}>
            mean error {formatNumber(regression.mean_error)}
          </Tile>
        </>
      )}
    </dl>
  );
}
