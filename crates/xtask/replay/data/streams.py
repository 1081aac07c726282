"""Replays river's generated streams, whose change is known to the row, and prints what was found. Nothing is kept.

    cargo build --release --package tidegate-replay
    python3 -m venv /tmp/streams && /tmp/streams/bin/pip install numpy pandas river scikit-learn
    /tmp/streams/bin/python streams.py PATH/TO/tidegate-replay [SEEDS]

Each stream has 10,000 rows. A random forest is trained on the first thousand, which are left out of the replay; the next
thousand are the reference, chunks have 250 rows, and from row 6,000 on the stream is another one. What river's own detectors
see in the same errors is held against ours, alarm by alarm.
"""

import collections
import itertools
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from river import drift
from river.datasets import synth
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

ROWS, CHANGE, TRAINED, REFERENCE, CHUNK = 10_000, 6_000, 1_000, 1_000, 250
OF_ERRORS = {"ADWIN": drift.ADWIN, "HDDM-A": drift.binary.HDDMA, "DDM": drift.binary.DDM}


def rows(stream, count=ROWS):
    return list(itertools.islice(stream, count))


def turned(before, after):
    return rows(before, CHANGE) + rows(after, ROWS - CHANGE)


def by_degrees(before, after, seed):
    return rows(synth.ConceptDriftStream(stream=before, drift_stream=after, position=CHANGE + 500, width=500, seed=seed))


def friedman(kind, *positions, seed, **more):
    return rows(synth.FriedmanDrift(drift_type=kind, position=positions, seed=seed, **more))


def of_concept(seed):
    """Where what the inputs mean changes, and not the inputs."""
    for one, other in [(0, 3), (1, 2), (2, 1)]:
        yield turned(synth.SEA(one, noise=0.05, seed=seed), synth.SEA(other, noise=0.05, seed=seed + 1))
    for one, other in [(0, 3), (1, 5), (4, 7)]:
        yield turned(*(synth.Agrawal(it, perturbation=0.05, seed=seed + it) for it in (one, other)))
    yield by_degrees(synth.Agrawal(0, seed=seed), synth.Agrawal(3, seed=seed + 1), seed)
    yield turned(synth.Mixed(0, seed=seed), synth.Mixed(1, seed=seed + 1))
    for one, other in [(0, 1), (0, 2)]:
        yield turned(synth.Sine(one, seed=seed), synth.Sine(other, seed=seed + 1))
    for one, other in [(0, 1), (1, 2)]:
        yield turned(synth.STAGGER(one, seed=seed), synth.STAGGER(other, seed=seed + 1))
    planes = {"n_features": 5, "n_drift_features": 0}
    yield turned(synth.Hyperplane(seed=seed, **planes), synth.Hyperplane(seed=seed + 5, **planes))
    yield friedman("gra", CHANGE, CHANGE + 2000, seed=seed)
    yield friedman("lea", CHANGE, CHANGE + 1000, CHANGE + 2000, seed=seed)
    yield friedman("gsg", CHANGE, CHANGE + 2000, transition_window=500, seed=seed)


def of_inputs(seed):
    """Where the inputs change too."""
    yield turned(synth.LED(seed, noise_percentage=0.1), synth.LED(seed + 1, noise_percentage=0.3))
    led = {"noise_percentage": 0.1, "irrelevant_features": True}
    yield turned(synth.LED(seed, **led), synth.LEDDrift(seed + 1, n_drift_features=4, **led))
    balls = {"n_features": 5, "seed_model": seed}
    yield turned(synth.RandomRBF(seed_sample=seed, **balls), synth.RandomRBF(seed + 9, seed + 1, n_features=5))
    moving = {"change_speed": 0.001, "n_drift_centroids": 30}
    yield turned(synth.RandomRBF(seed_sample=seed, **balls), synth.RandomRBFDrift(seed_sample=seed + 1, **moving, **balls))
    louder = (({name: 1.5 * value for name, value in x.items()}, y) for x, y in synth.Waveform(seed + 1))
    yield turned(synth.Waveform(seed), louder)


def of_nothing(seed):
    yield rows(synth.SEA(0, noise=0.1, seed=seed))
    yield rows(synth.Agrawal(6, perturbation=0.1, seed=seed))
    yield rows(synth.LED(seed, noise_percentage=0.2, irrelevant_features=True))
    yield rows(synth.RandomRBF(seed, seed))
    yield rows(synth.Mixed(seed=seed))
    yield rows(synth.Waveform(seed, has_noise=True))
    yield rows(synth.Friedman(seed))
    yield rows(synth.Planes2D(seed))
    yield rows(synth.Mv(seed))
    yield rows(synth.RandomTree(seed, seed))


def as_table(stream):
    """The inputs, the truth and what a model says of it; small whole numbers are codes."""
    inputs = pd.DataFrame([x for x, _ in stream]).rename(columns=lambda name: f"x{name}")
    labels = np.array([y for _, y in stream])
    is_number = labels.dtype.kind == "f"
    numbers = pd.get_dummies(inputs).astype(float)
    forest = RandomForestRegressor if is_number else RandomForestClassifier
    model = forest(40, min_samples_leaf=5, random_state=0).fit(numbers[:TRAINED], labels[:TRAINED])
    table = inputs.assign(label=labels, said=model.predict(numbers))
    is_code = lambda column: table[column].dtype.kind in "bi" and table[column].nunique() < 11
    codes = {column: "v" + table[column].astype(str) for column in table if is_code(column)}
    return table.assign(**codes)[TRAINED:], is_number


def replay(binary, table, file, change):
    table.to_csv(file, index=False)
    options = ["--label", "label", "--prediction", "said", "--reference-rows", str(REFERENCE), "--chunk-rows", str(CHUNK)]
    options += ["--drift-at", str(CHANGE - TRAINED)] if change else []
    said = subprocess.run([binary, file, *options], capture_output=True, text=True, check=True).stdout
    watched = {}
    for line in said.splitlines()[1:]:
        name, of, alarms, false, caught, delay, *rest = re.split(r"\s{2,}", line.strip())
        first = [int(row) for row in rest[-1].split(", ") if row.isdigit()] if int(alarms) else []
        if of != "nothing":
            watched[name] = (int(alarms), int(false), caught == "1 of 1", None if delay == "-" else int(delay), first)
    return watched


def alarms_of_river(name, errors):
    detector, found = OF_ERRORS[name](), []
    for row, error in enumerate(errors):
        detector.update(error if name == "ADWIN" else bool(error))
        if detector.drift_detected and row >= REFERENCE:
            found.append(row)
    return found


def main():
    binary, seeds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    file = pathlib.Path(tempfile.mkdtemp()) / "stream.csv"
    same = other = 0
    for title, streams in [("of concept", of_concept), ("of inputs", of_inputs), ("nothing", of_nothing)]:
        tally = collections.defaultdict(lambda: [0, 0, 0, []])
        for stream in itertools.chain.from_iterable(streams(seed) for seed in range(seeds)):
            table, is_number = as_table(stream)
            errors = (table.label != table.said).astype(int).to_list()
            for name, (alarms, false, caught, delay, first) in replay(binary, table, file, title != "nothing").items():
                own = tally[name]
                own[0], own[1], own[2] = own[0] + 1, own[1] + caught, own[2] + (false > 0)
                own[3] += [delay] if delay is not None else []
                if name in OF_ERRORS and not is_number:
                    river = alarms_of_river(name, errors)
                    is_same = (len(river), river[:4]) == (alarms, first)
                    same, other = same + is_same, other + (not is_same)
        for name, (count, caught, false, delays) in tally.items():
            delay = f"{statistics.median(delays):.0f}" if delays else ""
            print(f"| {title} | {name} | {caught} of {count} | {false} | {delay} |", flush=True)
    print(f"{same} streams of errors in which a detector's alarms are river's, {other} in which they are not")


main()
