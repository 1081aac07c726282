"""Writes decisions.json beside this file: tests and bounds of a decision. Our own code has no part in them.

    /tmp/golden/bin/python generate_decisions.py

Oracles: the definitions in mpmath with 60 digits, checked against scipy where it has the same.
"""

import datetime
import json
import math
import pathlib
import platform

import mpmath
import numpy as np
import scipy
from scipy import stats

HERE = pathlib.Path(__file__).parent
mpmath.mp.dps = 60
M = mpmath.mpf


def chi_square_tail(x, df):
    return mpmath.gammainc(M(df) / 2, x / 2, regularized=True)


def on_quantiles(reference, current):
    n, m = sum(reference), sum(current)
    weight = max(M(n) / (n + m), M(1) / 3)
    statistic, phi_squared = M(0), M(0)
    for a, b in zip(reference, current):
        p, q = M(a) / n, M(b) / m
        statistic += (p - q) ** 2 / (weight * p + (1 - weight) * q)
        phi_squared += (p - q) ** 2 / (p + q) / 2
    statistic /= M(1) / n + M(1) / m
    df = len(reference) - 1
    if m <= 2 * n:
        scipys = stats.chi2_contingency([reference, current], correction=False).statistic
        assert math.isclose(scipys, statistic, rel_tol=1e-9, abs_tol=1e-12)
    # Bergsma's correction, for 4 / (1/n + 1/m) rows.
    size = 4 / (M(1) / n + M(1) / m)
    excess = max(phi_squared - df / (size - 1), M(0))
    bound = min(2 - 1 / (size - 1), df + 1 - df**2 / (size - 1)) - 1
    return {
        "function": "on_quantiles",
        "reference": reference,
        "current": current,
        "statistic": float(statistic),
        "p_value": float(chi_square_tail(statistic, df)),
        "cramers_v": float(mpmath.sqrt(excess / bound)),
    }


def new_share(level, renewed):
    """1.2 times the integral of the budget's docs, at most 1."""
    z = mpmath.sqrt(2) * mpmath.erfinv(1 - M(level))
    if renewed >= 1:
        return M(1)
    correlation = 1 - M(renewed)
    deviation = mpmath.sqrt(1 - correlation**2)
    density = lambda x: mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)
    below = lambda x: mpmath.erfc(-(z - correlation * x) / deviation / mpmath.sqrt(2)) / 2
    ends = [z, z + deviation / 2, z + deviation, z + 2 * deviation, z + 4 * deviation, z + 1, z + 3, z + 12]
    share = mpmath.quad(lambda x: density(x) * below(x), sorted(ends)) / (M(level) / 2)
    return min(M(6) / 5 * share, M(1))


def budget(count, days, window_seconds, look_seconds, families):
    mpmath.mp.dps = 30
    looks = M(86400) / M(look_seconds)
    renewed = min(M(look_seconds) / M(window_seconds), M(1))
    independent = M(count) / M(days) / looks / families
    level = independent
    for _ in range(200):
        following = independent / new_share(level, renewed)
        if abs(following / level - 1) < M(10) ** -14:
            break
        level = following
    share = new_share(level, renewed)
    mpmath.mp.dps = 60
    return {
        "function": "budget",
        "count": count, "days": days,
        "window_seconds": window_seconds, "look_seconds": look_seconds, "families": families,
        "level": float(level),
        "effective_looks_a_day": float(looks * share),
        "run_length": days / count * families * 1440.0,
    }


def cases():
    yield budget(1.0, 30.0, 3600.0, 60.0, 1)
    yield budget(1.0, 30.0, 3600.0, 1.0, 3)
    yield budget(4.0, 7.0, 900.0, 300.0, 40)
    yield budget(1.0, 365.0, 86400.0, 10.0, 10_000)
    yield budget(2.0, 30.0, 600.0, 600.0, 5)
    yield budget(10.0, 1.0, 1200.0, 60.0, 1)
    yield on_quantiles([50, 50], [540, 360])
    yield on_quantiles([5] * 10, [103, 98, 120, 71, 140, 101, 88, 99, 110, 70])
    yield on_quantiles([5] * 10, [903, 1198, 820, 971, 1140, 701, 1088, 1099, 1310, 770])
    yield on_quantiles([100] * 10, [12, 9, 8, 11, 15, 10, 6, 14, 7, 8])
    yield on_quantiles([100] * 10, [310, 220, 190, 120, 90, 80, 60, 50, 40, 30])
    yield on_quantiles([20, 400, 60, 60, 60], [37, 610, 140, 101, 112])
    yield on_quantiles([1000, 1000, 1000], [1000, 1000, 1000])
    yield on_quantiles([10**9, 10**9], [10**9 + 10**5, 10**9 - 10**5])


header = {
    "generator": "tests/golden/generate_decisions.py",
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "mpmath": mpmath.__version__,
    "seed": "none: no value is random",
    "date": datetime.date.today().isoformat(),
}
lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases())
(HERE / "decisions.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
