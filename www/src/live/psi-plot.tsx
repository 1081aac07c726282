import type { ColumnSnapshot, ModelSnapshot } from "tidegate";

import { formatNumber } from "../lib/format";
import type { LineData } from "../plots/line-chart";
import { psiOf, psiTimes } from "./figures";
import { TimePlot } from "./time-plot";

interface Props {
  model: ModelSnapshot;
  column: ColumnSnapshot;
  height: number;
  compact?: boolean;
}

/** The PSI of each pane against the reference, with its bound. */
export function PsiPlot({ model, column, height, compact = false }: Props) {
  const psi = psiOf(column);
  if (column.psi_series.every((value) => value === null))
    return <p class="quiet too-few">too few rows in each pane</p>;
  const data: LineData = {
    atSeconds: psiTimes(model, column),
    format: (score) => formatNumber(score, 3),
    lines: [
      {
        name: "PSI",
        tone: column.verdict === "drift" ? "alarm" : "main",
        filled: true,
        values: column.psi_series,
      },
    ],
    ...(psi && { threshold: { value: psi.threshold, label: "bound" } }),
  };
  return <TimePlot data={data} title={`PSI of ${column.name} over time`} height={height} compact={compact} />;
}
