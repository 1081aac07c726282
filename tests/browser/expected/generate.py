"""Writes the example pair, elec2.json, which is what scipy says of it, and the pair as Parquet.

    python -m venv venv && venv/bin/pip install scipy==1.17.1 pandas==3.1.1 pyarrow==26.0.1
    venv/bin/python generate.py

The tests read both; neither is ever made from Tidegate's own output.
"""

import csv
import gzip
import hashlib
import json
import platform
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
from scipy import stats

here = Path(__file__).parent
root = here.parents[2]
examples = root / "www" / "public" / "examples"
paths = {side: examples / f"elec2-{side}.csv" for side in ("reference", "current")}

# 11 and the 48 half-hours of a day have no divisor in common: each half-hour of the day is in both tables.
BEGIN, HALF_HOUR, STEP = datetime(1996, 5, 7), timedelta(minutes=30), 11
ROWS = {"reference": (0, 8712), "current": (8712, 26136)}
NAMES = ["time", "period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer", "class"]

with gzip.open(root / "crates" / "demo" / "data" / "elec2.csv.gz", "rt") as file:
    market = list(csv.reader(file))[1:]
for side, (first, end) in ROWS.items():
    lines = [",".join(NAMES)]
    for row in range(first, end, STEP):
        time = (BEGIN + row * HALF_HOUR).strftime("%Y-%m-%d %H:%M")
        lines.append(",".join([time, *market[row][:-1], "UP" if market[row][-1] == "1" else "DOWN"]))
    paths[side].write_text("\n".join(lines) + "\n")

reference, current = (pandas.read_csv(path) for path in paths.values())

columns = {}
for name in NAMES[1:]:
    if name == "class":
        pooled = pandas.concat([reference[name], current[name]], ignore_index=True)
        side = [0] * len(reference) + [1] * len(current)
        result = stats.chi2_contingency(pandas.crosstab(pandas.Series(side), pooled), correction=False)
        columns[name] = {"chi_square": {"statistic": result.statistic, "p_value": result.pvalue}}
    else:
        result = stats.ks_2samp(reference[name], current[name])
        distance = stats.wasserstein_distance(reference[name], current[name])
        columns[name] = {
            "kolmogorov_smirnov": {"statistic": result.statistic, "p_value": result.pvalue},
            "wasserstein": {"statistic": distance},
        }

document = {
    "tool": {package: version(package) for package in ("scipy", "pandas", "pyarrow", "numpy")}
    | {"python": platform.python_version()},
    "calls": "ks_2samp, wasserstein_distance, chi2_contingency(correction=False), defaults otherwise",
    "inputs": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths.values()},
    "rows": [len(reference), len(current)],
    "columns": columns,
}
(here / "elec2.json").write_text(json.dumps(document, indent=2) + "\n")

for side, table in (("reference", reference), ("current", current)):
    target = here.parent / "data" / f"elec2-{side}.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pandas(table, preserve_index=False), target)
