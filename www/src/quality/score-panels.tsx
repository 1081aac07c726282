import type { Calibration, ScoreFigures } from "tidegate";

import { formatPercent } from "../lib/format";
import type { Axis } from "../plots/xy-chart";
import { XyPlot } from "../plots/xy-plot";
import { Panel } from "../ui/panel";

const share = (label: string): Axis => ({ label, domain: [0, 1], format: formatPercent });

/** What probabilities mean, against what they say. */
export function CalibrationPanel({
  calibration,
  positive,
}: {
  calibration: Calibration;
  positive: string | null;
}) {
  const points = calibration.bins.map(({ predicted, observed }) => [predicted, observed] as const);
  const event = positive === null ? "the prediction is right" : `it is ${positive}`;
  return (
    <Panel title="Calibration">
      <XyPlot
        title="Calibration curve"
        data={{
          curves: [{ name: "Happened", points, tone: "main", dotted: true }],
          x: share("predicted probability"),
          y: share(`how often ${event}`),
          hasDiagonal: true,
        }}
      />
      <p class="quiet note">On the dashed line a probability means what it says.</p>
    </Panel>
  );
}

/** How well scores tell the classes apart, at every threshold. */
export function RankingPanel({ scores }: { scores: ScoreFigures }) {
  const roc = scores.curve.map((point) => [point.false_positive_rate, point.true_positive_rate] as const);
  const precision = scores.curve.map((point) => [point.true_positive_rate, point.precision] as const);
  return (
    <Panel title="Ranking" note={scores.positive === null ? undefined : `of ${scores.positive}`}>
      <XyPlot
        title="ROC curve"
        data={{
          curves: [{ name: "True positive rate", points: [[0, 0], ...roc], tone: "main" }],
          x: share("false positive rate"),
          y: share("true positive rate"),
          hasDiagonal: true,
        }}
      />
      <h3>Precision and recall</h3>
      <XyPlot
        title="Precision by recall"
        data={{
          curves: [{ name: "Precision", points: precision, tone: "main" }],
          x: share("recall"),
          y: share("precision"),
        }}
      />
    </Panel>
  );
}
