"""Writes dependence.json beside this file: how much the rows of a series depend on each other. Our own code has no
part in them.

    /tmp/golden/bin/python generate_dependence.py

Oracle: scipy.stats.rankdata, statsmodels' autocorrelation, and every overlapping block's mean by numpy; of
categories the same of each indicator, weighed by its variance.
"""

import datetime
import json
import pathlib
import platform

import numpy as np
import scipy
import statsmodels
from scipy import stats
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
    return {"inflation": of_blocks / sum(variances), "neighbours": float(neighbours)}


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


golden = {
    "header": {
        "generator": "tests/golden/generate_dependence.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
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
    ],
}
lines = ",\n".join(json.dumps(case) for case in golden["cases"])
header = json.dumps(golden["header"])
(HERE / "dependence.json").write_text(f'{{"header": {header},\n"cases": [\n{lines}\n]}}\n')
