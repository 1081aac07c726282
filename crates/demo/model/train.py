"""Train the two demo models on the first 13,440 rows (40 weeks) of elec2, and write what Rust needs.

    python3 -m venv /tmp/elec2 && /tmp/elec2/bin/pip install -r requirements.txt && /tmp/elec2/bin/python train.py

Writes, beside this file:
  v1.json      logistic regression on standardised features
  v2.json      gradient boosted trees
  parity.json  100 rows from the whole stream with scikit-learn's own probabilities, for the Rust test
"""

import csv
import gzip
import json
import pathlib

import numpy
import sklearn
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent
FEATURE_NAMES = ["period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"]
CLASSES = ["DOWN", "UP"]
TRAINING_ROWS = 13_440
# From here on the columns of Victoria, constant so far, move.
VICTORIA_STARTS = 17_424


def read_stream():
    with gzip.open(HERE.parent / "data" / "elec2.csv.gz", "rt", newline="") as file:
        table = numpy.array([row for row in list(csv.reader(file))[1:]], dtype=float)
    return table[:, :6], table[:, 6].astype(int)


def accuracies(model, features, labels):
    """Accuracy on the training rows and on the two stretches that follow them."""
    stretches = {
        "training": slice(0, TRAINING_ROWS),
        "until_victoria_starts": slice(TRAINING_ROWS, VICTORIA_STARTS),
        "after_victoria_starts": slice(VICTORIA_STARTS, None),
    }
    return {
        name: {
            "rows": len(labels[rows]),
            "accuracy": round(model.score(features[rows], labels[rows]), 4),
            "always_down": round(float(1 - labels[rows].mean()), 4),
        }
        for name, rows in stretches.items()
    }


def export_logistic_regression(pipeline):
    scaler, regression = pipeline[0], pipeline[1]
    return {
        "kind": "logistic_regression",
        "mean": scaler.mean_.tolist(),
        "scale": scaler.scale_.tolist(),
        "coefficients": regression.coef_[0].tolist(),
        "intercept": float(regression.intercept_[0]),
    }


def export_boosted_trees(boosting):
    def nodes(tree):
        return [
            {"value": float(tree.value[node][0][0])}
            if tree.children_left[node] < 0
            else {
                "feature": int(tree.feature[node]),
                "threshold": float(tree.threshold[node]),
                "left": int(tree.children_left[node]),
                "right": int(tree.children_right[node]),
            }
            for node in range(tree.node_count)
        ]

    prior = boosting.init_.class_prior_
    return {
        "kind": "gradient_boosted_trees",
        "initial_log_odds": float(numpy.log(prior[1] / prior[0])),
        "learning_rate": boosting.learning_rate,
        "trees": [nodes(estimator.tree_) for estimator in boosting.estimators_[:, 0]],
    }


def write(name, content):
    (HERE / name).write_text(json.dumps(content, indent=1) + "\n")


def main():
    features, labels = read_stream()
    training = features[:TRAINING_ROWS], labels[:TRAINING_ROWS]
    models = {
        "1": make_pipeline(StandardScaler(), LogisticRegression()).fit(*training),
        "2": GradientBoostingClassifier(
            n_estimators=40, max_depth=3, learning_rate=0.2, random_state=0
        ).fit(*training),
    }
    exports = {
        "1": export_logistic_regression(models["1"]),
        "2": export_boosted_trees(models["2"]),
    }
    for version, model in models.items():
        measured = accuracies(model, features, labels)
        print(f"version {version}: {json.dumps(measured)}")
        write(
            f"v{version}.json",
            {
                "version": version,
                "feature_names": FEATURE_NAMES,
                "classes": CLASSES,
                "trained_by": f"crates/demo/model/train.py, scikit-learn {sklearn.__version__}",
                "measured": measured,
                "model": exports[version],
            },
        )

    rows = numpy.linspace(0, len(features) - 1, 100).astype(int)
    write(
        "parity.json",
        {
            "oracle": f"scikit-learn {sklearn.__version__}, predict_proba of the fitted models",
            "rows": [
                {
                    "row": int(row),
                    "features": features[row].tolist(),
                    "probabilities": {
                        version: model.predict_proba(features[row : row + 1])[0].tolist()
                        for version, model in models.items()
                    },
                }
                for row in rows
            ],
        },
    )


if __name__ == "__main__":
    main()
