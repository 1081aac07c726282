"""Writes intervals.json beside this file: intervals of scores on numbers. Our own code has no part in them.

    /tmp/golden/bin/python generate_intervals.py

Oracle: the definitions in mpmath with 60 digits. How much a row adds to a score is found by a difference: its
weight is raised by 1e-25. The variance of Mann and Whitney's is checked against DeLong's placements.
"""

import datetime
import json
import pathlib
import platform

import mpmath
import numpy as np

HERE = pathlib.Path(__file__).parent
mpmath.mp.dps = 60
M = mpmath.mpf
STEP = M(10) ** -25
POINT = mpmath.sqrt(2) * mpmath.erfinv(M("0.95"))


class Curves:
    """Both distribution functions at their distinct values, by weights that add up to 1."""

    def __init__(self, grid, masses, sizes):
        self.grid, self.masses = grid, masses
        self.parts = [M(size) / sum(sizes) for size in sizes]
        self.at = [list(np.cumsum(np.array(mass, dtype=object))) for mass in masses]
        self.below = [[M(0)] + at[:-1] for at in self.at]
        self.widths = [b - a for a, b in zip(grid, grid[1:])] + [M(0)]

    def gaps(self, index):
        return (
            self.below[0][index] - self.below[1][index],
            self.at[0][index] - self.at[1][index],
        )

    def together(self, curves, index):
        return self.parts[0] * curves[0][index] + self.parts[1] * curves[1][index]


def mean_square_gap(curves):
    total = M(0)
    for k in range(len(curves.grid)):
        a, b = curves.gaps(k)
        total += curves.together(curves.masses, k) * (a * a + a * b + b * b) / 3
    return total


def weighted_square_gap(curves):
    total = M(0)
    for k in range(len(curves.grid)):
        a, b = curves.gaps(k)
        rows = curves.together(curves.masses, k)
        middle = (curves.together(curves.below, k) + curves.together(curves.at, k)) / 2
        weight = 4 * middle * (1 - middle) - rows
        if weight > M(10) ** -20:
            total += rows * ((a + b) / 2) ** 2 / weight
    return total


def inhomogeneity(curves):
    square = apart = M(0)
    for k, width in enumerate(curves.widths):
        f, g = curves.at[0][k], curves.at[1][k]
        square += (f - g) ** 2 * width
        apart += (f * (1 - g) + g * (1 - f)) * width
    return square / apart


def superiority(curves):
    total = M(0)
    for k, own in enumerate(curves.masses[0]):
        total += own * (curves.below[1][k] + curves.at[1][k]) / 2
    return 2 * total - 1


def distance(signs):
    def scaled(curves):
        area = sum(
            sign * width * curves.gaps(k)[1]
            for k, (sign, width) in enumerate(zip(signs, curves.widths))
        )
        mass = curves.masses[0]
        mean = sum(p * x for p, x in zip(mass, curves.grid))
        variance = sum(p * (x - mean) ** 2 for p, x in zip(mass, curves.grid))
        return area / mpmath.sqrt(variance)

    return scaled


def variance_of(score, grid, masses, sizes):
    """The infinitesimal jackknife."""
    found = score(Curves(grid, masses, sizes))
    variance = M(0)
    for side in (0, 1):
        squares = M(0)
        for k, own in enumerate(masses[side]):
            if own == 0:
                continue
            moved = [p * (1 - STEP) for p in masses[side]]
            moved[k] += STEP
            both = [moved, masses[1]] if side == 0 else [masses[0], moved]
            squares += own * ((score(Curves(grid, both, sizes)) - found) / STEP) ** 2
        variance += squares / (sizes[side] - 1)
    return variance


def noise_of_bridge(stretches):
    """Mean and variance of a quadratic form in a Brownian bridge: stretches of (odds, mean)."""
    kept = [(odds, mean) for odds, mean in stretches if mean > 0]
    mean = sum(x for _, x in kept)
    second = M(0)
    for r, x in kept:
        for s, y in kept:
            second += 2 * x * y * min(r, s) / max(r, s)
    return mean, second


def on_the_root(root, bias, variance, form):
    mean, second = form
    noise = second * (bias / mean) ** 2 if mean > 0 else M(0)
    margin = POINT * mpmath.sqrt(variance + noise)
    value = root * root
    centre = mpmath.sqrt(max(value - bias / 2, bias / 2))
    half = margin / (2 * centre)
    ends = [max(centre - half, M(0)), centre + half]
    lower, upper = (mpmath.sqrt(max(end * end - bias / 2, M(0))) for end in ends)
    return [min(lower, root), max(upper, root)]


def of_squares(curves, sizes, weights, root, score):
    """`weights`: half the curvatures of each group, of its ends and of both together."""
    bias, stretches = M(0), []
    for k in range(len(curves.grid)):
        ends, both = weights(curves, k)
        below, at = curves.together(curves.below, k), curves.together(curves.at, k)

        def spread(a, b):
            return ends * (a * (1 - a) + b * (1 - b)) + both * a * (1 - b)

        middle = (below + at) / 2
        stretches.append((middle / (1 - middle), spread(below, at)))
        for side in (0, 1):
            bias += spread(curves.below[side][k], curves.at[side][k]) / (sizes[side] - 1)
    variance = variance_of(score, curves.grid, curves.masses, sizes)
    return on_the_root(root, bias, variance, noise_of_bridge(stretches))


def plain_weights(curves, k):
    rows = curves.together(curves.masses, k)
    return rows / 3, rows / 3


def tail_weights(curves, k):
    rows = curves.together(curves.masses, k)
    middle = (curves.together(curves.below, k) + curves.together(curves.at, k)) / 2
    weight = 4 * middle * (1 - middle) - rows
    return (rows / weight / 4, rows / weight / 2) if weight > M(10) ** -20 else (M(0), M(0))


def shared_root(curves, sizes):
    """The effect of Cramér and von Mises: tied rows share the step equally."""
    total = M(0)
    for k in range(len(curves.grid)):
        a, b = curves.gaps(k)
        tied = int(mpmath.nint(sum(sizes[s] * curves.masses[s][k] for s in (0, 1))))
        total += sum((a + (b - a) * M(i) / tied) ** 2 for i in range(1, tied + 1))
    return mpmath.sqrt(total / sum(sizes))


def energy(curves, sizes):
    apart = sum(
        (f * (1 - g) + g * (1 - f)) * width
        for f, g, width in zip(curves.at[0], curves.at[1], curves.widths)
    )
    bias, stretches = M(0), []
    for k, width in enumerate(curves.widths):
        along = curves.together(curves.at, k)
        if width > 0:
            stretches.append((along / (1 - along), along * (1 - along) * width))
        for side in (0, 1):
            share = curves.at[side][k]
            bias += share * (1 - share) / (sizes[side] - 1) * width / apart
    variance = variance_of(inhomogeneity, curves.grid, curves.masses, sizes)
    root = mpmath.sqrt(inhomogeneity(curves))
    lower, upper = on_the_root(root, bias, variance, noise_of_bridge(stretches))
    return [lower, min(upper, M(1))]


def mann_whitney(curves, sizes):
    signed = superiority(curves)
    effect = abs(signed)
    if effect >= 1:
        lower = 2 * M("0.025") ** (M(1) / min(sizes)) - 1
        return [max(lower, M(0)), M(1)]
    variance = variance_of(superiority, curves.grid, curves.masses, sizes)
    margin = POINT * mpmath.sqrt(variance) / (1 - effect**2)
    centre = mpmath.atanh(effect)
    return [mpmath.tanh(max(centre - margin, M(0))), mpmath.tanh(centre + margin)]


def wasserstein(curves, sizes):
    mean_gap = sum(curves.gaps(k)[1] * width for k, width in enumerate(curves.widths))
    deviation = mpmath.sqrt(
        sum(p * x * x for p, x in zip(curves.masses[0], curves.grid))
        - sum(p * x for p, x in zip(curves.masses[0], curves.grid)) ** 2
    )
    signs, bias, effect = [], M(0), M(0)
    for k, width in enumerate(curves.widths):
        gap = curves.gaps(k)[1]
        noise = mpmath.sqrt(
            sum(curves.at[s][k] * (1 - curves.at[s][k]) / (sizes[s] - 1) for s in (0, 1))
        )
        sure = abs(gap) > 2 * noise
        signs.append(mpmath.sign(gap if sure else mean_gap) or M(1))
        effect += abs(gap) * width / deviation
        if noise > 0:
            # The mean of |gap′ + noise · Z|, less gap′.
            start = max(abs(gap) - noise, M(0))
            z = start / noise
            folded = noise * mpmath.sqrt(2 / mpmath.pi) * mpmath.exp(-z * z / 2)
            bias += (folded - start * mpmath.erfc(z / mpmath.sqrt(2))) * width / deviation
    # The scale moves with the distance found, whatever the signs: the two are linear.
    plain = distance(signs)
    area = plain(curves)

    def score(moved):
        scale = mpmath.sqrt(
            sum(p * x * x for p, x in zip(moved.masses[0], moved.grid))
            - sum(p * x for p, x in zip(moved.masses[0], moved.grid)) ** 2
        )
        return plain(moved) + (effect - area) * deviation / scale

    variance = variance_of(score, curves.grid, curves.masses, sizes)
    margin = POINT * mpmath.sqrt(variance)
    return [max(effect - bias - margin, M(0)), effect + margin]


def case(name, reference, current):
    sizes = [len(reference), len(current)]
    samples = [np.array(reference), np.array(current)]
    grid = sorted(set(reference) | set(current))
    masses = [
        [M(int((sample == value).sum())) / len(sample) for value in grid] for sample in samples
    ]
    # The last share is 1, whatever the roundings.
    curves = Curves([M(value) for value in grid], masses, sizes)
    signed = superiority(curves)
    wins = np.sign(samples[0][:, None] - samples[1][None, :])
    assert abs(signed - M(float(wins.mean()))) < 1e-12
    delong = wins.mean(axis=1).var(ddof=1) / sizes[0] + wins.mean(axis=0).var(ddof=1) / sizes[1]
    ours = variance_of(superiority, curves.grid, masses, sizes)
    assert abs(ours - M(float(delong))) < 1e-9, (ours, delong)
    corrected = M(sum(sizes) - 1) / sum(sizes)
    anderson = mpmath.sqrt(weighted_square_gap(curves) * corrected)
    gap = of_squares(curves, sizes, plain_weights, shared_root(curves, sizes), mean_square_gap)
    intervals = {
        "cramer_von_mises": [gap[0], min(gap[1], M(1))],
        "anderson_darling": of_squares(
            curves, sizes, tail_weights, anderson, weighted_square_gap
        ),
        "energy": energy(curves, sizes),
        "mann_whitney": mann_whitney(curves, sizes),
        "wasserstein": wasserstein(curves, sizes),
    }
    return {
        "name": name,
        "reference": [float(value) for value in reference],
        "current": [float(value) for value in current],
        "intervals": {k: [float(end) for end in ends] for k, ends in intervals.items()},
    }


def main():
    random = np.random.default_rng(3)

    def normal(rows, by=0.0, scale=1.0):
        return [round(float(value), 3) for value in random.normal(by, scale, rows)]

    cases = [
        case("no drift", normal(20), normal(30)),
        case("a shift", normal(60), normal(25, 0.8)),
        case("wider", normal(30), normal(40, 0.0, 2.5)),
        case("ties", [float(v) for v in random.poisson(2, 40)], [float(v) for v in random.poisson(3, 15)]),
        case("two values", [0.0] * 14 + [1.0] * 6, [0.0] * 8 + [1.0] * 17),
        case("apart", [1.0, 2.0, 4.0, 7.0], [8.0, 9.0, 11.0]),
        case("skewed", [round(float(v), 3) for v in random.lognormal(0, 1, 45)],
             [round(float(v), 3) for v in random.lognormal(0.3, 1.2, 63)]),
    ]
    golden = {
        "header": {
            "generator": "tests/golden/generate_intervals.py",
            "oracle": "mpmath: infinitesimal jackknife of the definitions, 60 digits",
            "versions": {
                "python": platform.python_version(),
                "mpmath": mpmath.__version__,
                "numpy": np.__version__,
            },
            "seed": 3,
            "date": datetime.date.today().isoformat(),
        },
        "cases": cases,
    }
    (HERE / "intervals.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
