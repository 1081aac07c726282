"""Usage: python explain.py PROGRAM, where PROGRAM is the benchmark `explain` of tidegate-core, built.

TreeSHAP on one core: a model of 100 trees by XGBoost and one by LightGBM, 8000 rows of 8 features.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

warnings.simplefilter("ignore")

import lightgbm
import numpy
import shap
import xgboost

ROWS, FEATURES, BACKGROUND, ROUNDS = 8000, 8, 100, 3


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def train(folder):
    rng = numpy.random.default_rng(1)
    x = rng.normal(size=(ROWS, FEATURES)).astype(numpy.float32).astype(float)
    margin = x[:, 0] * x[:, 1] + numpy.sin(3 * x[:, 2]) + numpy.maximum(x[:, 3], x[:, 4]) + 0.5 * x[:, 5:] @ rng.normal(size=3)
    y = (margin + rng.normal(size=ROWS) > 0).astype(int)
    numpy.savetxt(folder / "rows.csv", x, fmt="%.17g", delimiter=",")
    boosted = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 6, "nthread": 1, "seed": 1}, xgboost.DMatrix(x, y, nthread=1), 100)
    boosted.save_model(folder / "xgboost.json")
    light = lightgbm.train(
        {"objective": "binary", "num_leaves": 31, "num_threads": 1, "seed": 1, "verbosity": -1}, lightgbm.Dataset(x, y), 100)
    light.save_model(folder / "lightgbm.txt")
    return x, {"xgboost.json": boosted, "lightgbm.txt": light}


def own(program, folder, model, background):
    arguments = [program, folder / model, folder / "rows.csv", str(FEATURES), str(background)]
    found = json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)
    return found["seconds"], numpy.array(found["first"])


def compare(name, contenders):
    """Contenders take turns, so that a slow moment of the machine falls on all."""
    seconds = {contender: [] for contender in contenders}
    for _ in range(ROUNDS):
        for contender, run in contenders.items():
            seconds[contender].append(run())
    medians = {contender: statistics.median(values) for contender, values in seconds.items()}
    for contender, median in medians.items():
        print(f"{name:30} {contender:28} {median:8.3f} s   {median / medians['tidegate']:6.2f} of tidegate", flush=True)
    compiled = next(median for contender, median in medians.items() if contender.startswith("shap's C++"))
    verdict = "met" if compiled >= 1.5 * medians["tidegate"] else "missed"
    print(f"{name:30} shap's C++ by tidegate: {compiled / medians['tidegate']:.2f} (1.5 at least: {verdict})", flush=True)


def main(program):
    print(f"{ROWS} rows of {FEATURES} features, 100 trees, one core; "
          f"shap {shap.__version__}, xgboost {xgboost.__version__}, lightgbm {lightgbm.__version__}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        x, models = train(folder)
        for model, booster in models.items():
            explainer = shap.TreeExplainer(booster)
            # The same numbers, or the times mean nothing.
            _, first = own(program, folder, model, 0)
            numpy.testing.assert_allclose(first, explainer.shap_values(x[:1])[0], rtol=1e-4, atol=1e-5)
            if model == "xgboost.json":
                matrix = xgboost.DMatrix(x, nthread=1)
                native = lambda: booster.predict(matrix, pred_contribs=True)
            else:
                native = lambda: booster.predict(x, pred_contrib=True, num_threads=1)
            # shap's own C++, where its TreeExplainer would call the library's.
            compiled = shap.TreeExplainer(booster)
            compiled.model.model_type = "internal"
            typed = x.astype(compiled.model.input_dtype)
            compare(f"{model}, path-dependent", {
                "tidegate": lambda: own(program, folder, model, 0)[0],
                "the library": lambda: timed(native),
                "shap.TreeExplainer": lambda: timed(lambda: explainer.shap_values(x)),
                "shap's C++": lambda: timed(lambda: compiled.shap_values(typed, check_additivity=False)),
            })
            some = 200
            against = shap.TreeExplainer(booster, x[:BACKGROUND], feature_perturbation="interventional")
            _, first = own(program, folder, model, BACKGROUND)
            numpy.testing.assert_allclose(first, against.shap_values(x[:1])[0], rtol=1e-4, atol=1e-5)
            compare(f"{model}, against {BACKGROUND} rows", {
                "tidegate": lambda: own(program, folder, model, BACKGROUND)[0],
                f"shap's C++ (times {ROWS // some})": lambda: ROWS // some * timed(
                    lambda: against.shap_values(x[:some], check_additivity=False)),
            })


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python explain.py PROGRAM")
    main(sys.argv[1])
