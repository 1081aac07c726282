// TrainingMonitor.

import assert from "node:assert/strict";
import { golden, near, START, watch } from "./support.mjs";

export async function trainingMonitor(tidegate) {
  const want = golden["TrainingMonitor"];
  const events = [
    ...want.loss.map((loss, epoch) => ({
      type: "training_epoch",
      at: START + 60 * epoch,
      job_id: "job",
      epoch,
      loss,
      accuracy: 1 - loss / 4,
      validation_loss: want.validation_loss[epoch],
      duration_seconds: want.duration[epoch],
    })),
    ...want.samples.map((samples, step) => ({
      type: "training_step",
      at: START + 1200 + step,
      job_id: "job",
      step,
      loss: want.loss.at(-1),
      samples,
      duration_seconds: want.seconds[step],
      gpu_utilization: { 0: want.utilization["0"][step], 1: want.utilization["1"][step] },
    })),
  ];
  const { snapshot, metrics } = await watch(tidegate, events, START + 1300);
  const [run] = snapshot.training;
  const job = { job_id: "job" };
  // The history is in the snapshot; the metric has the newest loss, and the epoch is another metric.
  assert.deepEqual(run.epochs.map(({ loss }) => loss), want.loss);
  assert.deepEqual(run.epochs.map(({ accuracy }) => accuracy), want.loss.map((loss) => 1 - loss / 4));
  near(metrics.of("training_loss", job), want.loss.at(-1));
  assert.equal(metrics.of("training_epoch", job), want.loss.length - 1);
  near(metrics.of("training_epoch_duration_seconds_sum", job), want.duration_sum, 1e-9);
  assert.equal(metrics.of("training_epoch_duration_seconds_count", job), 20);
  near(metrics.of("training_throughput_samples_per_second", job), want.samples_per_second, 1e-9);
  for (const gpu of ["0", "1"]) {
    assert.equal(metrics.of("training_gpu_utilization", { ...job, gpu_id: gpu }), want.utilization[gpu].at(-1));
  }
  const overfitting = run.findings.find(({ kind }) => kind === "overfitting");
  assert.equal(overfitting.epoch, want.best_epoch);

  // A throughput that somebody else measured, and a GPU that is told of by itself.
  const alone = [
    { type: "training_step", at: START, job_id: "job", step: 1, gpu_utilization: { 0: 0.8 } },
    { type: "training_step", at: START + 1, job_id: "job", step: 2, samples: 1250, duration_seconds: 1 },
  ];
  const { metrics: told } = await watch(tidegate, alone, START + 2);
  assert.equal(told.of("training_throughput_samples_per_second", job), 1250);
  assert.equal(told.of("training_gpu_utilization", { gpu_id: "0" }), 0.8);
}
