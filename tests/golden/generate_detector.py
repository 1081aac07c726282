"""Writes detector.json and run_length.json beside this file. Our own code has no part in them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install river==0.26.1 scipy numpy
    /tmp/golden/bin/python generate_detector.py

Oracles: river for the detectors that it has; for KSWIN without a seed, where river would draw at random, scipy's test on the
whole of the older part of the same window; for the run lengths of cumulative sums, their integral equation.
"""

import collections
import datetime
import json
import pathlib
import platform

import numpy as np
import river
import scipy
from river import drift
from scipy import optimize, stats

HERE = pathlib.Path(__file__).parent
SEED = 20261123


def write(name, calls, cases):
    header = {
        "generator": "tests/golden/generate_detector.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "river": river.__version__,
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": calls,
    }
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    text = f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n'
    (HERE / name).write_text(text)
    print(f"{name}: {len(cases)} cases")


# -- streams -----------------------------------------------------------------------------------------------------------

def write_steps():
    rng = np.random.default_rng(SEED)
    blocks = [(0, 1), (1, 1), (1, 3), (-2, 1), (-1.7, 1), (-1.7, 0.3)]
    values = np.concatenate([rng.normal(mean, deviation, 1000) for mean, deviation in blocks])
    (HERE / "streams/steps.csv").write_text("".join(f"{value:.3f}\n" for value in values))


def stream(name):
    text = (HERE / "streams" / name).read_text()
    return [int(bit) for bit in text if bit in "01"] if name.endswith(".bits") else [float(x) for x in text.split()]


def runs(indices):
    """Ascending indices as [first, length] of each run."""
    found = []
    for index in indices:
        if found and index == sum(found[-1]):
            found[-1][1] += 1
        else:
            found.append([index, 1])
    return found


# -- detectors ---------------------------------------------------------------------------------------------------------

def watch(detector, values):
    changes, warnings, windows = [], [], []
    for index, value in enumerate(values):
        detector.update(value)
        if detector.drift_detected:
            changes.append(index)
            if isinstance(detector, drift.ADWIN):
                windows.append([int(detector.width), detector.estimation])
        elif getattr(detector, "warning_detected", False):
            warnings.append(index)
    result = {"changes": changes, "warnings": runs(warnings)}
    return result | ({"windows": windows} if windows else {})


def watch_kswin(values, alpha, window, recent):
    changes, held = [], collections.deque(maxlen=window)
    for index, value in enumerate(values):
        held.append(value)
        if len(held) < window:
            continue
        whole = list(held)
        test = stats.ks_2samp(whole[:-recent], whole[-recent:], method="exact")
        if test.pvalue <= alpha and test.statistic > 0.1:
            changes.append(index)
            # As in river's update: the detector that has seen a change begins with the next value alone.
            held.clear()
    return {"changes": changes, "warnings": []}


DIRECTIONS = {"up": False, "both": True}
REAL = [
    ("adwin", {}),
    ("adwin", {"delta": 0.05}),
    ("adwin", {"clock": 1}),
    ("adwin", {"delta": 0.3, "clock": 7, "max_buckets": 3, "min_window": 1, "grace": 2}),
    ("page_hinkley", {}),
    ("page_hinkley", {"threshold": 10.0, "direction": "up"}),
    ("page_hinkley", {"threshold": 5.0, "slack": 0.05, "memory": 0.99, "warm_up": 5, "direction": "down"}),
]
BINARY = [
    ("ddm", {}),
    ("ddm", {"warm_up": 100, "warning": 1.5, "change": 2.2}),
    ("eddm", {}),
    ("eddm", {"warm_up": 10, "warning": 0.9, "change": 0.8}),
    ("fhddm", {"direction": "down"}),
    ("fhddm", {"direction": "down", "window": 50, "change": 0.01}),
    ("hddm_a", {}),
    ("hddm_a", {"change": 0.05, "warning": 0.2, "direction": "both"}),
    ("hddm_w", {}),
    ("hddm_w", {"change": 0.01, "warning": 0.05, "weight": 0.02, "direction": "both"}),
]
NAMES = {
    "adwin": (drift.ADWIN, {"min_window": "min_window_length", "grace": "grace_period"}),
    "page_hinkley": (
        drift.PageHinkley, {"warm_up": "min_instances", "slack": "delta", "memory": "alpha", "direction": "mode"}),
    "ddm": (drift.binary.DDM, {"warm_up": "warm_start", "warning": "warning_threshold", "change": "drift_threshold"}),
    "eddm": (drift.binary.EDDM, {"warm_up": "warm_start", "warning": "alpha", "change": "beta"}),
    "fhddm": (drift.binary.FHDDM, {"window": "sliding_window_size", "change": "confidence_level"}),
    "hddm_a": (drift.binary.HDDMA, {"warning": "warning_confidence", "change": "drift_confidence"}),
    "hddm_w": (
        drift.binary.HDDMW, {"warning": "warning_confidence", "change": "drift_confidence", "weight": "lambda_val"}),
}


def of_river(name, options):
    make, names = NAMES[name]
    arguments = {names.get(option, option): value for option, value in options.items()}
    if name == "fhddm":
        # river looks for a fall of the share of ones, and for nothing else.
        assert arguments.pop("direction") == "down"
    if name.startswith("hddm"):
        arguments["two_sided_test"] = DIRECTIONS[arguments.pop("direction", "up")]
    return make(**arguments)


def detector_cases():
    for source in ["elec2_price.csv", "steps.csv", "elec2_error.bits", "sea_error.bits"]:
        values = stream(source)
        for name, options in REAL + (BINARY if source.endswith(".bits") else []):
            found = watch(of_river(name, options), values)
            yield {"detector": name, "stream": source, "options": options, **found}
        if source.endswith(".csv"):
            for options in [{}, {"alpha": 1e-4, "window": 60, "recent": 30}]:
                found = watch_kswin(values, **{"alpha": 0.005, "window": 100, "recent": 30, **options})
                yield {"detector": "kswin", "stream": source, "options": options, **found}
        for options in [{}, {"alpha": 0.05, "window": 400, "recent": 20}]:
            arguments = {"alpha": 0.005, "window": 100, "recent": 30, **options}
            seed = 42 if not options else 12345678901
            alpha, window, recent = arguments.values()
            found = watch(drift.KSWIN(alpha=alpha, window_size=window, stat_size=recent, seed=seed), values[:8000])
            yield {"detector": "kswin", "stream": source, "length": 8000, "options": {**arguments, "river_seed": seed}, **found}


# -- run lengths -------------------------------------------------------------------------------------------------------

def exact_run_length(threshold, slack, density=4):
    """Of one sum from 0: L(s) = 1 + L(0) F(k - s) + the integral over 0..h of L(x) f(x + k - s), by Gauss and Legendre."""
    nodes = int(40 + density * threshold)
    points, weights = np.polynomial.legendre.leggauss(nodes)
    points = np.concatenate([[0.0], threshold * (points + 1) / 2])
    weights = threshold * weights / 2
    kernel = np.empty((nodes + 1, nodes + 1))
    kernel[:, 0] = stats.norm.cdf(slack - points)
    kernel[:, 1:] = weights * stats.norm.pdf(points[None, 1:] + slack - points[:, None])
    return float(np.linalg.solve(np.eye(nodes + 1) - kernel, np.ones(nodes + 1))[0])


def run_length_cases():
    for slack in [0.05, 0.1, 0.25, 0.5, 0.75, 1.0]:
        for wanted in [1e2, 1e3, 1e4, 1e5, 1e6]:
            for direction, sums in [("up", 1), ("both", 2)]:
                high = 0.1
                while exact_run_length(high, slack) < sums * wanted:
                    high *= 1.2
                found = optimize.brentq(lambda h: exact_run_length(h, slack) / (sums * wanted) - 1, high / 1.2, high)
                threshold = round(found, 3)
                coarse, fine = (exact_run_length(threshold, slack, density) for density in (4, 6))
                assert abs(fine / coarse - 1) < 1e-6, (slack, threshold)
                yield {"slack": slack, "threshold": threshold, "direction": direction, "values": fine / sums}


write_steps()
write(
    "detector.json",
    {
        "detectors": "river.drift and river.drift.binary; kswin without river_seed: scipy.stats.ks_2samp(method='exact') on each window",
        "indices": "0-based, of the value whose update set drift_detected; warnings as [first, length] of each run, "
                   "without those that come with a change; windows of ADWIN as [width, mean] after each change",
    },
    list(detector_cases()),
)
write("run_length.json", {"values": "the integral equation of Page (1954), 40 nodes and 6 more for each unit of the threshold"}, list(run_length_cases()))
