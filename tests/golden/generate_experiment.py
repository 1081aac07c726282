"""Writes `experiment.json` and `experiment_special.json` beside this file. Our own code has no part in them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install mpmath numpy scipy statsmodels gbstats
    /tmp/golden/bin/python generate_experiment.py

Oracles: mpmath for tails, points, posteriors and evidence, and for p-values, which the packages clip or subtract from one;
scipy and statsmodels for tests and power; GrowthBook's gbstats for lifts and confidence sequences. Where mpmath stands in
for a package, the two are compared first. JSON floats are the shortest decimals that give the double back.
"""

import datetime
import importlib.metadata
import json
import math
import pathlib
import platform

import mpmath
import numpy as np
import scipy
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import SampleMeanStatistic
from mpmath import mpf
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

HERE = pathlib.Path(__file__).parent
SEED = 20261123
mpmath.mp.dps = 50


def write(name, calls, cases):
    header = {
        "generator": "tests/golden/generate_experiment.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "mpmath": mpmath.__version__,
        **{package: importlib.metadata.version(package) for package in ("statsmodels", "gbstats")},
        "seed": SEED,
        "date": datetime.date.today().isoformat(),
        "calls": calls,
    }
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    text = f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n{lines}\n]}}\n'
    (HERE / name).write_text(text)
    print(f"{name}: {len(cases)} cases")


def near(a, b, rel=1e-9):
    assert abs(a - b) <= rel * abs(b), (a, b)


# -- special functions -------------------------------------------------------------------------------------------------

def ln_normal_tail(x):
    x = mpf(x)
    if x < 0:
        return mpmath.log1p(-mpmath.erfc(-x / mpmath.sqrt(2)) / 2)
    return mpmath.log(mpmath.erfc(x / mpmath.sqrt(2)) / 2)


def student_tail(t, df):
    t, df = mpf(t), mpf(df)
    if df > 1e6:
        # The series of betainc does not end here; the density does.
        logs = lambda u: -(df + 1) / 2 * mpmath.log1p(u * u / df)
        front = mpmath.exp(mpmath.loggamma((df + 1) / 2) - mpmath.loggamma(df / 2)) / mpmath.sqrt(df * mpmath.pi)
        # Relative to its start, for quad's error is absolute; panels of the tail's own lengths, out to e^-80.
        panels = [t + 4 * k / (1 + t) for k in range(41)]
        return front * mpmath.exp(logs(t)) * mpmath.quad(lambda u: mpmath.exp(logs(u) - logs(t)), panels)
    return mpmath.betainc(df / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2


def beta_ratio(a, b, x):
    if a + b > 1e4:
        # The density, from 40 standard deviations below the mean: betainc does not end here.
        mean = mpf(a) / (a + b)
        deviation = mpmath.sqrt(mean * (1 - mean) / (a + b))
        start = mean - 40 * deviation
        if x <= start:
            return mpf(0)
        ln_front = mpmath.loggamma(a + b) - mpmath.loggamma(a) - mpmath.loggamma(b)
        density = lambda t: mpmath.exp(ln_front + (a - 1) * mpmath.log(t) + (b - 1) * mpmath.log1p(-t))
        return mpmath.quad(density, mpmath.linspace(start, min(mpf(x), mean + 40 * deviation), 41))
    return mpmath.betainc(mpf(a), mpf(b), 0, mpf(x), regularized=True)


def special_cases():
    cases = []
    for x in [-30, -5.5, -1, -0.25, 0, 1e-9, 0.5, 1, 1.96, 3, 5, 8, 10, 20, 30, 37, 100, 1e5, 1e150]:
        want = ln_normal_tail(x) if x < 1e4 else -mpf(x) ** 2 / 2 - mpmath.log(mpf(x) * mpmath.sqrt(2 * mpmath.pi))
        cases.append({"function": "ln_normal_tail", "x": float(x), "want": float(want)})
        if mpmath.exp(want) > 1e-300:
            cases.append({"function": "normal_tail", "x": float(x), "want": float(mpmath.exp(want))})
    for tail in [5e-324, 1e-300, 1e-100, 1e-20, 1e-9, 1e-4, 0.025, 0.05, 0.2, 0.3, 0.31, 0.45, 0.4999999, 0.6, 0.975, 0.9999]:
        target = mpf(tail)
        x = mpmath.findroot(lambda x: ln_normal_tail(x) - mpmath.log(target), mpf(float(stats.norm.isf(tail))))
        cases.append({"function": "normal_point", "x": tail, "want": float(x)})
    for df in [0.3, 1, 1.7, 3, 10, 57.3, 1000, 123456.7, 1e9]:
        for t in [1e-6, 0.3, 1, 2, 5, 12, 37, 1000, 1e30, 1e150]:
            if df > 1e6 and t > 40:
                continue
            want = student_tail(t, df)
            if want > 1e-300:
                cases.append({"function": "student_t_tail", "x": float(t), "df": df, "want": float(want)})
        for tail in [1e-30, 1e-9, 1e-3, 0.025, 0.2, 0.4]:
            if df > 1e6:
                continue
            start = mpmath.log(mpf(float(stats.t.isf(tail, df))))
            u = mpmath.findroot(lambda u: mpmath.log(student_tail(mpmath.exp(u), df)) - mpmath.log(mpf(tail)), start)
            cases.append({"function": "student_t_point", "x": tail, "df": df, "want": float(mpmath.exp(u))})
    for a, b in [(0.5, 0.5), (0.01, 3), (1, 7), (2.5, 40), (30, 30), (200, 900), (5000, 100), (40000, 60000)]:
        mean = a / (a + b)
        for x in [1e-9 * mean, 0.1 * mean, 0.7 * mean, 0.97 * mean, mean, mean + 0.03 * (1 - mean), mean + 0.5 * (1 - mean)]:
            want = beta_ratio(a, b, x)
            if want > 1e-300:
                cases.append({"function": "lower_beta_ratio", "a": a, "b": b, "x": x, "want": float(want)})
    return cases


# -- experiments -------------------------------------------------------------------------------------------------------

def proportion_case(successes, trials, alpha):
    (x, y), (n, m) = successes, trials
    z, p_value = proportions_ztest([y, x], [m, n])
    tail = 2 * mpmath.exp(ln_normal_tail(abs(float(z))))
    if tail > 1e-290:
        near(p_value, float(tail))
    interval = confint_proportions_2indep(y, m, x, n, method="newcomb", compare="diff", alpha=alpha)
    p, q = mpf(x) / n, mpf(y) / m
    error = mpmath.sqrt(q * (1 - q) / m / p**2 + p * (1 - p) / n * q**2 / p**4)
    half = float(stats.norm.isf(alpha / 2)) * error
    lift = q / p - 1
    return {
        "function": "two_proportions", "successes": successes, "trials": trials, "alpha": alpha,
        "statistic": float(z), "p_value": float(tail), "difference": float(q - p), "interval": [float(v) for v in interval],
        "lift": float(lift), "lift_interval": [float(lift - half), float(lift + half)],
    }


def moments(count, mean, variance):
    """GrowthBook takes sums; these give the summary back to some 1e-13."""
    return SampleMeanStatistic(n=count, sum=mean * count, sum_squares=variance * (count - 1) + count * mean**2)


def mean_case(a, b, alpha):
    sides = [dict(zip(("count", "mean", "variance"), side)) for side in (a, b)]
    (n, mean_a, var_a), (m, mean_b, var_b) = a, b
    test = stats.ttest_ind_from_stats(mean_b, math.sqrt(var_b), m, mean_a, math.sqrt(var_a), n, equal_var=False)
    va, vb = mpf(var_a) / n, mpf(var_b) / m
    df = (va + vb) ** 2 / (va**2 / (n - 1) + vb**2 / (m - 1))
    statistic = (mpf(mean_b) - mpf(mean_a)) / mpmath.sqrt(va + vb)
    near(float(statistic), float(test.statistic), 1e-11)
    p_value = 2 * student_tail(abs(statistic), df)
    if p_value > 1e-290:
        near(float(p_value), float(test.pvalue), 1e-8)
    point = mpf(float(stats.t.isf(alpha / 2, float(df))))
    point -= (mpmath.mpf(alpha) / 2 - student_tail(point, df)) / mpmath.diff(lambda t: student_tail(t, df), point) * -1
    difference, half = mpf(mean_b) - mpf(mean_a), point * mpmath.sqrt(va + vb)
    lift = difference / mpf(mean_a)
    lift_half = point * mpmath.sqrt(vb / mpf(mean_a) ** 2 + va * mpf(mean_b) ** 2 / mpf(mean_a) ** 4)
    if mean_a > 0:
        book = TwoSidedTTest(moments(*a), moments(*b), FrequentistConfig(alpha=alpha, difference_type="relative")).compute_result()
        near(book.expected, float(lift), 1e-8)
        for bound, ours in zip(book.ci, (lift - lift_half, lift + lift_half)):
            near(bound, float(ours), 1e-8)
    return {
        "function": "two_means", "reference": sides[0], "current": sides[1], "alpha": alpha,
        "statistic": float(statistic), "df": float(df), "p_value": float(p_value),
        "difference": float(difference), "interval": [float(difference - half), float(difference + half)],
        "lift": float(lift), "lift_interval": [float(lift - lift_half), float(lift + lift_half)],
    }


def sequence_case(a, b, alpha, tuning):
    sides = [dict(zip(("count", "mean", "variance"), side)) for side in (a, b)]
    (n, mean_a, var_a), (m, mean_b, var_b) = [tuple(map(mpf, side)) for side in (a, b)]
    total = n + m
    variance = var_a / n + var_b / m
    rho2 = (-2 * mpmath.log(mpf(alpha)) + mpmath.log(1 - 2 * mpmath.log(mpf(alpha)))) / mpf(tuning)
    growth = total * rho2 + 1
    errors = mpmath.sqrt(2 * growth * mpmath.log(mpmath.sqrt(growth) / mpf(alpha)) / (total * rho2))
    difference = mean_b - mean_a
    ln_p = mpmath.log(growth) / 2 - rho2 * total * difference**2 / variance / (2 * growth)
    half = errors * mpmath.sqrt(variance)
    lift_half = errors * mpmath.sqrt(var_b / m / mean_a**2 + var_a / n * mean_b**2 / mean_a**4)
    interval = [difference - half, difference + half]
    lift = difference / mean_a
    for kind, bounds in (("absolute", interval), ("relative", [lift - lift_half, lift + lift_half])):
        config = SequentialConfig(alpha=alpha, difference_type=kind, sequential_tuning_parameter=tuning)
        book = SequentialTwoSidedTTest(moments(*a), moments(*b), config).compute_result()
        for theirs, ours in zip(book.ci, bounds):
            near(theirs, float(ours), 1e-8)
        if kind == "absolute" and -600 < ln_p:
            near(book.p_value, float(min(1, mpmath.exp(ln_p))), 1e-7)
    return {
        "function": "confidence_sequence", "reference": sides[0], "current": sides[1], "alpha": alpha, "tuning_count": tuning,
        "ln_p_value": float(min(0, ln_p)), "interval": [float(v) for v in interval],
        "lift_interval": [float(lift - lift_half), float(lift + lift_half)],
    }


def ratio_case(observed, weights):
    shares = np.array(weights) / sum(weights)
    test = stats.chisquare(observed, sum(observed) * shares)
    tail = mpmath.gammainc(mpf(len(observed) - 1) / 2, mpf(float(test.statistic)) / 2, regularized=True)
    if tail > 1e-290:
        near(float(test.pvalue), float(tail))
    return {"function": "sample_ratio", "observed": observed, "weights": weights, "statistic": float(test.statistic), "p_value": float(tail)}


def multinomial_case(counts, weights, concentration):
    whole = sum(mpf(w) for w in weights)
    prior = [mpf(concentration) * mpf(w) / whole for w in weights]
    total = mpf(concentration)
    evidence = mpmath.loggamma(total) - mpmath.loggamma(total + sum(counts))
    for count, a, w in zip(counts, prior, weights):
        evidence += mpmath.loggamma(a + count) - mpmath.loggamma(a) - count * mpmath.log(mpf(w) / whole)
    return {"function": "multinomial_sequence", "counts": counts, "weights": weights, "concentration": concentration, "ln_e_value": float(evidence)}


def beta_wins(a, b, c, d):
    """P(Y > X) for X ~ Beta(a, b), Y ~ Beta(c, d) of whole shapes: a finite sum of positive terms."""
    beta = lambda *shapes: mpmath.exp(mpmath.loggamma(shapes[0]) + mpmath.loggamma(shapes[1]) - mpmath.loggamma(sum(shapes)))
    return mpmath.fsum(beta(a + i, b + d) / ((d + i) * beta(1 + i, d) * beta(a, b)) for i in range(c))


def bayes_case(successes, trials):
    (a, c), (b, d) = [x + 1 for x in successes], [n - x + 1 for x, n in zip(successes, trials)]
    # E[X 1{X > Y}] is the mean of X times the chance of Beta(a+1, b) to win, so the losses have sums too.
    mean_a, mean_b = mpf(a) / (a + b), mpf(c) / (c + d)
    loss_current = mean_a * beta_wins(c, d, a + 1, b) - mean_b * (1 - beta_wins(a, b, c + 1, d))
    loss_reference = mean_b * beta_wins(a, b, c + 1, d) - mean_a * (1 - beta_wins(c, d, a + 1, b))
    return {
        "function": "bayes_proportions", "successes": successes, "trials": trials, "chance_to_win": float(beta_wins(a, b, c, d)),
        "expected_loss_current": float(loss_current), "expected_loss_reference": float(loss_reference),
    }


def gaussian_case(a, b):
    sides = [dict(zip(("count", "mean", "variance"), side)) for side in (a, b)]
    (n, mean_a, var_a), (m, mean_b, var_b) = [tuple(map(mpf, side)) for side in (a, b)]
    error = mpmath.sqrt(var_a / n + var_b / m)
    z = (mean_b - mean_a) / error
    loss = lambda z: error * (mpmath.npdf(z) - z * mpmath.exp(ln_normal_tail(z)))
    near(float(mpmath.exp(ln_normal_tail(-z))), float(stats.norm.cdf(float(z))))
    return {
        "function": "bayes_means", "reference": sides[0], "current": sides[1], "chance_to_win": float(mpmath.exp(ln_normal_tail(-z))),
        "expected_loss_current": float(loss(z)), "expected_loss_reference": float(loss(-z)), "standard_error": float(error),
    }


def experiment_cases():
    cases = []
    for successes, trials in [([0, 1], [0, 1]), ([3, 7], [10, 12]), ([0, 5], [5, 5]), ([100, 150], [1000, 1000]), ([480, 470], [1000, 1000]),
                              ([1, 3], [2000, 1900]), ([900, 10], [1000, 12]), ([2000, 2100], [20_000, 20_000]), ([60_000, 0], [150_000, 1]),
                              ([1, 60_000], [2, 150_000])]:
        cases.append(bayes_case(successes, trials))
    for a, b in [((100, 10.0, 4.0), (100, 11.0, 4.0)), ((12, 3.5, 1.25), (7, 4.75, 9.5)), ((5000, 0.125, 2.5), (4000, 0.25, 3.5)), ((40, 10.0, 9.0), (900, 9.5, 1.0))]:
        cases.append(gaussian_case(a, b))
    for successes, trials in [([100, 150], [1000, 1000]), ([12, 9], [40, 57]), ([3, 4], [5000, 4000]), ([480, 520], [1000, 1000]),
                              ([99_000, 101_000], [1_000_000, 1_000_000]), ([9, 10], [10, 10]), ([2000, 3100], [10_000, 10_000]),
                              ([20_000, 33_000], [100_000, 100_000]), ([50, 49_000], [1000, 1_000_000])]:
        for alpha in (0.05, 0.001):
            cases.append(proportion_case(successes, trials, alpha))
    pairs = [((100, 10.0, 4.0), (100, 11.0, 4.0)), ((12, 3.5, 1.25), (7, 4.75, 9.5)), ((2, 1.0, 0.5), (3, 2.0, 0.25)),
             ((5000, 0.125, 2.5), (4000, 0.25, 3.5)), ((100_000, 52.5, 900.0), (100_000, 57.25, 950.0)), ((40, 10.0, 9.0), (900, 10.0, 1.0)),
             ((900, -3.0, 2.0), (700, -2.5, 4.0)), ((50, 20.0, 1e-3), (50, 21.0, 5e3))]
    for a, b in pairs:
        cases.extend(mean_case(a, b, alpha) for alpha in (0.05, 0.01))
        if a[1] > 0:
            cases.extend(sequence_case(a, b, alpha, tuning) for alpha, tuning in ((0.05, 5000.0), (0.01, 500.0)))
    for observed, weights in [([1000, 1000], [1.0, 1.0]), ([5000, 5300], [0.5, 0.5]), ([900, 120], [9.0, 1.0]), ([330, 340, 300, 410], [1.0, 1.0, 1.0, 1.0]),
                              ([100_000, 103_000], [0.5, 0.5]), ([10_000, 13_500], [0.5, 0.5]), ([3, 4], [0.3, 0.7])]:
        cases.append(ratio_case(observed, weights))
    for counts in ([2, 0], [10, 13], [1000, 1100], [50_000, 51_000], [5_000_000, 5_003_000], [30, 45, 60], [0, 0, 7], [900_000_000, 1_000_000_000]):
        for concentration in (1.0, 10.0, 10_000.0):
            weights = [1.0, 1.0] if len(counts) == 2 else [0.2, 0.3, 0.5]
            cases.append(multinomial_case(counts, weights, concentration))
    rng = np.random.default_rng(SEED)
    for p_values in ([0.3], [0.01, 0.02, 0.03], [0.05, 0.05, 0.01, 1.0], [0.0, 1e-300, 0.5], (rng.uniform(size=30) ** 3).tolist()):
        for function, method in (("holm", "holm"), ("benjamini_yekutieli", "fdr_by")):
            cases.append({"function": function, "p_values": p_values, "want": multipletests(p_values, method=method)[1].tolist()})
    return cases


if __name__ == "__main__":
    write("experiment_special.json", {
        "normal_tail": "mpmath.erfc(x / sqrt(2)) / 2",
        "ln_normal_tail": "its logarithm; beyond 1e4 the first term of the asymptotic series",
        "normal_point": "mpmath.findroot on ln_normal_tail",
        "student_t_tail": "mpmath.betainc(df/2, 1/2, 0, df/(df+t*t), regularized=True) / 2; for df = 1e9 mpmath.quad of the density",
        "student_t_point": "mpmath.findroot on the logarithm of student_t_tail",
        "lower_beta_ratio": "mpmath.betainc(a, b, 0, x, regularized=True); for large shapes mpmath.quad of the density",
    }, special_cases())
    write("experiment.json", {
        "two_proportions": "statsmodels proportions_ztest (its p-value by mpmath), confint_proportions_2indep(method='newcomb'); lift by the delta method",
        "two_means": "mpmath; agrees with scipy.stats.ttest_ind_from_stats(equal_var=False) and gbstats TwoSidedTTest(relative)",
        "confidence_sequence": "mpmath; agrees with gbstats SequentialTwoSidedTTest(absolute and relative)",
        "sample_ratio": "scipy.stats.chisquare(observed, expected), its p-value by mpmath.gammainc",
        "multinomial_sequence": "mpmath.loggamma",
        "holm": "statsmodels.stats.multitest.multipletests(p_values, method='holm')",
        "benjamini_yekutieli": "statsmodels.stats.multitest.multipletests(p_values, method='fdr_by')",
        "bayes_proportions": "flat prior; finite sums of positive terms in mpmath, losses by their differences in 50 digits",
        "bayes_means": "mpmath, the closed form; the chance agrees with scipy.stats.norm.cdf",
    }, experiment_cases())
