"""Writes elec2.json, what scipy says of the example pair, and the pair as Parquet.

    python -m venv venv && venv/bin/pip install scipy==1.17.1 pandas==3.1.1 pyarrow==26.0.1
    venv/bin/python generate.py

The tests read both; neither is ever made from Tidegate's own output.
"""

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
from scipy import stats

here = Path(__file__).parent
examples = here.parents[2] / "www" / "public" / "examples"
paths = {side: examples / f"elec2-{side}.csv" for side in ("reference", "current")}
reference, current = (pandas.read_csv(path) for path in paths.values())

columns = {}
for name in reference.columns:
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
