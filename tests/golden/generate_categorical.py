"""Writes categorical.json, the golden values of the distances and tests on counts. Our own code has no part in them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r requirements.txt
    /tmp/golden/bin/python generate_categorical.py

Oracles: the definitions in mpmath with 60 digits, and whole numbers for Fisher's exact test; each is checked against scipy as
far as scipy's own rounding goes.
"""

import datetime
import json
import math
import pathlib
import platform
from fractions import Fraction

import mpmath
import numpy as np
import scipy
from scipy import stats

HERE = pathlib.Path(__file__).parent
SEED = 20261124
mpmath.mp.dps = 60


def agree(exact, scipys, rel, name):
    assert abs(float(exact) - scipys) <= rel * abs(scipys) + 1e-300, (name, float(exact), scipys)


def shares(counts):
    total = sum(counts)
    return [mpmath.mpf(count) / total for count in counts]


def divergence(p, q):
    """Of q from p: sum of q ln(q/p)."""
    if any(b > 0 and a == 0 for a, b in zip(p, q)):
        return None
    return mpmath.fsum(b * mpmath.log(b / a) for a, b in zip(p, q) if b > 0)


def counted(name, reference, current):
    reference, current = [int(count) for count in reference], [int(count) for count in current]
    p, q = shares(reference), shares(current)
    floor = mpmath.mpf(1) / 10_000
    floored = [[share + floor for share in side] for side in (p, q)]
    classic = divergence(*floored)
    unsmoothed = divergence(p, q)
    squares = mpmath.fsum((mpmath.sqrt(a) - mpmath.sqrt(b)) ** 2 for a, b in zip(p, q))
    differences = [abs(a - b) for a, b in zip(p, q)]
    case = {
        "name": name,
        "reference": reference,
        "current": current,
        "hellinger": float(mpmath.sqrt(squares / 2)),
        "total_variation": float(mpmath.fsum(differences) / 2),
        "l_infinity": float(max(differences)),
        "l_infinity_index": differences.index(max(differences)),
        "kullback_leibler": float(classic / (1 + len(p) * floor)),
        "kullback_leibler_classic": float(classic),
        "kullback_leibler_unsmoothed": None if unsmoothed is None else float(unsmoothed),
        "g_test": g_test(name, reference, current),
    }
    own = stats.entropy([float(b) for b in floored[1]], [float(a) for a in floored[0]])
    assert abs(own - case["kullback_leibler"]) <= 1e-15 + 1e-9 * own, name
    if sum(count > 0 for count in map(sum, zip(reference, current))) == 2:
        both = [pair for pair in zip(reference, current) if sum(pair) > 0]
        if sum(sum(pair) for pair in both) < 10_000:
            case["fisher_exact"] = fisher_exact(name, *zip(*both))
    return case


def g_test(name, reference, current):
    seen = [(a, b) for a, b in zip(reference, current) if a + b > 0]
    if len(seen) < 2:
        return None
    n, m = mpmath.mpf(sum(reference)), mpmath.mpf(sum(current))
    total = mpmath.mpf(0)
    for pair in seen:
        for observed, size in zip(pair, (n, m)):
            if observed > 0:
                total += 2 * observed * mpmath.log(observed * (n + m) / (sum(pair) * size))
    total = max(total, mpmath.mpf(0)) if abs(total) > mpmath.mpf(10) ** -40 else mpmath.mpf(0)
    df = len(seen) - 1
    tail = mpmath.gammainc(mpmath.mpf(df) / 2, total / 2, regularized=True)
    test = stats.chi2_contingency(np.array(seen).T, correction=False, lambda_="log-likelihood")
    assert test.dof == df, name
    # scipy's terms are as large as the counts, and cancel.
    rounding = 1e-15 * float(n + m)
    assert abs(float(total) - test.statistic) <= rounding + 1e-12 * test.statistic, name
    if tail > 1e-290 and test.statistic > 100 * rounding:
        agree(tail, test.pvalue, 1e-10 + 1e3 * rounding, name)
    return {"statistic": float(total), "df": df, "p_value": float(tail)}


def fisher_exact(name, reference, current):
    """Two-sided: the probability of all tables with these margins that are no likelier than this one, by whole numbers."""
    (a, c), (b, d) = reference, current
    n, m, column = a + c, b + d, a + b
    ways = {x: math.comb(n, x) * math.comb(m, column - x) for x in range(max(0, column - m), min(n, column) + 1)}
    p_value = Fraction(sum(way for way in ways.values() if way <= ways[a]), math.comb(n + m, column))
    exact = mpmath.mpf(p_value.numerator) / p_value.denominator
    test = stats.fisher_exact([[a, c], [b, d]])
    if exact > 1e-290:
        agree(exact, test.pvalue, 1e-8, name)
    ratio = float(test.statistic)
    return {"p_value": float(exact), "odds_ratio": ratio if math.isfinite(ratio) else None}


def cases():
    rng = np.random.default_rng(SEED)
    ten = rng.dirichlet(np.ones(10))
    yield counted("two by two", [25, 25], [30, 20])
    yield counted("equal shares", [10, 20, 30], [100, 200, 300])
    yield counted("apart", [100, 0], [0, 100])
    yield counted("one category", [12], [30])
    yield counted("a category that nobody has", [25, 0, 25], [30, 0, 20])
    yield counted("a new category", [500, 300, 200, 0], [480, 310, 180, 30])
    yield counted("a category that is gone", [480, 310, 180, 30], [500, 300, 200, 0])
    yield counted("nearly equal, large", [10_000_000, 20_000_000], [10_001_000, 19_999_000])
    yield counted("one part in a billion", [10**9, 2 * 10**9], [10**9 + 1, 2 * 10**9 - 1])
    yield counted("one row each", [1, 0], [0, 1])
    yield counted("one row against many", [1, 0], [400, 600])
    yield counted("unequal sizes", [5000, 3000, 2000], [60, 25, 15])
    yield counted("shares from 1e-9 to 1", [1, 10**3, 10**6, 10**9], [10**3, 1, 10**9, 10**6])
    yield counted("ten bins, no drift", rng.multinomial(2000, ten), rng.multinomial(900, ten))
    yield counted("ten bins, drift", rng.multinomial(2000, ten), rng.multinomial(900, ten[::-1]))
    yield counted("two hundred categories", rng.multinomial(5000, np.ones(200) / 200), rng.multinomial(4000, np.ones(200) / 200))
    yield counted("tail near 1e-100", [1000, 1000, 1000], [1300, 1000, 300])
    yield counted("tail near 1e-300", [2000, 2000, 2000], [2850, 1900, 400])
    yield counted("tail below the doubles", [50_000, 50_000], [70_000, 30_000])
    yield counted("tea", [3, 1], [1, 3])
    yield counted("rare events", [997, 3], [485, 15])
    yield counted("an empty cell", [9, 11], [0, 17])
    yield counted("symmetric margins", [30, 20], [20, 30])
    yield counted("at its mode", [40, 60], [41, 59])
    yield counted("exact tail near 1e-60", [180, 20], [60, 240])
    yield counted("exact tail near 1e-300", [620, 100], [110, 1290])
    yield counted("three thousand rows a side", [1500, 1500], [1600, 1400])
    # Real tables, counted on the reference's deciles or on their categories by the golden values of generate.py.
    known = {case["name"]: case for file in ("counted.json", "numeric.json") for case in json.loads((HERE / file).read_text())["cases"]}
    for name in ("elec2: class", "california: y_pred"):
        yield counted(name, known[name]["reference"], known[name]["current"])
    for name in ("elec2: nswprice", "elec2: vicdemand", "california: MedInc", "california: Longitude", "breast_cancer: mean radius"):
        yield counted(f"{name}, on deciles", known[name]["reference_counts"], known[name]["current_counts"])


header = {
    "generator": "tests/golden/generate_categorical.py",
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "mpmath": mpmath.__version__,
    "seed": SEED,
    "date": datetime.date.today().isoformat(),
    "calls": {
        "hellinger": "sqrt(sum((sqrt(p) - sqrt(q))**2) / 2), mpmath",
        "total_variation": "sum(|p - q|) / 2, mpmath",
        "l_infinity": "max(|p - q|), mpmath; the first index that has it",
        "kullback_leibler": "entropy(q + 1e-4, p + 1e-4), mpmath; classic: without renormalising; unsmoothed: entropy(q, p), null where infinite",
        "g_test": "chi2_contingency(table, lambda_='log-likelihood', correction=False), mpmath",
        "fisher_exact": "fisher_exact(table, alternative='two-sided'), the p-value in whole numbers; odds_ratio: null where infinite",
    },
}
lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases())
(HERE / "categorical.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
