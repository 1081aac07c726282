"""Writes `signal.json` beside this file. Our own code has no part in it.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install mpmath numpy scipy
    /tmp/golden/bin/python generate_signal.py

Oracles: scipy for Fisher's exact test and Wilson's interval, mpmath for tails of the beta-binomial distribution (beside
scipy's) and for the bound on new rows, whose minimum it finds by golden section on whole-number probabilities. That the
bound is one is checked here by a simulation of random splits.
"""

import datetime
import importlib.metadata
import json
import pathlib
import platform

import mpmath
import numpy as np
import scipy
from mpmath import mpf
from scipy import stats

HERE = pathlib.Path(__file__).parent
SEED = 20261127
ALPHA = 0.05
mpmath.mp.dps = 40


def wilson(count, total):
    interval = stats.binomtest(count, total).proportion_ci(1 - ALPHA, method="wilson")
    return [float(interval.low), float(interval.high)]


def in_all(count, own, other):
    """The probability that `count` given rows are all among the `own` of `own + other`."""
    if count > own:
        return mpf(0)
    if count < 3000:
        return mpmath.fprod(mpf(own - i) / (own + other - i) for i in range(count))
    return mpmath.exp(
        mpmath.loggamma(own + 1) - mpmath.loggamma(own - count + 1)
        + mpmath.loggamma(own + other - count + 1) - mpmath.loggamma(own + other + 1)
    )


def fewest(largest, p_of, alpha=ALPHA):
    """The least count whose probability is at most alpha, by whole numbers."""
    low, high = 0, largest
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if p_of(middle) <= alpha else (middle + 1, high)
    return low if p_of(low) <= alpha else None


def missing_rate(reference, current):
    n, m = sum(reference), sum(current)
    p_value = stats.fisher_exact([reference, current]).pvalue
    share = (reference[1] + current[1]) / (n + m)
    of_z = stats.norm.isf(ALPHA / 2) * np.sqrt(share * (1 - share) * (1 / n + 1 / m))
    count = fewest(m, lambda k: in_all(k, m, n), ALPHA / 2)
    of_none = 1.0 if count is None else count / m
    return {
        "function": "missing_rate", "reference": reference, "current": current, "share": current[1] / m,
        "expected_share": reference[1] / n, "effect": abs(current[1] / m - reference[1] / n), "p_value": float(p_value),
        "detectable_effect": float(max(of_z, of_none)), "interval": wilson(current[1], m),
    }


def outside_tail(k, n, m):
    if k == 0:
        return mpf(1)
    rest = mpf(n * (k + 1) + m - k) / (n + m)
    return rest * (in_all(k, m, n - 1) if n > 1 else 1)


def out_of_range(n, outside, m):
    k = sum(outside)
    p_value = outside_tail(k, n, m)
    if n > 1 and m <= 2000:
        terms = (mpmath.binomial(m, j) * mpmath.beta(j + 2, m - j + n - 1) / mpmath.beta(2, n - 1) for j in range(k, m + 1))
        assert abs(mpmath.fsum(terms) / p_value - 1) < mpf("1e-25"), (n, k, m)
        if p_value > 1e-8:
            assert abs(stats.betabinom.sf(k - 1, m, 2, n - 1) / float(p_value) - 1) < 1e-6
    expected = 2 / (n + 1)
    count = fewest(m, lambda j: outside_tail(j, n, m))
    return {
        "function": "out_of_range", "reference": n, "outside": outside, "current": m, "share": k / m, "expected_share": expected,
        "effect": max(k / m - expected, 0.0), "p_value": float(p_value),
        "detectable_effect": 1.0 if count is None else max(count / m - expected, 0.0), "interval": wilson(k, m),
    }


def bound(sizes, m, n, t):
    """The least of e^(-theta t) prod (1 + rho (e^(theta c) - 1)) over theta, by ternary search on its convex logarithm."""
    classes = [(c, sizes.count(c), in_all(c, m, n)) for c in sorted(set(sizes)) if c <= m]
    if t == sum(c * k for c, k, _ in classes):
        return mpmath.fprod(rho**k for _, k, rho in classes)

    def ln(theta):
        return mpmath.fsum(k * mpmath.log1p(rho * mpmath.expm1(theta * c)) for c, k, rho in classes) - theta * t

    low, high = mpf(0), mpf(60)
    for _ in range(160):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, b) if ln(a) < ln(b) else (a, high)
    return mpmath.exp(ln(low))


def new_categories(rng, reference, current, function="new_categories"):
    n, m = sum(reference), sum(current)
    sizes = [a + b for a, b in zip(reference, current) if a + b > 0]
    t = sum(b for a, b in zip(reference, current) if a == 0)
    expected = mpmath.fsum(c * in_all(c, m, n) for c in sizes) / m
    p_value = bound(sizes, m, n, t) if t > expected * m else mpf(1)
    # What the bound is of.
    rows = np.repeat(np.arange(len(sizes)), sizes)
    if len(rows) < 4000:
        splits = 2000
        new = np.empty(splits)
        for i in range(splits):
            chosen = rng.permutation(rows)[:n]
            old = np.bincount(chosen, minlength=len(sizes)) > 0
            new[i] = sum(c for c, is_old in zip(sizes, old) if not is_old)
        noise = 4 * np.sqrt(float(expected * m) * max(sizes) / splits) + 1e-9
        assert abs(new.mean() - float(expected * m)) < noise + 0.1 * float(expected * m), (new.mean(), expected * m)
        share = (new >= t).mean()
        assert share <= float(p_value) + 4 * np.sqrt(float(p_value) / splits) + 1e-9, (share, p_value)
    count = fewest(m, lambda k: in_all(k, m, n))
    case = {
        "function": "new_categories", "reference": reference, "current": current, "share": t / m, "expected_share": float(expected),
        "effect": max(t / m - float(expected), 0.0), "p_value": float(p_value),
        "detectable_effect": 1.0 if count is None else count / m, "interval": wilson(t, m),
    }
    if function == "vanished_categories":
        case |= {"function": function, "reference": current, "current": reference}
    return case


def new_and_vanished(reference, current, unnamed):
    """Rows without a name are each a category of its own: the new ones in `current`, and in neither side's way in the other."""
    one, other = [*reference, *[0] * unnamed], [*current, *[1] * unnamed]
    n, m = sum(one), sum(other)
    case = {"function": "new_and_vanished_categories", "reference": reference, "current": current, "unnamed": unnamed}
    for name, a, b, n, m in [("new", one, other, n, m), ("vanished", other, one, m, n)]:
        sizes = [x + y for x, y in zip(a, b) if x + y > 0]
        t = sum(y for x, y in zip(a, b) if x == 0)
        expected = mpmath.fsum(c * sizes.count(c) * in_all(c, m, n) for c in set(sizes)) / m
        count = fewest(m, lambda k: in_all(k, m, n))
        case[name] = {
            "share": t / m, "expected_share": float(expected), "effect": max(t / m - float(expected), 0.0),
            "p_value": float(bound(sizes, m, n, t) if t > expected * m else mpf(1)),
            "detectable_effect": 1.0 if count is None else count / m, "interval": wilson(t, m),
        }
    return case


def unseen_mass(reference):
    n, single = sum(reference), sum(count == 1 for count in reference)
    upper = mpf(single) / n + (2 * mpmath.sqrt(2) + mpmath.sqrt(3)) * mpmath.sqrt(mpmath.log(3 / mpf(ALPHA)) / n)
    return {"function": "unseen_mass", "reference": reference, "estimate": single / n, "upper": float(min(upper, mpf(1)))}


def drawn(rng, n, m, exponent, new=0):
    """Counts of categories whose shares fall as a power, and perhaps one that only the current sample has."""
    shares = 1 / np.arange(1, 200) ** exponent
    shares /= shares.sum()
    reference, current = rng.multinomial(n, shares), rng.multinomial(m, shares)
    seen = (reference + current) > 0
    return [[*map(int, reference[seen]), 0], [*map(int, current[seen]), new]]


def cases():
    rng = np.random.default_rng(SEED)
    for reference, current in [
        ([990, 10], [950, 50]), ([500, 0], [480, 20]), ([9, 0], [9, 0]), ([9, 0], [5, 4]), ([900, 100], [1000, 0]),
        ([0, 5], [7, 1]), ([99000, 1000], [98000, 2000]), ([400000, 100], [399000, 1100]),
    ]:
        yield missing_rate(reference, current)
    for n, outside, m in [
        (9, [1, 0], 1), (2, [2, 0], 2), (1, [3, 4], 7), (20, [1, 1], 20), (1000, [0, 2], 1000), (1000, [20, 30], 1000),
        (50, [0, 300], 2000), (100, [0, 9], 50), (30, [40, 0], 40), (5000, [0, 700], 900), (10**6, [5, 4], 10**6),
        (10**6, [600, 300], 10**6), (10**9, [3, 7], 10**7), (1000, [2000000, 3000000], 10**9), (7, [0, 0], 3),
    ]:
        yield out_of_range(n, outside, m)
    tables = [
        ([10, 0], [5, 5]), ([600, 400, 0], [500, 400, 100]), ([1000, 0, 0], [800, 100, 100]), ([50, 0], [999, 1]),
        ([40, 30, 1, 1, 2, 0, 0, 0], [90, 50, 0, 1, 0, 1, 2, 1]), ([300, 200, 0], [300, 200, 0]), ([20, 3, 0], [300, 0, 9]),
    ]
    tables += [drawn(rng, n, m, a, new) for n, m, a, new in [
        (200, 200, 1.2, 0), (200, 1000, 1.2, 0), (1000, 200, 1.0, 12), (100, 3000, 1.5, 30), (1000, 1000, 1.1, 30), (80, 60, 0.5, 9),
    ]]
    for reference, current in tables:
        yield new_categories(rng, reference, current)
    for reference, current in tables[4:9]:
        yield new_categories(rng, current, reference, "vanished_categories")
    for (reference, current), unnamed in zip(tables[1:7] + tables[9:11], [100, 15, 3, 2, 0, 40, 30, 12]):
        yield new_and_vanished(reference, current, unnamed)
    yield new_and_vanished([600, 400], [20000, 15280], 720)
    for reference, _ in tables:
        yield unseen_mass(reference)
    yield unseen_mass([9000, 900, 98, 1, 1])


def main():
    versions = {name: importlib.metadata.version(name) for name in ["numpy", "scipy", "mpmath"]}
    header = {
        "generator": "tests/golden/generate_signal.py", "python": platform.python_version(), **versions,
        "seed": SEED, "alpha": ALPHA, "date": str(datetime.date.today()),
        "calls": {
            "missing_rate": "scipy.stats.fisher_exact; detectable: norm.isf(alpha / 2) and whole numbers",
            "out_of_range": "mpmath, agrees with the sum of the beta-binomial law and scipy.stats.betabinom.sf",
            "new_categories": "mpmath, the least over theta by ternary search; a simulation of splits stays below it",
            "new_and_vanished_categories": "the same with each unnamed row a category of its own",
            "unseen_mass": "mpmath",
            "interval": "scipy.stats.binomtest(count, total).proportion_ci(method='wilson')",
        },
    }
    lines = ",\n".join("  " + json.dumps(case) for case in cases())
    (HERE / "signal.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')


main()
