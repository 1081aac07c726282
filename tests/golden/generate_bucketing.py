"""Writes bucketing.json beside this file. Our own code has no part in it.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install growthbook==4.0.0
    /tmp/golden/bin/python generate_bucketing.py

Oracle: GrowthBook's SDK for Python. Before it is asked, it must give the numbers that the specification of the SDKs publishes
(https://docs.growthbook.io/lib/build-your-own): the test cases of `hash`, `inNamespace`, `chooseVariation` and `run`.
"""

import datetime
import importlib.metadata
import json
import pathlib
import platform
import random

from growthbook.core import chooseVariation, fnv1a32, gbhash, getBucketRanges, inNamespace

HERE = pathlib.Path(__file__).parent
SEED = 20261127

PUBLISHED_HASHES = [
    ("", "a", 1, 0.22), ("", "b", 1, 0.077), ("b", "a", 1, 0.946), ("ef", "d", 1, 0.652), ("asdf", "8952klfjas09ujk", 1, 0.549),
    ("", "123", 1, 0.011), ("", '___)((*":&', 1, 0.563), ("seed", "a", 2, 0.0505), ("seed", "b", 2, 0.2696),
    ("foo", "ab", 2, 0.2575), ("foo", "def", 2, 0.2019), ("89123klj", "8952klfjas09ujkasdf", 2, 0.124),
    ("90850943850283058242805", "123", 2, 0.7516), ("()**(%$##$%#$#", '___)((*":&', 2, 0.0128),
]
# Of units 1 to 9 in the experiment `my-test`; -1 is none.
PUBLISHED_RUNS = [
    ([1, 0, 0, 1, 1, 1, 0, 1, 0], 2, 1, None),
    ([1, 1, 0, 1, 1, 1, 0, 1, 1], 2, 1, [0.1, 0.9]),
    ([-1, 0, 0, -1, 1, -1, 0, 1, -1], 2, 0.4, None),
    ([2, 0, 0, 2, 1, 2, 0, 1, 0], 3, 1, None),
]
PUBLISHED_NAMESPACES = [
    ("1", "namespace1", 0, 0.4, False), ("1", "namespace1", 0.4, 1, True), ("1", "namespace2", 0, 0.4, False),
    ("2", "namespace1", 0, 0.4, False), ("2", "namespace2", 0.4, 1, True), ("3", "namespace1", 0.4, 1, True),
    ("3", "namespace2", 0, 0.4, True), ("3", "namespace2", 0.4, 1, False), ("4", "namespace2", 0, 0.4, True),
]
PUBLISHED_CHOICES = [
    (0.2, [[0, 0.5], [0.5, 1]], 0), (0.5, [[0, 0.5], [0.5, 1]], 1), (0.4, [[0, 0.25], [0.5, 0.75]], -1),
    (0.25, [[0, 0.25], [0.5, 0.75]], -1), (0.8, [[0, 0.25], [0.5, 0.75]], -1), (0.5, [[0, 0.5], [0.5, 0.5], [0.5, 1]], 2),
]


def check():
    for seed, unit, version, want in PUBLISHED_HASHES:
        assert gbhash(seed, unit, version) == want, (seed, unit, version)
    for want, count, coverage, weights in PUBLISHED_RUNS:
        ranges = getBucketRanges(count, coverage, weights)
        assert [chooseVariation(gbhash("my-test", str(unit), 1), ranges) for unit in range(1, 10)] == want, (coverage, weights)
    for unit, name, start, end, want in PUBLISHED_NAMESPACES:
        assert inNamespace(unit, (name, start, end)) == want, (unit, name)
    for n, ranges, want in PUBLISHED_CHOICES:
        assert chooseVariation(n, ranges) == want, (n, ranges)


def cases():
    rng = random.Random(SEED)
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-_:/ äßéλЖ中文字😀🚀\u200d"
    word = lambda: "".join(rng.choice(alphabet) for _ in range(rng.randrange(0, 24)))
    for text in ["", "a", "foobar", "ü", "😀", *(word() for _ in range(6))]:
        yield {"function": "fnv1a_32", "text": text, "want": fnv1a32(text)}
    pairs = [(seed, unit, version) for seed, unit, version, _ in PUBLISHED_HASHES]
    pairs += [(word(), word(), version) for version in (1, 2) for _ in range(20)]
    for seed, unit, version in pairs:
        yield {"function": "bucket", "seed": seed, "unit": unit, "version": version, "want": gbhash(seed, unit, version)}
    settings = [(count, coverage, weights) for _, count, coverage, weights in PUBLISHED_RUNS]
    settings += [(2, -0.2, [0.5, 0.5]), (2, 1.5, [0.4, 0.6]), (4, 0.333, [0.4, 0.4, 0.1]), (3, 1, [0.4, 0.4, 0.1]), (3, 0.9, [0.334, 0.334, 0.334]),
                 (3, 1, [0.1, 0.0, 0.9]), (7, 0.123, None), (2, 1, [0.505, 0.505]), (2, 1, [0.5, 0.48]), (1, 0.5, [1.0]), (5, 1, [0.2, 0.3, 0.1, 0.15, 0.25])]
    for count, coverage, weights in settings:
        ranges = getBucketRanges(count, coverage, weights)
        yield {"function": "bucket_ranges", "variants": count, "coverage": coverage, "weights": weights or [], "want": ranges}
        at = sorted({bound for pair in ranges for bound in pair} | {0.0, 0.2345, 0.4, 0.7, 0.9999})
        yield {"function": "choose_variation", "ranges": ranges, "buckets": at, "want": [chooseVariation(n, ranges) for n in at]}
    spaces = [(unit, name, start, end) for unit, name, start, end, _ in PUBLISHED_NAMESPACES]
    spaces += [(word(), word(), start, start + 0.5) for start in (0.0, 0.25, 0.5) for _ in range(5)]
    for unit, name, start, end in spaces:
        yield {"function": "in_namespace", "unit": unit, "namespace": name, "range": [start, end], "want": inNamespace(unit, (name, start, end))}


check()
header = {
    "generator": "tests/golden/generate_bucketing.py",
    "python": platform.python_version(),
    "growthbook": importlib.metadata.version("growthbook"),
    "seed": SEED,
    "date": datetime.date.today().isoformat(),
    "calls": {
        "fnv1a_32": "growthbook.core.fnv1a32(text)",
        "bucket": "growthbook.core.gbhash(seed, unit, version)",
        "bucket_ranges": "growthbook.core.getBucketRanges(variants, coverage, weights or None)",
        "choose_variation": "growthbook.core.chooseVariation(bucket, ranges) of each bucket",
        "in_namespace": "growthbook.core.inNamespace(unit, (namespace, start, end))",
    },
}
lines = [json.dumps(case, allow_nan=False) for case in cases()]
text = f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n  ' + ",\n  ".join(lines) + "\n]}\n"
(HERE / "bucketing.json").write_text(text)
print(f"bucketing.json: {len(lines)} cases")
