"""Writes `experiment_design.json` beside this file. Our own code has no part in it.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install mpmath numpy scipy statsmodels gbstats
    /tmp/golden/bin/python generate_experiment_design.py

Oracles: mpmath for the noncentral t distribution and for always-valid bounds; statsmodels for power and sizes, its tails by
mpmath where it has fewer digits; numpy and scipy on single units, and GrowthBook's gbstats, for the adjustment by a covariate.
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
from gbstats.frequentist.tests import FrequentistConfig, TwoSidedTTest
from gbstats.models.statistics import RegressionAdjustedStatistic, SampleMeanStatistic
from mpmath import mpf
from scipy import stats
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import power_proportions_2indep, samplesize_proportions_2indep_onetail

HERE = pathlib.Path(__file__).parent
SEED = 20261127
mpmath.mp.dps = 32


def near(a, b, rel=1e-9):
    assert abs(a - b) <= rel * abs(b), (a, b)


# -- power -------------------------------------------------------------------------------------------------------------

def noncentral_tail(t, df, delta):
    """The integral of P(Z >= t e^u - delta) over u = ln(chi / sqrt(df)), t >= 0."""
    t, df, delta = mpf(t), mpf(df), mpf(delta)
    a = df / 2
    front = a * mpmath.log(a) - mpmath.loggamma(a) + mpmath.log(2)

    def ln_value(u):
        x = (t * mpmath.exp(u) - delta) / mpmath.sqrt(2)
        ln_tail = mpmath.log(mpmath.erfc(x) / 2)
        return front + 2 * a * u - a * mpmath.exp(2 * u) + ln_tail

    # Where the integrand is within e^-75 of its peak, by a walk outward in steps of its own width.
    width = 1 / mpmath.sqrt(2 * df + t * t + 1)
    grid = [-width * k for k in range(0, 4000)]
    peak_at = max(grid[::10], key=ln_value)
    peak = ln_value(peak_at)
    low, high, step = peak_at, peak_at, width
    while ln_value(low) > peak - 75:
        low -= step
        step *= mpf("1.2")
    step = width
    while ln_value(high) > peak - 75:
        high += step
        step *= mpf("1.2")
    panels = mpmath.linspace(low, high, 25)
    return mpmath.exp(peak) * mpmath.quad(lambda u: mpmath.exp(ln_value(u) - peak), panels)


def tail_cases():
    for df in [1, 2.5, 8, 62, 998, 123456]:
        for t in [0.0, 0.7, 2.0, 3.5, 9.0]:
            for delta in [-3.0, 0.0, 1.3, 4.0]:
                if df == 1 and t == 9.0 and delta > 1:
                    pass
                want = noncentral_tail(t, df, delta)
                reference = float(stats.nct.sf(t, df, delta)) if delta >= 0 else math.nan
                if math.isfinite(reference) and reference > 1e-6:
                    near(reference, float(want), 1e-7)
                if want > 1e-300:
                    yield {"function": "noncentral_t_tail", "t": t, "df": df, "noncentrality": delta, "want": float(want)}


ALTERNATIVES = {"two_sided": "two-sided", "greater": "larger"}


def mean_power(effect, n, m, alpha, alternative):
    df = n + m - 2
    shift = mpf(effect) / mpmath.sqrt(mpf(1) / n + mpf(1) / m)
    tail = mpf(alpha) / 2 if alternative == "two_sided" else mpf(alpha)
    student = lambda t: mpmath.betainc(mpf(df) / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    critical = mpmath.findroot(lambda t: student(t) - tail, mpf(float(stats.t.isf(float(tail), df))))
    power = noncentral_tail(critical, df, shift)
    if alternative == "two_sided":
        power += noncentral_tail(critical, df, -shift)
    return power


def fewest(effect, power, alpha, ratio, alternative, start):
    """The least n with the power, near where statsmodels has it: there its distribution has too few digits for small effects."""
    reaches = lambda n: mean_power(effect, n, math.ceil(ratio * n), alpha, alternative) >= power
    low, high = math.floor(start * 0.99) - 1, math.ceil(start * 1.01) + 1
    assert reaches(high) and not reaches(low)
    middle = start
    while high - low > 1:
        low, high = (low, middle) if reaches(middle) else (middle, high)
        middle = (low + high) // 2
    if high != start:
        print(f"statsmodels has {start} for {high}: effect {effect}, power {power}, alpha {alpha}")
    return high


def power_cases():
    solver = TTestIndPower()
    for effect, n, m in [(0.5, 64, 64), (0.2, 50, 150), (1.2, 4, 3), (0.03, 9000, 9000), (0.0, 12, 9), (0.8, 40, 10)]:
        for alpha in (0.05, 0.001):
            for alternative, name in ALTERNATIVES.items():
                want = mean_power(effect, n, m, alpha, alternative)
                near(solver.power(effect, n, alpha, ratio=m / n, alternative=name), float(want), 1e-6)
                yield {"function": "two_means_power", "effect": effect, "reference": n, "current": m, "alpha": alpha, "alternative": alternative,
                       "want": float(want)}
    for effect, power, alpha, ratio in [(0.5, 0.8, 0.05, 1.0), (0.5, 0.9, 0.01, 2.0), (0.05, 0.8, 0.05, 1.0), (1.5, 0.8, 0.05, 1.0), (0.01, 0.95, 0.001, 1.0)]:
        for alternative, name in ALTERNATIVES.items():
            exact = solver.solve_power(effect_size=effect, power=power, alpha=alpha, ratio=ratio, alternative=name)
            n = fewest(effect, power, alpha, ratio, alternative, math.ceil(exact))
            yield {"function": "two_means_counts", "effect": effect, "power": power, "alpha": alpha, "ratio": ratio, "alternative": alternative,
                   "want": [n, math.ceil(ratio * n)]}
    for n, m, power, alpha in [(64, 64, 0.8, 0.05), (500, 1500, 0.9, 0.01), (6, 5, 0.8, 0.05)]:
        start = solver.solve_power(nobs1=n, ratio=m / n, power=power, alpha=alpha)
        want = mpmath.findroot(lambda effect: mean_power(effect, n, m, alpha, "two_sided") - power, (mpf(start), mpf(start) * mpf("1.0001")), tol=1e-20)
        yield {"function": "two_means_detectable_effect", "reference": n, "current": m, "power": power, "alpha": alpha, "alternative": "two_sided", "want": float(want)}


def proportion_power(p, q, n, m, alpha, alternative):
    p, q = mpf(p), mpf(q)
    pooled = (n * p + m * q) / (n + m)
    null = mpmath.sqrt(pooled * (1 - pooled) * (mpf(1) / n + mpf(1) / m))
    own = mpmath.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    tail = mpf(alpha) / 2 if alternative == "two_sided" else mpf(alpha)
    critical = mpmath.sqrt(2) * mpmath.erfinv(1 - 2 * tail)
    upper = lambda x: mpmath.erfc(x / mpmath.sqrt(2)) / 2
    power = upper((critical * null - (q - p)) / own)
    return power + upper((critical * null + (q - p)) / own) if alternative == "two_sided" else power


def proportion_cases():
    for p, q, n, m in [(0.1, 0.12, 4000, 4000), (0.02, 0.03, 3000, 1000), (0.5, 0.65, 40, 60), (0.9, 0.905, 20_000, 20_000), (0.3, 0.25, 500, 500)]:
        for alpha in (0.05, 0.001):
            for alternative, name in ALTERNATIVES.items():
                want = proportion_power(p, q, n, m, alpha, alternative)
                theirs = power_proportions_2indep(q - p, p, m, ratio=n / m, alpha=alpha, alternative=name)
                if alternative == "greater":
                    near(theirs.power, float(want), 1e-6)
                else:
                    # Theirs has the larger of the two tails only where that is all.
                    assert abs(theirs.power - want) < 1e-3 * want + 1e-4, (theirs.power, want)
                yield {"function": "two_proportions_power", "reference_rate": p, "current_rate": q, "reference": n, "current": m, "alpha": alpha,
                       "alternative": alternative, "want": float(want)}
    for p, q, power, alpha in [(0.1, 0.12, 0.8, 0.05), (0.02, 0.025, 0.9, 0.01), (0.5, 0.7, 0.8, 0.05), (0.001, 0.0012, 0.8, 0.05)]:
        exact = samplesize_proportions_2indep_onetail(q - p, p, power, ratio=1, alpha=alpha, alternative="larger")
        n = math.ceil(exact)
        assert proportion_power(p, q, n, n, alpha, "greater") >= power > proportion_power(p, q, n - 1, n - 1, alpha, "greater")
        yield {"function": "two_proportions_counts", "reference_rate": p, "current_rate": q, "power": power, "alpha": alpha, "ratio": 1.0, "alternative": "greater",
               "want": [n, n]}
    for p, n, m, power, alpha in [(0.1, 4000, 4000, 0.8, 0.05), (0.02, 900, 700, 0.9, 0.01), (0.7, 300, 300, 0.8, 0.05)]:
        gap = 3 * math.sqrt(p * (1 - p) * (1 / n + 1 / m))
        want = mpmath.findroot(lambda q: proportion_power(p, q, n, m, alpha, "two_sided") - power, (mpf(p + gap), mpf(p + gap * 1.1)), tol=1e-24)
        yield {"function": "two_proportions_detectable_rate", "reference_rate": p, "reference": n, "current": m, "power": power, "alpha": alpha,
               "alternative": "two_sided", "want": float(want)}


# -- always-valid guardrails -------------------------------------------------------------------------------------------

def guardrail_cases():
    sides = [((2500, 10.0, 4.0), (2500, 10.2, 4.0)), ((5000, 120.0, 400.0), (4000, 121.5, 500.0)), ((300, 0.125, 0.11), (310, 0.05, 0.05)),
             ((50_000, 3.0, 1.0), (50_000, 3.25, 1.0)), ((1000, -5.0, 9.0), (500, -5.0, 9.0))]
    for a, b in sides:
        for harm, margin, alpha, tuning in [("increase", 0.0, 0.05, 5000.0), ("increase", 0.1, 0.01, 500.0), ("decrease", 0.05, 0.2, 1e5)]:
            (n, mean_a, var_a), (m, mean_b, var_b) = [tuple(map(mpf, side)) for side in (a, b)]
            twice = 2 * mpf(alpha)
            rho2 = (-2 * mpmath.log(twice) + mpmath.log(1 - 2 * mpmath.log(twice))) / mpf(tuning)
            total = n + m
            growth = total * rho2 + 1
            error = mpmath.sqrt(var_a / n + var_b / m)
            reach = error * mpmath.sqrt(2 * growth * mpmath.log(1 + mpmath.sqrt(growth) / twice) / (total * rho2))
            size = (mean_b - mean_a) * (1 if harm == "increase" else -1)

            def p_value(beyond):
                if beyond <= 0:
                    return mpf(1)
                return min(mpf(1), mpmath.sqrt(growth) / 2 / mpmath.expm1(beyond**2 / 2 * total * rho2 / growth))

            beyond = (size - mpf(margin)) / error
            yield {"function": "guardrail", **{name: dict(zip(("count", "mean", "variance"), side)) for name, side in (("reference", a), ("current", b))},
                   "harm": harm, "margin": margin, "alpha": alpha, "tuning_count": tuning,
                   "lower_bound": float(size - reach), "upper_bound": float(size + reach),
                   "harmed_p_value": float(p_value(beyond)), "safe_p_value": float(p_value(-beyond))}


# -- CUPED -------------------------------------------------------------------------------------------------------------

def statistic(values, before):
    side = lambda x: SampleMeanStatistic(n=len(x), sum=float(x.sum()), sum_squares=float((x * x).sum()))
    return RegressionAdjustedStatistic(
        n=len(values), post_statistic=side(values), pre_statistic=side(before), post_pre_sum_of_products=float((values * before).sum()), theta=0)


def cuped_cases():
    rng = np.random.default_rng(SEED)
    for n, m, slope, lift, missing in [(40, 30, 0.8, 0.5, 0), (60, 60, -2.0, 0.0, 0), (50, 45, 0.6, 0.4, 12), (30, 30, 0.0, 1.0, 5), (20, 25, 3.0, 0.2, 0)]:
        before = [np.round(rng.normal(10, 2, size), 3) for size in (n, m)]
        values = [np.round(20 + slope * (x - 10) + rng.normal(0, 1, len(x)) + extra, 3) for x, extra in zip(before, (0.0, lift))]
        known = [np.arange(len(x)) >= missing for x in before]
        x, y = (np.concatenate([side[k] for side, k in zip(sides, known)]) for sides in (before, values))
        theta = np.cov(x, y)[0, 1] / np.var(x, ddof=1)
        adjusted = [np.where(k, v - theta * (b - x.mean()), v) for v, b, k in zip(values, before, known)]
        test = stats.ttest_ind(adjusted[1], adjusted[0], equal_var=False)
        interval = test.confidence_interval(0.95)
        spread = lambda sides: sum(np.var(side, ddof=1) / len(side) for side in sides)
        case = {"function": "cuped", "alpha": 0.05,
                **{name: {"values": v.tolist(), "covariates": [float(b) if k else None for b, k in zip(bs, ks)]}
                   for name, v, bs, ks in zip(("reference", "current"), values, before, known)},
                "theta": float(theta), "statistic": float(test.statistic), "df": float(test.df), "p_value": float(test.pvalue),
                "difference": float(adjusted[1].mean() - adjusted[0].mean()), "interval": [float(interval.low), float(interval.high)],
                "variance_reduction_ratio": float(1 - spread(adjusted) / spread(values))}
        if not missing:
            book = TwoSidedTTest(statistic(values[0], before[0]), statistic(values[1], before[1]), FrequentistConfig(alpha=0.05, difference_type="absolute"))
            result = book.compute_result()
            near(result.expected, case["difference"], 1e-8)
            near(result.p_value, case["p_value"], 1e-6)
            book = TwoSidedTTest(statistic(values[0], before[0]), statistic(values[1], before[1]), FrequentistConfig(alpha=0.05, difference_type="relative"))
            result = book.compute_result()
            case |= {"lift": float(result.expected), "lift_interval": [float(v) for v in result.ci]}
        yield case


cases = [*tail_cases(), *power_cases(), *proportion_cases(), *guardrail_cases(), *cuped_cases()]
header = {
    "generator": "tests/golden/generate_experiment_design.py",
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "mpmath": mpmath.__version__,
    **{package: importlib.metadata.version(package) for package in ("statsmodels", "gbstats")},
    "seed": SEED,
    "date": datetime.date.today().isoformat(),
    "calls": {
        "noncentral_t_tail": "mpmath.quad over ln(chi); agrees with scipy.stats.nct.sf where that has digits",
        "two_means_power": "the same; agrees with statsmodels TTestIndPower.power to 1e-6",
        "two_means_counts": "the least n with the power by mpmath; statsmodels TTestIndPower.solve_power, rounded up, but where its tail has too few digits (0.1 % off at an effect of 0.01)",
        "two_means_detectable_effect": "mpmath.findroot on the power",
        "two_proportions_power": "the closed form in mpmath; one-sided it agrees with statsmodels power_proportions_2indep to 1e-6",
        "two_proportions_counts": "statsmodels samplesize_proportions_2indep_onetail, rounded up",
        "two_proportions_detectable_rate": "mpmath.findroot on the power",
        "guardrail": "the closed form in mpmath (equation 134 of arXiv:2103.06476v7, as GrowthBook has it)",
        "cuped": "numpy and scipy.stats.ttest_ind(equal_var=False) on adjusted units; difference and p-value agree with gbstats; lift by gbstats",
    },
}
lines = [json.dumps(case, allow_nan=False) for case in cases]
text = f'{{"header": {json.dumps(header, indent=1)},\n"cases": [\n  ' + ",\n  ".join(lines) + "\n]}\n"
(HERE / "experiment_design.json").write_text(text)
print(f"experiment_design.json: {len(cases)} cases")
