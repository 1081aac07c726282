"""Writes dependence.json beside this file: how much the rows of a series depend on each other. Our own code has no
part in them.

    /tmp/golden/bin/python generate_dependence.py

Oracle: scipy.stats.rankdata, statsmodels' autocorrelation, and every overlapping block's mean by numpy; of
categories the same of each indicator, weighed by its variance. Of batches the mean squares of statsmodels' analysis of
variance and scipy.stats.kruskal; of categories their sums, and scipy.stats.chi2 with the eigenvalues of the covariance
of their indicators.
"""

import datetime
import json
import pathlib
import platform

import numpy as np
import pandas
import scipy
import statsmodels
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.tsa.stattools import acf

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(1)


def measured(columns, block):
    """Of all columns together, by the formulas of overlapping batch means."""
    n = len(columns[0])
    variances = [column.var(ddof=1) for column in columns]
    of_blocks = 0.0
    for column in columns:
        means = np.lib.stride_tricks.sliding_window_view(column, block).mean(axis=1)
        of_blocks += n * block / ((n - block + 1) * (n - block)) * ((means - column.mean()) ** 2).sum()
    neighbours = sum(v * acf(c, nlags=1)[1] for v, c in zip(variances, columns)) / sum(variances)
    products = sum((c - c.mean())[1:] * (c - c.mean())[:-1] for c in columns)
    return {
        "inflation": of_blocks / sum(variances),
        "neighbours": float(neighbours),
        "neighbour_deviations": float(products.sum() / np.sqrt((products**2).sum())),
    }


def among(columns, batches, block):
    """Of batches of unequal sizes, all columns together."""
    n, count, sizes = len(columns[0]), len(batches), np.array(batches)
    batch = np.repeat(np.arange(count), sizes)
    tables = [anova_lm(ols("y ~ C(batch)", pandas.DataFrame({"y": c, "batch": batch})).fit()) for c in columns]
    between, within = (sum(table["mean_sq"].iloc[row] for table in tables) for row in (0, 1))
    squares = (sizes**2).sum()
    usual = (n - squares / n) / (count - 1)
    rho = (between - within) / (between + (usual - 1) * within)
    sums = np.array([[(c - c.mean())[batch == at].sum() for at in range(count)] for c in columns])
    products = (sums[:, 1:] * sums[:, :-1]).sum(axis=0)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    of_blocks = by_chance = 0.0
    for start in ends[:-1]:
        if n - start >= block:
            end = ends[ends - start >= block][0]
            of_blocks += sum((c - c.mean())[start:end].sum() ** 2 for c in columns)
            by_chance += (end - start) * (n - end + start)
    total = sum(c.var(ddof=1) for c in columns)
    return {
        "batches": batches,
        "inflation": float(n * of_blocks / (by_chance * total)),
        "neighbours": float(products.sum() / (sums**2).sum()),
        "neighbour_deviations": float(products.sum() / np.sqrt((products**2).sum())),
        "within_batches": float(rho),
        "batch_inflation": float(max(1 + (squares / n - 1) * rho, 0)),
    }


def of_batched_numbers(values, batches, block):
    split = np.split(values, np.cumsum(batches)[:-1])
    return {
        "values": values.tolist(),
        "block": block,
        **among([stats.rankdata(values)], batches, block),
        "batch_p_value": float(stats.kruskal(*split).pvalue),
    }


def of_batched_categories(codes, batches, block):
    names = np.unique(codes)
    indicators = np.array([(codes == code).astype(float) for code in names])
    split = np.split(indicators, np.cumsum(batches)[:-1], axis=1)
    mean = indicators.mean(axis=1)
    between = sum(len(part.T) * ((part.mean(axis=1) - mean) ** 2).sum() for part in split)
    total = ((indicators.T - mean) ** 2).sum()
    along = np.linalg.eigvalsh(np.atleast_2d(np.cov(indicators)))
    dimensions = along.sum() ** 2 / (along**2).sum()
    statistic = (len(codes) - 1) * dimensions * between / total
    return {
        "codes": codes.tolist(),
        "block": block,
        **among(list(indicators), batches, block),
        "batch_p_value": float(stats.chi2.sf(statistic, (len(batches) - 1) * dimensions)),
    }


def clustered(batches, share):
    common = np.repeat(random.normal(size=len(batches)), batches)
    return np.round(share**0.5 * common + (1 - share) ** 0.5 * random.normal(size=len(common)), 6)


def of_numbers(values, block):
    return {"values": values.tolist(), "block": block, **measured([stats.rankdata(values)], block)}


def of_categories(codes, block):
    indicators = [(codes == code).astype(float) for code in np.unique(codes)]
    return {"codes": codes.tolist(), "block": block, **measured(indicators, block)}


def series(share, rows):
    values = [random.normal()]
    for _ in range(rows - 1):
        values.append(share * values[-1] + (1 - share**2) ** 0.5 * random.normal())
    return np.round(np.array(values), 6)


UNEQUAL = [1, 9, 30, 2, 2, 2, 60, 5, 1, 1, 24, 8, 3, 17, 20, 11, 1, 1, 1, 4, 5, 6, 7]

golden = {
    "header": {
        "generator": "tests/golden/generate_dependence.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pandas.__version__,
        "scipy": scipy.__version__,
        "statsmodels": statsmodels.__version__,
        "seed": 1,
        "date": datetime.date.today().isoformat(),
    },
    "cases": [
        of_numbers(series(0.9, 300), 30),
        of_numbers(np.exp(5 * series(0.9, 101)), 50),
        of_numbers(np.floor(2 * series(0.6, 250)), 7),
        of_numbers(series(0.0, 200), 20),
        of_numbers(series(-0.5, 200), 1),
        of_categories(np.floor(2 * series(0.9, 300)).astype(int) + 20, 30),
        of_categories((series(0.7, 400) > 1).astype(int), 200),
        of_categories(random.integers(0, 5, 100), 10),
        of_batched_numbers(clustered([10] * 30, 0.3), [10] * 30, 30),
        of_batched_numbers(clustered(UNEQUAL, 0.5), UNEQUAL, 25),
        of_batched_numbers(np.floor(2 * clustered(UNEQUAL, 0.0)), UNEQUAL, 110),
        of_batched_numbers(clustered([30, 50], 0.0), [30, 50], 8),
        of_batched_numbers(np.sort(clustered([1, 2, 7, 40, 100], 0.0)), [1, 2, 7, 40, 100], 15),
        of_batched_categories(np.floor(1.5 * clustered([10] * 30, 0.3)).astype(int) + 9, [10] * 30, 30),
        of_batched_categories((clustered(UNEQUAL, 0.2) > 1).astype(int), UNEQUAL, 22),
    ],
}
lines = ",\n".join(json.dumps(case) for case in golden["cases"])
header = json.dumps(golden["header"])
(HERE / "dependence.json").write_text(f'{{"header": {header},\n"cases": [\n{lines}\n]}}\n')
