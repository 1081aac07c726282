#!/usr/bin/env python3
"""A feature store that tells Tidegate of each retrieval, and of the rows that models were given."""
import json, os, time, urllib.request


def send(events):
    url = os.environ.get("TIDEGATE_URL", "http://127.0.0.1:10000/.tidegate") + "/v1/events"
    headers = {"Authorization": "Bearer " + os.environ["TIDEGATE_TOKEN"]}
    request = urllib.request.Request(url, "\n".join(map(json.dumps, events)).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        receipt = json.load(response)
    for refused in receipt["refused"]:  # the others were taken
        print("event", refused["index"], "was refused:", refused["reason"])


database = {f"u{i}": {"age": 20 + i % 50, "city": ["Vienna", "Graz", None][i % 3]} for i in range(200)}
computed_at = time.time() - 3600  # an hour ago, by last night's job, say
cache, events = {}, []
for i in range(600):
    user, started = f"u{i * 7 % 200}", time.perf_counter()
    hit = user in cache
    row = cache[user] if hit else cache.setdefault(user, database[user])
    events.append({"type": "feature_retrieval", "feature_set": "user", "source": "cache" if hit else "database",
                   "duration_seconds": time.perf_counter() - started, "cache_hit": hit})
    events.append({"type": "feature_row", "feature_set": "user", "values": row, "timestamps": dict.fromkeys(row, computed_at)})
for start in range(0, len(events), 500):  # many a request: a body may have a megabyte
    send(events[start : start + 500])
