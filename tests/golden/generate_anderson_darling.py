"""Writes anderson_darling.json, energy.json, wasserstein_scaled.json and small_samples.json beside this file. Our own code has no part in them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r requirements.txt
    /tmp/golden/bin/python generate_anderson_darling.py

The samples are those of numeric_tests.json, which is read for its inputs alone; further ones are here in full.
"""

import itertools
import json
import math
import warnings
from fractions import Fraction

import mpmath
import numpy as np
from scipy import stats

from generate import HERE, SEED, column, write

VARIANTS = ["midrank", "right", "continuous"]


def criterion(samples):
    """Scholz and Stephens' criterion, midranks, in fractions."""
    pooled = sorted(itertools.chain(*samples))
    rows = len(pooled)
    total = Fraction(0)
    for sample in samples:
        size, inner = len(sample), Fraction(0)
        for value in sorted(set(pooled)):
            tied, own = pooled.count(value), sample.count(value)
            below, own_below = sum(v < value for v in pooled), sum(v < value for v in sample)
            at, rank = below + Fraction(tied, 2), own_below + Fraction(own, 2)
            weight = at * (rows - at) - Fraction(rows * tied, 4)
            if weight:
                inner += Fraction(tied, rows) * (rows * rank - at * size) ** 2 / weight
        total += inner / size
    return total * Fraction(rows - 1, rows)


def exact_p_value(samples):
    """Every way to deal the rows to two samples."""
    pooled, size = list(itertools.chain(*samples)), len(samples[0])
    observed = criterion(samples)
    extreme = every = 0
    for chosen in itertools.combinations(range(len(pooled)), size):
        one = [pooled[i] for i in chosen]
        other = [pooled[i] for i in range(len(pooled)) if i not in chosen]
        every += 1
        extreme += criterion([one, other]) >= observed
    return extreme / every


def limit_tail(df, z):
    """P(sum chi2_df / (j(j+1)) >= z), by the inversion of its characteristic function along a vertical line, in 40 digits."""
    df, z = mpmath.mpf(df), mpmath.mpf(z)
    if z < 0.02 * df:
        return mpmath.mpf(1)

    def ln_factor(s):
        # The first terms of the product; the rest by the closed form of all.
        return -df / 2 * mpmath.fsum(mpmath.log(1 - 2 * s / (j * (j + 1))) for j in range(1, 4)) - df / 2 * rest(s)

    def rest(s):
        # sum over j >= 4 of ln(1 - x/(j(j+1))), j(j+1) - x = (j - a)(j - b): by gamma functions.
        root = mpmath.sqrt(1 + 8 * s)
        a, b = (-1 + root) / 2, (-1 - root) / 2
        lg = mpmath.loggamma
        return lg(4) + lg(5) - lg(4 - a) - lg(4 - b)

    right = z > df
    if right:
        centre = max(1 - df / (2 * z) - mpmath.mpf("0.05") * (1 - df / (2 * z)), mpmath.mpf("0.3")) if z > 1.5 * df else mpmath.mpf("0.3")
    else:
        centre = -mpmath.mpf("0.3")
    top = mpmath.re(ln_factor(centre)) - centre * z

    def integrand(t):
        # A line that bends to the right, where the exponential falls.
        s = centre + t * t / (t + 1) * mpmath.mpf("0.5") + 1j * t
        ds = mpmath.mpf("0.5") * (t * t + 2 * t) / (t + 1) ** 2 + 1j
        return mpmath.im(mpmath.exp(ln_factor(s) - s * z - top) / s * ds)

    scale = 1 / z
    reach = 400 * scale + 40 / mpmath.sqrt(z)
    points = [0] + [scale * 2 ** i for i in range(-2, 12) if scale * 2 ** i < reach] + [reach]
    value = mpmath.quad(integrand, points) / mpmath.pi * mpmath.exp(top)
    return value if right else 1 + value


def asymptotic(samples, statistic):
    df = samples - 1
    return float(limit_tail(df, df + mpmath.sqrt(2 * mpmath.mpf(df) * (mpmath.pi ** 2 - 9) / 3) * mpmath.mpf(statistic)))


def by_scipy(samples, variant):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = stats.anderson_ksamp([np.asarray(s) for s in samples], variant=variant)
    return float(result.statistic), float(result.pvalue)


def sides(case):
    if "sample" in case:
        return [[float(v) for v in column(case["sample"], side, case["column"])] for side in ("reference", "current")]
    return [case["reference"], case["current"]]


def two_samples():
    for old in json.loads((HERE / "numeric_tests.json").read_text())["cases"]:
        keys = ("sample", "column") if "sample" in old else ("reference", "current")
        yield old["name"], {key: old[key] for key in keys}, sides(old)


def anderson_darling():
    mpmath.mp.dps = 25
    for name, source, samples in two_samples():
        rows = len(samples[0]) + len(samples[1])
        if rows < 4 or len(set(itertools.chain(*samples))) < 2:
            continue  # scipy has no value
        found = {variant: by_scipy(samples, variant)[0] for variant in VARIANTS}
        own, clipped = by_scipy(samples, "midrank")
        tail = asymptotic(2, own)
        # The table of seven points is off by some percent between them.
        assert math.isclose(tail, clipped, rel_tol=0.08) or clipped in (0.001, 0.25), (name, tail, clipped)
        case = {"name": name, **source, **found, "asymptotic": tail}
        if rows <= 14:
            case["exact"] = exact_p_value(samples)
            case["criterion"] = float(criterion(samples))
        yield case


def several_samples():
    rng = np.random.default_rng(SEED + 40)
    for name, sizes, shift, digits in [("three", [20, 30, 25], 0.3, 3), ("three, rounded", [40, 15, 60], 0.4, 0),
                                       ("five", [12, 9, 30, 18, 22], 0.5, 1), ("ten", [15] * 10, 0.2, 2), ("three, far apart", [200, 150, 90], 3, 2)]:
        samples = [np.round(rng.normal(size=size) + shift * i, digits).tolist() for i, size in enumerate(sizes)]
        case = {"name": name, "samples": samples, **{variant: by_scipy(samples, variant)[0] for variant in VARIANTS}}
        case["asymptotic"] = asymptotic(len(samples), case["midrank"])
        yield case


def tails():
    for samples in (2, 3, 4, 8, 30):
        for statistic in (-1.0, -0.4, 0.0, 0.7, 1.9, 3.0, 6.0, 20.0, 200.0, 700.0):
            df = samples - 1
            if df + math.sqrt(2 * df * (math.pi ** 2 - 9) / 3) * statistic < 0.08 * df:
                continue
            want = asymptotic(samples, statistic)
            if want > 1e-300:
                yield {"name": f"{samples} samples, {statistic}", "k": samples, "statistic": statistic, "want": want}


def energy():
    for name, source, samples in two_samples():
        one, other = (np.asarray(s) for s in samples)
        want = float(stats.energy_distance(one, other))
        # E|X - Y| in exact arithmetic, over sorted rows.
        values = sorted([(Fraction(v), 0) for v in samples[0]] + [(Fraction(v), 1) for v in samples[1]])
        n, m = len(one), len(other)
        below, apart, within = [0, 0], Fraction(0), Fraction(0)
        for (value, side), (after, _) in zip(values, values[1:]):
            below[side] += 1
            i, j = below
            apart += (i * (m - j) + j * (n - i)) * (after - value)
            within += (i * m - j * n) ** 2 * (after - value)
        square = 2 * within / (n * m) ** 2
        assert math.isclose(math.sqrt(square), want, rel_tol=1e-9, abs_tol=1e-12), (name, math.sqrt(square), want)
        effect = math.sqrt(square / (2 * apart / (n * m))) if apart else 0.0
        yield {"name": name, **source, "statistic": math.sqrt(square), "effect": effect}


def scaled():
    for name, source, (one, other) in two_samples():
        raw = float(stats.wasserstein_distance(one, other))
        scales = {"standard_deviation": np.std(one), "interquartile_range": stats.iqr(one), "median_absolute_deviation": stats.median_abs_deviation(one)}
        constant = len(set(one)) == 1
        if max(map(abs, one + other)) > 1e150 or 0 < max(map(abs, one + other)) < 1e-150:
            continue  # numpy's squares leave the range of a double
        yield {"name": name, **source, "raw": raw, **{key: None if constant or scale == 0 else float(raw / scale) for key, scale in scales.items()}}


def small_samples():
    names = (HERE / "samples" / "breast_cancer_reference.csv").read_text().split("\n", 1)[0].split(",")[:4]
    for name, (n, m) in itertools.product(names, [(5, 5), (8, 12), (10, 10), (20, 15), (3, 18)]):
        one, other = (np.array([float(v) for v in column("breast_cancer", side, name)[:size]]) for side, size in (("reference", n), ("current", m)))
        tied = len(set(one) | set(other)) < n + m
        ks, cvm = stats.ks_2samp(one, other, method="exact"), stats.cramervonmises_2samp(one, other, method="exact")
        ranks = {method: stats.mannwhitneyu(one, other, method=method) for method in ("exact", "asymptotic")}
        yield {"name": f"{name}, {n} and {m}", "reference": one.tolist(), "current": other.tolist(), "ties": tied,
               "ks": float(ks.statistic), "ks_exact": float(ks.pvalue), "mann_whitney": float(ranks["exact"].statistic),
               **{f"mann_whitney_{method}": float(result.pvalue) for method, result in ranks.items()},
               "cramer_von_mises": float(cvm.statistic), "cramer_von_mises_exact": float(cvm.pvalue),
               "anderson_darling": by_scipy([one, other], "midrank")[0], "wasserstein": float(stats.wasserstein_distance(one, other)),
               "energy": float(stats.energy_distance(one, other))}


if __name__ == "__main__":
    write("small_samples.json", {
        "script": "tests/golden/generate_anderson_darling.py",
        "samples": "the first rows of columns of samples/breast_cancer_*.csv, see the README there",
        "ks_exact": "scipy.stats.ks_2samp(method='exact')", "mann_whitney_*": "scipy.stats.mannwhitneyu(method=...)",
        "cramer_von_mises_exact": "scipy.stats.cramervonmises_2samp(method='exact')",
        "anderson_darling": "scipy.stats.anderson_ksamp(variant='midrank')", "wasserstein, energy": "scipy.stats.wasserstein_distance, energy_distance",
    }, list(small_samples()))
    write("wasserstein_scaled.json", {
        "script": "tests/golden/generate_anderson_darling.py",
        "raw": "scipy.stats.wasserstein_distance(reference, current)",
        "the scales": "raw by numpy.std, scipy.stats.iqr, scipy.stats.median_abs_deviation of the reference; null where that is 0",
    }, list(scaled()))
    write("anderson_darling.json", {
        "script": "tests/golden/generate_anderson_darling.py",
        "midrank, right, continuous": "scipy.stats.anderson_ksamp(samples, variant=...).statistic",
        "exact": "every way to deal the rows to the samples, in fractions",
        "asymptotic": "mpmath, 25 digits: the limiting variable's characteristic function, inverted; within 8 % of scipy's interpolated p-value, where that is not clipped to [0.001, 0.25]",
    }, [*anderson_darling(), *several_samples(), *tails()])
    write("energy.json", {
        "script": "tests/golden/generate_anderson_darling.py",
        "statistic": "in fractions, rounded once; agrees with scipy.stats.energy_distance(reference, current) to 1e-9",
        "effect": "the root of its square by twice the mean distance between rows of different samples, likewise",
    }, list(energy()))
