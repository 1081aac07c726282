//! What is left of a difference of shares when each share may be off.

use alloc::vec::Vec;

use crate::{Decision, Error, TwoSample};

/// The result on counts whose shares have an error, from the current counts as close to the reference's
/// as the error lets them be: see the module above.
pub(super) fn with(
    plain: TwoSample,
    closest: &[u64],
    decision: &Decision,
    test: impl Fn(&[u64]) -> Result<TwoSample, Error>,
) -> Result<TwoSample, Error> {
    let cautious = test(closest)?;
    let given_up = (plain.effect - cautious.effect).max(0.0);
    let mut result = plain;
    result.detectable_effect = plain.detectable_effect + given_up;
    result.p_value = plain.p_value.zip(cautious.p_value).map(|(p, q)| p.max(q));
    result.interval = plain.interval.map(|mut interval| {
        interval.lower = (interval.lower - given_up).max(0.0);
        interval.upper += given_up;
        interval
    });
    if result.p_value.is_none() {
        let floor = decision.effect_floor.of(plain.method);
        result.threshold = floor.max(result.detectable_effect);
    }
    result.verdict = decision.judge(&result, None);
    Ok(result)
}

/// The closest current counts in categories, of each of which a rise and a fall of its share by what is
/// allowed may be an error. Their sum stays.
pub(super) fn closest_shares(reference: &[u64], current: &[u64], allowed: &[[f64; 2]]) -> Vec<u64> {
    let [n, m] = [reference, current].map(|counts| counts.iter().sum::<u64>().max(1) as f64);
    let shares = reference.iter().zip(current).map(|(a, b)| (*a as f64 / n, *b as f64 / m));
    let moves: Vec<(f64, f64)> = shares
        .zip(allowed)
        .map(|((p, q), [rise, fall])| {
            let left = if q > p { (q - p - rise).max(0.0) } else { (q - p + fall).min(0.0) };
            (p, left)
        })
        .collect();
    // What rises must fall elsewhere: the larger side gives way.
    let sum = |sign: f64| moves.iter().map(|(_, left)| (left * sign).max(0.0)).sum::<f64>();
    let (rise, fall) = (sum(1.0), sum(-1.0));
    let both = rise.min(fall);
    let scale = |side: f64| if side > 0.0 { both / side } else { 0.0 };
    let (rise, fall) = (scale(rise), scale(fall));

    let moved = moves.iter().map(|(p, left)| p + left * if *left > 0.0 { rise } else { fall });
    rounded(moved, current)
}

/// The closest current counts in ascending bins, where no distribution function is off by more than
/// `error` together. Their sum stays.
///
/// The difference `G − F` of the two functions lies in a tube of that radius. Of all functions in it, the
/// one that a string takes when it is pulled taut has the smallest `Σ p φ(q/p)` for *every* convex `φ`
/// at once, and such are the divergences that are tested here.
///
/// # References
/// Davies & Kovac (2001), <https://doi.org/10.1214/aos/996986501>, for the string.
pub(super) fn closest_curve(reference: &[u64], current: &[u64], error: f64) -> Vec<u64> {
    let [n, m] = [reference, current].map(|counts| counts.iter().sum::<u64>().max(1) as f64);
    // The width of a bin is the reference's share; half a row more, so that an empty one has some.
    let rows = n + reference.len() as f64 / 2.0;
    let (mut place, mut gap) = (0.0, 0.0);
    let inner = reference.iter().zip(current).map(|(a, b)| {
        place += (*a as f64 + 0.5) / rows;
        gap += *b as f64 / m - *a as f64 / n;
        Gate { place, lower: gap - error, upper: gap + error }
    });
    let mut gates: Vec<Gate> = inner.collect();
    // Both functions end at one.
    if let Some(last) = gates.last_mut() {
        (last.lower, last.upper) = (0.0, 0.0);
    }
    let string = pull(&gates);
    let mut before = 0.0;
    let moved = reference.iter().zip(&string).map(|(a, gap)| {
        let share = (*a as f64 / n + gap - before).max(0.0);
        before = *gap;
        share
    });
    rounded(moved, current)
}

/// Where the string must pass.
#[derive(Clone, Copy)]
struct Gate {
    place: f64,
    lower: f64,
    upper: f64,
}

/// The height, at each gate, of a string from the origin to the last gate, pulled taut.
fn pull(gates: &[Gate]) -> Vec<f64> {
    let mut string = Vec::with_capacity(gates.len());
    let (mut from, mut height) = (0.0, 0.0);
    while string.len() < gates.len() {
        let start = string.len();
        // The steepest way up that the gates so far leave, and the steepest way down, and where.
        let (mut most, mut least) = ((f64::INFINITY, start), (f64::NEG_INFINITY, start));
        let mut bend = None;
        for (index, gate) in gates.iter().enumerate().skip(start) {
            let slope = |to: f64| (to - height) / (gate.place - from);
            let (up, down) = (slope(gate.upper), slope(gate.lower));
            if down > most.0 {
                bend = Some((most.1, most.0));
                break;
            }
            if up < least.0 {
                bend = Some((least.1, least.0));
                break;
            }
            // The later of equal ones, so that a straight stretch is one.
            if up <= most.0 {
                most = (up, index);
            }
            if down >= least.0 {
                least = (down, index);
            }
        }
        let last = gates.len() - 1;
        let (until, slope) = bend.unwrap_or((last, most.0));
        for gate in gates.iter().take(until + 1).skip(start) {
            string.push(height + slope * (gate.place - from));
        }
        if let (Some(gate), Some(reached)) = (gates.get(until), string.last()) {
            (from, height) = (gate.place, *reached);
        }
    }
    string
}

/// Shares as counts with the sum of `current`: rounded where they are cumulative, so that nothing is
/// lost.
fn rounded(shares: impl Iterator<Item = f64>, current: &[u64]) -> Vec<u64> {
    let total: u64 = current.iter().sum();
    let (mut cumulative, mut counted) = (0.0, 0_u64);
    let counts = shares.enumerate().map(|(index, share)| {
        cumulative += share;
        let is_last = index + 1 == current.len();
        // The cast saturates.
        let reached = if is_last { total } else { (cumulative * total as f64 + 0.5) as u64 };
        let reached = reached.clamp(counted, total);
        let count = reached - counted;
        counted = reached;
        count
    });
    counts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_move_by_what_is_allowed_and_no_further() {
        let none = [[0.0; 2]; 3];
        assert_eq!(closest_shares(&[50, 50, 0], &[20, 60, 20], &none), [20, 60, 20]);
        // Falls by 30 of 100, of which 5 are allowed; rises by 10 and 20, of which 5 each: 20 against 25.
        let some = [[0.05; 2]; 3];
        assert_eq!(closest_shares(&[50, 50, 0], &[20, 60, 20], &some), [30, 55, 15]);
        let all = [[1.0; 2]; 3];
        assert_eq!(closest_shares(&[50, 50, 0], &[20, 60, 20], &all), [50, 50, 0]);
    }
    #[test]
    fn a_string_bends_only_where_it_must() {
        let gate =
            |place: f64, middle: f64| Gate { place, lower: middle - 1.0, upper: middle + 1.0 };
        let end = |place: f64| Gate { place, lower: 0.0, upper: 0.0 };
        // A hill of 4 is passed at 3, a hill of 1 not at all.
        assert_eq!(
            pull(&[gate(1.0, 2.0), gate(2.0, 4.0), gate(3.0, 2.0), end(4.0)]),
            [1.5, 3.0, 1.5, 0.0]
        );
        assert_eq!(pull(&[gate(1.0, 1.0), gate(2.0, -1.0), end(3.0)]), [0.0; 3]);
        // Down, then up.
        assert_eq!(pull(&[gate(1.0, -3.0), gate(2.0, 3.0), end(3.0)]), [-2.0, 2.0, 0.0]);
        assert_eq!(pull(&[end(1.0)]), [0.0]);
    }

    #[test]
    fn a_curve_moves_by_what_is_allowed_and_no_further() {
        let (reference, current) = ([25; 4], [10, 20, 30, 40]);
        assert_eq!(closest_curve(&reference, &current, 0.0), current);
        assert_eq!(closest_curve(&reference, &current, 0.2), [25; 4]);
        // G − F is −0.15, −0.2, −0.15, 0; a tenth of it may be an error.
        assert_eq!(closest_curve(&reference, &current, 0.1), [20, 20, 30, 30]);
    }
}
