"""Writes explain.json beside this file and the models in models/. Run as generate.py is, with shap, xgboost-cpu, lightgbm and
pandas installed too.

Oracles: XGBoost's and LightGBM's own contributions; shap's TreeExplainer against a background, LinearExplainer and
ExactExplainer; scipy and scikit-learn for the agreement of ranks; scipy's t-test at every split, and all orders of a short
stream; all splits of a few rows.
"""

import datetime
import itertools
import json
import os
import pathlib
import platform
import warnings

os.environ["OMP_NUM_THREADS"] = "1"
warnings.simplefilter("ignore")

import lightgbm as lgb
import numpy as np
import pandas as pd
import scipy
import shap
import sklearn
import xgboost as xgb
from scipy import stats
from sklearn import metrics
from sklearn.datasets import load_diabetes, load_iris

HERE = pathlib.Path(__file__).parent
MODELS = HERE / "models"
SEED = 20261127


def plain(values):
    """Lists with null for NaN."""
    values = np.asarray(values, float)
    return [None if np.isnan(v) else float(v) for v in values.ravel()] if values.ndim < 2 else [plain(v) for v in values]


def by_output(contributions, outputs):
    """[rows, outputs, features + 1], whatever the library's shape."""
    contributions = np.asarray(contributions, float)
    return contributions.reshape(len(contributions), outputs, -1)


def case(name, file, rows, contributions, margins, outputs, **more):
    contributions = by_output(contributions, outputs)
    return {
        "kind": "tree", "name": name, "model": file, "rows": plain(rows), "outputs": outputs,
        "margins": plain(np.asarray(margins, float).reshape(len(rows), outputs)),
        "expected": plain(contributions[0, :, -1]),
        "path_dependent": [plain(row[:, :-1]) for row in contributions],
    } | more


def interventional(model, rows, background, outputs):
    explainer = shap.TreeExplainer(model, background, feature_perturbation="interventional")
    values = np.asarray(explainer.shap_values(rows, check_additivity=False), float)
    # [rows, features] or [rows, features, outputs].
    values = values.reshape(len(rows), rows.shape[1], outputs).transpose(0, 2, 1)
    return {"background": plain(background), "interventional": [plain(row) for row in values],
            "interventional_expected": plain(np.atleast_1d(explainer.expected_value))}


def holes(values, share, rng):
    values = np.array(values, float)
    values[rng.uniform(size=values.shape) < share] = np.nan
    return values


def made(rng, rows, features):
    x = rng.normal(size=(rows, features))
    y = x[:, 0] * x[:, 1] + np.sin(x[:, 2]) + np.abs(x[:, 3]) + 0.3 * x @ rng.normal(size=features) / np.sqrt(features)
    return x, y


def xgboost_cases():
    rng = np.random.default_rng(SEED)
    diabetes, progress = load_diabetes(return_X_y=True, scaled=False)
    iris, kind = load_iris(return_X_y=True)
    iris = holes(iris, 0.1, rng)
    wide, answer = made(rng, 3000, 30)
    base = {"nthread": 1, "seed": 1, "max_depth": 3}
    cases = []

    def add(name, x, y, rounds, suffix="json", outputs=1, explained=8, against=12, **params):
        booster = xgb.train(base | params, xgb.DMatrix(x, y), rounds)
        file = f"xgb_{name}.{suffix}"
        booster.save_model(MODELS / file)
        rows = x[:explained].astype(np.float32)
        matrix = xgb.DMatrix(rows)
        more = {}
        if against:
            more = interventional(booster, rows, x[-against:].astype(np.float32), outputs)
        cases.append(case(f"xgboost {name}", file, rows, booster.predict(matrix, pred_contribs=True),
                          booster.predict(matrix, output_margin=True), outputs, **more))

    add("regression", diabetes, progress, 5)
    add("regression_ubj", diabetes, progress, 5, suffix="ubj")
    add("multiclass", iris, kind, 3, outputs=3, objective="multi:softprob", num_class=3)
    add("logistic", iris, (kind == 1).astype(int), 3, objective="binary:logistic")
    add("logitraw", iris, (kind == 1).astype(int), 2, objective="binary:logitraw", base_score=0.3)
    add("poisson", diabetes, progress, 2, objective="count:poisson")
    add("gamma", diabetes, progress, 2, objective="reg:gamma")
    add("hinge", iris, (kind == 1).astype(int), 2, objective="binary:hinge")
    add("cox", diabetes, progress, 2, against=0, objective="survival:cox")
    add("dart", diabetes, progress, 6, against=0, booster="dart", rate_drop=0.5)
    add("forest", diabetes, progress, 1, against=0, num_parallel_tree=4, subsample=0.7, eta=1.0)
    add("outputs", diabetes, np.stack([progress, -progress], 1), 2, outputs=2, against=0)
    add("deep", wide, answer, 1, explained=4, max_depth=14, eta=1.0, grow_policy="lossguide", max_leaves=120)

    # Categories, as text in a data frame.
    city = pd.Categorical(rng.choice(["oslo", "rome", "bern", "lima", "cairo", "a city"], 400))
    x = pd.DataFrame({"city": city, "size": rng.normal(size=400),
                      "colour": pd.Categorical(rng.choice(["red", "green", "blue"], 400))})
    y = x["city"].cat.codes % 3 + x["size"] * (x["colour"] == "red") + rng.normal(size=400) * 0.1
    x.loc[::17, "city"] = np.nan
    matrix = xgb.DMatrix(x, y, enable_categorical=True)
    booster = xgb.train(base | {"max_cat_to_onehot": 4}, matrix, 4)
    booster.save_model(MODELS / "xgb_categories.json")
    rows = pd.DataFrame({"city": x["city"].cat.codes.replace(-1, np.nan), "size": x["size"].astype(np.float32),
                         "colour": x["colour"].cat.codes})[:20]
    matrix = xgb.DMatrix(x[:20], enable_categorical=True)
    cases.append(case("xgboost categories", "xgb_categories.json", rows.to_numpy(), booster.predict(matrix, pred_contribs=True),
                      booster.predict(matrix, output_margin=True), 1,
                      names=[list(x["city"].cat.categories), [], list(x["colour"].cat.categories)]))
    return cases


def lightgbm_cases():
    rng = np.random.default_rng(SEED + 1)
    diabetes, progress = load_diabetes(return_X_y=True, scaled=False)
    iris, kind = load_iris(return_X_y=True)
    holed = holes(iris, 0.1, rng)
    zeros = np.where(np.isnan(holed), 0.0, holed)
    wide, answer = made(rng, 3000, 30)
    base = {"num_threads": 1, "seed": 1, "num_leaves": 7, "verbosity": -1, "deterministic": True, "min_data_in_leaf": 5}
    cases = []

    def add(name, x, y, rounds, outputs=1, explained=8, against=12, rows=None, categories=(), **params):
        data = lgb.Dataset(x, y, categorical_feature=list(categories), params={"verbosity": -1} | params)
        booster = lgb.train(base | params, data, rounds)
        file = f"lgb_{name}.txt"
        booster.save_model(MODELS / file)
        # The parameters at the end are not read, and are longer than the trees.
        text = (MODELS / file).read_text()
        end, rest = text.index("\nparameters:"), text.index("pandas_categorical")
        (MODELS / file).write_text(text[:end] + "\n" + text[rest:])
        booster = lgb.Booster(model_file=MODELS / file)
        rows = x[:explained] if rows is None else rows
        more = interventional(booster, rows, x[-against:], outputs) if against else {}
        # A forest's prediction is the mean of its trees, but its raw score and contributions are sums.
        trees = rounds if params.get("boosting") == "rf" else 1
        cases.append(case(f"lightgbm {name}", file, rows, booster.predict(rows, pred_contrib=True) / trees,
                          booster.predict(rows, raw_score=True) / trees, outputs, **more))

    add("regression", diabetes, progress, 5)
    add("multiclass", holed, kind, 3, outputs=3, objective="multiclass", num_class=3, against=0)
    add("binary", iris, (kind == 1).astype(int), 3, objective="binary", rows=holes(iris[::15], 0.2, rng), against=0)
    add("zero_as_missing", zeros, (kind == 1).astype(int), 4, objective="binary", zero_as_missing=True, against=0,
        rows=np.vstack([zeros[::20], [[0.0, -0.0, 1e-35, 1e-36], [1.01e-35, -1e-35, -1e-34, np.nan]]]))
    add("forest", diabetes, progress, 4, against=0, boosting="rf", bagging_freq=1, bagging_fraction=0.6)
    add("dart", diabetes, progress, 5, boosting="dart", drop_rate=0.5)
    add("one_leaf", diabetes[:30], progress[:30], 2, min_data_in_leaf=40, against=0)
    add("deep", wide, answer, 1, explained=4, num_leaves=120, max_depth=16)
    x = np.column_stack([rng.integers(0, 40, 600), rng.normal(size=600), rng.integers(0, 3, 600)]).astype(float)
    y = x[:, 0] % 7 + x[:, 1] * (x[:, 2] == 1)
    x[::19, 0] = np.nan
    rows = np.vstack([x[:12], [[-1.0, 0.0, 1.0], [-0.5, 0.0, 1.0], [2.7, 0.0, 7.0], [999.0, 0.0, 1e6], [np.nan, np.nan, np.nan]]])
    add("categories", x, y, 4, rows=rows, categories=(0, 2), against=0, cat_smooth=1, min_data_per_group=5)

    # Categories, as text in a data frame.
    x = pd.DataFrame({"size": rng.normal(size=400), "city": pd.Categorical(rng.choice(["oslo", "rome", "bern", "lima"], 400)),
                      "floor": pd.Categorical(rng.choice([3, 1, 10], 400))})
    y = x["city"].cat.codes % 3 + x["size"] * (x["floor"] == 10)
    booster = lgb.train(base | {"min_data_per_group": 5, "cat_smooth": 1}, lgb.Dataset(x, y), 3)
    booster.save_model(MODELS / "lgb_text_categories.txt")
    text = (MODELS / "lgb_text_categories.txt").read_text()
    end, rest = text.index("\nparameters:"), text.index("pandas_categorical")
    (MODELS / "lgb_text_categories.txt").write_text(text[:end] + "\n" + text[rest:])
    rows = pd.DataFrame({"size": x["size"], "city": x["city"].cat.codes, "floor": x["floor"].cat.codes})[:8]
    cases.append(case("lightgbm text categories", "lgb_text_categories.txt", rows.to_numpy(float),
                      booster.predict(x[:8], pred_contrib=True), booster.predict(x[:8], raw_score=True), 1,
                      names=[[], list(x["city"].cat.categories), [str(floor) for floor in x["floor"].cat.categories]]))
    return cases


def model_cases():
    """A linear model, and one with a product of two, of three, and a step."""
    rng = np.random.default_rng(SEED + 2)
    coefficients, intercept = rng.normal(size=5), 0.7
    background, rows = rng.normal(size=(20, 5)) + 3, rng.normal(size=(4, 5))
    explainer = shap.LinearExplainer((coefficients, intercept), shap.maskers.Independent(background, max_samples=1000))
    cases = [{
        "kind": "linear", "name": "five features", "coefficients": plain(coefficients), "intercept": intercept,
        "rows": plain(rows), "background": plain(background), "expected": float(explainer.expected_value),
        "want": plain(explainer.shap_values(rows)),
    }]

    def mixed(x):
        return x[:, 0] * x[:, 1] + 2 * x[:, 1] * x[:, 2] * x[:, 3] - np.where(x[:, 4] > 3, x[:, 0], 1) + x[:, 2]

    found = shap.explainers.ExactExplainer(mixed, shap.maskers.Independent(background, max_samples=1000))(rows)
    cases.append({"kind": "exact", "name": "products and a step", "rows": plain(rows), "background": plain(background),
                  "expected": float(found.base_values[0]), "want": plain(found.values)})
    return cases


def rank_cases():
    rng = np.random.default_rng(SEED + 3)
    lists = {
        "two": ([1, 2], [2, 1]),
        "same": ([3, 1, 2], [3, 1, 2]),
        "ties": ([1, 1, 2, 2, 3, 0, 0], [1, 2, 2, 2, 0, 0, 1]),
        "a tie at the top": ([5, 5, 1, 0.5], [1, 2, 2, 0]),
        "forty": (rng.exponential(size=40), rng.exponential(size=40)),
        "alike": (values := rng.exponential(size=40), values * rng.uniform(0.8, 1.25, 40)),
        "small numbers": (rng.integers(0, 6, 50), rng.integers(0, 6, 50)),
    }
    cases = []
    for name, (reference, current) in lists.items():
        reference, current = np.asarray(reference, float), np.asarray(current, float)
        cases.append({
            "kind": "rank", "name": name, "reference": plain(reference), "current": plain(current),
            "kendall": float(stats.kendalltau(reference, current).statistic),
            "spearman": float(stats.spearmanr(reference, current).statistic),
            "ndcg": float(metrics.ndcg_score([reference], [current])),
        })
    return cases


def figures(reference, current):
    a, b = np.abs(reference).mean(0), np.abs(current).mean(0)
    return np.array([stats.kendalltau(a, b).statistic, stats.spearmanr(a, b).statistic, metrics.ndcg_score([a], [b])])


def importance_cases():
    rng = np.random.default_rng(SEED + 4)
    reference = rng.normal(size=(4, 3)) * [3, 2, 1]
    current = rng.normal(size=(5, 3)) * [1, 2, 3]
    both = np.vstack([reference, current])
    observed = figures(reference, current)
    splits = [figures(both[list(picked)], np.delete(both, picked, 0)) for picked in itertools.combinations(range(9), 4)]
    as_little = (np.array(splits) <= observed + 1e-12).mean(0)
    tests = [stats.ks_2samp(np.abs(reference[:, k]), np.abs(current[:, k])) for k in range(3)]
    return [{
        "kind": "importance", "name": "all splits of nine rows", "reference": plain(reference), "current": plain(current),
        "means": [plain(np.abs(reference).mean(0)), plain(np.abs(current).mean(0))],
        "ranks": [plain(stats.rankdata(-np.abs(of).mean(0))) for of in (reference, current)],
        "agreement": plain(observed), "p_values": plain(as_little),
        "statistics": [float(test.statistic) for test in tests], "test_p_values": [float(test.pvalue) for test in tests],
        "p_adjusted": plain(stats.false_discovery_control([test.pvalue for test in tests])),
    }]


def largest_t(values, least):
    tests = [stats.ttest_ind(values[k:], values[:k]).statistic for k in range(least, len(values) - least + 1)]
    at = int(np.argmax(np.abs(tests)))
    return at + least, float(tests[at])


def split_cases():
    rng = np.random.default_rng(SEED + 5)
    streams = {
        "no change": (rng.normal(size=60), 5),
        "a rise": (np.concatenate([rng.normal(size=40), rng.normal(size=25) + 2]), 5),
        "a fall of a heavy tail": (np.concatenate([rng.standard_t(3, 70), rng.standard_t(3, 30) - 3]), 10),
        "an offset": (1e6 + np.concatenate([rng.normal(size=30), rng.normal(size=30) + 1]), 1),
    }
    cases = []
    for name, (values, least) in streams.items():
        index, statistic = largest_t(values, least)
        before, after = values[:index], values[index:]
        pooled = np.sqrt((before.var() * len(before) + after.var() * len(after)) / (len(values) - 2))
        cases.append({"kind": "split", "name": name, "values": plain(values), "min_segment": least, "index": index,
                      "statistic": statistic, "effect": float((after.mean() - before.mean()) / pooled),
                      "means": [float(before.mean()), float(after.mean())]})
    for name, values in {"seven": [1.0, 2.0, 0.5, 3.5, 4.0, 2.5, 5.0], "ties": [1.0, 1.0, 2.0, 2.0, 1.0, 3.0, 3.0]}.items():
        observed = abs(largest_t(np.array(values), 2)[1])
        orders = [abs(largest_t(np.array(order), 2)[1]) for order in itertools.permutations(values)]
        cases.append({"kind": "split_p_value", "name": name, "values": values, "min_segment": 2,
                      "p_value": float(np.mean(np.array(orders) >= observed * (1 - 1e-12)))})
    return cases


if __name__ == "__main__":
    MODELS.mkdir(exist_ok=True)
    header = {
        "generator": "tests/golden/generate_explain.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "pandas": pd.__version__,
        "shap": shap.__version__,
        "xgboost": xgb.__version__,
        "lightgbm": lgb.__version__,
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": {
            "margins, path_dependent, expected": "Booster.predict with pred_contribs=True (LightGBM: pred_contrib) and output_margin=True "
                                                 "(raw_score); XGBoost computes in 32 bits",
            "interventional": "shap.TreeExplainer(booster, background, feature_perturbation='interventional'), whose weights have 32 bits",
            "linear, exact": "shap.LinearExplainer((coefficients, intercept), Independent(background)), shap.ExactExplainer(model, the same)",
            "rank": "scipy.stats.kendalltau, scipy.stats.spearmanr, sklearn.metrics.ndcg_score",
            "importance": "scipy.stats.ks_2samp of magnitudes; p_values over all 126 splits of the rows",
            "split": "the largest |scipy.stats.ttest_ind| of all splits; p_value over all orders of the rows",
            "null": "a missing value",
        },
    }
    cases = xgboost_cases() + lightgbm_cases() + model_cases() + rank_cases() + importance_cases() + split_cases()
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    (HERE / "explain.json").write_text(f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n')
    print(f"explain.json: {len(cases)} cases")
