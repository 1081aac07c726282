#!/usr/bin/env bash
# A prediction that passed no gateway, its truth, and a conversion of an experiment.
curl --fail-with-body --silent --show-error --header "Authorization: Bearer $TIDEGATE_TOKEN" --data-binary @- \
  "${TIDEGATE_URL:-http://127.0.0.1:10000/.tidegate}/v1/events" <<'EVENTS'
{"type": "inference", "model_name": "iris", "model_version": "1", "prediction_id": "r1", "predictions": ["setosa"], "confidences": [0.93]}
{"type": "label", "prediction_id": "r1", "label": "setosa"}
{"type": "conversion", "experiment": "iris-v1-vs-v2", "unit": "u42", "value": 12.5}
EVENTS
