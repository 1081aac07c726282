//! deepchecks 0.19: its drift scores of one feature.

use alloc::vec::Vec;

use super::{Counts, Cut, Peer, PeerScore, arithmetic, score};
use crate::{Sorted, chi_square, num};

/// Fewer rows than these on a side, and it says nothing.
const MIN_ROWS: u64 = 10;
/// Categories of less than this share of the reference become one.
const MIN_SHARE: f64 = 0.01;
/// What either sample's values are cut off at both ends before the distance is measured.
const MARGIN: f64 = 0.025;

const CUT: Cut = Cut::AtLeast(0.2);

pub(super) fn of_numbers(reference: &Sorted, current: &Sorted) -> Vec<PeerScore> {
    let enough = (reference.len().min(current.len()) as u64) >= MIN_ROWS;
    let ks = enough.then(|| arithmetic::largest_gap(reference, current));
    let distance = if enough { earth_movers_distance(reference, current) } else { None };
    let score = |method, value, note| score(Peer::Deepchecks, method, value, CUT, note);
    Vec::from([
        score("KS", ks, "the same statistic as ours, without its p-value"),
        score(
            "EMD",
            distance,
            "without the lowest and the highest 2.5 % of each sample, in units of the range of the rest, \
             not of the deviation",
        ),
    ])
}

pub(super) fn of_categories(counts: &Counts<'_>) -> Vec<PeerScore> {
    let enough = counts.totals.iter().all(|&total| total >= MIN_ROWS);
    let groups = groups(counts);
    let score = |method, value: Option<f64>, note| {
        score(Peer::Deepchecks, method, value.filter(|_| enough), CUT, note)
    };
    Vec::from([
        score(
            "cramers_v",
            cramers_v(&groups),
            "the larger sample is scaled down to the smaller and rounded, rare categories of the reference \
             are one, and two categories get Yates's correction",
        ),
        score(
            "PSI",
            stability_index(&groups),
            "no share is taken for less than 1 %, so that a new category of 1 % weighs nothing; rare \
             categories of the reference are one",
        ),
    ])
}

fn earth_movers_distance(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let [own, other] = [trimmed(reference)?, trimmed(current)?];
    let lowest = own.values().first()?.min(*other.values().first()?);
    let highest = own.values().last()?.max(*other.values().last()?);
    if lowest == highest {
        return Some(0.0);
    }
    Some(arithmetic::wasserstein(&own, &other) / (highest - lowest))
}

/// The values between both quantiles, themselves included.
fn trimmed(sample: &Sorted) -> Option<Sorted> {
    let values = sample.values();
    let low = quantile(values, MARGIN)?;
    let high = quantile(values, 1.0 - MARGIN)?;
    let from = values.partition_point(|value| *value < low);
    let to = values.partition_point(|value| *value <= high);
    Sorted::try_new(values.get(from..to)?.to_vec()).ok()
}

/// A quantile with linear interpolation, as numpy's `quantile` rounds.
fn quantile(values: &[f64], level: f64) -> Option<f64> {
    let position = values.len().checked_sub(1)? as f64 * level;
    let below = num::floor(position);
    let (fraction, index) = (position - below, below as usize);
    let low = *values.get(index)?;
    let high = *values.get(index + 1).unwrap_or(&low);
    let gap = high - low;
    Some(if fraction < 0.5 { low + gap * fraction } else { high - gap * (1.0 - fraction) })
}

/// The categories that are frequent enough in the reference, then the others as one, if those are.
fn groups(counts: &Counts<'_>) -> Vec<(f64, f64)> {
    let [n, m] = counts.sizes();
    let is_rare = |a: u64| (a as f64) < n * MIN_SHARE;
    let (rare, frequent): (Vec<(u64, u64)>, _) =
        counts.counts.iter().partition(|&&(a, _)| is_rare(a));
    let mut groups: Vec<(f64, f64)> =
        frequent.into_iter().map(|(a, b): (u64, u64)| (a as f64, b as f64)).collect();
    let rest = rare.iter().fold((0.0, 0.0), |(p, q), &(a, b)| (p + a as f64, q + b as f64));
    if rest.0 > MIN_SHARE * n || rest.1 > MIN_SHARE * m {
        groups.push(rest);
    }
    groups
}

fn sizes(groups: &[(f64, f64)]) -> (f64, f64) {
    groups.iter().fold((0.0, 0.0), |(n, m), &(a, b)| (n + a, m + b))
}

fn cramers_v(groups: &[(f64, f64)]) -> Option<f64> {
    if groups.len() == 1 {
        return Some(0.0);
    }
    let (n, m) = sizes(groups);
    let [down_reference, down_current] = [(m / n).min(1.0), (n / m).min(1.0)];
    let scaled = groups.iter().map(|&(a, b)| {
        let round = |count: f64| num::round_ties_even(count) as u64;
        (round(a * down_reference), round(b * down_current))
    });
    let (reference, current): (Vec<u64>, Vec<u64>) =
        scaled.filter(|&group| group != (0, 0)).unzip();
    let statistic = chi_square::corrected_statistic(&reference, &current)?;
    let total = (reference.iter().sum::<u64>() + current.iter().sum::<u64>()) as f64;
    let columns = reference.len() as f64;
    let excess = (statistic / total - (columns - 1.0) / (total - 1.0)).max(0.0);
    let corrected = |count: f64| count - (count - 1.0) * (count - 1.0) / (total - 1.0);
    Some(num::sqrt(excess / (corrected(columns) - 1.0).min(corrected(2.0) - 1.0)))
}

fn stability_index(groups: &[(f64, f64)]) -> Option<f64> {
    let (n, m) = sizes(groups);
    let floored: Vec<(f64, f64)> =
        groups.iter().map(|&(a, b)| ((a / n).max(MIN_SHARE), (b / m).max(MIN_SHARE))).collect();
    Some(arithmetic::stability_index(&floored))
}
