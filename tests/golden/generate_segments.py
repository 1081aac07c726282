"""Writes segments.json beside this file: tables cut by a column, done by hand with scipy. Our own code has no part in it.

    /tmp/golden/bin/python generate_segments.py
"""

import csv
import datetime
import json
import pathlib
import platform

import numpy as np
import scipy
from scipy import stats

HERE = pathlib.Path(__file__).parent


def table(name):
    with open(HERE / "samples" / f"{name}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for column in rows[0]:
        cells = [row[column] for row in rows]
        try:
            found[column] = np.array([float(cell) for cell in cells])
        except ValueError:
            found[column] = np.array(cells)
    return found


def segments(reference, current):
    """Names of the segments, and of each the rows of both tables."""
    if reference.dtype.kind != "f":
        names = sorted(set(reference) | set(current))
        share = lambda name: np.mean(reference == name) + np.mean(current == name)
        names.sort(key=lambda name: (-share(name), name))
        return [({"kind": "category", "name": name}, reference == name, current == name) for name in names]
    distinct = sorted(set(reference) | set(current))
    if len(distinct) <= 8:
        return [({"kind": "category", "name": f"{value:g}"}, reference == value, current == value) for value in distinct]
    ordered = np.sort(reference)
    # Ties can make two quartiles one, and nothing lies below the smallest number.
    edges = sorted({float(ordered[part * len(ordered) // 4]) for part in (1, 2, 3)} - {float(ordered[0])})
    found = []
    for low, high in zip([None, *edges], [*edges, None]):
        inside = lambda values: (values >= (-np.inf if low is None else low)) & (values < (np.inf if high is None else high))
        found.append(({"kind": "range", "from": low, "to": high}, inside(reference), inside(current)))
    return found


def column(reference, current):
    if reference.dtype.kind == "f":
        test = stats.ks_2samp(reference, current, method="auto")
        return "kolmogorov_smirnov", float(test.statistic), float(test.pvalue)
    names = sorted(set(reference) | set(current))
    counts = np.array([[np.sum(side == name) for name in names] for side in (reference, current)])
    if len(names) < 2:
        return "chi_square", 0.0, 1.0
    test = stats.chi2_contingency(counts, correction=False)
    return "chi_square", float(test.statistic), float(test.pvalue)


def comparison(name, by):
    reference, current = table(f"{name}_reference"), table(f"{name}_current")
    found, tests = [], []
    for segment, own, other in segments(reference[by], current[by]):
        columns = []
        if min(own.sum(), other.sum()) >= 30:
            for other_name in reference:
                if other_name == by:
                    continue
                method, statistic, p_value = column(reference[other_name][own], current[other_name][other])
                columns.append({"name": other_name, "method": method, "statistic": statistic, "p_value": p_value})
        tests += columns
        found.append({"segment": segment, "rows": [int(own.sum()), int(other.sum())], "columns": columns})
    for test, adjusted in zip(tests, stats.false_discovery_control([test["p_value"] for test in tests], method="bh")):
        test["p_adjusted"] = float(adjusted)
    return {"kind": "comparison", "sample": name, "by": by, "segments": found}


def evaluation(name, by, label, prediction):
    rows = table(name)
    is_regression = len(set(rows[label])) > 100
    error = np.abs(rows[label] - rows[prediction]) if is_regression else (rows[label] != rows[prediction]).astype(float)
    found = []
    for segment, own, _ in segments(rows[by], rows[by]):
        inside, outside = error[own], error[~own]
        one = {"segment": segment, "rows": int(own.sum())}
        is_judged = min(len(inside), len(outside)) >= 30
        if is_regression:
            one |= {"figure": float(np.mean(inside)), "rest": float(np.mean(outside))}
            one["p_value"] = float(stats.ttest_ind(outside, inside, equal_var=False).pvalue)
        else:
            one |= {"figure": float(1 - np.mean(inside)), "rest": float(1 - np.mean(outside))}
            counts = [[int(np.sum(side == 0)), int(np.sum(side == 1))] for side in (outside, inside)]
            one["p_value"] = float(stats.fisher_exact(counts).pvalue)
            interval = stats.binomtest(counts[1][0], len(inside)).proportion_ci(method="wilson")
            one["interval"] = [float(interval.low), float(interval.high)]
        if not is_judged:
            del one["p_value"]
        found.append(one)
    judged = [one for one in found if "p_value" in one]
    for one, adjusted in zip(judged, stats.false_discovery_control([one["p_value"] for one in judged], method="bh")):
        one["p_adjusted"] = float(adjusted)
    return {"kind": "evaluation", "sample": name, "by": by, "label": label, "prediction": prediction, "segments": found}


cases = [
    comparison("elec2", "class"),
    comparison("elec2", "period"),
    comparison("elec2", "vicprice"),
    comparison("california", "HouseAge"),
    comparison("california", "y_pred"),
    evaluation("quality_california", "score", "y_true", "y_pred"),
    evaluation("quality_digits", "y_true", "y_true", "y_pred"),
    evaluation("quality_car_price", "y_pred", "y_true", "y_pred"),
]
header = {
    "generator": "tests/golden/generate_segments.py",
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "comparison": "scipy.stats.ks_2samp(method='auto') and chi2_contingency(correction=False) of each column of each segment",
    "evaluation": "fisher_exact of right and wrong, in the segment and elsewhere; ttest_ind(equal_var=False) of absolute errors",
    "p_adjusted": "scipy.stats.false_discovery_control(method='bh') over all segments",
    "seed": "none: no value is random",
    "date": datetime.date.today().isoformat(),
}
lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
(HERE / "segments.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
print("segments.json:", len(cases), "cases")
