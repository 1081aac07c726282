#!/usr/bin/env bash
# What one visit brought: a click, its revenue, and what the visitor thought of it.
curl --fail-with-body --silent --show-error --header "Authorization: Bearer $TIDEGATE_TOKEN" --data-binary @- \
  "${TIDEGATE_URL:-http://127.0.0.1:10000/.tidegate}/v1/events" <<'EVENTS'
{"type": "business_metric", "model_name": "ranker", "model_version": "4", "name": "click_through", "value": 1}
{"type": "business_metric", "model_name": "ranker", "model_version": "4", "name": "revenue", "value": 12.5}
{"type": "business_metric", "model_name": "ranker", "model_version": "4", "name": "satisfaction", "value": 4}
EVENTS
