#!/usr/bin/env python3
"""A training job that tells Tidegate of each step and epoch: a logistic regression on made-up data."""
import json, math, os, random, time, urllib.request


def send(events):
    url = os.environ.get("TIDEGATE_URL", "http://127.0.0.1:10000/.tidegate") + "/v1/events"
    headers = {"Authorization": "Bearer " + os.environ["TIDEGATE_TOKEN"]}
    request = urllib.request.Request(url, "\n".join(map(json.dumps, events)).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        receipt = json.load(response)
    for refused in receipt["refused"]:  # the others were taken
        print("event", refused["index"], "was refused:", refused["reason"])


random.seed(1)
rows = [(x, float(random.random() < 1 / (1 + math.exp(-2 * x)))) for x in (random.gauss(0, 1) for _ in range(512))]
weight, rate, step = 0.0, 0.5, 0
for epoch in range(1, 6):
    events, losses, began = [], [], time.time()
    for batch in (rows[i : i + 64] for i in range(0, len(rows), 64)):
        started = time.time()
        guesses = [1 / (1 + math.exp(-weight * x)) for x, _ in batch]
        loss = -sum(math.log(p if y else 1 - p) for p, (_, y) in zip(guesses, batch)) / len(batch)
        gradient = sum((p - y) * x for p, (x, y) in zip(guesses, batch)) / len(batch)
        weight, step = weight - rate * gradient, step + 1
        losses.append(loss)
        events.append({"type": "training_step", "job_id": "example", "step": step, "loss": loss, "grad_norm": abs(gradient),
                       "learning_rate": rate, "samples": len(batch), "duration_seconds": time.time() - started})
    send(events + [{"type": "training_epoch", "job_id": "example", "epoch": epoch, "loss": sum(losses) / len(losses),
                    "duration_seconds": time.time() - began}])
