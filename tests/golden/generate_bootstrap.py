"""Writes bootstrap.json beside this file: bootstrap intervals of a share. Our own code has no part in them.

    /tmp/golden/bin/python generate_bootstrap.py

Oracle: the resamples of a share have a binomial distribution, of which scipy has the quantiles; so the interval
of endlessly many resamples is known. Efron's correction is worked out beside it, and checked against
scipy.stats.bootstrap(method="BCa") with 99,999 resamples.
"""

import datetime
import json
import pathlib
import platform

import numpy as np
import scipy
from scipy import stats

HERE = pathlib.Path(__file__).parent
ALPHA = 0.05


def case(hits, rows):
    share = hits / rows
    law = stats.binom(rows, share)
    percentile = law.ppf([ALPHA / 2, 1 - ALPHA / 2]) / rows
    middle = (law.cdf(hits - 1) + law.cdf(hits)) / 2
    bias = stats.norm.ppf(middle)
    values = np.repeat([1.0, 0.0], [hits, rows - hits])
    influence = values - share
    acceleration = (influence**3).sum() / (influence**2).sum() ** 1.5 / 6
    z = bias + stats.norm.ppf([ALPHA / 2, 1 - ALPHA / 2])
    corrected = law.ppf(stats.norm.cdf(bias + z / (1 - acceleration * z))) / rows
    scipys = stats.bootstrap(
        (values,), np.mean, n_resamples=99_999, method="BCa", vectorized=True, batch=1000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert np.abs(np.array(scipys) - corrected).max() <= 1.01 / rows, (scipys, corrected)
    return {
        "hits": hits,
        "rows": rows,
        "percentile": [float(end) for end in percentile],
        "corrected": [float(end) for end in corrected],
    }


golden = {
    "header": {
        "generator": "tests/golden/generate_bootstrap.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "seed": 1,
        "date": datetime.date.today().isoformat(),
    },
    "cases": [case(12, 400), case(300, 1000), case(40, 100), case(950, 1000)],
}
(HERE / "bootstrap.json").write_text(json.dumps(golden, indent=1) + "\n")
