#!/usr/bin/env bash
# The SHAP values of one prediction.
curl --fail-with-body --silent --show-error --header "Authorization: Bearer $TIDEGATE_TOKEN" --data-binary @- \
  "${TIDEGATE_URL:-http://127.0.0.1:10000/.tidegate}/v1/events" <<'EVENTS'
{"type": "explanation", "model_name": "iris", "model_version": "1", "attributions": {"sepal_length": 0.4, "petal_width": -0.1}}
EVENTS
