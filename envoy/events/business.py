#!/usr/bin/env python3
"""A shop that tells Tidegate what its ranking model is worth: one value a use of it. What happened or not, a click, is 1 or 0."""
import json, os, random, urllib.request


def send(events):
    url = os.environ.get("TIDEGATE_URL", "http://127.0.0.1:10000/.tidegate") + "/v1/events"
    headers = {"Authorization": "Bearer " + os.environ["TIDEGATE_TOKEN"]}
    request = urllib.request.Request(url, "\n".join(map(json.dumps, events)).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        receipt = json.load(response)
    for refused in receipt["refused"]:  # the others were taken
        print("event", refused["index"], "was refused:", refused["reason"])


random.seed(1)
shown = [{"clicked": random.random() < 0.3, "spent": round(random.expovariate(0.1), 2)} for _ in range(300)]
ranker = {"type": "business_metric", "model_name": "ranker", "model_version": "3"}
send([{**ranker, "name": "click_through", "value": int(visit["clicked"])} for visit in shown])
send([{**ranker, "name": "revenue", "value": visit["spent"]} for visit in shown if visit["clicked"]])
print(f"click_through will be {sum(visit['clicked'] for visit in shown) / len(shown)}")
