"""Writes quality.json beside this file, as generate.py writes its files and in the same environment.

Oracles: scikit-learn for the figures; numpy for the calibration errors, which scikit-learn has not; DeLong's variance by
its definition, over all pairs; scipy for Wilson's interval.
"""

import csv
import datetime
import json
import pathlib
import platform
import warnings

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

HERE = pathlib.Path(__file__).parent
SEED = 20261124


def rows(sample):
    with open(HERE / "samples" / f"quality_{sample}.csv", newline="") as file:
        return list(csv.DictReader(file))


def optional(value):
    return None if np.isnan(value) else float(value)


# -- two classes -------------------------------------------------------------------------------------------------------

def calibration(labels, p, chunks):
    chunks = [chunk for chunk in chunks if len(chunk)]
    gaps = np.array([abs(labels[chunk].mean() - p[chunk].mean()) for chunk in chunks])
    weights = np.array([len(chunk) for chunk in chunks]) / len(p)
    return {
        "expected": float(weights @ gaps),
        "maximum": float(gaps.max()),
        "root_mean_square": float(np.sqrt(weights @ gaps**2)),
        "counts": [len(chunk) for chunk in chunks],
        "predicted": [float(p[chunk].mean()) for chunk in chunks],
        "observed": [float(labels[chunk].mean()) for chunk in chunks],
    }


def equal_width(labels, p, bins):
    index = np.minimum(np.floor(p * bins), bins - 1)
    return calibration(labels, p, [np.flatnonzero(index == bin) for bin in range(bins)])


def equal_count(labels, p, bins):
    return calibration(labels, p, np.array_split(np.argsort(p, kind="stable"), bins))


def upper_ends(labels, p, bins, strategy):
    observed, predicted = calibration_curve(labels, p, n_bins=bins, strategy=strategy)
    return {"observed": observed.tolist(), "predicted": predicted.tolist()}


def delong(labels, scores):
    """DeLong, DeLong & Clarke-Pearson (1988), equations 3 to 5, over all pairs."""
    positives, negatives = scores[labels == 1], scores[labels == 0]
    if min(len(positives), len(negatives)) < 2:
        return None
    gap = positives[:, None] - negatives[None, :]
    psi = (gap > 0) + 0.5 * (gap == 0)
    variance = psi.mean(axis=1).var(ddof=1) / len(positives) + psi.mean(axis=0).var(ddof=1) / len(negatives)
    if variance == 0:
        return None
    reach = np.sqrt(variance) * stats.norm.isf(0.025)
    return [float(max(psi.mean() - reach, 0)), float(min(psi.mean() + reach, 1))]


def binary(name, labels, scores, inline):
    labels, scores = np.asarray(labels, int), np.asarray(scores, float)
    case = {"kind": "binary", "name": name}
    if inline:
        case |= {"labels": labels.tolist(), "scores": scores.tolist()}
    else:
        case |= {"sample": f"quality_{name}"}
    both = 0 < labels.sum() < len(labels)
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    case |= {
        "average_precision": float(metrics.average_precision_score(labels, scores)) if labels.any() else None,
        "pr_auc_trapezoidal": float(metrics.auc(recall, precision)) if labels.any() else None,
        "log_loss": float(metrics.log_loss(labels, scores, labels=[0, 1])),
        "brier": float(metrics.brier_score_loss(labels, scores, pos_label=1)),
        "equal_width_10": equal_width(labels, scores, 10),
        "equal_width_15": equal_width(labels, scores, 15),
        "equal_count_10": equal_count(labels, scores, 10),
    }
    if both:
        case |= {
            "upper_ends_10": upper_ends(labels, scores, 10, "uniform"),
            "quantiles_10": upper_ends(labels, scores, 10, "quantile"),
        }
    if both:
        fpr, tpr, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
        case |= {
            "roc_auc": float(metrics.roc_auc_score(labels, scores)),
            "gini": float(np.sign(scores[labels == 1][:, None] - scores[labels == 0]).mean()),
            "kolmogorov_smirnov": float(np.max(np.abs(tpr - fpr))),
            "roc_curve": [fpr.tolist(), tpr.tolist()] if inline else None,
            "roc_points": len(fpr),
            "delong_95": delong(labels, scores),
        }
    return case


def binary_cases():
    rng = np.random.default_rng(SEED)
    cases = [
        binary("one of each, right", [0, 1], [0.2, 0.7], True),
        binary("one of each, wrong", [1, 0], [0.2, 0.7], True),
        binary("all tied", [0, 1, 1, 0, 1], [0.5] * 5, True),
        binary("certain, and twice wrong", [0, 1, 0, 1, 1, 0], [0.0, 1.0, 1.0, 0.0, 1.0, 0.0], True),
        binary("apart", [0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.8, 0.9], True),
        binary("only positives", [1, 1, 1], [0.3, 0.6, 0.6], True),
        binary("only negatives", [0, 0, 0], [0.3, 0.6, 0.6], True),
        binary("bin edges", rng.integers(0, 2, 31), np.arange(31) / 30, True),
        binary("many ties", rng.integers(0, 2, 60), rng.integers(0, 6, 60) / 5, True),
        binary("rare positives", np.arange(80) % 40 == 3, rng.uniform(size=80), True),
    ]
    for name in ("breast_cancer", "california"):
        table = rows(name)
        cases.append(binary(name, [int(row["y_true"]) for row in table], [float(row["score"]) for row in table], False))
    return cases


# -- many classes ------------------------------------------------------------------------------------------------------

def averages(actual, predicted, average, zero_division):
    found = metrics.precision_recall_fscore_support(actual, predicted, average=average, zero_division=zero_division)
    return [optional(value) for value in found[:3]]


def classes(name, counts):
    counts = np.asarray(counts)
    cells = [(i, j) for i, row in enumerate(counts) for j, count in enumerate(row) for _ in range(count)]
    actual, predicted = np.array([i for i, _ in cells]), np.array([j for _, j in cells])
    labels = list(range(len(counts)))
    each = metrics.precision_recall_fscore_support(actual, predicted, labels=labels, zero_division=np.nan)
    f2 = metrics.fbeta_score(actual, predicted, beta=2, labels=labels, average=None, zero_division=np.nan)
    # Of the rows that are not of the class, the share that was not called so.
    specificity = [metrics.recall_score(actual != k, predicted != k, zero_division=np.nan) for k in labels]
    jaccard = metrics.jaccard_score(actual, predicted, labels=labels, average=None, zero_division=0)
    known = [k in actual or k in predicted for k in labels]
    one_class = len(set(actual)) == 1 or len(set(predicted)) == 1
    return {
        "kind": "classes",
        "name": name,
        "counts": counts.tolist(),
        "precision": [optional(value) for value in each[0]],
        "recall": [optional(value) for value in each[1]],
        "f1": [optional(value) for value in each[2]],
        "f2": [optional(value) for value in f2],
        "specificity": [optional(value) for value in specificity],
        "jaccard": [float(value) if is_known else None for value, is_known in zip(jaccard, known)],
        "support": [int(value) for value in each[3]],
        "macro_skipped": averages(actual, predicted, "macro", np.nan),
        "macro_zero": averages(actual, predicted, "macro", 0),
        "weighted_skipped": averages(actual, predicted, "weighted", np.nan),
        "weighted_zero": averages(actual, predicted, "weighted", 0),
        "micro": averages(actual, predicted, "micro", 0),
        "accuracy": float(metrics.accuracy_score(actual, predicted)),
        "balanced_accuracy": float(metrics.balanced_accuracy_score(actual, predicted)),
        "matthews_correlation": None if one_class else float(metrics.matthews_corrcoef(actual, predicted)),
        "cohen_kappa": optional(metrics.cohen_kappa_score(actual, predicted)),
    }


def class_cases():
    rng = np.random.default_rng(SEED + 1)
    table = rows("digits")
    digits = metrics.confusion_matrix([int(row["y_true"]) for row in table], [int(row["y_pred"]) for row in table])
    return [
        classes("two by two", [[50, 10], [5, 35]]),
        classes("all wrong", [[0, 7], [9, 0]]),
        classes("all of one class", [[6, 0], [0, 0]]),
        classes("all predicted the same", [[6, 0], [5, 0]]),
        classes("a class never predicted", [[4, 1, 0], [2, 7, 0], [3, 2, 0]]),
        classes("a class that never occurs", [[4, 1, 2], [2, 7, 1], [0, 0, 0]]),
        classes("a class that nobody knows", [[4, 0, 1], [0, 0, 0], [2, 0, 5]]),
        classes("at random", rng.integers(0, 30, (6, 6))),
        classes("digits", digits),
    ]


def areas(labels, p):
    labels, p = np.asarray(labels), np.asarray(p)
    indicators = labels[:, None] == np.arange(p.shape[1])
    # The oracle wants rows that sum to 1, within 1e-5 only.
    return {
        "roc_auc_one_against_rest": {
            average: float(metrics.roc_auc_score(labels, p, multi_class="ovr", average=average))
            for average in ("macro", "micro", "weighted")
        },
        "roc_auc_one_against_one": {
            average: float(metrics.roc_auc_score(labels, p, multi_class="ovo", average=average))
            for average in ("macro", "weighted")
        },
        "average_precision_one_against_rest": {
            average: float(metrics.average_precision_score(indicators, p, average=average))
            for average in ("macro", "micro", "weighted")
        },
    }


def area_cases():
    rng = np.random.default_rng(SEED + 3)
    cases = []
    for name, n, classes, steps in [("three classes, many ties", 40, 3, 8), ("five classes, unequal", 60, 5, 1024)]:
        # Multiples of a power of two, so that rows sum to 1 exactly.
        cuts = np.sort(rng.integers(0, steps + 1, (n, classes - 1)), axis=1)
        p = np.diff(cuts, axis=1, prepend=0, append=steps) / steps
        labels = np.minimum(rng.geometric(0.4, n) - 1, classes - 1)
        cases.append({"kind": "areas", "name": name, "labels": labels.tolist(), "rows": p.tolist()} | areas(labels, p))
    return cases


def probability_cases():
    table = rows("digits")
    labels = [int(row["y_true"]) for row in table]
    p = np.array([[float(row[f"p{k}"]) for k in range(10)] for row in table])
    return [{
        "kind": "probabilities",
        "name": "digits",
        "sample": "quality_digits",
        "areas": areas(labels, p),
        "log_loss": float(metrics.log_loss(labels, p, labels=range(10))),
        "brier": float(metrics.brier_score_loss(labels, p, labels=range(10), scale_by_half=False)),
        "top_1": float(metrics.top_k_accuracy_score(labels, p, k=1, labels=range(10))),
        "top_3": float(metrics.top_k_accuracy_score(labels, p, k=3, labels=range(10))),
        "roc_auc_one_against_rest": metrics.roc_auc_score(labels, p, multi_class="ovr", average=None).tolist(),
    }]


# -- numbers -----------------------------------------------------------------------------------------------------------

def regression(name, actual, predicted, inline):
    actual, predicted = np.asarray(actual, float), np.asarray(predicted, float)
    case = {"kind": "regression", "name": name}
    if inline:
        case |= {"actual": actual.tolist(), "predicted": predicted.tolist()}
    else:
        case |= {"sample": f"quality_{name}"}
    spread = len(set(actual.tolist())) > 1
    logs = min(actual.min(), predicted.min()) > -1
    return case | {
        "mean_absolute_error": float(metrics.mean_absolute_error(actual, predicted)),
        "mean_squared_error": float(metrics.mean_squared_error(actual, predicted)),
        "root_mean_squared_error": float(metrics.root_mean_squared_error(actual, predicted)),
        "mean_absolute_percentage_error": float(metrics.mean_absolute_percentage_error(actual, predicted)),
        "r_squared": float(metrics.r2_score(actual, predicted)) if spread else None,
        "explained_variance": float(metrics.explained_variance_score(actual, predicted)) if spread else None,
        "median_absolute_error": float(metrics.median_absolute_error(actual, predicted)),
        "max_error": float(metrics.max_error(actual, predicted)),
        "pinball_90": float(metrics.mean_pinball_loss(actual, predicted, alpha=0.9)),
        "mean_squared_log_error": float(metrics.mean_squared_log_error(actual, predicted)) if logs else None,
        "pinball_5": float(metrics.mean_pinball_loss(actual, predicted, alpha=0.05)),
    }


def regression_cases():
    rng = np.random.default_rng(SEED + 2)
    normal = rng.normal(size=50)
    table = rows("car_price")
    return [
        regression("one", [3.0], [5.0], True),
        regression("all right", [1.0, 2.0, 4.0], [1.0, 2.0, 4.0], True),
        regression("constant", [2.0] * 4, [1.0, 2.0, 3.0, 4.0], True),
        regression("a zero", [0.0, 1.0], [1.0, 1.0], True),
        regression("worse than the mean", [1.0, 2.0, 3.0], [3.0, 2.0, 1.0], True),
        regression("huge offset", 1e9 + np.arange(20), 1e9 + np.arange(20) + rng.integers(-3, 4, 20), True),
        regression("tiny", normal * 1e-100, (normal + 0.1 * rng.normal(size=50)) * 1e-100, True),
        regression("both signs", normal, normal + rng.normal(size=50), True),
        regression("car_price", [float(row["y_true"]) for row in table], [float(row["y_pred"]) for row in table], False),
    ]


# -- windows -----------------------------------------------------------------------------------------------------------

def window_cases():
    """Figures of the last 100 rows, after every 90th."""
    table = rows("california")
    labels = np.array([int(row["y_true"]) for row in table])
    scores = np.array([float(row["score"]) for row in table])
    called = scores >= 0.5
    prices = rows("car_price")
    actual = np.array([float(row["y_true"]) for row in prices])
    predicted = np.array([float(row["y_pred"]) for row in prices])
    ends = list(range(100, len(actual) + 1, 90))
    of = [slice(end - 100, end) for end in ends]
    each = lambda figure: [float(figure(at)) for at in of]
    return [{
        "kind": "window",
        "name": "the last 100",
        "ends": ends,
        "roc_auc": each(lambda at: metrics.roc_auc_score(labels[at], scores[at])),
        "average_precision": each(lambda at: metrics.average_precision_score(labels[at], scores[at])),
        "log_loss": each(lambda at: metrics.log_loss(labels[at], scores[at], labels=[0, 1])),
        "brier": each(lambda at: metrics.brier_score_loss(labels[at], scores[at], pos_label=1)),
        "equal_width_10": each(lambda at: equal_width(labels[at], scores[at], 10)["expected"]),
        "matthews_correlation": [
            float(metrics.matthews_corrcoef(labels[at], called[at])) if len(set(called[at])) > 1 else None for at in of
        ],
        "cohen_kappa": each(lambda at: metrics.cohen_kappa_score(labels[at], called[at])),
        "mean_absolute_error": each(lambda at: metrics.mean_absolute_error(actual[at], predicted[at])),
        "root_mean_squared_error": each(lambda at: metrics.root_mean_squared_error(actual[at], predicted[at])),
        "mean_absolute_percentage_error":
            each(lambda at: metrics.mean_absolute_percentage_error(actual[at], predicted[at])),
        "r_squared": each(lambda at: metrics.r2_score(actual[at], predicted[at])),
        "pinball_90": each(lambda at: metrics.mean_pinball_loss(actual[at], predicted[at], alpha=0.9)),
    }]


# -- shares ------------------------------------------------------------------------------------------------------------

def wilson_cases():
    cases = []
    for successes, trials in [(0, 1), (1, 1), (0, 10), (8, 10), (10, 10), (50, 100), (999, 1000), (3, 1_000_000)]:
        for alpha in (0.2, 0.05, 0.001):
            interval = stats.binomtest(successes, trials).proportion_ci(1 - alpha, method="wilson")
            cases.append({"kind": "wilson", "name": f"{successes} of {trials}", "successes": successes, "trials": trials,
                          "alpha": alpha, "want": [float(interval.low), float(interval.high)]})
    return cases


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    header = {
        "generator": "tests/golden/generate_quality.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": {
            "binary, classes, probabilities, regression": "the functions of sklearn.metrics with these names",
            "skipped, zero": "zero_division=numpy.nan, zero_division=0",
            "equal_width, equal_count": "min(floor(p * bins), bins - 1); numpy.array_split(numpy.argsort(p, kind='stable'), bins)",
            "upper_ends, quantiles": "sklearn.calibration.calibration_curve with strategy 'uniform', 'quantile'",
            "gini": "by its definition over all pairs",
            "one_against_rest, one_against_one": "roc_auc_score with multi_class 'ovr', 'ovo'; average_precision_score of indicators",
            "delong_95": "by its definition over all pairs, cut to [0, 1]; null where the variance is 0 or a class has one row",
            "wilson": "scipy.stats.binomtest(successes, trials).proportion_ci(1 - alpha, method='wilson')",
            "null": "undefined",
        },
    }
    cases = binary_cases() + class_cases() + probability_cases() + area_cases() + regression_cases() + window_cases() + wilson_cases()
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    (HERE / "quality.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
    print(f"quality.json: {len(cases)} cases")
