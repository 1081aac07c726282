"""Writes cbpe.json beside this file, and with --samples the samples cbpe_*.csv.

Oracles: NannyML for the estimates, scikit-learn for the isotonic curves. The error of the ROC area is asserted only
where no scores are tied: NannyML takes tied ones in the order of numpy's unstable sort, which differs between
processors. That of average precision is from a bootstrap of 4,000 samples of the reference, for NannyML's own
has 50, without a seed.

Needs `pip install nannyml==0.13.1` beside requirements.txt, and for --samples the car loan data that NannyML bundles.
"""

import datetime
import json
import os
import pathlib
import platform
import sys
import warnings

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"

import nannyml
import numpy as np
import pandas as pd
import scipy
import sklearn
from nannyml import calibration
from nannyml.calibration import IsotonicCalibrator
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression

HERE = pathlib.Path(__file__).parent
SEED = 20261127
METRICS = ["roc_auc", "f1", "average_precision", "precision", "recall", "specificity", "accuracy", "confusion_matrix",
           "business_value"]
PARTS = ["value", "sampling_error", "lower_confidence_boundary", "upper_confidence_boundary", "realized",
         "lower_threshold", "upper_threshold"]
SCALES = {"count": None, "all": "all", "actual": "true", "predicted": "pred"}


# -- samples -----------------------------------------------------------------------------------------------------------

def write_samples():
    def save(name, table):
        table.to_csv(HERE / "samples" / f"{name}.csv", index=False, lineterminator="\n")

    reference, analysis, targets = nannyml.load_synthetic_car_loan_dataset()
    analysis = analysis.merge(targets, left_on="id", right_on="id")
    for side, table, step in [("reference", reference, 20), ("current", analysis, 50)]:
        table = table.iloc[::step]
        save(f"cbpe_car_loan_{side}", pd.DataFrame({
            "y_true": table["repaid"].astype(int), "score": table["y_pred_proba"], "y_pred": table["y_pred"],
        }))

    rng = np.random.default_rng(SEED)
    for side, rows, sharpness in [("reference", 800, 2.0), ("current", 300, 1.2)]:
        while True:
            logits = rng.normal(size=(rows, 3)) * sharpness
            true = np.exp(logits - [0.0, 0.6, 1.2])
            true /= true.sum(axis=1, keepdims=True)
            label = (rng.random((rows, 1)) > np.cumsum(true, axis=1)).sum(axis=1).clip(max=2)
            # The model is too sure of itself.
            said = np.exp(1.8 * logits)
            said = np.round(said / said.sum(axis=1, keepdims=True), 7)
            if all(len(set(column)) == rows for column in said.T):
                break
        table = {"y_true": label, "y_pred": said.argmax(axis=1)} | {f"p{k}": said[:, k] for k in range(3)}
        save(f"cbpe_three_classes_{side}", pd.DataFrame(table))


def read(name):
    return pd.read_csv(HERE / "samples" / f"{name}.csv")


# -- estimates ---------------------------------------------------------------------------------------------------------

def number(value):
    return None if value is None or not np.isfinite(value) else float(value)


def run(reference, current, y_pred_proba, problem, values, reference_rows, rows, **options):
    estimator = nannyml.CBPE(
        metrics=METRICS, y_pred_proba=y_pred_proba, y_pred="y_pred", y_true="y_true", problem_type=problem,
        chunk_size=rows, business_value_matrix=np.array(values), **options)
    estimator.fit(reference)
    found = estimator.estimate(current).filter(period="analysis").to_df()
    # The thresholds hang on the reference's chunks, which are of the same size.
    assert len(reference) % rows == 0 and len(current) % rows == 0, (reference_rows, rows)
    return estimator, found


def table(found, name):
    return {part: [number(value) for value in found[name][part]] for part in PARTS}


def bootstrap_error(labels, scores, rows):
    """The deviation of average precision, as NannyML has it but from more samples, for batches of so many rows."""
    rng = np.random.default_rng(SEED + 7)
    size = len(labels) // 2
    found = []
    while len(found) < 4000:
        index = rng.integers(0, len(labels), size)
        if labels[index].any():
            found.append(metrics.average_precision_score(labels[index], scores[index]))
    return float(np.std(found) * np.sqrt(size / rows))


def binary(name, reference, current, source, values, rows):
    cells = {"true_negative": (0, 0), "false_positive": (0, 1), "false_negative": (1, 0), "true_positive": (1, 1)}
    case = {"kind": "binary", "name": name, "source": source, "rows": rows, "values": np.ravel(values).tolist()}
    for scale, option in SCALES.items():
        per = "per_prediction" if scale == "predicted" else None
        estimator, found = run(reference, current, "score", "classification_binary", values, len(reference), rows,
                               normalize_confusion_matrix=option, normalize_business_value=per)
        if scale == "count":
            case["needs_calibration"] = bool(estimator.needs_calibration)
            for metric in METRICS[:7]:
                case[metric] = table(found, metric)
            case["business_value"] = table(found, "business_value")
        if scale == "predicted":
            case["business_value_per_prediction"] = table(found, "business_value")
        case[f"cells_{scale}"] = {f"{i}{j}": table(found, cell) for cell, (i, j) in cells.items()}
    scores = reference["score"].to_numpy()
    if len(set(scores)) < len(scores):
        case["roc_auc_error_of_one_order"] = case["roc_auc"].pop("sampling_error")
        del case["roc_auc"]["lower_confidence_boundary"], case["roc_auc"]["upper_confidence_boundary"]
    for part in ("sampling_error", "lower_confidence_boundary", "upper_confidence_boundary"):
        del case["average_precision"][part]
    case["average_precision_error"] = bootstrap_error(reference["y_true"].to_numpy(), scores, rows)
    return case


def classes(name, reference, current, source, values, rows, count):
    text = lambda of: of.assign(y_true=of["y_true"].astype(str), y_pred=of["y_pred"].astype(str))
    columns = {str(k): f"p{k}" for k in range(count)}
    case = {"kind": "classes", "name": name, "source": source, "rows": rows, "classes": count,
            "values": np.ravel(values).tolist()}
    for scale, option in SCALES.items():
        per = "per_prediction" if scale == "predicted" else None
        estimator, found = run(text(reference), text(current), columns, "classification_multiclass", values,
                               len(reference), rows, normalize_confusion_matrix=option, normalize_business_value=per)
        if scale == "count":
            case["needs_calibration"] = [isinstance(estimator._calibrators[str(k)], IsotonicCalibrator)
                                         for k in range(count)]
            for metric in METRICS[:7]:
                case[metric] = table(found, metric)
            case["business_value"] = table(found, "business_value")
        if scale == "predicted":
            case["business_value_per_prediction"] = table(found, "business_value")
        case[f"cells_{scale}"] = {f"{i}{j}": table(found, f"true_{i}_pred_{j}")
                                  for i in range(count) for j in range(count)}
    for part in ("sampling_error", "lower_confidence_boundary", "upper_confidence_boundary"):
        del case["average_precision"][part]
    errors = [bootstrap_error((reference["y_true"] == k).to_numpy(), reference[f"p{k}"].to_numpy(), rows)
              for k in range(count)]
    case["average_precision_error"] = float(np.sqrt(np.mean(np.square(errors))))
    return case


def estimate_cases():
    # Value of a true negative, a false positive, a false negative, a true positive.
    two = [[0.5, -3.0], [-20.0, 7.25]]
    three = [[1.0, -2.0, -5.0], [0.0, 2.5, -1.0], [-0.25, 0.0, 10.0]]
    loan = [read(f"cbpe_car_loan_{side}") for side in ("reference", "current")]
    cancer = read("quality_breast_cancer")
    flower = [read(f"cbpe_three_classes_{side}") for side in ("reference", "current")]
    return [
        binary("car_loan", *loan, {"reference": "cbpe_car_loan_reference", "current": "cbpe_car_loan_current"}, two, 500),
        binary("breast_cancer", cancer[:180], cancer[180:270],
               {"both": "quality_breast_cancer", "reference": [0, 180], "current": [180, 270]}, two, 45),
        classes("three_classes", *flower,
                {"reference": "cbpe_three_classes_reference", "current": "cbpe_three_classes_current"}, three, 100, 3),
    ]


# -- calibration -------------------------------------------------------------------------------------------------------

def thousandths(p):
    return [round(1000 * value) for value in p]


def is_needed(labels, p):
    """NannyML's decision, or None where it hangs on the order of tied probabilities."""
    rng = np.random.default_rng(SEED + 3)
    calculate = calibration._calculate_expected_calibration_error

    def shuffled(labels, p, edges):
        order = rng.permutation(len(p))
        return calculate(np.asarray(labels)[order], np.asarray(p)[order], edges)

    decisions = {bool(calibration.needs_calibration(labels, p, IsotonicCalibrator()))}
    calibration._calculate_expected_calibration_error = shuffled
    for _ in range(30):
        decisions.add(bool(calibration.needs_calibration(labels, p, IsotonicCalibrator())))
    calibration._calculate_expected_calibration_error = calculate
    return decisions.pop() if len(decisions) == 1 else None


def need_cases():
    rng = np.random.default_rng(SEED + 1)
    cases = []
    for n in (12, 25, 40, 73, 100, 151, 260, 400):
        for power in (1.0, 1.15, 1.4, 2.5):
            for decimals in (3, 2, 1):
                true = rng.beta(1.2, 1.5, n)
                labels = rng.random(n) < true
                if not 2 <= labels.sum() <= n - 2:
                    continue
                p = np.round(true**power, decimals)
                needed = is_needed(labels.astype(int), p)
                if needed is None:
                    continue
                cases.append({"kind": "need", "name": f"{n} rows, power {power}, {decimals} decimals",
                              "labels": "".join("01"[int(label)] for label in labels),
                              "thousandths": thousandths(p), "needed": needed})
    return cases


def isotonic_cases():
    rng = np.random.default_rng(SEED + 2)
    at = [-1.0, 0.0, 0.05, 0.1, 0.333, 0.5, 0.77, 0.999, 1.0, 2.0]
    cases = []
    for name, n, decimals in [("one", 1, 3), ("two", 2, 3), ("ties", 60, 1), ("many", 300, 3)]:
        p = np.round(rng.random(n), decimals)
        labels = (rng.random(n) < p**2).astype(int)
        curve = IsotonicRegression(out_of_bounds="clip").fit(p, labels)
        cases.append({"kind": "isotonic", "name": name, "labels": "".join(map(str, labels)), "thousandths": thousandths(p),
                      "scores": curve.X_thresholds_.tolist(), "probabilities": curve.y_thresholds_.tolist(),
                      "at": at, "want": curve.predict(at).tolist()})
    return cases


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if "--samples" in sys.argv:
        write_samples()
    header = {
        "generator": "tests/golden/generate_cbpe.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "nannyml": nannyml.__version__,
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": {
            "binary, classes": "nannyml.CBPE(chunk_size=rows) fitted to the reference; each current chunk's record",
            "cells_*": "normalize_confusion_matrix None, 'all', 'true', 'pred'; a key is the actual and the predicted class",
            "average_precision_error": "4,000 samples with replacement of half of the reference",
            "need": "nannyml.calibration.needs_calibration, where 30 random orders of tied rows agree; calibrated ones are often tied",
            "isotonic": "sklearn.isotonic.IsotonicRegression(out_of_bounds='clip')",
        },
    }
    cases = estimate_cases() + need_cases() + isotonic_cases()
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    (HERE / "cbpe.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
    print(f"cbpe.json: {len(cases)} cases, {sum(case.get('needed', False) for case in cases)} need calibration")
