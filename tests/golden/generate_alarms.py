"""Writes alarms.json beside this file. Our own code has no part in it.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install river==0.26.1 numpy mpmath
    /tmp/golden/bin/python generate_alarms.py

Oracles: river for the window of ADWIN; for cumulative sums their definitions, in 50 digits; for the judgement of alarms its
definitions by brute force, over all pairs of an alarm and a change.
"""

import datetime
import json
import pathlib
import platform
from fractions import Fraction

import mpmath
import numpy as np
import river
from mpmath import mpf
from river import drift

HERE = pathlib.Path(__file__).parent
SEED = 20261128
mpmath.mp.dps = 50
STREAM = "steps.csv"


def values():
    return [float(line) for line in (HERE / "streams" / STREAM).read_text().split()]


# -- cumulative sums ---------------------------------------------------------------------------------------------------

class Sums:
    def __init__(self, slack, threshold, direction):
        self.slack, self.threshold, self.direction = mpf(slack), mpf(threshold), direction
        self.up = self.down = mpf(0)

    def passes(self, z):
        self.up, self.down = max(mpf(0), self.up + z - self.slack), max(mpf(0), self.down - z - self.slack)
        up, down = self.up > self.threshold, self.down > self.threshold
        passed = up and self.direction != "down" or down and self.direction != "up"
        if passed:
            self.up = self.down = mpf(0)
        return passed


def cusum(mean, deviation, slack, threshold, direction):
    sums = Sums(slack, threshold, direction)
    changes = [i for i, x in enumerate(values()) if sums.passes((mpf(x) - mpf(mean)) / mpf(deviation))]
    return {"function": "cusum", "stream": STREAM, "mean": mean, "standard_deviation": deviation, "slack": slack,
            "threshold": threshold, "direction": direction, "changes": changes}


def standard_page_hinkley(warm_up, slack, threshold, direction):
    """Values standardised by those since the last alarm: a t-variable made normal by Wallace's transformation."""
    sums, seen, changes = Sums(slack, threshold, direction), [], []
    total = squares = mpf(0)
    for index, x in enumerate(values()):
        x = mpf(x)
        if len(seen) >= warm_up:
            n = len(seen)
            mean = total / n
            deviation = mpmath.sqrt((squares - n * mean * mean) / (n - 1))
            t, df = (x - mean) / deviation * mpmath.sqrt(mpf(n) / (n + 1)), mpf(n - 1)
            z = mpmath.sign(t) * (8 * df + 1) / (8 * df + 3) * mpmath.sqrt(df * mpmath.log1p(t * t / df))
            if sums.passes(z):
                changes.append(index)
                seen, total, squares = [], mpf(0), mpf(0)
                sums.up = sums.down = mpf(0)
                continue
        seen.append(x)
        total, squares = total + x, squares + x * x
    return {"function": "standard_page_hinkley", "stream": STREAM, "warm_up": warm_up, "slack": slack, "threshold": threshold,
            "direction": direction, "changes": changes}


def sums_cases():
    # No sum of thousandths is a threshold, so that rounding decides nothing.
    yield cusum(0.0, 1.0, 0.5, 8.0003, "both")
    yield cusum(0.0, 1.0, 0.25, 12.5003, "up")
    yield cusum(1.0, 2.0, 0.5, 5.0003, "down")
    yield standard_page_hinkley(30, 0.5, 8.045, "both")
    yield standard_page_hinkley(100, 0.25, 15.0, "up")
    yield standard_page_hinkley(3, 1.0, 4.0, "down")


def adwin_cases():
    detector, windows = drift.ADWIN(), []
    for index, value in enumerate(values()):
        detector.update(value)
        if index % 500 == 499:
            # River's property is the sum of the squared differences from the mean.
            windows.append([index, int(detector.width), detector.estimation, detector.variance / detector.width])
    yield {"function": "adwin", "stream": STREAM, "windows": windows}


# -- judgement ---------------------------------------------------------------------------------------------------------

def judge(alarms, changes, count, late, early):
    """Of each alarm, the earliest change whose window [start - early, end + late] it is in."""
    share = lambda part, whole: Fraction(part, whole) if whole else None
    owner = {alarm: next((i for i, (start, end) in enumerate(changes) if start - early <= alarm <= end + late), None)
             for alarm in alarms}
    false = [alarm for alarm in alarms if owner[alarm] is None]
    first = {}
    for alarm in alarms:
        if owner[alarm] is not None:
            first.setdefault(owner[alarm], alarm)
    caught, hits, missed = len(first), len(alarms) - len(false), len(changes) - len(first)
    precision, episodes = share(hits, len(alarms)), share(caught, len(changes))
    f1 = None
    if precision is not None and episodes is not None:
        f1 = 2 * precision * episodes / (precision + episodes) if precision + episodes else Fraction(0)
    delay = share(sum(alarm - changes[i][0] for i, alarm in first.items()), caught)
    between = share(false[-1] - false[0], len(false) - 1) if len(false) > 1 else None
    missed_ratio = share(missed, len(changes))
    ratio = None
    if between is not None and delay is not None and missed_ratio is not None and delay > 0:
        ratio = between / delay * (1 - missed_ratio)
    numbers = {
        "precision": precision, "recall": share(hits, hits + missed), "episode_recall": episodes, "missed_ratio": missed_ratio,
        "f1": f1, "delay": delay, "delay_ratio": None if delay is None else delay / late,
        "false_alarm_rate": Fraction(len(false), count), "mean_between_false_alarms": between, "mean_time_ratio": ratio,
    }
    return {
        "value_count": count, "change_count": len(changes), "alarm_count": len(alarms), "false_alarm_count": len(false),
        "caught_count": caught,
    } | {name: None if number is None else float(number) for name, number in numbers.items()}


def judgements():
    rng = np.random.default_rng(SEED)
    for round in range(12):
        count = 400
        starts = sorted(rng.choice(count - 40, rng.integers(0, 6), replace=False).tolist())
        changes = [[start, start + int(rng.integers(0, 2) * rng.integers(0, 40))] for start in starts]
        late, early = int(rng.integers(1, 60)), int(rng.integers(0, 2) * rng.integers(0, 15))
        case = {"function": "evaluate", "changes": changes, "value_count": count, "late": late, "early": early}
        alarms = sorted(rng.choice(count, rng.integers(0, 15), replace=False).tolist())
        if round % 3 == 2:
            every = int(rng.integers(1, 90))
            yield case | {"every": every, "want": judge(list(range(every - 1, count, every)), changes, count, late, early)}
        else:
            yield case | {"alarms": alarms, "want": judge(alarms, changes, count, late, early)}


if __name__ == "__main__":
    header = {
        "generator": "tests/golden/generate_alarms.py",
        "python": platform.python_version(),
        "mpmath": mpmath.__version__,
        "numpy": np.__version__,
        "river": river.__version__,
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": {
            "cusum, standard_page_hinkley": "the definitions; changes are 0-based indices",
            "adwin": "river.drift.ADWIN(); windows as [index, width, estimation, variance / width] after every 500th value",
            "evaluate": "the definitions, in fractions; null where undefined",
        },
    }
    cases = [*sums_cases(), *adwin_cases(), *judgements()]
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    (HERE / "alarms.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
    print(f"alarms.json: {len(cases)} cases")
