"""Writes the golden values beside this file. Our own code has no part in them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r requirements.txt
    /tmp/golden/bin/python generate.py

Oracles: scipy and numpy for the tests, mpmath or exact integers for tails and special functions. JSON floats are the
shortest decimals that give the double back; parse them with exact rounding.
"""

import csv
import datetime
import json
import math
import pathlib
import platform

import mpmath
import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon

HERE = pathlib.Path(__file__).parent
SEED = 20261123
mpmath.mp.dps = 60


def write(name, calls, cases):
    header = {
        "generator": "tests/golden/generate.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "mpmath": mpmath.__version__,
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": calls,
    }
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    text = f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n'
    (HERE / name).write_text(text)
    print(f"{name}: {len(cases)} cases")


def column(table, side, name):
    with open(HERE / "samples" / f"{table}_{side}.csv", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


# -- two samples of numbers --------------------------------------------------------------------------------------------

def ks(reference, current, method):
    result = stats.ks_2samp(reference, current, method=method)
    # Without a row in round(nm/(n+m)) the asymptotic distribution has no value.
    p_value = None if math.isnan(result.pvalue) else float(result.pvalue)
    return {"statistic": float(result.statistic), "p_value": p_value}


def numeric(name, source, reference, current):
    """`source` says where the values are: in this file, or in a column of a sample."""
    reference, current = np.asarray(reference, float), np.asarray(current, float)
    edges = np.unique(np.percentile(reference, np.arange(0, 101, 10)))
    inner = edges[1:-1]
    counts = [np.bincount(np.searchsorted(inner, x, side="right"), minlength=len(inner) + 1) for x in (reference, current)]
    case = {
        "name": name,
        **source,
        "ks_auto": ks(reference, current, "auto"),
        "ks_asymp": ks(reference, current, "asymp"),
        "wasserstein": float(stats.wasserstein_distance(reference, current)),
        "reference_std": float(np.std(reference)),
        "inner_deciles": inner.tolist(),
        "reference_counts": counts[0].tolist(),
        "current_counts": counts[1].tolist(),
    }
    return case


def numeric_cases():
    rng = np.random.default_rng(SEED)
    cases = []

    def inline(name, reference, current):
        source = {"reference": [float(v) for v in reference], "current": [float(v) for v in current]}
        cases.append(numeric(name, source, reference, current))

    inline("one row each, equal", [1.0], [1.0])
    inline("one row each, apart", [1.0], [2.0])
    inline("apart", [1, 2, 3], [4, 5, 6])
    inline("all equal", [7.0] * 9, [7.0] * 4)
    inline("constant reference, moved", [0.003467] * 40, [0.003467] * 10 + [0.0034] * 5 + [0.02] * 15)
    inline("ties across", [1, 2, 2, 3, 3, 3, 4], [2, 3, 3, 4, 4, 4, 5, 5])
    inline("zeros and a tail", [0.0] * 12 + list(range(1, 9)), [0.0] * 6 + list(range(1, 19)))
    inline("huge offset", 1e9 + np.arange(20) / 8, 1e9 + np.arange(25) / 8 + 0.5)
    inline("tiny values", np.arange(1, 13) * 1e-200, np.arange(3, 15) * 1e-200)
    inline("both signs", rng.normal(size=40), rng.normal(size=31) + 0.7)
    inline("integers", rng.poisson(3, 60), rng.poisson(4, 45))
    inline("skewed", rng.lognormal(size=50), rng.lognormal(0.4, size=50))
    inline("one against many", rng.normal(size=120), [2.5])
    inline("coprime sizes", rng.normal(size=47), rng.normal(size=53) + 0.2)
    inline("far apart", np.arange(150.0), np.arange(150.0) + 120)

    columns = {
        "elec2": ["period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"],
        "california": ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude", "y_pred_proba"],
        "breast_cancer": ["mean radius", "mean smoothness", "mean fractal dimension", "smoothness error", "symmetry error", "worst texture"],
    }
    for table, names in columns.items():
        for name in names:
            sides = [[float(v) for v in column(table, side, name)] for side in ("reference", "current")]
            cases.append(numeric(f"{table}: {name}", {"sample": table, "column": name}, *sides))
    return cases


# -- two rows of counts ------------------------------------------------------------------------------------------------

def counted(name, reference, current):
    reference, current = np.asarray(reference), np.asarray(current)
    seen = (reference + current) > 0
    case = {"name": name, "reference": reference.tolist(), "current": current.tolist()}
    if seen.sum() > 1:
        test = stats.chi2_contingency(np.array([reference[seen], current[seen]]), correction=False)
        # scipy's tail is checked, and replaced where it is less exact, by mpmath's on the same statistic.
        statistic = float(test.statistic)
        tail = mpmath.gammainc(mpmath.mpf(int(test.dof)) / 2, mpmath.mpf(statistic) / 2, regularized=True)
        assert tail < 1e-290 or abs(float(tail) - test.pvalue) <= 1e-10 * test.pvalue, name
        case["chi_square"] = {"statistic": statistic, "df": int(test.dof), "p_value": float(tail)}
        case["cramers_v"] = float(math.sqrt(statistic / (reference.sum() + current.sum())))
    case["psi_classic"], case["psi_renormalised"] = exact_psi(reference, current)
    case["js_distance_base2"] = float(exact_js(reference, current))
    own = float(jensenshannon(reference / reference.sum(), current / current.sum(), base=2))
    assert abs(own - case["js_distance_base2"]) <= 1e-7, name
    return case


def exact_psi(reference, current):
    floor = mpmath.mpf(1) / 10_000
    p, q = ([mpmath.mpf(int(count)) / int(counts.sum()) + floor for count in counts] for counts in (reference, current))
    classic = mpmath.fsum((b - a) * mpmath.log(b / a) for a, b in zip(p, q))
    return float(classic), float(classic / (1 + len(p) * floor))


def exact_js(reference, current):
    """scipy's own loses half of its digits where the shares are nearly equal."""
    n, m = mpmath.mpf(int(reference.sum())), mpmath.mpf(int(current.sum()))
    divergence = mpmath.mpf(0)
    for a, b in zip(reference.tolist(), current.tolist()):
        p, q = a / n, b / m
        for share in (p, q):
            if share > 0:
                divergence += share * mpmath.log(2 * share / (p + q), 2) / 2
    return mpmath.sqrt(max(divergence, 0))


def counted_cases():
    rng = np.random.default_rng(SEED + 1)
    shares = rng.dirichlet(np.ones(10))
    cases = [
        counted("two by two", [25, 25], [30, 20]),
        counted("equal shares", [10, 20, 30], [100, 200, 300]),
        counted("apart", [100, 0], [0, 100]),
        counted("one category", [12], [30]),
        counted("a category that nobody has", [25, 0, 25], [30, 0, 20]),
        counted("a new category", [500, 300, 200, 0], [480, 310, 180, 30]),
        counted("a category that is gone", [480, 310, 180, 30], [500, 300, 200, 0]),
        counted("nearly equal, large", [10_000_000, 20_000_000], [10_001_000, 19_999_000]),
        counted("one row each", [1, 0], [0, 1]),
        counted("unequal sizes", [5000, 3000, 2000], [60, 25, 15]),
        counted("ten bins, no drift", rng.multinomial(2000, shares), rng.multinomial(900, shares)),
        counted("ten bins, drift", rng.multinomial(2000, shares), rng.multinomial(900, shares[::-1])),
        counted("two hundred categories", rng.multinomial(5000, np.ones(200) / 200), rng.multinomial(4000, np.ones(200) / 200)),
        counted("tail near 1e-100", [1000, 1000, 1000], [1300, 1000, 300]),
        counted("tail near 1e-300", [2000, 2000, 2000], [2850, 1900, 400]),
        counted("tail below the doubles", [50_000, 50_000], [70_000, 30_000]),
    ]
    for table, name in (("elec2", "class"), ("california", "y_pred")):
        sides = [column(table, side, name) for side in ("reference", "current")]
        levels = sorted(set(sides[0]) | set(sides[1]))
        cases.append(counted(f"{table}: {name}", *[[side.count(level) for level in levels] for side in sides]))
    return cases


# -- tails -------------------------------------------------------------------------------------------------------------

def kolmogorov_exact(n, m, gap):
    """P(n·m·D >= gap): lattice paths inside the band, by whole numbers."""
    row = [0] * (m + 1)
    for i in range(n + 1):
        for j in range(m + 1):
            inside = abs(i * m - j * n) < gap
            arrivals = 1 if i == j == 0 else (row[j] if i else 0) + (row[j - 1] if j else 0)
            row[j] = arrivals if inside else 0
    ways = math.comb(n + m, n)
    return float(mpmath.mpf(ways - row[m]) / ways)


def smirnov_tail(n, d):
    """Twice the one-sided tail of the one-sample statistic, by Smirnov's sum in 60 digits."""
    n_, d_ = mpmath.mpf(n), mpmath.mpf(d)
    total = mpmath.mpf(0)
    binomial = mpmath.mpf(1)
    for j in range(int(mpmath.floor(n_ * (1 - d_))) + 1):
        u = d_ + j / n_
        if u < 1:
            total += binomial * u ** (j - 1) * (1 - u) ** (n - j)
        binomial = binomial * (n - j) / (j + 1)
    return float(2 * d_ * total)


def tail_cases():
    cases = []
    for n, m in [(1, 1), (5, 5), (7, 3), (12, 20), (40, 60), (50, 50), (97, 101), (200, 150), (300, 300), (400, 333)]:
        unit = math.gcd(n, m)
        largest = n * m // unit
        for share in [0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 0.9, 1.0]:
            gap = max(1, round(share * largest)) * unit
            if n == m:
                gap = -(-gap // n) * n
            p_value = kolmogorov_exact(n, m, gap)
            if p_value > 1e-300:
                cases.append({"function": "ks_exact", "n": n, "m": m, "d": gap / (n * m), "want": p_value})
    # Sizes for which round(nm/(n+m)) falls into every region of the one-sample distribution.
    for n, m in [(20_000, 1), (20_000, 5), (20_000, 40), (20_000, 140), (20_000, 145), (20_000, 500), (10_001, 10_001), (10_003, 10_003),
                 (200_000, 300_000), (1_000_000, 1_000_000)]:
        rows = float(np.round(n * m / (n + m)))
        for z in [0.3, 0.45, 0.6, 0.9, 1.2, 1.4, 1.6, 2.0, 3.0, 5.0, 9.0, 15.0]:
            d = z / math.sqrt(rows)
            if d < 1:
                want = float(stats.kstwo.sf(d, rows))
                if want > 1e-300:
                    cases.append({"function": "ks_asymptotic", "n": n, "m": m, "d": d, "want": want})
    for rows, d in [(5000, 0.03), (5000, 0.1), (5000, 0.2), (5000, 0.26), (2000, 0.4), (700, 0.6), (30, 0.9)]:
        cases.append({"function": "ks_smirnov_tail", "n": 2 * rows, "m": 2 * rows, "d": d, "want": smirnov_tail(rows, d)})
    for df in [1, 2, 3, 9, 30, 200, 5000]:
        for x in [1e-8, 0.01, 0.5, 0.9, 1.0, 1.1, 2.0, 4.0, 20.0, 100.0, 600.0]:
            statistic = x * df
            want = mpmath.gammainc(mpmath.mpf(df) / 2, mpmath.mpf(statistic) / 2, regularized=True)
            if want > 1e-300:
                cases.append({"function": "chi_square_tail", "df": df, "x": statistic, "want": float(want)})
        for tail in [0.5, 0.05, 0.01, 1e-6, 1e-12]:
            point = mpmath.findroot(
                lambda x: mpmath.log(mpmath.gammainc(mpmath.mpf(df) / 2, x / 2, regularized=True)) - mpmath.log(mpmath.mpf(tail)),
                mpmath.mpf(float(stats.chi2.isf(tail, df))),
            )
            cases.append({"function": "chi_square_point", "df": df, "x": tail, "want": float(point)})
    return cases


def multiple_cases():
    rng = np.random.default_rng(SEED + 2)
    inputs = [[0.3], [0.01, 0.02, 0.03], [0.05, 0.05, 0.01, 1.0], [0.0, 1e-300, 0.5], rng.uniform(size=40).tolist(),
              np.sort(rng.uniform(size=15) ** 4)[::-1].tolist()]
    return [{"p_values": p, "want": stats.false_discovery_control(p, method="bh").tolist()} for p in inputs]


if __name__ == "__main__":
    write("numeric.json", {
        "ks_auto": "scipy.stats.ks_2samp(reference, current, method='auto')",
        "ks_asymp": "scipy.stats.ks_2samp(reference, current, method='asymp')",
        "wasserstein": "scipy.stats.wasserstein_distance(reference, current)",
        "reference_std": "numpy.std(reference)",
        "inner_deciles": "numpy.unique(numpy.percentile(reference, range(0, 101, 10)))[1:-1]",
        "counts": "bins closed below, open above, the outer ones without end",
    }, numeric_cases())
    write("counted.json", {
        "chi_square": "scipy.stats.chi2_contingency(table, correction=False), empty columns left out; p_value mpmath.gammainc(df/2, statistic/2, regularized=True)",
        "cramers_v": "sqrt(statistic / (n + m))",
        "psi_classic": "mpmath, 60 digits: 1e-4 added to each share, not renormalised",
        "psi_renormalised": "the same shares divided by their sum",
        "js_distance_base2": "mpmath, 60 digits; agrees with scipy.spatial.distance.jensenshannon(p, q, base=2) to 1e-7 absolute",
    }, counted_cases())
    write("tails.json", {
        "ks_exact": "lattice paths counted by integers, P(D >= d)",
        "ks_asymptotic": "scipy.stats.kstwo.sf(d, round(n*m/(n+m)))",
        "ks_smirnov_tail": "mpmath, 60 digits, twice Smirnov's one-sided sum for n/2 rows",
        "chi_square_tail": "mpmath.gammainc(df/2, x/2, regularized=True)",
        "chi_square_point": "mpmath.findroot on the logarithm of chi_square_tail",
    }, tail_cases())
    write("multiple.json", {"want": "scipy.stats.false_discovery_control(p_values, method='bh')"}, multiple_cases())
