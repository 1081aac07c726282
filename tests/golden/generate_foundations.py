"""Writes foundations.json beside this file: what the statistics stand on. Our own code has no part in it.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install mpmath numpy scipy scikit-learn shap
    /tmp/golden/bin/python generate_foundations.py

Oracles: mpmath for the functions, fractions for sums and moments, numpy for counts, whole numbers for ranks, scikit-learn and
shap for a tree. JSON floats are the shortest decimals that give the double back.
"""

import datetime
import json
import pathlib
import platform
from fractions import Fraction

import mpmath
import numpy as np
import scipy
import shap
import sklearn
from mpmath import mpf
from scipy.spatial.distance import jensenshannon
from sklearn.tree import DecisionTreeRegressor

HERE = pathlib.Path(__file__).parent
SEED = 20261127
mpmath.mp.dps = 60


# -- functions ---------------------------------------------------------------------------------------------------------

def functions():
    all_of = [0.0, 1e-300, -1e-18, 1e-9, -0.3, 0.5, 1.0, -1.0, 2.75, -7.1, 12.5, 33.3]
    positive = [5e-324, 1e-300, 1e-9, 0.3, 0.5, 0.9999999, 1.0, 1.0000001, 2.0, 7.25, 171.3, 1e12, 1e300]
    of_one = {
        "exp": (mpmath.exp, all_of + [-700.0, 709.0]),
        "exp_m1": (mpmath.expm1, all_of + [-700.0, 709.0]),
        "ln": (mpmath.log, positive),
        "ln_1p": (mpmath.log1p, [x for x in all_of if x > -1] + [-0.9999999, 1e300]),
        "ln_gamma": (mpmath.loggamma, positive[2:]),
        "erf": (mpmath.erf, all_of),
        "erfc": (mpmath.erfc, all_of[:-1] + [20.0, 26.5]),
        "sin": (mpmath.sin, all_of + [3.141592653589793, 1e6, 1e22]),
        "cos": (mpmath.cos, all_of + [1.5707963267948966, 1e6, 1e22]),
        "sqrt": (mpmath.sqrt, positive + [0.0]),
        "floor": (mpmath.floor, [0.0, 0.5, -0.5, 2.0, -2.0, 1e15 + 0.5, -7.999999, 1e300]),
        "ceil": (mpmath.ceil, [0.0, 0.5, -1.5, 2.0, -2.0, 1e15 + 0.5, -7.999999, 1e300]),
        "round_ties_even": (mpmath.nint, [0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 4503599627370495.5, 1e300]),
    }
    for function, (oracle, xs) in of_one.items():
        for x in xs:
            yield {"function": function, "x": x, "want": float(oracle(mpf(x)))}
    for x, y in [(2.0, 0.5), (10.0, -300.0), (0.3, 17.0), (1.0000001, 1e9), (7.0, 0.0), (1e-5, 60.0), (3.0, 40.0)]:
        yield {"function": "pow", "x": x, "y": y, "want": float(mpf(x) ** mpf(y))}
    for y, x in [(1.0, 1.0), (1.0, -1.0), (-1.0, -1.0), (1e-9, 3.0), (0.0, 2.0), (5.0, 0.0), (-2.5, 0.1), (1e300, 1e-300)]:
        yield {"function": "atan2", "y": y, "x": x, "want": float(mpmath.atan2(y, x))}
    for x, n in [(3.0, 4), (-0.1, -7), (1.5, 1022), (1.0, -1074), (5e-324, 60)]:
        yield {"function": "scale_by_power_of_two", "x": x, "n": n, "want": float(mpmath.ldexp(mpf(x), n))}
    for a, x in [(0.5, 0.1), (0.5, 300.0), (1.0, 2.0), (3.5, 3.5), (10.0, 30.0), (100.0, 80.0), (100.0, 500.0), (1e4, 1.05e4),
                 (1e6, 1e6), (2.0, 0.0), (1e-3, 1e-5), (50.0, 690.0)]:
        yield {"function": "upper_gamma_ratio", "a": a, "x": x, "want": float(mpmath.gammainc(a, x, regularized=True))}


# -- sums and moments --------------------------------------------------------------------------------------------------

def lists():
    rng = np.random.default_rng(SEED)
    return {
        "what a plain sum loses": [1e16, 1.0, -1e16, 1.0],
        "tenths": [0.1] * 30,
        "normal": rng.normal(size=60).tolist(),
        "huge offset": (1e12 + rng.normal(size=40)).tolist(),
        "all equal": [3.25] * 9,
        "one": [-7.5],
        "beyond squares": (rng.normal(size=20) * 1e200).tolist(),
        "below squares": (rng.normal(size=20) * 1e-200).tolist(),
    }


def root(fraction):
    return mpmath.sqrt(mpf(fraction.numerator) / fraction.denominator)


def sums():
    for name, terms in lists().items():
        yield {"function": "sum", "name": name, "terms": terms, "want": float(sum(map(Fraction, terms)))}


def moments():
    for name, values in list(lists().items())[1:]:
        exact = [Fraction(value) for value in values]
        mean = sum(exact) / len(exact)
        variance = sum((value - mean) ** 2 for value in exact) / len(exact)
        largest = Fraction(1.7976931348623157e308)
        yield {"function": "moments", "name": name, "values": values, "mean": float(mean),
               "variance": float(min(variance, largest)), "standard_deviation": float(root(variance)),
               "min": min(values), "max": max(values)}


# -- counts ------------------------------------------------------------------------------------------------------------

def quantiles():
    rng = np.random.default_rng(SEED + 1)
    shares = [0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 1.0]
    for name, values in [("latencies", rng.lognormal(-3, 1.5, 80)), ("zeros", [0.0, 0.0, 0.0, 4.0]), ("small", 1e-9 * rng.random(30))]:
        values = np.asarray(values)
        yield {"function": "quantile", "name": name, "values": values.tolist(), "shares": shares,
               "want": np.quantile(values, shares, method="inverted_cdf").tolist()}


def bins():
    edges = [-1.5, 0.0, 0.25, 3.0, 1e9]
    values = [-2.0, -1.5, -1e-300, 0.0, 0.1, 0.25, 2.9999, 3.0, 1e8, 1e9, 1e300]
    yield {"function": "index", "edges": edges, "values": values, "want": np.digitize(values, edges).tolist()}


def sketches():
    rng = np.random.default_rng(SEED + 4)
    reference, current = np.round(rng.normal(size=97), 4), np.round(rng.normal(0.4, 1.2, 60), 4)
    edges = np.percentile(reference, range(10, 100, 10), method="inverted_cdf")
    count = lambda values: np.bincount(np.digitize(values, edges), minlength=10).tolist()
    yield {"function": "sketch_deciles", "reference": reference.tolist(), "current": current.tolist(), "edges": edges.tolist(),
           "reference_counts": count(reference), "current_counts": count(current)}


# -- ranks and distances -----------------------------------------------------------------------------------------------

def orders(n, m):
    """How many orders of two samples have each U, by adding the largest row first."""
    table = {(0, j): [1] for j in range(m + 1)} | {(i, 0): [1] for i in range(n + 1)}
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            # Of the first sample it beats all j of the second; of the second it beats nobody.
            one, other = [0] * j + table[i - 1, j], table[i, j - 1]
            size = max(len(one), len(other))
            table[i, j] = [sum(part[u] for part in (one, other) if u < len(part)) for u in range(size)]
    return table[n, m]


def mann_whitney():
    for n, m in [(1, 1), (3, 3), (5, 8), (20, 20), (2, 60), (40, 25)]:
        counts = orders(n, m)
        for u in {0, 1, n * m // 4, n * m // 2, n * m}:
            far = max(u, n * m - u)
            yield {"function": "mann_whitney_exact", "n": n, "m": m, "u": u,
                   "want": float(min(Fraction(1), Fraction(2 * sum(counts[far:]), sum(counts))))}


def jensen_shannon():
    rng = np.random.default_rng(SEED + 2)
    pairs = [([1, 0], [0, 1]), ([0.5, 0.5], [0.25, 0.75]), ([0.5, 0.5], [0.5, 0.5])]
    pairs += [tuple(rng.dirichlet(np.ones(6), 2))]
    for p, q in pairs:
        p, q = ([mpf(float(share)) / mpmath.fsum(map(float, side)) for share in side] for side in (p, q))
        entropy = lambda shares: -mpmath.fsum(share * mpmath.log(share) for share in shares if share)
        nats = entropy([(a + b) / 2 for a, b in zip(p, q)]) - (entropy(p) + entropy(q)) / 2
        nats = max(nats, mpf(0))
        bits = nats / mpmath.log(2)
        scipys = float(jensenshannon([float(a) for a in p], [float(b) for b in q]))
        assert abs(scipys - mpmath.sqrt(nats)) < 1e-7
        yield {"function": "jensen_shannon", "divergence_nats": float(nats), "divergence_bits": float(bits),
               "distance": float(mpmath.sqrt(bits)), "distance_nats": float(mpmath.sqrt(nats))}


# -- a tree ------------------------------------------------------------------------------------------------------------

def tree():
    rng = np.random.default_rng(SEED + 3)
    x = np.round(rng.normal(size=(120, 4)), 3).astype(np.float32).astype(float)
    # Two outputs, of which each has its own tree.
    targets = [x[:, 0] * (x[:, 1] > 0) + 0.1 * x[:, 2], np.abs(x[:, 3]) - x[:, 1]]
    rows = np.round(rng.normal(size=(12, 4)), 3).astype(np.float32).astype(float)
    trees = []
    for target in targets:
        model = DecisionTreeRegressor(max_depth=4, random_state=0).fit(x, np.round(target, 3))
        t = model.tree_
        trees.append({
            "feature": t.feature.tolist(), "threshold": t.threshold.tolist(), "left": t.children_left.tolist(),
            "right": t.children_right.tolist(), "value": t.value[:, 0, 0].tolist(), "cover": t.weighted_n_node_samples.tolist(),
            "outputs": model.predict(rows).tolist(),
            "values": shap.TreeExplainer(model, feature_perturbation="tree_path_dependent").shap_values(rows).tolist(),
        })
    yield {"function": "tree", "rows": rows.tolist(), "trees": trees}
    categories = [1, 3, 31, 32, 40, 70]
    asked = [0.0, 1.0, 2.0, 3.0, 31.0, 32.0, 33.0, 40.0, 64.0, 70.0, 71.0, 500.0]
    yield {"function": "categories", "categories": categories, "rows": asked, "want": np.isin(asked, categories).tolist()}


if __name__ == "__main__":
    header = {
        "generator": "tests/golden/generate_foundations.py",
        "python": platform.python_version(),
        "mpmath": mpmath.__version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "shap": shap.__version__,
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": {
            "functions": "mpmath's of the same meaning, at 60 digits",
            "sum, moments": "fractions; the variance is of the population, at most the largest double",
            "quantile": "numpy.quantile(values, shares, method='inverted_cdf')",
            "index": "numpy.digitize(values, edges)",
            "sketch_deciles": "numpy.percentile(reference, range(10, 100, 10), method='inverted_cdf'), numpy.digitize",
            "mann_whitney_exact": "min(1, 2 P(U >= max(u, nm - u))), by counting orders in whole numbers",
            "jensen_shannon": "entropies in mpmath; distance_nats is scipy.spatial.distance.jensenshannon(p, q)",
            "tree": "sklearn.tree.DecisionTreeRegressor, its predict, and shap.TreeExplainer(feature_perturbation='tree_path_dependent')",
            "categories": "numpy.isin(rows, categories)",
        },
    }
    cases = [case for part in (functions, sums, moments, quantiles, bins, sketches, mann_whitney, jensen_shannon, tree) for case in part()]
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    (HERE / "foundations.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
    print(f"foundations.json: {len(cases)} cases")
