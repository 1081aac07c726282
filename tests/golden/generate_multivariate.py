"""Writes multivariate.json beside this file, as generate.py writes its files and in the same environment.

Oracles: the kernel sums are those of scikit-learn's rbf_kernel, added by math.fsum; the median distance is numpy's over
scipy's pdist. Reconstruction errors are those of its StandardScaler and PCA, compared by random splits beside
scipy's permutation_test, and by its ttest_ind; the
classifier is its Ridge, its area roc_auc_score's.
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
from scipy import stats
from scipy.spatial.distance import cdist, pdist
from sklearn import metrics
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent
SEED = 20261127


def table(name, columns):
    with open(HERE / "samples" / f"{name}.csv", newline="") as file:
        return np.array([[float(row[column]) for column in columns] for row in csv.DictReader(file)])


def mmd_figures(x, y, gamma):
    """rbf_kernel with the distances taken directly: its own expand the square, and lose digits by it."""
    n, m = len(x), len(y)
    total = [math.fsum(np.exp(-gamma * cdist(a, b, "sqeuclidean")).ravel()) for a, b in ((x, x), (y, y), (x, y))]
    expanded = metrics.pairwise.rbf_kernel(x, y, gamma=gamma).sum()
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
    # Moved to the first row first, which is exact for an offset: a mean of 1e12 is rounded by more than is compared.
    ox, oy, both = x - x[0], y - x[0], pooled - x[0]
    mean, scale = ox.mean(axis=0), ox.std(axis=0)
    scale = np.where(scale > 0, scale, np.where(both.std(axis=0) > 0, both.std(axis=0), 1))
    sx, sy = (ox - mean) / scale, (oy - mean) / scale
    standard_sigma = float(np.median(pdist(np.vstack([sx, sy]))))
    scale = np.where(both.std(axis=0) > 0, both.std(axis=0), 1)
    tx, ty = ((of - both.mean(axis=0)) / scale for of in (ox, oy))
    together_sigma = float(np.median(pdist(np.vstack([tx, ty]))))
    return {
        "kind": "mmd", "name": name, **where,
        "median": mmd_figures(x, y, 1 / (2 * sigma**2)),
        "one_over_columns": mmd_figures(x, y, 1 / x.shape[1]),
        "standardized": mmd_figures(sx, sy, 1 / (2 * standard_sigma**2)),
        "standardized_together": mmd_figures(tx, ty, 1 / (2 * together_sigma**2)),
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
    offset = 1e12 + rng.integers(0, 40, size=(17, 2)) / 8
    inline["an offset of 1e12"] = (offset[:9], offset[9:] + [0.5, 0.0])
    for name, (x, y) in inline.items():
        flat = {"width": x.shape[1], "reference": x.ravel().tolist(), "current": y.ravel().tolist()}
        cases.append(mmd(name, x, y, flat))
    return cases


class SplitMix:
    """The stream that folds follow from, so that both sides divide rows alike."""

    def __init__(self, seed):
        self.state = seed

    def bits(self):
        mask = 2**64 - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        bits = self.state
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 & mask
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB & mask
        return bits ^ (bits >> 31)

    def pick(self, items, count):
        for index in range(count):
            other = index + (self.bits() * (len(items) - index) >> 64)
            items[index], items[other] = items[other], items[index]

    def order(self, count):
        items = list(range(count))
        self.pick(items, count)
        return items


def reconstruct(x, components):
    """The scaler and the components of x, as NannyML's, and a function of rows that gives their errors."""
    scaler = StandardScaler().fit(x)
    pca = PCA(n_components=components, svd_solver="full").fit(scaler.transform(x))

    def errors(rows):
        scaled = scaler.transform(rows)
        return np.linalg.norm(scaled - pca.inverse_transform(pca.transform(scaled)), axis=1)

    return pca, errors


def where(name, columns, x, y):
    """A table of the samples, or the rows themselves."""
    if columns is None:
        return {"reference": x.ravel().tolist(), "current": y.ravel().tolist(), "width": x.shape[1]}
    return {"sample": name, "columns": columns}


def by_splits(own, current, far_out):
    """The chance of means as far apart by 199 random splits, the same on both sides; scipy's test has others."""
    items, random = sorted(own) + sorted(current), SplitMix(0)
    n, smaller = len(items), min(len(own), len(current))
    as_far = 0
    for _ in range(199):
        random.pick(items, smaller)
        apart = abs(np.mean(items[:smaller]) - np.mean(items[smaller:]))
        as_far += apart >= abs(own.mean() - current.mean()) * (1 - 1e-12)
    p_value = (1 + as_far) / 200
    means_apart = lambda a, b, axis: abs(a.mean(axis=axis) - b.mean(axis=axis))
    by_scipy = stats.permutation_test((own, current), means_apart, n_resamples=9999, alternative="greater", rng=1)
    # Within four deviations of 199 splits.
    assert abs(by_scipy.pvalue - p_value) <= 1 / 200 + 4 * np.sqrt(by_scipy.pvalue / 199), (p_value, by_scipy.pvalue)
    return p_value if as_far else min(p_value, far_out)


def pca_case(name, columns, x, y):
    pca, errors = reconstruct(x, 0.65)
    order = SplitMix(0).order(len(x))
    half = len(x) // 2
    halves = reconstruct(x[order[:half]], int(pca.n_components_))[1]
    own, current = halves(x[order[half:]]), halves(y)
    welch = stats.ttest_ind(own, current, equal_var=False)
    n, m = len(own), len(y)
    pooled = np.sqrt(((n - 1) * own.var(ddof=1) + (m - 1) * current.var(ddof=1)) / (n + m - 2))
    reach = stats.t.isf(0.025, n - 1) * own.std(ddof=1) * np.sqrt(1 / n + 1 / m)
    return {
        "kind": "pca", "name": name, **where(name, columns, x, y),
        "components": int(pca.n_components_), "explained": float(pca.explained_variance_ratio_.sum()),
        "first_errors": errors(y)[:5].tolist(), "mean_error": float(errors(y).mean()),
        "reference_error": float(own.mean()), "current_error": float(current.mean()),
        "p_value": float(by_splits(own, current, welch.pvalue)), "effect": float(abs(own.mean() - current.mean()) / pooled),
        "expected": [float(max(own.mean() - reach, 0)), float(own.mean() + reach)],
    }


def wide_cases():
    """Fewer rows than columns, with long tails."""
    rng = np.random.default_rng(SEED)
    for rows, others, width in [(12, 9, 30), (30, 12, 40), (20, 60, 21)]:
        x, y = (np.round(np.exp(rng.normal(size=(count, width))), 4) for count in (rows, others))
        yield pca_case(f"{rows} and {others} of {width}", None, x, y)
    x, y = (np.round(np.exp(rng.normal(size=(count, 12))), 4) for count in (14, 11))
    yield classifier_case("14 and 11 of 12", None, x, y * np.linspace(0.5, 2, 12))


def classifier_case(name, columns, x, y):
    given = where(name, columns, x, y)
    random = SplitMix(0)
    x, y = x[random.order(len(x))], y[random.order(len(y))]
    folds = np.concatenate([np.arange(len(x)) % 5, np.arange(len(y)) % 5])
    pooled = np.vstack([x, y])
    labels = np.repeat([0, 1], [len(x), len(y)])
    ranks = np.sqrt(3) * (2 * (stats.rankdata(pooled, axis=0) - 0.5) / len(pooled) - 1)
    width = ranks.shape[1]
    products = [ranks[:, one] * ranks[:, other] for one in range(width) for other in range(one)]
    features = np.column_stack([ranks, ranks**2, *products])
    areas = []
    for fold in range(5):
        ridge = Ridge(alpha=features.shape[1], solver="cholesky").fit(features[folds != fold], labels[folds != fold])
        areas.append(metrics.roc_auc_score(labels[folds == fold], ridge.predict(features[folds == fold])))
    weights = Ridge(alpha=features.shape[1], solver="cholesky").fit(features, labels).coef_
    parts = weights * (features[labels == 1].mean(axis=0) - features[labels == 0].mean(axis=0))
    importances = parts[:width] + parts[width:2 * width]
    pairs = [(one, other) for one in range(width) for other in range(one)]
    for (one, other), part in zip(pairs, parts[2 * width:]):
        importances[one] += part / 2
        importances[other] += part / 2
    importances = np.maximum(importances, 0)
    return {
        "kind": "domain_classifier", "name": name, **given,
        "area": float(np.mean(areas)), "importances": (importances / importances.sum()).tolist(),
    }


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
            "standardized_together": "the same, by those of both samples together",
            "pca": "StandardScaler, PCA(0.65), inverse_transform; the test by components of one half, by 199 splits",
            "domain_classifier": "Ridge(alpha=features) on ranks, squares and products; mean roc_auc_score of five folds",
        },
    }
    cases = mmd_cases()
    cases += [pca_case(*sample) for sample in samples()]
    cases += wide_cases()
    cases += [classifier_case(*sample) for sample in samples()]
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    (HERE / "multivariate.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
    print(f"multivariate.json: {len(cases)} cases")
