#!/usr/bin/env bash
# One step and one epoch of a training job.
curl --fail-with-body --silent --show-error --header "Authorization: Bearer $TIDEGATE_TOKEN" --data-binary @- \
  "${TIDEGATE_URL:-http://127.0.0.1:10000/.tidegate}/v1/events" <<'EVENTS'
{"type": "training_step", "job_id": "nightly", "step": 10, "loss": 0.31, "grad_norm": 1.2, "learning_rate": 0.001, "samples": 512, "duration_seconds": 0.2, "data_wait_seconds": 0.05, "gpu_utilization": {"0": 0.87}}
{"type": "training_epoch", "job_id": "nightly", "epoch": 1, "loss": 0.4, "validation_loss": 0.5, "accuracy": 0.9, "duration_seconds": 61}
EVENTS
