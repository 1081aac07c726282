import type { TrainingSnapshot } from "tidegate";

import { formatCountShort, formatPlural } from "../lib/format";
import { XyPlot } from "../plots/xy-plot";
import { Findings, lossData } from "../training/training-run";
import { Panel } from "../ui/panel";

/** A training run that the gateway is told of. */
export function TrainingPanel({ run }: { run: TrainingSnapshot }) {
  const data = lossData(run);
  return (
    <Panel title="Training" note={`${run.job_id}, ${formatPlural(run.epochs.length, "epoch")}`}>
      {data && <XyPlot title={`Loss of ${run.job_id} by epoch`} data={data} height={220} />}
      <Findings findings={run.findings} />
      {run.throughput_samples_per_second !== null && (
        <p class="quiet note">{formatCountShort(run.throughput_samples_per_second)} samples a second.</p>
      )}
    </Panel>
  );
}
