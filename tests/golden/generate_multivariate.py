"""Writes multivariate.json beside this file, as generate.py writes its files and in the same environment.

Oracles: the kernel sums are those of scikit-learn's rbf_kernel, added by math.fsum; the median distance is numpy's over
scipy's pdist.
"""

import csv
import datetime
import json
import math
import pathlib
import platform

import numpy as np
import scipy
import sklearn
import sklearn.metrics
from scipy.spatial.distance import cdist, pdist

HERE = pathlib.Path(__file__).parent
SEED = 20261127


def table(name, columns):
    with open(HERE / "samples" / f"{name}.csv", newline="") as file:
        return np.array([[float(row[column]) for column in columns] for row in csv.DictReader(file)])


def mmd_figures(x, y, gamma):
    """rbf_kernel with the distances taken directly: its own expand the square, and lose digits by it."""
    n, m = len(x), len(y)
    total = [math.fsum(np.exp(-gamma * cdist(a, b, "sqeuclidean")).ravel()) for a, b in ((x, x), (y, y), (x, y))]
    expanded = sklearn.metrics.pairwise.rbf_kernel(x, y, gamma=gamma).sum()
    assert abs(expanded / total[2] - 1) < 1e-9 or np.abs(x).max() > 1e6
    return {
        "gamma": gamma,
        "sums": total,
        "biased": math.fsum([total[0] / n**2, total[1] / m**2, -2 * total[2] / (n * m)]),
        "unbiased": math.fsum([(total[0] - n) / (n * (n - 1)), (total[1] - m) / (m * (m - 1)), -2 * total[2] / (n * m)]),
    }


def mmd(name, x, y, where):
    pooled = np.vstack([x, y])
    sigma = float(np.median(pdist(pooled)))
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, np.where(pooled.std(axis=0) > 0, pooled.std(axis=0), 1))
    sx, sy = (x - mean) / scale, (y - mean) / scale
    standard_sigma = float(np.median(pdist(np.vstack([sx, sy]))))
    return {
        "kind": "mmd", "name": name, **where,
        "median": mmd_figures(x, y, 1 / (2 * sigma**2)),
        "one_over_columns": mmd_figures(x, y, 1 / x.shape[1]),
        "standardized": mmd_figures(sx, sy, 1 / (2 * standard_sigma**2)),
    }


SAMPLES = {
    "california": ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"],
    "breast_cancer": None,
    "elec2": ["nswprice", "nswdemand", "vicdemand", "transfer"],
}


def samples():
    for name, columns in SAMPLES.items():
        if columns is None:
            with open(HERE / "samples" / f"{name}_reference.csv", newline="") as file:
                columns = next(csv.reader(file))
        yield name, columns, table(f"{name}_reference", columns), table(f"{name}_current", columns)


def mmd_cases():
    rng = np.random.default_rng(SEED)
    cases = [
        mmd(name, x, y, {"sample": name, "columns": columns}) for name, columns, x, y in samples()
    ]
    inline = {
        "two and two": (np.array([[0.0], [1.0]]), np.array([[2.0], [4.0]])),
        "three columns, unequal sizes": (rng.normal(size=(11, 3)), rng.normal(size=(23, 3)) + [0.5, 0, 0]),
        "an offset of 1e9": (1e9 + rng.integers(0, 9, size=(9, 2)), 1e9 + rng.integers(2, 12, size=(8, 2))),
        "ties": (rng.integers(0, 3, size=(30, 1)) * 1.0, rng.integers(0, 4, size=(20, 1)) * 1.0),
    }
    for name, (x, y) in inline.items():
        flat = {"width": x.shape[1], "reference": x.ravel().tolist(), "current": y.ravel().tolist()}
        cases.append(mmd(name, x, y, flat))
    return cases


if __name__ == "__main__":
    header = {
        "generator": "tests/golden/generate_multivariate.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": {
            "sums": "math.fsum(exp(-gamma * cdist(x, y, 'sqeuclidean'))), checked against rbf_kernel(x, y, gamma)",
            "median": "gamma = 1 / (2 * numpy.median(pdist(both))**2)",
            "standardized": "the same, columns first standardised by the reference's mean and std(ddof=0)",
        },
    }
    cases = mmd_cases()
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    (HERE / "multivariate.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
    print(f"multivariate.json: {len(cases)} cases")
