"""Writes sketch.json beside this file: sketches that Apache DataSketches wrote, and its reading of ours.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install datasketches==5.2.0 numpy==2.4.6 scipy==1.17.1
    /tmp/golden/bin/python generate_sketch.py

A case "python" holds bytes that Python wrote; a case "ours" holds bytes that `cargo run --example write_sketches`
printed, and what Python read from them: no answer in this file is of our own making.
"""

import base64
import datetime
import importlib.metadata
import json
import pathlib
import platform
import subprocess

import numpy as np
import scipy
from datasketches import kll_doubles_sketch

HERE = pathlib.Path(__file__).parent
SEED = 20261127
SHARES = [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999]


def kll_answers(sketch):
    answers = {
        "k": sketch.k,
        "count": sketch.n,
        "rank_error": sketch.normalized_rank_error(False) if sketch.is_estimation_mode() else 0.0,
        "share_error": sketch.normalized_rank_error(True) if sketch.is_estimation_mode() else 0.0,
    }
    if sketch.n:
        quantiles = [sketch.get_quantile(share, True) for share in SHARES]
        answers |= {
            "min": sketch.get_min_value(),
            "max": sketch.get_max_value(),
            "quantiles": quantiles,
            "ranks": [sketch.get_rank(value, True) for value in quantiles],
        }
    return answers


def kll_cases():
    rng = np.random.default_rng(SEED)

    def made(name, k, *parts):
        sketch = kll_doubles_sketch(k)
        for part in parts:
            if isinstance(part, kll_doubles_sketch):
                sketch.merge(part)
            else:
                for value in part:
                    sketch.update(float(value))
        return name, sketch

    normal = made("normal", 64, rng.normal(size=50_000))
    small = made("small k", 16, rng.normal(3, 2, size=5_000))
    return [
        made("empty", 200),
        made("one", 200, [-2.5]),
        made("two", 200, [3.0, 1.0]),
        made("exact", 100, rng.integers(0, 20, 100)),
        made("just compacted", 100, rng.exponential(size=101)),
        made("ties", 32, rng.integers(0, 5, 10_000)),
        made("huge offset", 32, 1e12 + rng.integers(0, 1000, 3_000)),
        normal,
        small,
        made("merged", 64, normal[1], small[1], [1e300]),
    ]


def case(maker, sketch, name, data, answers):
    return {"maker": maker, "sketch": sketch, "name": name, "bytes": base64.b64encode(data).decode(), "answers": answers}


def readers():
    return {"kll": (kll_doubles_sketch.deserialize, kll_answers)}


def main():
    cases = [case("python", "kll", name, s.serialize(), kll_answers(s)) for name, s in kll_cases()]
    printed = subprocess.run(
        ["cargo", "run", "--quiet", "--package", "tidegate-tests", "--example", "write_sketches"],
        check=True, capture_output=True, text=True, cwd=HERE,
    ).stdout
    for line in printed.splitlines():
        name, text = line.split("\t")
        sketch = name.split()[0]
        data = base64.b64decode(text, validate=True)
        read, answers = readers()[sketch]
        cases.append(case("ours", sketch, name, data, answers(read(data))))
    header = {
        "generator": "tests/golden/generate_sketch.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "datasketches": importlib.metadata.version("datasketches"),
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": {
            "kll": "get_quantile(share, True), get_rank(value, True), normalized_rank_error of kll_doubles_sketch",
        },
    }
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    text = f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n'
    (HERE / "sketch.json").write_text(text)
    print(f"sketch.json: {len(cases)} cases, {len(text)} bytes")


main()
