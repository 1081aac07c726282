"""Writes numeric_tests.json beside this file: tests on two samples of numbers. Our own code has no part in it.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r requirements.txt
    /tmp/golden/bin/python generate_numeric_tests.py

The samples are those of numeric.json, which is read for its inputs alone; further ones are here in full.
"""

import collections
import json
import math
from fractions import Fraction

import mpmath
import numpy as np
from scipy import stats

from generate import HERE, SEED, column, write


def ranks(reference, current):
    """Twice the midranks in both samples together, whole numbers."""
    twice = (2 * stats.rankdata(np.concatenate([reference, current]))).astype(int).tolist()
    return twice[: len(reference)], twice[len(reference):]


def mann_whitney(reference, current):
    n, m = len(reference), len(current)
    twice, _ = ranks(reference, current)
    twice_u = sum(twice) - n * (n + 1)
    result = stats.mannwhitneyu(reference, current)
    assert result.statistic == twice_u / 2
    p_value = float(result.pvalue)
    _, ties = np.unique(np.concatenate([reference, current]), return_counts=True)
    if not (min(n, m) <= 8 and max(ties) == 1):
        # The same normal tail in 60 digits: scipy's variance loses some where most rows tie.
        variance = Fraction(n * m, 12) * (n + m + 1 - Fraction(sum(int(t) ** 3 - int(t) for t in ties), (n + m) * (n + m - 1)))
        distance = mpmath.mpf(abs(twice_u - n * m) - 1) / 2
        if distance <= 0:
            exact = mpmath.mpf(1)
        else:
            exact = mpmath.erfc(distance / mpmath.sqrt(2 * mpmath.mpf(variance.numerator) / variance.denominator))
        assert math.isclose(exact, p_value, rel_tol=1e-9), (exact, p_value)
        p_value = float(exact)
    return {"statistic": twice_u / 2, "p_value": p_value, "effect": abs(twice_u / (n * m) - 1)}


def t_tail(t, df):
    """P(|T| >= t), as a hypergeometric series."""
    t, df = mpmath.mpf(t), mpmath.mpf(df)
    return mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, df / (df + t * t), regularized=True)


def welch(reference, current):
    """In 60 digits; scipy's own on the same data agrees where its sums do not cancel."""
    if len(reference) < 2 or len(current) < 2:
        return None

    def spread(values):
        values = [mpmath.mpf(float(v)) for v in values]
        mean = mpmath.fsum(values) / len(values)
        return len(values), mean, mpmath.fsum((v - mean) ** 2 for v in values) / (len(values) - 1)

    (n, x, s), (m, y, v) = spread(reference), spread(current)
    if s == 0 and v == 0:
        return None
    t = (x - y) / mpmath.sqrt(s / n + v / m)
    df = (s / n + v / m) ** 2 / ((s / n) ** 2 / (n - 1) + (v / m) ** 2 / (m - 1))
    d = abs(x - y) / mpmath.sqrt(((n - 1) * s + (m - 1) * v) / (n + m - 2))
    p_value = t_tail(t, df)
    own = stats.ttest_ind(reference, current, equal_var=False)
    if max(map(abs, reference)) > 1e-100:
        assert math.isclose(own.statistic, t, rel_tol=1e-6, abs_tol=1e-12), (own, t)
        assert math.isclose(own.pvalue, p_value, rel_tol=1e-4), (own, p_value)
    return {"statistic": float(t), "df": float(df), "p_value": float(p_value), "effect": float(d)}


def limit_tail(z):
    """P(omega^2 >= z): Smirnov's integral, in y = ((2k-1) pi + pi cos^2(theta/2))^2."""
    total = mpmath.mpf(0)
    for k in range(1, 200):
        start = (2 * k - 1) * mpmath.pi
        if k > 1 and z * (start ** 2 - mpmath.pi ** 2) / 2 > 100:
            break

        def integrand(theta):
            root = start + mpmath.pi * mpmath.cos(theta / 2) ** 2
            sine = mpmath.sin(mpmath.pi * mpmath.sin(theta / 2) ** 2)
            return mpmath.sin(theta) / mpmath.sqrt(root * sine) * mpmath.exp(-z * root ** 2 / 2)

        nodes = 800  # equal steps over half a period of a smooth periodic function
        step = mpmath.pi / nodes
        total -= (-1) ** k * step * mpmath.fsum(integrand((i + mpmath.mpf(1) / 2) * step) for i in range(nodes))
    return total


def asymptotic_cvm(n, m, t):
    with mpmath.workdps(30):
        rows, pairs = mpmath.mpf(n + m), n * m
        variance = (rows + 1) * (4 * pairs * rows - 3 * (n * n + m * m) - 2 * pairs) / (45 * rows ** 2 * 4 * pairs)
        z = mpmath.mpf(1) / 6 + (t - (1 + 1 / rows) / 6) / mpmath.sqrt(45 * variance)
        return float(limit_tail(z)) if z >= 0.003 else 1.0


def cramer_von_mises(reference, current):
    n, m = len(reference), len(current)
    if min(n, m) < 2:
        return None
    own, others = (sorted(side) for side in ranks(reference, current))
    u = sum(Fraction(n * (r - 2 * i) ** 2, 4) for i, r in enumerate(own, 1)) + sum(Fraction(m * (r - 2 * i) ** 2, 4) for i, r in enumerate(others, 1))
    t = u / (n * m * (n + m)) - Fraction(4 * n * m - 1, 6 * (n + m))
    result = stats.cramervonmises_2samp(reference, current)
    assert math.isclose(result.statistic, t, rel_tol=1e-7, abs_tol=1e-9)
    # DIFFERENCE: with ties, scipy's p-value is of this T, which grows with the ties where the sizes are unequal (700 without any
    # drift); ours is of the gaps themselves, tied rows sharing the step of their group. Without ties both are one.
    values = np.unique(np.concatenate([reference, current]))
    below = [[0, *np.searchsorted(np.sort(side), values, side="right").tolist()] for side in (reference, current)]
    total = Fraction(0)
    for a, b, c, d in zip(below[0], below[0][1:], below[1], below[1][1:]):
        start, rows = a * m - c * n, (b - a) + (d - c)
        step = Fraction((b * m - d * n) - start, rows)
        total += rows * start ** 2 + start * step * rows * (rows + 1) + step ** 2 * rows * (rows + 1) * (2 * rows + 1) / 6
    square = total / ((n * m) ** 2 * (n + m))
    shared = square * Fraction(n * m, n + m)
    tied = len(values) < n + m
    assert tied or shared == t
    if max(n, m) > 20:
        p_value = asymptotic_cvm(n, m, mpmath.mpf(shared.numerator) / shared.denominator)
    else:
        p_value = exact_cvm(n, m, shared)
    assert tied or math.isclose(p_value, result.pvalue, rel_tol=1e-5, abs_tol=1e-6), (p_value, result)
    return {"statistic": float(t), "p_value": p_value, "effect": math.sqrt(square), "tied": tied}


def exact_cvm(n, m, t):
    """P(T >= t), a t between two possible ones being taken as the lower: all orders, by their sums, in whole numbers."""
    unit = math.lcm(n, m)
    least = math.floor(t * unit ** 2 * Fraction((n + m) ** 2, n * m))
    row = [collections.Counter() for _ in range(m + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            arrivals = collections.Counter({0: 1}) if i == j == 0 else row[j] + (row[j - 1] if j else collections.Counter())
            gap = (j * unit // m - i * unit // n) ** 2
            row[j] = collections.Counter({total + gap: count for total, count in arrivals.items()})
    return sum(count for total, count in row[m].items() if total >= least) / math.comb(n + m, n)


def tail_cases():
    found = []
    for n, m in [(2, 30), (21, 21), (50, 400), (1000, 1000), (1_000_000, 3000)]:
        for t in [0.03, 0.07, 0.2, 0.46, 0.9, 2.0, 7.0, 30.0, 100.0, 138.0]:
            want = asymptotic_cvm(n, m, mpmath.mpf(t))
            if want > 1e-300:
                found.append({"function": "cvm_asymptotic", "n": n, "m": m, "t": t, "want": want})
    return found


def case(name, source, reference, current):
    reference, current = np.asarray(reference, float), np.asarray(current, float)
    return {"name": name, **source, "mann_whitney": mann_whitney(reference, current), "welch_t": welch(reference, current),
            "cramer_von_mises": cramer_von_mises(reference, current)}


def cases():
    rng = np.random.default_rng(SEED + 10)
    found = []
    for old in json.loads((HERE / "numeric.json").read_text())["cases"]:
        if "sample" in old:
            source = {key: old[key] for key in ("sample", "column")}
            sides = [[float(v) for v in column(old["sample"], side, old["column"])] for side in ("reference", "current")]
        else:
            source = {side: old[side] for side in ("reference", "current")}
            sides = [old["reference"], old["current"]]
        found.append(case(old["name"], source, *sides))

    def inline(name, reference, current):
        source = {"reference": [float(v) for v in reference], "current": [float(v) for v in current]}
        found.append(case(name, source, reference, current))

    inline("eight and twelve", rng.normal(size=8), rng.normal(size=12) + 1)
    inline("eight and two hundred", rng.normal(size=8) + 2, rng.normal(size=200))
    inline("nine and nine", rng.normal(size=9), rng.normal(size=9) + 0.5)
    inline("twenty and nineteen", rng.normal(size=20), rng.normal(size=19) + 0.8)
    inline("ties among few", [1, 2, 2, 3], [2, 3, 4, 4, 5])
    inline("twenty and twenty", rng.normal(size=20), rng.normal(size=20) + 0.3)
    inline("twenty and seventeen, apart", np.arange(20.0), np.arange(17.0) + 30)
    inline("unequal variances", rng.normal(size=15), 9 * rng.normal(size=120) + 3)
    inline("mostly one value", [0.0] * 290 + [1.0] * 10, [0.0] * 260 + [1.0] * 20)
    inline("offset of a trillion", 1e12 + np.arange(60) / 4, 1e12 + np.arange(45) / 4 + 2)
    inline("means far apart", rng.normal(size=150), rng.normal(size=170) + 60)
    inline("tail near 1e-280", np.arange(900.0), np.arange(900.0) + 640)
    return found


if __name__ == "__main__":
    write("numeric_tests.json", {
        "script": "tests/golden/generate_numeric_tests.py",
        "mann_whitney": "scipy.stats.mannwhitneyu(reference, current); where that is asymptotic, the same in mpmath, 60 digits",
        "welch_t": "mpmath, 60 digits; agrees with scipy.stats.ttest_ind(reference, current, equal_var=False)",
        "cramer_von_mises": "statistic and root mean square gap by whole numbers; p_value by counting all orders up to 20 rows, else by Smirnov's integral in mpmath; without ties they agree with scipy.stats.cramervonmises_2samp(reference, current), with ties see DIFFERENCE in the script",
    }, cases())
    write("numeric_tails.json", {
        "script": "tests/golden/generate_numeric_tests.py",
        "cvm_asymptotic": "mpmath, 30 digits: Smirnov's integral at the standardised statistic",
    }, tail_cases())
