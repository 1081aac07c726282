#!/usr/bin/env bash
# One retrieval from a feature store, and the row that a model was given. Change the time stamp to when the value was computed.
curl --fail-with-body --silent --show-error --header "Authorization: Bearer $TIDEGATE_TOKEN" --data-binary @- \
  "${TIDEGATE_URL:-http://127.0.0.1:10000/.tidegate}/v1/events" <<'EVENTS'
{"type": "feature_retrieval", "feature_set": "basket", "source": "redis", "duration_seconds": 0.002, "cache_hit": true}
{"type": "feature_row", "feature_set": "basket", "values": {"items": 3, "coupon": null}, "timestamps": {"items": 1790000000}}
EVENTS
