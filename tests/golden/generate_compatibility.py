"""Writes compatibility.json beside this file: what other tools print. Our own code has no part in it.

The tools do not live in one environment, so each writes its part, and the last call puts the parts together:

    python3 -m venv /tmp/one && /tmp/one/bin/pip install evidently==0.7.23 nannyml==0.13.1 'pandas<3'
    python3 -m venv /tmp/two && /tmp/two/bin/pip install deepchecks==0.19.1 frouros==0.9.0 whylogs==1.6.4 'setuptools<80' 'numpy<2' 'pandas<2.3' 'scikit-learn<1.6' 'category-encoders<2.7'
    /tmp/one/bin/python generate_compatibility.py evidently nannyml
    /tmp/two/bin/python generate_compatibility.py deepchecks frouros whylogs tfdv
    /tmp/golden/bin/python generate_compatibility.py

Oracles: the tools themselves, and for TensorFlow Data Validation, whose comparators cannot be called from Python without a
schema and a sketch, its formula in numpy. Where a tool stops with an error, or has no finite number, the value is null.
"""

import csv
import datetime
import json
import math
import pathlib
import platform
import sys
import warnings

import numpy as np
import scipy

HERE = pathlib.Path(__file__).parent
PARTS = pathlib.Path("/tmp/compatibility")
warnings.simplefilter("ignore")


def column(table, side, name):
    with open(HERE / "samples" / f"{table}_{side}.csv", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def lattice(count, multiplier, modulus, power, offset):
    """Values that any language makes the same: whole numbers, exactly."""
    return [float((i * multiplier % modulus) ** power + offset) for i in range(count)]


SAMPLES = {
    "elec2": ["period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"],
    "california": [
        "MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude", "y_pred_proba",
    ],
    "breast_cancer": [
        "mean radius", "mean smoothness", "mean fractal dimension", "smoothness error", "symmetry error", "worst texture",
    ],
}

# Reference, current: count, multiplier, modulus, power, offset.
LATTICES = {
    "a reference of 12000 rows": ([12_000, 7919, 10_007, 1, 0], [900, 7919, 10_007, 1, 250]),
    "a reference of 12000 rows, skewed": ([12_000, 7919, 10_007, 2, 0], [1100, 104_729, 9001, 2, 5_000_000]),
    "a reference of 12000 rows, values beyond both ends": ([12_000, 7919, 10_007, 1, 0], [700, 31, 13_001, 1, -1500]),
    "twelve levels": ([240, 5, 12, 1, 0], [180, 7, 11, 1, 0]),
    "twenty levels": ([400, 7, 20, 1, 0], [300, 11, 23, 1, 0]),
    "twenty-one levels": ([420, 8, 21, 1, 0], [300, 11, 23, 1, 0]),
    "four levels": ([200, 3, 4, 1, 0], [150, 2, 5, 1, 0]),
    "two levels": ([200, 1, 2, 1, 0], [150, 1, 2, 2, 0]),
    "fourteen rows without ties": ([8, 5, 97, 1, 0], [6, 31, 89, 1, 40]),
    "fourteen rows, fallen": ([8, 5, 97, 1, 40], [6, 31, 89, 1, 0]),
    "twenty rows": ([20, 17, 101, 1, 0], [18, 29, 103, 1, 9]),
    "sixteen rows with ties": ([16, 3, 5, 1, 0], [14, 2, 7, 1, 1]),
    "eighteen rows on few levels": ([18, 2, 3, 1, 0], [12, 3, 4, 1, 1]),
    "far apart": ([300, 17, 101, 1, 0], [200, 29, 103, 1, 1000]),
    "an offset of a thousand": ([400, 17, 101, 1, 1000], [300, 29, 103, 1, 1009]),
}

COUNTS = {
    "an even split that moved": ([500, 500], [600, 400]),
    "an even split that moved, sizes apart": ([500, 500], [60, 40]),
    "two categories, one of them new": ([400, 0], [390, 10]),
    "a new category of one in a hundred": ([300, 300, 400, 0], [290, 300, 400, 10]),
    "a new category of five in a hundred": ([3000, 3000, 4000, 0], [280, 290, 380, 50]),
    "two new categories": ([300, 700, 0, 0], [200, 600, 100, 100]),
    "a category that went": ([250, 250, 500], [0, 400, 600]),
    "rare categories": ([1000, 5, 4, 3, 2, 1], [900, 9, 0, 8, 1, 20]),
    "rare categories of a small sample": ([50, 30, 20, 1, 1], [9, 5, 4, 2, 1]),
    "few rows": ([4, 3], [2, 5]),
    "equal": ([10, 20, 30], [10, 20, 30]),
    "a large sample": ([1_000_000, 2_000_000, 50_000, 300], [98_000, 203_000, 5_100, 41]),
    "ten categories": (list(range(10, 110, 10)), list(range(100, 0, -10))),
    "one category": ([40], [30]),
}


def cases():
    for table, names in SAMPLES.items():
        for name in names:
            own, other = (np.array([float(v) for v in column(table, side, name)]) for side in ("reference", "current"))
            yield {"name": f"{table}, {name}", "sample": table, "column": name}, own, other
    for name, (own, other) in LATTICES.items():
        yield {"name": name, "lattice": {"reference": own, "current": other}}, *(np.array(lattice(*s)) for s in (own, other))
    for name, (own, other) in COUNTS.items():
        yield {"name": name, "counts": {"reference": own, "current": other}}, own, other


def rows(counts):
    """Categories by name, in an order that is theirs."""
    return [f"c{index:02}" for index, count in enumerate(counts) for _ in range(count)]


def number(value):
    value = float(value)
    return value if math.isfinite(value) else None


def evidently(own, other, numeric):
    import pandas as pd
    from evidently.legacy.calculations.stattests import get_stattest
    from evidently.legacy.core import ColumnType

    methods = ["psi", "jensenshannon", "kl_div", "hellinger"]
    methods += ["wasserstein", "ks", "cramer_von_mises", "anderson", "ed", "mannw", "t_test", "es"] if numeric else []
    categories = not numeric or len(set(own) | set(other)) <= 5
    methods += ["chisquare", "g_test"] if categories else []
    methods += ["z", "fisher_exact"] if categories and len(set(own) | set(other)) <= 2 else []
    kind = ColumnType.Numerical if numeric else ColumnType.Categorical
    found = []
    for method in methods:
        # Its tests change what they are given.
        own_series, other_series = pd.Series(own), pd.Series(other)
        as_kind = ColumnType.Categorical if method in ("chisquare", "g_test", "z", "fisher_exact") else kind
        test = get_stattest(own_series, other_series, as_kind, method)
        try:
            result = test(own_series, other_series, as_kind, None)
            score = {"value": number(result.drift_score), "drift": bool(result.drifted), "threshold": result.actual_threshold}
        except (ValueError, ZeroDivisionError, IndexError, TypeError):
            score = {"value": None}
        # Exact for few rows, but in whatever small type numpy finds for the counts: often single precision.
        exact = {"exact": True} if method == "cramer_von_mises" and max(len(own), len(other)) <= 20 else {}
        if exact and score["value"] is None:
            continue
        found.append({"method": method, **exact, **score})
    chosen = get_stattest(pd.Series(own), pd.Series(other), kind, None)
    found.append({"method": "by its own choice", "chosen": chosen.name})
    return found


def nannyml(own, other, numeric):
    import pandas as pd
    from nannyml.drift.univariate.methods import FeatureType, MethodFactory
    from nannyml.chunk import DefaultChunker
    from nannyml.thresholds import ConstantThreshold

    kind = FeatureType.CONTINUOUS if numeric else FeatureType.CATEGORICAL
    methods = ["jensen_shannon", "hellinger"]
    methods += ["kolmogorov_smirnov", "wasserstein"] if numeric else ["chi2", "l_infinity"]
    found = []
    for key in methods:
        method = MethodFactory.create(
            key=key, feature_type=kind, chunker=DefaultChunker(), threshold=ConstantThreshold(lower=None, upper=1.0)
        )
        method._fit(pd.Series(own), None)
        score = {"method": key, "value": number(method._calculate(pd.Series(other)))}
        if key == "chi2":
            score["drift"] = bool(method.alert(score["value"]))
        found.append(score)
    return found


def deepchecks(own, other, numeric):
    import pandas as pd
    from deepchecks.utils.distribution.drift import calc_drift_and_plot

    found = []
    for method in ["KS", "EMD"] if numeric else ["cramers_v", "PSI"]:
        score, _, _ = calc_drift_and_plot(
            pd.Series(own), pd.Series(other), "column", "numerical" if numeric else "categorical",
            numerical_drift_method=method, categorical_drift_method=method, with_display=False,
        )
        value = None if score == "not_enough_samples" else number(score)
        found.append({"method": method, "value": value})
    return found


def frouros(own, other, numeric):
    if not numeric:
        return []
    from frouros.detectors.data_drift import PSI

    detector = PSI()
    detector.fit(X=own)
    return [{"method": "PSI", "value": number(detector.compare(X=other)[0].distance)}]


def whylogs(own, other, numeric):
    import pandas as pd
    import whylogs as why
    from whylogs.viz.drift.column_drift_algorithms import ChiSquare, Hellinger

    if max(len(own), len(other)) > 1000:
        return []  # Its sketches would no longer be exact.
    views = [why.log(pd.DataFrame({"column": side})).view().get_column("column") for side in (own, other)]
    algorithm = Hellinger() if numeric else ChiSquare()
    score = algorithm.calculate(target_column_view=views[1], reference_column_view=views[0], with_thresholds=True)
    if numeric:
        return [{"method": "hellinger", "value": number(score.statistic), "drift": score.drift_category == "DRIFT"}]
    return [{"method": "chi-square", "value": number(score.pvalue), "drift": score.drift_category == "DRIFT"}]


def tfdv(own, other, numeric):
    """Its metrics.cc: exact counts in ten bins of each sample, spread evenly over the edges of both; points by themselves."""

    def divergence(p, q):
        p, q = np.array(p) / np.sum(p), np.array(q) / np.sum(q)
        middle = (p + q) / 2
        bits = lambda a: float(np.sum(a[a > 0] * np.log2(a[a > 0] / middle[a > 0])))
        return min((bits(p) + bits(q)) / 2, 1.0)

    if not numeric:
        p, q = np.array(own) / sum(own), np.array(other) / sum(other)
        return [
            {"method": "jensen_shannon_divergence", "value": divergence(own, other)},
            {"method": "infinity_norm", "value": float(np.max(np.abs(p - q)))},
        ]
    sides = []
    for values in (own, other):
        if values.min() == values.max():
            sides.append(("point", values[0], len(values)))
        else:
            counts, edges = np.histogram(values, bins=np.linspace(values.min(), values.max(), 11))
            sides.append(("bins", edges, counts))
    edges = np.unique(np.concatenate([side[1] for side in sides if side[0] == "bins"] or [np.array([])]))
    points = sorted({side[1] for side in sides if side[0] == "point"})
    spread = []
    for kind, where, counts in sides:
        mass = []
        for low, high in zip(edges[:-1], edges[1:]):
            total = 0.0
            if kind == "bins":
                for lower, upper, count in zip(where[:-1], where[1:], counts):
                    if lower <= low and high <= upper:
                        total += (high - low) / (upper - lower) * count
            mass.append(total)
        mass += [float(counts) if kind == "point" and where == point else 0.0 for point in points]
        spread.append(mass)
    return [{"method": "jensen_shannon_divergence", "value": divergence(*spread)}]


PEERS = {function.__name__: function for function in (evidently, nannyml, deepchecks, frouros, whylogs, tfdv)}


def write_part(peer):
    found = []
    for case, own, other in cases():
        numeric = "counts" not in case
        takes_rows = not numeric and peer != "tfdv"
        if takes_rows and sum(own) > 10_000:
            found.append(None)  # Millions of rows for a handful of counts.
            continue
        if takes_rows:
            own, other = np.array(rows(own)), np.array(rows(other))
        found.append(PEERS[peer](own, other, numeric))
    PARTS.mkdir(exist_ok=True)
    (PARTS / f"{peer}.json").write_text(json.dumps(found))
    print(peer, len(found))


def join():
    merged = []
    parts = {peer: json.loads((PARTS / f"{peer}.json").read_text()) for peer in PEERS}
    for index, (case, _, _) in enumerate(cases()):
        case["peers"] = {peer: part[index] for peer, part in parts.items() if part[index]}
        merged.append(case)
    header = {
        "generator": "tests/golden/generate_compatibility.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "peers": "evidently 0.7.23, nannyml 0.13.1, deepchecks 0.19.1, frouros 0.9.0, whylogs 1.6.4; tfdv: the formula of 1.17",
        "seed": "none: no value is random",
        "date": datetime.date.today().isoformat(),
    }
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in merged)
    (HERE / "compatibility.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
    print("compatibility.json:", len(merged), "cases")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write_part(name)
    if len(sys.argv) == 1:
        join()
