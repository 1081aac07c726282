"""Writes lecture.json beside this file, as generate.py writes its files and in the same environment, with pandas, shap,
statsmodels and xgboost too.

One case a monitor: columns of what happened, and what scikit-learn, scipy, pandas, statsmodels, numpy and shap say of it.
"""

import datetime
import json
import pathlib
import platform

import numpy as np
import pandas
import scipy
import shap
import sklearn
import statsmodels
import xgboost
from scipy import stats
from sklearn import metrics
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

HERE = pathlib.Path(__file__).parent
SEED = 20261127
START = 1_790_000_000
rng = np.random.default_rng(SEED)


def rounded(values, digits=3):
    return [round(float(value), digits) for value in values]


def model_monitor():
    """1300 labelled predictions, of which the last 1000 count."""
    classes = np.array(["negative", "neutral", "positive"])
    labels = rng.choice(3, 1300, p=[0.5, 0.2, 0.3])
    wrong = rng.random(1300) < np.where(np.arange(1300) < 300, 0.02, 0.2)
    predictions = np.where(wrong, (labels + rng.integers(1, 3, 1300)) % 3, labels)
    confidences = np.round(np.clip(rng.beta(8, 2, 1300), 0.01, 0.999), 3)
    last = slice(300, None)
    y, p = classes[labels[last]], classes[predictions[last]]
    precision, recall, f1, support = metrics.precision_recall_fscore_support(y, p, labels=classes, zero_division=0)
    bounds = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0]
    return {
        "labels": labels.tolist(), "predictions": predictions.tolist(), "confidences": confidences.tolist(),
        "classes": classes.tolist(),
        "accuracy": metrics.accuracy_score(y, p),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(), "support": support.tolist(),
        "macro_f1": metrics.f1_score(y, p, average="macro"),
        "matthews_correlation": metrics.matthews_corrcoef(y, p),
        "predicted": [int((predictions == k).sum()) for k in range(3)],
        "buckets": {str(bound): int((confidences <= bound).sum()) for bound in bounds},
        "confidence_sum": float(confidences.sum()),
    }


def feedback_collector():
    """Labels that come up to 29 days late; accuracy by the day of the prediction."""
    days, n = 5, 500
    at = np.sort(rng.integers(0, days * 86_400, n))
    labels = rng.integers(0, 2, n)
    predictions = np.where(rng.random(n) < 0.1 + 0.05 * (at // 86_400), 1 - labels, labels)
    scores = np.round(np.clip(np.where(predictions == 1, 0.75, 0.25) + rng.normal(0, 0.1, n), 0.01, 0.99), 3)
    lag = rng.integers(60, 29 * 86_400, n)
    known = rng.random(n) < 0.8
    frame = pandas.DataFrame({"day": at // 86_400, "right": labels == predictions, "known": known})
    by_day = frame.groupby("day")
    of_known = frame[known].groupby("day")
    rows = [known & (at // 86_400 == day) for day in range(days)]
    return {
        "at": at.tolist(), "labels": labels.tolist(), "predictions": predictions.tolist(), "scores": scores.tolist(),
        "lag": lag.tolist(), "known": known.tolist(),
        "count": by_day.size().tolist(),
        "labelled": of_known.size().tolist(),
        "accuracy": of_known["right"].mean().tolist(),
        "roc_auc": [metrics.roc_auc_score(labels[row], scores[row]) for row in rows],
        "within_a_day": float((known & (lag <= 86_400)).sum() / n),
        "within_a_week": float((known & (lag <= 604_800)).sum() / n),
    }


def psi(reference, current):
    """With the floor of 1e-4 that the package documents: without one, an empty bin makes the index infinite."""
    p, q = (np.asarray(counts) / np.sum(counts) for counts in (reference, current))
    p, q = ((shares + 1e-4) / (1 + len(shares) * 1e-4) for shares in (p, q))
    return float(np.sum((q - p) * np.log(q / p)))


def drift_samples():
    """Whole numbers from 0 to 999, and 800 others between them, none within one of a decile's edge."""
    reference = np.arange(1000.0)
    current = rng.normal(620, 180, 3000)
    inside = (current > 2) & (current < 998) & (current % 100 > 2) & (current % 100 < 98)
    current = np.round(current[inside][:800], 2)
    cities = ["Bergen", "Oslo", "Tromsø"]
    return reference, current, rng.choice(cities, 1000, p=[0.3, 0.5, 0.2]), rng.choice(cities, 800, p=[0.3, 0.3, 0.4])


def drift(reference, current, city, city_now):
    edges = np.quantile(reference, np.linspace(0, 1, 11))[1:-1]
    counts = [np.bincount(np.searchsorted(edges, x, side="left"), minlength=10) for x in (reference, current)]
    names = sorted(set(city))
    city_counts = [[int((x == name).sum()) for name in names] for x in (city, city_now)]
    ks = stats.ks_2samp(reference, current, method="asymp")
    chi = stats.chi2_contingency(city_counts, correction=False)
    return {
        "income": {"reference": reference.tolist(), "current": current.tolist()},
        "city": {"reference": city.tolist(), "current": city_now.tolist()},
        "psi": psi(*counts), "city_psi": psi(*city_counts),
        "ks": {"statistic": float(ks.statistic), "p_value": float(ks.pvalue)},
        "wasserstein": float(stats.wasserstein_distance(reference, current)),
        "cramer_von_mises": float(stats.cramervonmises_2samp(reference, current, method="asymptotic").statistic),
        "chi_square": {"statistic": float(chi.statistic), "p_value": float(chi.pvalue)},
        "energy": float(stats.energy_distance(reference, current)),
    }


def model_drift_detector():
    labels = rng.integers(0, 2, 400)
    scores = np.round(np.clip(np.where(labels == 1, 0.65, 0.35) + rng.normal(0, 0.25, 400), 0.02, 0.98), 3)
    predictions = (scores > 0.5).astype(int)
    now = {
        "accuracy": metrics.accuracy_score(labels, predictions),
        "roc_auc": metrics.roc_auc_score(labels, scores),
        "log_loss": metrics.log_loss(labels, scores),
        "brier": metrics.brier_score_loss(labels, scores),
    }
    baseline = {"accuracy": 0.93, "roc_auc": 0.97, "log_loss": 0.3, "brier": 0.2}
    sign = {"accuracy": 1, "roc_auc": 1, "log_loss": -1, "brier": -1}
    degradation = {name: sign[name] * (baseline[name] - now[name]) / baseline[name] for name in baseline}
    return {"labels": labels.tolist(), "scores": scores.tolist(), "baseline": baseline, "now": now,
            "degradation": degradation}


def feature_store_monitor():
    n = 300
    age = np.where(rng.random(n) < 0.07, np.nan, np.round(rng.normal(40, 12, n), 1))
    city = np.where(rng.random(n) < 0.2, None, rng.choice(["Oslo", "Bergen"], n))
    written = rng.integers(1, 7200, n)
    duration = rounded(rng.gamma(2, 0.003, n), 5)
    hit = rng.random(n) < 0.7
    frame = pandas.DataFrame({"age": age, "city": city})
    nulls = frame.isnull().mean()
    return {
        "age": [None if np.isnan(value) else float(value) for value in age], "city": city.tolist(),
        "seconds_since_written": written.tolist(), "duration": duration, "hit": hit.tolist(),
        "null_rate": {"age": float(nulls["age"]), "city": float(nulls["city"])},
        "freshness_mean": float(written.mean()), "freshness_oldest": int(written.max()),
        "hit_rate": float(hit.mean()), "duration_sum": float(np.sum(duration)),
        "within_5_ms": int((np.array(duration) <= 0.005).sum()),
    }


def ab_test_monitor():
    n = [900, 1100]
    converted = [rng.random(n[0]) < 0.11, rng.random(n[1]) < 0.16]
    latency = [rounded(rng.gamma(4, 0.01, size), 4) for size in n]
    successes = [int(x.sum()) for x in converted]
    statistic, p_value = proportions_ztest(successes[::-1], n[::-1])
    low, high = confint_proportions_2indep(successes[1], n[1], successes[0], n[0], method="newcomb")
    p, q = successes[0] / n[0], successes[1] / n[1]
    return {
        "converted": [x.tolist() for x in converted], "latency": latency, "successes": successes,
        "statistic": float(statistic), "p_value": float(p_value), "difference": q - p, "interval": [low, high],
        "lift": (q - p) / p, "latency_sum": [float(np.sum(x)) for x in latency],
    }


def explainability_monitor():
    """The SHAP values of a model of the goldens for rows that it knows, and for rows of which one column is shuffled."""
    cases = json.loads((HERE / "explain.json").read_text())["cases"]
    rows = np.array(next(case for case in cases if case["name"] == "xgboost regression")["rows"])
    rows = np.round(np.repeat(rows, 15, axis=0) * rng.uniform(0.9, 1.1, (120, rows.shape[1])), 3)
    model = xgboost.Booster(model_file=HERE / "models" / "xgb_regression.json")
    values = shap.TreeExplainer(model).shap_values(rows)
    importance = np.abs(values).mean(axis=0)
    return {
        "model": "xgb_regression.json", "rows": rows.tolist(), "importance": importance.tolist(),
        "first_row": values[0].tolist(), "sums": np.abs(values).sum(axis=0).tolist(),
        "ranks": stats.rankdata(-importance).tolist(),
    }


def training_monitor():
    epochs = 20
    loss = rounded(2.0 * np.exp(-np.arange(epochs) / 5) + 0.05, 5)
    validation = rounded(np.where(np.arange(epochs) < 8, 2.1 * np.exp(-np.arange(epochs) / 5) + 0.1,
                                  0.5 + 0.05 * np.arange(epochs)), 5)
    duration = rounded(rng.normal(60, 3, epochs), 2)
    samples, seconds = rng.integers(200, 600, 50), rounded(rng.gamma(4, 0.05, 50), 4)
    utilization = {"0": rounded(rng.uniform(0.5, 0.99, 50)), "1": rounded(rng.uniform(0.5, 0.99, 50))}
    return {
        "loss": loss, "validation_loss": validation, "duration": duration, "samples": samples.tolist(),
        "seconds": seconds, "utilization": utilization, "duration_sum": float(np.sum(duration)),
        "best_epoch": int(np.argmin(validation)), "samples_per_second": float(samples.sum() / np.sum(seconds)),
    }


def inference_monitor():
    n = 2000
    stages = {"preprocessing": rng.gamma(2, 0.002, n), "inference": rng.lognormal(-3.5, 0.6, n),
              "postprocessing": rng.gamma(1.5, 0.001, n)}
    stages = {name: np.array(rounded(x, 6)) for name, x in stages.items()}
    total = np.round(sum(stages.values()), 6)
    batch = rng.integers(1, 33, n)
    status = rng.choice(["success", "server_error", "client_error"], n, p=[0.95, 0.03, 0.02])
    ends = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0]
    return {
        "stages": {name: x.tolist() for name, x in stages.items()}, "total": total.tolist(),
        "batch_size": batch.tolist(), "status": status.tolist(),
        "quantiles": {name: {f"p{q}": float(np.quantile(x, q / 100, method="inverted_cdf")) for q in (50, 95, 99)}
                      for name, x in {**stages, "total": total}.items()},
        "sums": {name: float(x.sum()) for name, x in stages.items()},
        "inference_buckets": {str(end): int((stages["inference"] <= end).sum()) for end in ends},
        "requests": {name: int((status == name).sum()) for name in ("success", "server_error", "client_error")},
        "batch_sum": int(batch.sum()), "utilization": float(batch.mean() / 32),
    }


def regression_monitor():
    """Numbers that are predicted: the last 1000 of 1100 count."""
    truth = np.round(rng.gamma(3, 100, 1100), 1)
    said = np.round(truth * rng.normal(1.02, 0.1, 1100), 1)
    y, p = truth[100:], said[100:]
    return {
        "labels": truth.tolist(), "predictions": said.tolist(),
        "mae": metrics.mean_absolute_error(y, p), "rmse": metrics.root_mean_squared_error(y, p),
        "mape": metrics.mean_absolute_percentage_error(y, p), "r2": metrics.r2_score(y, p),
    }


def without_labels():
    """The car loans of the samples, of which the reference has labels: confidences are of the predicted class."""
    reference, current = (pandas.read_csv(HERE / "samples" / f"cbpe_car_loan_{side}.csv") for side in ("reference", "current"))
    sure = lambda rows: np.where(rows["y_pred"] == 1, rows["score"], 1 - rows["score"]).round(2).tolist()
    nannyml = next(case for case in json.loads((HERE / "cbpe.json").read_text())["cases"] if case["name"] == "car_loan")
    first = current[:nannyml["rows"]]
    return {
        "labels": reference["y_true"].tolist(), "predictions": reference["y_pred"].tolist(), "confidences": sure(reference),
        "now_predictions": first["y_pred"].tolist(), "now_confidences": sure(first),
        # NannyML's, of the first chunk.
        "estimated": {name: nannyml[name]["value"][0] for name in ("accuracy", "roc_auc", "average_precision")},
    }


def ml_metrics(of):
    """What the lecture's dataclass has of the requests of another case."""
    total = np.array(of["total"])
    failed = np.array(of["status"]) != "success"
    return {
        "mean_seconds": float(total.mean()),
        "p95_seconds": float(np.quantile(total, 0.95, method="inverted_cdf")),
        "p99_seconds": float(np.quantile(total, 0.99, method="inverted_cdf")),
        "error_rate": float(failed.mean()),
    }


samples = drift_samples()
cases = {
    "ModelMonitor": model_monitor(),
    "FeedbackCollector": feedback_collector(),
    "DriftDetector": drift(*samples),
    "ModelDriftDetector": model_drift_detector(),
    "FeatureStoreMonitor": feature_store_monitor(),
    "ABTestMonitor": ab_test_monitor(),
    "ExplainabilityMonitor": explainability_monitor(),
    "TrainingMonitor": training_monitor(),
    "InferenceMonitor": inference_monitor(),
    "RegressionMonitor": regression_monitor(),
    "WithoutLabels": without_labels(),
}
cases["MLMetrics"] = ml_metrics(cases["InferenceMonitor"])
header = {
    "generator": "tests/golden/generate_lecture.py",
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
    "pandas": pandas.__version__,
    "statsmodels": statsmodels.__version__,
    "shap": shap.__version__,
    "xgboost": xgboost.__version__,
    "seed": SEED,
    "date": datetime.date.today().isoformat(),
    "calls": {
        "ModelMonitor, ModelDriftDetector": "the functions of sklearn.metrics with these names",
        "FeedbackCollector": "pandas groupby of the day of the prediction; sklearn.metrics.roc_auc_score",
        "DriftDetector": "scipy.stats ks_2samp(method='asymp'), wasserstein_distance, cramervonmises_2samp, "
                         "energy_distance, chi2_contingency(correction=False); PSI by its definition in numpy",
        "FeatureStoreMonitor": "pandas isnull().mean(), mean()",
        "ABTestMonitor": "statsmodels proportions_ztest, confint_proportions_2indep(method='newcomb')",
        "ExplainabilityMonitor": "shap.TreeExplainer(model).shap_values(rows); scipy.stats.rankdata",
        "InferenceMonitor, MLMetrics": "numpy.quantile(method='inverted_cdf')",
        "RegressionMonitor": "the functions of sklearn.metrics for regressions",
        "WithoutLabels": "nannyml.CBPE, by generate_cbpe.py",
    },
}
text = json.dumps({"header": header, "cases": cases}, separators=(",", ":"), ensure_ascii=False)
(HERE / "lecture.json").write_text(text.replace('},"', '},\n"') + "\n")
