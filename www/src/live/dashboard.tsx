import type { Snapshot } from "tidegate";

import { AlertsPanel } from "./alerts-panel";
import { BusinessPanel } from "./business-panel";
import { DriftPanel } from "./drift-panel";
import { ExperimentPanel } from "./experiment-panel";
import { FeatureSetPanel } from "./feature-set-panel";
import { ImportancePanel } from "./importance-panel";
import { LatencyPanel } from "./latency-panel";
import { ModelPicker } from "./model-picker";
import { PredictionPanel } from "./prediction-panel";
import { QualityPanel } from "./quality-panel";
import { requestRate, type Totals } from "./state";
import { Tiles } from "./tiles";
import { TrafficPanel } from "./traffic-panel";
import { TrainingPanel } from "./training-panel";
import { UnreadPanel } from "./unread-panel";

interface Props {
  snapshot: Snapshot;
  history: readonly Totals[];
  modelName: string | null;
  onModel: (modelName: string) => void;
}

/** One model of a snapshot, and what the gateway says of itself. */
export function Dashboard({ snapshot, history, modelName, onModel }: Props) {
  const { models, experiments, dropped, alerts, decisions } = snapshot;
  // A gateway of before these existed leaves them out.
  const { training = [], feature_sets: featureSets = [], importances = [], business = [] } = snapshot;
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
      <h1 class="visually-hidden">What {model.model_name} is doing now</h1>
      <ModelPicker models={models} chosen={model.model_name} onChoose={onModel} />
      <Tiles model={model} rate={requestRate(history, model.model_name)} />
      <AlertsPanel alerts={alerts} decisions={decisions} />
      <DriftPanel model={model} />
      <div class="panels">
        <TrafficPanel model={model} atSeconds={snapshot.at_seconds} />
        <LatencyPanel model={model} />
        <PredictionPanel model={model} />
        <QualityPanel model={model} />
        <BusinessPanel metrics={business.filter((metric) => metric.model_name === model.model_name)} />
        {importances
          .filter((importance) => importance.model_name === model.model_name)
          .map((importance) => (
            <ImportancePanel key={importance.model_name} importance={importance} />
          ))}
        {experiments.map((experiment) => (
          <ExperimentPanel key={experiment.name} experiment={experiment} />
        ))}
        {featureSets.map((set) => (
          <FeatureSetPanel key={set.feature_set} set={set} />
        ))}
        {training.map((run) => (
          <TrainingPanel key={run.job_id} run={run} />
        ))}
        <UnreadPanel unread={model.unread} dropped={dropped} />
      </div>
    </div>
  );
}
