//! Evidently 0.7: its tests of one column, each with its default cut.

use alloc::vec::Vec;

use super::{
    Counts, Cut, Peer, PeerScore, arithmetic, epps_singleton, equal_width, score, truncated_series,
};
use crate::{
    Decision, Sorted, anderson_darling, cramer_von_mises, energy, fisher_exact, kolmogorov_smirnov,
    mann_whitney, num, special, spread, welch_t,
};

/// A reference with more distinct numbers is binned, one with fewer is taken for categories.
const MAX_LEVELS: usize = 20;
/// By its own choice, from this many rows of the reference on a distance, below a test.
const TESTED_UP_TO: u64 = 1000;

pub(super) fn of_numbers(reference: &Sorted, current: &Sorted) -> Vec<PeerScore> {
    let counts = arithmetic::counts_by_value(reference, current);
    let totals = [reference.len() as u64, current.len() as u64];
    let by_value = Counts { counts: &counts, totals };
    let levels = counts.iter().filter(|&&(a, _)| a > 0).count();
    let shares =
        if levels > MAX_LEVELS { binned(reference, current) } else { Some(by_value.shares()) };
    let mut scores = of_shares(shares.as_deref());
    let score = |method, value, cut, note| score(Peer::Evidently, method, value, cut, note);
    scores.extend([
        score(
            "wasserstein",
            Some(scaled_distance(reference, current)),
            Cut::AtLeast(0.1),
            "as our effect, but for a reference that hardly varies: it divides by no less than 0.001",
        ),
        score(
            "ks",
            kolmogorov_smirnov::two_sample(reference, current, &Decision::default())
                .ok()
                .and_then(|test| test.p_value),
            Cut::AtMost(0.05),
            "the same p-value as ours; no effect has to be large, and no correction for many columns",
        ),
        score(
            "hellinger",
            hellinger_of_numbers(reference, current, counts.len()),
            Cut::AtLeast(0.1),
            "Sturges's bins for the number of distinct values of both samples, not of rows",
        ),
        score(
            "cramer_von_mises",
            cramer_von_mises_p_value(reference, current),
            Cut::AtMost(0.1),
            "one minus a series that is cut off early: no digits below 1e-7, and a p-value of 1e-7 where it \
             is 1e-300; up to 20 rows the exact one, as if nothing were tied",
        ),
        score(
            "anderson",
            anderson_darling_p_value(reference, current),
            Cut::Below(0.1),
            "read from a parabola through seven published points, and no less than 0.001 and no more than 0.25",
        ),
        score(
            "ed",
            energy::two_sample(reference, current, &Decision::default()).ok().map(|test| test.statistic),
            Cut::Above(0.1),
            "in the root of the column's unit, with one cut for all columns",
        ),
        score(
            "mannw",
            mann_whitney::less_p_value(reference, current),
            Cut::Below(0.05),
            "one-sided: it sees values rise, and never sees them fall",
        ),
        score(
            "t_test",
            welch_t::pooled_p_value(reference, current),
            Cut::Below(0.05),
            "Student's test, which takes both variances for equal; ours is Welch's",
        ),
        score(
            "es",
            epps_singleton::p_value(reference, current),
            Cut::Below(0.05),
            "Epps and Singleton's test of two characteristic functions, which we do not have",
        ),
    ]);
    let few = counts.len() <= 5;
    if few {
        scores.extend(tests_of_categories(&by_value));
    }
    let own_choice = match (few, totals[0] <= TESTED_UP_TO) {
        (false, true) => "ks",
        (false, false) => "wasserstein",
        (true, true) if counts.len() <= 2 => "z",
        (true, true) => "chisquare",
        (true, false) => "jensenshannon",
    };
    first(scores, own_choice)
}

pub(super) fn of_categories(counts: &Counts<'_>) -> Vec<PeerScore> {
    let shares = counts.shares();
    let mut scores = of_shares(Some(&shares));
    scores.push(score(
        Peer::Evidently,
        "hellinger",
        Some(root_of_rest(shares.iter().map(|&(p, q)| num::sqrt(p * q)))),
        Cut::AtLeast(0.1),
        "the same as ours, but for the rounding of 1 − Σ",
    ));
    scores.extend(tests_of_categories(counts));
    let own_choice = match (counts.totals[0] <= TESTED_UP_TO, counts.counts.len()) {
        (false, _) => "jensenshannon",
        (true, 0..=2) => "z",
        (true, _) => "chisquare",
    };
    first(scores, own_choice)
}

/// The scores with one of them first.
fn first(mut scores: Vec<PeerScore>, method: &str) -> Vec<PeerScore> {
    if let Some(index) = scores.iter().position(|score| score.method == method)
        && let Some(head) = scores.get_mut(..=index)
    {
        head.rotate_right(1);
    }
    scores
}

/// What needs no more than shares.
fn of_shares(shares: Option<&[(f64, f64)]>) -> Vec<PeerScore> {
    let filled = shares.map(without_zeros);
    let filled = filled.as_deref();
    let note = "Sturges's bins of equal width over both samples, so that a score depends on the current \
                batch; an empty bin counts as 1e-4 or less";
    let score =
        |method, value, note| score(Peer::Evidently, method, value, Cut::AtLeast(0.1), note);
    Vec::from([
        score("psi", filled.map(arithmetic::stability_index), note),
        score(
            "jensenshannon",
            shares.map(arithmetic::jensen_shannon_nats),
            "natural logarithms, so that it ends at 0.833 and is 0.833 of ours; Sturges's bins over both \
             samples",
        ),
        score("kl_div", filled.map(divergence_of_reference), note),
    ])
}

/// Sturges's bins over both samples.
fn binned(reference: &Sorted, current: &Sorted) -> Option<Vec<(f64, f64)>> {
    let (first, last) = ends(reference, current)?;
    let sizes = [reference.len(), current.len()];
    let bins = equal_width::sturges(last - first, sizes[0] + sizes[1]);
    let edges = equal_width::edges(first, last, bins)?;
    let [own, other] = [reference, current].map(|s| equal_width::count(s.values(), &edges));
    Some(arithmetic::shares(&own, &other, sizes))
}

fn ends(reference: &Sorted, current: &Sorted) -> Option<(f64, f64)> {
    let [own, other] = [reference.values(), current.values()];
    Some((own.first()?.min(*other.first()?), own.last()?.max(*other.last()?)))
}

/// An empty share becomes 1e-4, or a millionth of the smallest if that is no more than 1e-4.
fn without_zeros(shares: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let smallest = |side: fn(&(f64, f64)) -> f64| {
        let least = shares.iter().map(side).filter(|&share| share > 0.0).fold(1.0, f64::min);
        if least <= 1e-4 { least / 1e6 } else { 1e-4 }
    };
    let [for_p, for_q] = [smallest(|&(p, _)| p), smallest(|&(_, q)| q)];
    let fill = |share: f64, fill: f64| if share == 0.0 { fill } else { share };
    shares.iter().map(|&(p, q)| (fill(p, for_p), fill(q, for_q))).collect()
}

/// `Σ p ln(p / q)`, of the reference from the current sample. Its terms cancel, so that the order of the
/// sum shows.
fn divergence_of_reference(shares: &[(f64, f64)]) -> f64 {
    let [p, q]: [Vec<f64>; 2] = [
        shares.iter().map(|share| share.0).collect(),
        shares.iter().map(|share| share.1).collect(),
    ];
    let [all_p, all_q] = [arithmetic::plain_sum(&p), arithmetic::plain_sum(&q)];
    let pairs = p.iter().zip(&q).map(|(p, q)| (p / all_p, q / all_q));
    let logarithm = |p: f64, q: f64| match p / q {
        ratio if ratio > 0.5 && ratio < 2.0 => num::ln_1p((p - q) / q),
        ratio => num::ln(ratio),
    };
    let terms: Vec<f64> = pairs.map(|(p, q)| p * logarithm(p, q)).collect();
    arithmetic::plain_sum(&terms)
}

fn scaled_distance(reference: &Sorted, current: &Sorted) -> f64 {
    let unit = spread::power_of_two_near(reference, current);
    let deviation = spread::standard_deviation(&[reference], unit) * unit;
    arithmetic::wasserstein(reference, current) / deviation.max(0.001)
}

fn hellinger_of_numbers(reference: &Sorted, current: &Sorted, distinct: usize) -> Option<f64> {
    let (first, last) = ends(reference, current)?;
    let bins = equal_width::sturges(last - first, distinct);
    let edges = equal_width::edges(first, last, bins)?;
    let width = (edges.last()? - edges.first()?) / bins as f64;
    let densities = |sample: &Sorted| -> Vec<f64> {
        let size = sample.len() as f64;
        let counts = equal_width::count(sample.values(), &edges);
        let widths = edges.windows(2).map(|pair| pair[1] - pair[0]);
        counts.iter().zip(widths).map(|(&count, width)| count as f64 / width / size).collect()
    };
    let (own, other) = (densities(reference), densities(current));
    Some(root_of_rest(own.iter().zip(&other).map(|(p, q)| num::sqrt(p * q) * width)))
}

/// `√(1 − Σ)`, by a plain sum: for samples that agree the rounding is the value.
fn root_of_rest(terms: impl Iterator<Item = f64>) -> f64 {
    let sum = terms.fold(0.0, |sum, term| sum + term);
    num::sqrt(1.0 - sum.clamp(0.0, 1.0))
}

fn cramer_von_mises_p_value(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let (n, m) = (reference.len() as u64, current.len() as u64);
    if n.min(m) < 2 {
        return None;
    }
    let test = cramer_von_mises::two_sample(reference, current, &Decision::default()).ok()?;
    if n.max(m) <= cramer_von_mises::MAX_EXACT_LEN {
        return Some(cramer_von_mises::untied_p_value(n, m, test.statistic));
    }
    let z = cramer_von_mises::standardised(n, m, test.statistic)?;
    Some((1.0 - truncated_series::below(z)).max(0.0))
}

/// The tail of the standardised criterion, from the parabola that fits the logarithms of the levels at the
/// points of Scholz and Stephens's table best.
fn anderson_darling_p_value(reference: &Sorted, current: &Sorted) -> Option<f64> {
    const POINTS: [(f64, f64); 7] = [
        (0.675 - 0.245 - 0.105, 0.25),
        (1.281 + 0.25 - 0.305, 0.1),
        (1.645 + 0.678 - 0.362, 0.05),
        (1.96 + 1.149 - 0.391, 0.025),
        (2.326 + 1.822 - 0.396, 0.01),
        (2.573 + 2.364 - 0.345, 0.005),
        (3.085 + 3.615 - 0.154, 0.001),
    ];
    let [(lowest, largest), .., (highest, smallest)] = POINTS;
    let samples = [reference, current];
    let criterion = anderson_darling::two_sample(reference, current, &Decision::default()).ok();
    let [own, other] = samples.map(|sample| sample.values());
    // Where all rows are equal, the peer stops with an error.
    if own.first()?.min(*other.first()?) == own.last()?.max(*other.last()?) {
        return None;
    }
    let x = criterion?.statistic;
    if x < lowest {
        return Some(largest);
    }
    if x > highest {
        return Some(smallest);
    }
    // Least squares by three polynomials that are orthogonal on the points.
    let count = POINTS.len() as f64;
    let mean = POINTS.iter().map(|point| point.0).sum::<f64>() / count;
    let square = POINTS.iter().map(|(x, _)| (x - mean) * (x - mean)).sum::<f64>() / count;
    let cube =
        POINTS.iter().map(|(x, _)| (x - mean) * (x - mean) * (x - mean)).sum::<f64>() / count;
    let basis = |x: f64| {
        let u = x - mean;
        [1.0, u, u * u - cube / square * u - square]
    };
    let mut logarithm = num::Sum::default();
    for (degree, at) in basis(x).into_iter().enumerate() {
        let (mut product, mut norm) = (num::Sum::default(), num::Sum::default());
        for (point, level) in POINTS {
            let value = basis(point)[degree];
            product.add(value * num::ln(level));
            norm.add(value * value);
        }
        logarithm.add(product.value() / norm.value() * at);
    }
    Some(num::exp(logarithm.value()))
}

fn tests_of_categories(counts: &Counts<'_>) -> Vec<PeerScore> {
    let score = |method, value, cut, note| score(Peer::Evidently, method, value, cut, note);
    let mut scores = Vec::from([
        score(
            "chisquare",
            goodness_of_fit(counts),
            Cut::Below(0.05),
            "takes the reference's shares for the truth: with equal sizes its statistic is twice ours, and a \
             new category makes p = 0",
        ),
        score(
            "g_test",
            likelihood_ratio(counts),
            Cut::Below(0.1),
            "takes the reference's counts for the truth, and stops with an error where the sizes differ",
        ),
    ]);
    if counts.counts.len() <= 2 {
        let fisher = fisher(counts);
        scores.extend([
            score(
                "z",
                proportions(counts),
                Cut::Below(0.05),
                "the two-sided normal test, by one minus the lower tail: 0 below 1e-16",
            ),
            score(
                "fisher_exact",
                fisher,
                Cut::Below(0.1),
                "as ours, but stops with an error where the sizes differ",
            ),
        ]);
    }
    scores
}

fn goodness_of_fit(counts: &Counts<'_>) -> Option<f64> {
    let [n, m] = counts.sizes();
    let mut statistic = num::Sum::default();
    for &(a, b) in counts.counts {
        if a == 0 {
            return Some(0.0);
        }
        let expected = a as f64 * (m / n);
        let gap = b as f64 - expected;
        statistic.add(gap * gap / expected);
    }
    tail(statistic.value(), counts)
}

fn likelihood_ratio(counts: &Counts<'_>) -> Option<f64> {
    if counts.totals[0] != counts.totals[1] {
        return None;
    }
    let mut statistic = num::Sum::default();
    for &(a, b) in counts.counts {
        if a == 0 {
            return Some(0.0);
        }
        if b > 0 {
            statistic.add(2.0 * b as f64 * num::ln(b as f64 / a as f64));
        }
    }
    tail(statistic.value().max(0.0), counts)
}

/// With one category there is nothing to test, and the peer has NaN.
fn tail(statistic: f64, counts: &Counts<'_>) -> Option<f64> {
    let df = counts.counts.len().checked_sub(1).filter(|&df| df > 0)?;
    special::chi_square_tail(statistic, df as f64).ok()
}

fn proportions(counts: &Counts<'_>) -> Option<f64> {
    let [n, m] = counts.sizes();
    let &[_, (a, b)] = counts.counts else { return Some(1.0) };
    let (p, q) = (a as f64 / n, b as f64 / m);
    let pooled = (p * n + q * m) / (n + m);
    let z = (p - q) / num::sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m));
    // Not twice the tail itself: this is how it loses its digits.
    Some(2.0 * (1.0 - (1.0 - special::normal_tail(z.abs()))))
}

fn fisher(counts: &Counts<'_>) -> Option<f64> {
    if counts.totals[0] != counts.totals[1] {
        return None;
    }
    let (reference, current): (Vec<u64>, Vec<u64>) = counts.counts.iter().copied().unzip();
    let test = fisher_exact::two_sample(&reference, &current, &Decision::default()).ok()?;
    test.p_value
}
