"""Writes estimate_chunks.json beside this file: what NannyML's CBPE says of each chunk of the tables in samples, and of its
thresholds. In an environment with nannyml 0.13 alone, for it asks for its own versions of what generate.py uses.

Left out are sampling errors that hang on the order of tied scores, and those of average precision, which are drawn
without a seed: generate_cbpe.py says more of both.
"""

import datetime
import json
import os
import pathlib
import platform
import warnings

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
import nannyml
import numpy as np
import pandas as pd
import sklearn

HERE = pathlib.Path(__file__).parent
METRICS = ["accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "average_precision"]
# A midnight in UTC.
START = 1_789_948_800


def number(value):
    return None if value is None or not np.isfinite(value) else float(value)


def read(name, every=None):
    table = pd.read_csv(HERE / "samples" / f"{name}.csv")
    if every is not None:
        table["at"] = pd.to_datetime(START + every * np.arange(len(table)), unit="s")
    return table


def case(name, tables, problem, scores, by, every=None):
    reference, current = (read(table, every) for table in tables)
    if problem == "classification_multiclass":
        for table in (reference, current):
            table["y_true"], table["y_pred"] = table["y_true"].astype(str), table["y_pred"].astype(str)
    timestamps = {"timestamp_column_name": "at"} if every is not None else {}
    how = {"chunk_size": by["rows"]} if "rows" in by else {"chunk_period": "D"}
    estimator = nannyml.CBPE(metrics=METRICS, y_pred_proba=scores, y_pred="y_pred", y_true="y_true",
                             problem_type=problem, **timestamps, **how)
    estimator.fit(reference)
    found = estimator.estimate(current).to_df()
    is_tied = isinstance(scores, str)
    period = found["chunk"]["period"]
    sides = {}
    for side, kept in (("reference", period == "reference"), ("current", period == "analysis")):
        rows = found["chunk"]["end_index"][kept] - found["chunk"]["start_index"][kept] + 1
        sides[side] = {"rows": [int(count) for count in rows]}
        for metric in METRICS:
            of = found[metric][kept]
            figure = {"estimated": [number(value) for value in of["value"]], "alert": [bool(it) for it in of["alert"]]}
            if side == "reference":
                figure["realized"] = [number(value) for value in of["realized"]]
            if metric != "average_precision" and not (is_tied and metric == "roc_auc"):
                figure["sampling_error"] = [number(value) for value in of["sampling_error"]]
            sides[side][metric] = figure
    thresholds = {metric: [number(found[metric][f"{end}_threshold"].iloc[0]) for end in ("lower", "upper")]
                  for metric in METRICS}
    return {"name": name, "tables": tables, "scores": scores, "by": by, "every_seconds": every,
            "thresholds": thresholds, **sides}


warnings.simplefilter("ignore")
loans = ["cbpe_car_loan_reference", "cbpe_car_loan_current"]
flowers = ["cbpe_three_classes_reference", "cbpe_three_classes_current"]
by_class = {str(k): f"p{k}" for k in range(3)}
cases = [
    case("car_loan by 300 rows", loans, "classification_binary", "score", {"rows": 300}),
    case("car_loan by day", loans, "classification_binary", "score", {"period_seconds": 86_400, "time": "at"}, 400),
    case("three_classes by 100 rows", flowers, "classification_multiclass", by_class, {"rows": 100}),
]
header = {
    "generator": "tests/golden/generate_estimate_chunks.py",
    "python": platform.python_version(),
    "nannyml": nannyml.__version__,
    "numpy": np.__version__,
    "pandas": pd.__version__,
    "scikit-learn": sklearn.__version__,
    "date": datetime.date.today().isoformat(),
    "start": START,
    "call": "nannyml.CBPE(chunk_size=rows), or chunk_period='D' of rows every_seconds apart from start",
}
lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
(HERE / "estimate_chunks.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
