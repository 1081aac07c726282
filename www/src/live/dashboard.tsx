import type { Snapshot } from "tidegate";

import { DriftPanel } from "./drift-panel";
import { ExperimentPanel } from "./experiment-panel";
import { LatencyPanel } from "./latency-panel";
import { ModelPicker } from "./model-picker";
import { PredictionPanel } from "./prediction-panel";
import { requestRate, type Totals } from "./state";
import { Tiles } from "./tiles";
import { TrafficPanel } from "./traffic-panel";
import { UnreadPanel } from "./unread-panel";

interface Props {
  snapshot: Snapshot;
  history: readonly Totals[];
  modelName: string | null;
  onModel: (modelName: string) => void;
}

/** One model of a snapshot, and what the gateway says of itself. */
export function Dashboard({ snapshot, history, modelName, onModel }: Props) {
  const { models, experiments, dropped } = snapshot;
  const model = models.find((candidate) => candidate.model_name === modelName) ?? models[0];
  if (model === undefined) {
    return (
      <div class="panel waiting">
        <h2>No requests yet</h2>
        <p class="quiet">The gateway answers. A model appears here with its first request.</p>
      </div>
    );
  }
  return (
    <div class="dashboard">
      <ModelPicker models={models} chosen={model.model_name} onChoose={onModel} />
      <Tiles model={model} rate={requestRate(history, model.model_name)} />
      <DriftPanel model={model} />
      <div class="panels">
        <TrafficPanel model={model} atSeconds={snapshot.at_seconds} />
        <LatencyPanel model={model} />
        <PredictionPanel model={model} />
        {experiments.map((experiment) => (
          <ExperimentPanel key={experiment.name} experiment={experiment} />
        ))}
        <UnreadPanel unread={model.unread} dropped={dropped} />
      </div>
    </div>
  );
}
