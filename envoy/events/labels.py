#!/usr/bin/env python3
"""A job that tells Tidegate what was predicted, and a month later what was true: by id, for predictions that pass no gateway.

Those that do pass one carry `x-tidegate-prediction`, and whoever learns the truth posts that token to `v1/feedback`.
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
truths = {f"loan-{i}": random.choice(["paid", "default"]) for i in range(200)}
predictions = {loan: truth if i % 10 else "paid" for i, (loan, truth) in enumerate(truths.items())}
send([{"type": "inference", "model_name": "loans", "model_version": "1", "prediction_id": loan, "predictions": [guess], "confidences": [0.9]}
      for loan, guess in predictions.items()])
send([{"type": "label", "prediction_id": loan, "label": truth} for loan, truth in truths.items()])
right = sum(predictions[loan] == truth for loan, truth in truths.items()) / len(truths)
print(f"model_accuracy will be {right}")
