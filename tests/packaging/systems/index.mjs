// Every system of ML observability that a lecture on it asks for, from the tarball: the lecture's own calls as events
// through the Observatory (or by the function that the package has for it), against what scikit-learn, scipy, pandas,
// statsmodels, shap and NannyML say of the same rows. The numbers are of tests/golden/generate_lecture.py.

import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { installed } from "../consumer.mjs";
import { check } from "../harness.mjs";
import { continuousDriftMonitor, driftDetector } from "./drift.mjs";
import { abTestMonitor, remediation } from "./experiments.mjs";
import { explainabilityMonitor } from "./explanations.mjs";
import { featureStoreMonitor } from "./feature-store.mjs";
import { feedbackCollector } from "./feedback.mjs";
import { inferenceMonitor, mlMetrics } from "./inference.mjs";
import { modelDriftDetector, modelMonitor, regressionMonitor, withoutLabels } from "./models.mjs";
import { checkAllRead } from "./support.mjs";
import { trainingMonitor } from "./training.mjs";

const SYSTEMS = {
  ModelMonitor: modelMonitor,
  "ModelMonitor of a regression": regressionMonitor,
  FeedbackCollector: feedbackCollector,
  DriftDetector: driftDetector,
  ContinuousDriftMonitor: continuousDriftMonitor,
  "model drift without labels": withoutLabels,
  ModelDriftDetector: modelDriftDetector,
  FeatureStoreMonitor: featureStoreMonitor,
  ABTestMonitor: abTestMonitor,
  ExplainabilityMonitor: explainabilityMonitor,
  TrainingMonitor: trainingMonitor,
  InferenceMonitor: inferenceMonitor,
  MLMetrics: mlMetrics,
  remediation,
};

export async function checkSystems(project) {
  const tidegate = await import(pathToFileURL(join(installed(project), "dist/node.js")).href);
  for (const [name, system] of Object.entries(SYSTEMS)) {
    await check(`the numbers of ${name} are those of the field's libraries`, () => system(tidegate));
  }
  await check("each metric of the lecture is there, with its type and labels", checkAllRead);
}
