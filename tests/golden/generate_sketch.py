"""Writes sketch.json beside this file: sketches that Apache DataSketches wrote, and its reading of ours.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install datasketches==5.2.0 mpmath==1.4.1 numpy==2.4.6 scipy==1.17.1
    /tmp/golden/bin/python generate_sketch.py

A case "python" holds bytes that Python wrote; a case "ours" holds bytes that `cargo run --example write_sketches`
printed, and what Python read from them: no answer in this file is of our own making.
"""

import base64
import datetime
import importlib.metadata
import json
import pathlib
import platform
import subprocess

import mpmath
import numpy as np
import scipy
import scipy.stats
from datasketches import (
    HLL_4, HLL_6, HLL_8, PyLongsSerDe, frequent_items_error_type, frequent_items_sketch, frequent_strings_sketch, hll_sketch,
    hll_union, kll_doubles_sketch,
)
from mpmath import mp, mpf

HERE = pathlib.Path(__file__).parent
SEED = 20261127
SHARES = [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999]


def kll_answers(sketch):
    answers = {
        "k": sketch.k,
        "count": sketch.n,
        "rank_error": sketch.normalized_rank_error(False) if sketch.is_estimation_mode() else 0.0,
        "share_error": sketch.normalized_rank_error(True) if sketch.is_estimation_mode() else 0.0,
    }
    if sketch.n:
        quantiles = [sketch.get_quantile(share, True) for share in SHARES]
        answers |= {
            "min": sketch.get_min_value(),
            "max": sketch.get_max_value(),
            "quantiles": quantiles,
            "ranks": [sketch.get_rank(value, True) for value in quantiles],
        }
    return answers


def kll_cases():
    rng = np.random.default_rng(SEED)

    def made(name, k, *parts):
        sketch = kll_doubles_sketch(k)
        for part in parts:
            if isinstance(part, kll_doubles_sketch):
                sketch.merge(part)
            else:
                for value in part:
                    sketch.update(float(value))
        return name, sketch

    normal = made("normal", 64, rng.normal(size=50_000))
    small = made("small k", 16, rng.normal(3, 2, size=5_000))
    return [
        made("empty", 200),
        made("one", 200, [-2.5]),
        made("two", 200, [3.0, 1.0]),
        made("exact", 100, rng.integers(0, 20, 100)),
        made("just compacted", 100, rng.exponential(size=101)),
        made("ties", 32, rng.integers(0, 5, 10_000)),
        made("huge offset", 32, 1e12 + rng.integers(0, 1000, 3_000)),
        normal,
        small,
        made("merged", 64, normal[1], small[1], [1e300]),
    ]


def registers_of(sketch):
    """The registers of a sketch, if it has any: those of HLL_8, one a byte."""
    data = hll_union_of(sketch).serialize_updatable()
    return list(data[40:]) if data[0] == 10 else None


def hll_union_of(*sketches):
    union = hll_union(min(sketch.lg_config_k for sketch in sketches))
    for sketch in sketches:
        union.update(sketch)
    return union.get_result(HLL_8)


def ertl(registers):
    """Ertl (2017), algorithm 6, by its sums at 50 digits."""
    mp.dps = 50
    m = len(registers)
    count = [registers.count(value) for value in range(64)]
    x = mpf(m - count[63]) / m
    tau = mpf(0) if x in (0, 1) else (1 - x - sum((1 - x ** (mpf(2) ** -k)) ** 2 / mpf(2) ** k for k in range(1, 200))) / 3
    x = mpf(count[0]) / m
    sigma = x + sum(x ** (2 ** k) * mpf(2) ** (k - 1) for k in range(1, 60))
    harmonic = m * tau / mpf(2) ** 62 + sum(mpf(count[value]) / mpf(2) ** value for value in range(1, 63)) + m * sigma
    return float(m * m / (2 * mp.log(2)) / harmonic)


def hll_answers(sketch):
    data = sketch.serialize_compact()
    answers = {"lg_k": sketch.lg_config_k, "estimate": sketch.get_estimate(), "in_order": not data[5] & 16}
    if data[0] == 10 and not answers["in_order"]:
        answers["of_registers"] = ertl(registers_of(sketch))
    return answers


def exceptional():
    """Integers of which a few have values too far from the smallest for 4 bits."""
    for start in range(0, 10**9, 10**6):
        sketch = hll_sketch(9, HLL_4)
        for item in range(start, start + 6000):
            sketch.update(item)
        if int.from_bytes(sketch.serialize_compact()[36:40], "little") > 1:
            return range(start, start + 6000)


def hll_cases():
    def made(name, lg_k, kind, items, updatable=False):
        sketch = hll_sketch(lg_k, kind)
        for item in items:
            sketch.update(item)
        return name, sketch, sketch.serialize_updatable() if updatable else sketch.serialize_compact()

    texts = [f"città numero {index}" for index in range(3000)]
    cases = [
        made("empty", 12, HLL_4, []),
        made("list", 12, HLL_4, [1, 2.5, "x", -0.0, 0.0, float("nan"), "", 2]),
        made("updatable list", 11, HLL_8, [1, 2, 3], True),
        made("set", 10, HLL_6, texts[:60]),
        made("updatable set", 10, HLL_8, texts[:60], True),
        made("4 bits", 9, HLL_4, texts),
        *(made(f"{form} 4 bits with exceptions", 9, HLL_4, exceptional(), form == "updatable") for form in ["compact", "updatable"]),
        made("updatable 4 bits", 7, HLL_4, range(100_000), True),
        made("6 bits", 9, HLL_6, texts),
        made("8 bits", 8, HLL_8, [index / 7 for index in range(5000)]),
    ]
    for name, *parts in [
        ("merged", range(0, 4000), range(3000, 9000)),
        ("merged few", range(0, 200), range(100, 300)),
        ("merged many", range(0, 300_000), range(100_000, 900_000)),
    ]:
        sketch = hll_union_of(*(made("", 8, HLL_4, part)[1] for part in parts))
        cases.append((name, sketch, sketch.serialize_compact()))
    return cases


def frequent_answers(sketch):
    rows = sketch.get_frequent_items(frequent_items_error_type.NO_FALSE_NEGATIVES)
    return {"total": sketch.total_weight, "items": sorted([item, lower, upper] for item, _, lower, upper in rows)}


def frequent_cases(new, item, name):
    rng = np.random.default_rng(SEED)
    for lg_max, count in [(5, 0), (5, 12), (4, 5000)]:
        sketch = new(lg_max)
        for index in np.floor(rng.exponential(12, count)):
            sketch.update(item(int(index)), 1 + int(index) % 3)
        yield f"{name} {lg_max} {count}", sketch


def histogram_cases():
    rng = np.random.default_rng(SEED)
    for low, high, bins, values in [
        (0.0, 1.0, 10, rng.uniform(-0.1, 1.1, 200).round(3)),
        (-4.0, 4.0, 32, rng.normal(size=200).round(4)),
        (0.0, 8.0, 8, rng.integers(-1, 10, 100)),
    ]:
        counts, edges = np.histogram(values, bins, (low, high))
        yield {
            "maker": "python", "sketch": "histogram", "name": f"{bins} bins", "low": low, "high": high, "values": values.tolist(),
            "counts": counts.tolist(), "below": int((values < low).sum()), "above": int((values > high).sum()),
        }


def two_sample_cases():
    """Sketches of two samples, and scipy's statistics of the samples themselves."""
    rng = np.random.default_rng(SEED)
    for name, k, one, two in [
        ("normal", 200, rng.normal(size=20_000), rng.normal(0.3, 1.2, 12_000)),
        ("long tail", 200, rng.lognormal(size=20_000), rng.lognormal(0.2, 1, 9_000)),
        ("ties", 100, rng.poisson(3, 8_000), rng.poisson(4, 8_000)),
        ("exact", 300, rng.normal(size=200), rng.normal(1, 1, 150)),
    ]:
        sketches = [kll_doubles_sketch(k), kll_doubles_sketch(k)]
        for sketch, sample in zip(sketches, [one, two]):
            for value in sample:
                sketch.update(float(value))
        u = scipy.stats.mannwhitneyu(one, two)
        yield {
            "maker": "python", "sketch": "two_sample", "name": name,
            "reference": base64.b64encode(sketches[0].serialize()).decode(),
            "current": base64.b64encode(sketches[1].serialize()).decode(),
            "kolmogorov_smirnov": float(scipy.stats.ks_2samp(one, two).statistic),
            "rank_biserial": float(abs(2 * u.statistic / (len(one) * len(two)) - 1)),
            "wasserstein": float(scipy.stats.wasserstein_distance(one, two)),
            "log_p_values": [float(np.log(max(p, 1e-300))) for p in [scipy.stats.ks_2samp(one, two).pvalue, u.pvalue]],
        }


def two_frequent_cases():
    rng = np.random.default_rng(SEED)
    sketches, tallies = [], []
    for scale in [8, 9]:
        items = np.floor(rng.exponential(scale, 3000)).astype(int)
        sketch = frequent_strings_sketch(8)
        for item in items:
            sketch.update(f"item {item}")
        sketches.append(sketch)
        tallies.append(np.bincount(items, minlength=100))
    table = np.array(tallies)
    table = table[:, table.sum(axis=0) > 0]
    chi_square = scipy.stats.chi2_contingency(table, correction=False)
    yield {
        "maker": "python", "sketch": "two_frequent", "name": "exact", "counts": table.tolist(),
        "reference": base64.b64encode(sketches[0].serialize()).decode(),
        "current": base64.b64encode(sketches[1].serialize()).decode(),
        "largest_change": float(np.abs(table[0] / 3000 - table[1] / 3000).max()),
        "total_variation": float(np.abs(table[0] / 3000 - table[1] / 3000).sum() / 2), "chi_square": float(chi_square.statistic),
    }


def case(maker, sketch, name, data, answers):
    return {"maker": maker, "sketch": sketch, "name": name, "bytes": base64.b64encode(data).decode(), "answers": answers}


def readers():
    longs = PyLongsSerDe()
    return {
        "kll": (kll_doubles_sketch.deserialize, kll_answers),
        "hll": (hll_sketch.deserialize, hll_answers),
        "frequent_strings": (frequent_strings_sketch.deserialize, frequent_answers),
        "frequent_longs": (lambda data: frequent_items_sketch.deserialize(data, longs), frequent_answers),
    }


def main():
    cases = [case("python", "kll", name, s.serialize(), kll_answers(s)) for name, s in kll_cases()]
    cases += [case("python", "hll", name, data, hll_answers(s)) for name, s, data in hll_cases()]
    for name, sketch in frequent_cases(frequent_strings_sketch, "item {}".format, "strings"):
        cases.append(case("python", "frequent_strings", name, sketch.serialize(), frequent_answers(sketch)))
    for name, sketch in frequent_cases(frequent_items_sketch, lambda index: 7 - index, "longs"):
        data = sketch.serialize(PyLongsSerDe())
        cases.append(case("python", "frequent_longs", name, data, frequent_answers(sketch)))
    cases += [*histogram_cases(), *two_sample_cases(), *two_frequent_cases()]
    printed = subprocess.run(
        ["cargo", "run", "--quiet", "--package", "tidegate-tests", "--example", "write_sketches"],
        check=True, capture_output=True, text=True, cwd=HERE,
    ).stdout
    for line in printed.splitlines():
        name, text = line.split("\t")
        sketch = name.split()[0]
        data = base64.b64decode(text, validate=True)
        read, answers = readers()[sketch]
        cases.append(case("ours", sketch, name, data, answers(read(data))))
    header = {
        "generator": "tests/golden/generate_sketch.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "mpmath": mpmath.__version__,
        "datasketches": importlib.metadata.version("datasketches"),
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": {
            "kll": "get_quantile(share, True), get_rank(value, True), normalized_rank_error of kll_doubles_sketch",
            "hll": "get_estimate of hll_sketch; of_registers: Ertl's sums in mpmath",
            "frequent": "get_frequent_items(NO_FALSE_NEGATIVES), total_weight",
            "two_sample": "ks_2samp, mannwhitneyu, wasserstein_distance of scipy.stats on the samples themselves",
            "histogram": "numpy.histogram(values, bins, (low, high))",
        },
    }
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    text = f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n'
    (HERE / "sketch.json").write_text(text)
    print(f"sketch.json: {len(cases)} cases, {len(text)} bytes")


main()
