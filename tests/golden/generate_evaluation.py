"""Writes evaluation.json beside this file. Our own code has no part in it.

    python3 generate_evaluation.py

Oracle: the definitions proposed for `river.drift.evaluate` (https://github.com/online-ml/river/pull/1963) by brute force, in
exact fractions; they must first give the numbers that its documentation states.
"""

import datetime
import json
import pathlib
import platform
import random
from fractions import Fraction

HERE = pathlib.Path(__file__).parent
SEED = 20261127


def judge(alarms, changes, value_count, late, early=0):
    windows = [range(start - early, end + late + 1) for start, end in changes]
    hits = {index: [] for index in range(len(windows))}
    false_alarms = []
    for alarm in alarms:
        index = next((index for index, window in enumerate(windows) if alarm in window), None)
        (false_alarms if index is None else hits[index]).append(alarm)
    caught = [index for index in hits if hits[index]]
    hit_count = sum(map(len, hits.values()))
    share = lambda part, whole: Fraction(part, whole) if whole else None
    result = {
        "false_alarms": len(false_alarms),
        "caught": len(caught),
        "precision": share(hit_count, len(alarms)),
        "recall": share(hit_count, hit_count + len(changes) - len(caught)),
        "episode_recall": share(len(caught), len(changes)),
        "missed_detection_rate": share(len(changes) - len(caught), len(changes)),
        "false_alarm_rate": share(len(false_alarms), value_count),
    }
    p, r = result["precision"], result["episode_recall"]
    result["f1"] = None if p is None or r is None else Fraction(0) if p + r == 0 else 2 * p * r / (p + r)
    delays = [hits[index][0] - changes[index][0] for index in caught]
    delay = result["detection_delay"] = share(sum(delays), len(delays))
    result["normalized_detection_time"] = None if delay is None else delay / late
    gaps = [b - a for a, b in zip(false_alarms, false_alarms[1:])]
    between = result["mean_time_between_false_alarms"] = share(sum(gaps), len(gaps))
    # Theirs is infinite for a delay of 0.
    known = between is not None and delay is not None and delay > 0
    result["mean_time_ratio"] = between / delay * r if known else None
    return result


def check():
    points = lambda *starts: [(start, start) for start in starts]
    for alarms, changes, name, want in [
        ([110, 900], points(100), "precision", 0.5),
        ([110, 130], points(100, 500), "recall", Fraction(2, 3)),
        ([110, 130], points(100, 500), "episode_recall", 0.5),
        ([110], points(100, 500), "missed_detection_rate", 0.5),
        ([110, 900], points(100, 500), "f1", 0.5),
        ([110, 530], points(100, 500, 900), "detection_delay", 20),
        ([110], points(100), "normalized_detection_time", Fraction(1, 5)),
        ([110, 900], points(100), "false_alarm_rate", Fraction(1, 1000)),
        ([200, 300, 500], [], "mean_time_between_false_alarms", 150),
        ([110, 400, 700], points(100, 900), "mean_time_ratio", 15),
    ]:
        assert judge(alarms, changes, 1000, 50)[name] == want, name


def cases():
    rng = random.Random(SEED)
    for alarm_count, change_count in [(0, 0), (0, 2), (1, 0), (2, 2), (10, 3), (40, 5), (60, 12)]:
        for late, early, longest in [(50, 0, 0), (100, 20, 0), (30, 5, 150)]:
            value_count = rng.choice([1500, 3000])
            changes = sorted((start, min(start + rng.randrange(longest + 1), value_count - 1)) for start in rng.sample(range(value_count), change_count))
            alarms = sorted(rng.sample(range(value_count), alarm_count))
            yield {"alarms": alarms, "changes": changes, "value_count": value_count, "late": late, "early": early,
                   **judge(alarms, changes, value_count, late, early)}
    for period in (1, 100, 5000):
        changes = [(start, start) for start in range(390, 3000, 390)]
        alarms = list(range(period - 1, 3000, period))
        yield {"period": period, "changes": changes, "value_count": 3000, "late": 60, "early": 0, **judge(alarms, changes, 3000, 60)}


check()
header = {
    "generator": "tests/golden/generate_evaluation.py",
    "python": platform.python_version(),
    "seed": SEED,
    "date": datetime.date.today().isoformat(),
    "calls": {"all": "the definitions in exact fractions; null where they are of nothing; period: an alarm at the last of every so many values"},
}
plain = lambda value: float(value) if isinstance(value, Fraction) else value
lines = [json.dumps({name: plain(value) for name, value in case.items()}, allow_nan=False) for case in cases()]
(HERE / "evaluation.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n  ' + ",\n  ".join(lines) + "\n]}\n")
print(f"evaluation.json: {len(lines)} cases")
