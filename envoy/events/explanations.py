#!/usr/bin/env python3
"""A SHAP job that tells Tidegate what each feature added to each prediction.

The model is linear, so that its SHAP values are w * (x - mean(x)), and nothing needs to be installed. For another model,
`shap.TreeExplainer(model).shap_values(rows)` gives the same table: one number a row and feature.
"""
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
weights = {"income": 0.8, "age": -0.3, "tenure": 0.05}
rows = [{name: random.gauss(0, 1) for name in weights} for _ in range(300)]
means = {name: sum(row[name] for row in rows) / len(rows) for name in weights}
events = []
for row in rows:
    attributions = {name: weights[name] * (row[name] - means[name]) for name in weights}
    events.append({"type": "explanation", "model_name": "credit", "model_version": "1", "attributions": attributions})
send(events)
