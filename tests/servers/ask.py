#!/usr/bin/env python3
"""Asks a server through its own client, `ask.py WAY HOST:PORT [SKIPPED_BATCHES]`, and prints what the client saw, as JSON."""
import json, sys, time

way, address = sys.argv[1:3]
CLASSES = ["setosa", "versicolor", "virginica"]
# The rows of each request in turn. The first fifty irises of the file are setosa, so without the first four batches
# there are none.
BATCHES = [1, 2, 7, 40, 100]


def batches():
    from sklearn.datasets import load_iris

    skipped = int(sys.argv[3]) if sys.argv[3:] else 0
    rows = load_iris(as_frame=True).data[sum(BATCHES[:skipped]) :]
    # Requests are like each other. Within one the order is the file's, by species: it says nothing.
    rows = rows.sample(frac=1, random_state=7)
    for size in BATCHES[skipped:]:
        yield rows[:size].sort_index()
        rows = rows[size:]


def ask_tensors():
    if way == "grpc":
        import tritonclient.grpc as triton
    else:
        import tritonclient.http as triton
    # MLServer answers 422 to the binary extension of REST, and KServe takes nothing else from this client.
    options = {} if way == "grpc" else {"binary_data": way == "binary"}
    client = triton.InferenceServerClient(address)
    wanted = [triton.InferRequestedOutput(name, **options) for name in ("predict", "predict_proba")]

    def ask(rows):
        table = triton.InferInput("x", list(rows.shape), "FP64")
        table.set_data_from_numpy(rows.to_numpy(), **options)
        answer = client.infer("iris", [table], outputs=wanted)
        return answer.as_numpy("predict").ravel(), answer.as_numpy("predict_proba").max(axis=1)

    return ask


def ask_invocations():
    import requests

    def ask(rows):
        body = {"dataframe_split": rows.to_dict(orient="split", index=False)}
        answer = requests.post(f"http://{address}/invocations", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()["predictions"], []

    return ask


def irises(ask):
    """What was sent, by column, and what came back."""
    requests, columns, classes, confidences = 0, {}, [], []
    started = time.monotonic()
    for rows in batches():
        numbers, sure = ask(rows)
        requests += 1
        classes.extend(CLASSES[int(number)] for number in numbers)
        confidences.extend(map(float, sure))
        for name in rows:
            columns.setdefault(name, []).extend(rows[name])
    seconds = time.monotonic() - started
    return {"requests": requests, "seconds": seconds, "columns": columns, "classes": classes, "confidences": confidences}


def chat():
    """A chat that comes whole, then the same as a stream."""
    from openai import OpenAI

    client = OpenAI(base_url=f"http://{address}/v1", api_key="none", max_retries=0)
    asked = {"model": "tiny", "messages": [{"role": "user", "content": "one two three four five"}]}
    started = time.monotonic()
    usages = [client.chat.completions.create(**asked).usage]
    streaming, arrivals = time.monotonic(), []
    for chunk in client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}):
        if chunk.choices:
            arrivals.append(time.monotonic() - streaming)
        else:
            usages.append(chunk.usage)
    return {
        "requests": len(usages),
        "seconds": time.monotonic() - started,
        "input_tokens": sum(usage.prompt_tokens for usage in usages),
        "output_tokens": sum(usage.completion_tokens for usage in usages),
        "arrivals_seconds": arrivals,
    }


if way == "openai":
    saw = chat()
elif way == "mlflow":
    saw = irises(ask_invocations())
else:
    saw = irises(ask_tensors())
print(json.dumps(saw))
