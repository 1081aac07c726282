//! Two distribution functions that sketches know, and the tests on the gap between them.

use alloc::vec::Vec;

use crate::bridge::BridgeForm;
use crate::decision::Measured;
use crate::outline::{Cell, Outline};
use crate::sketch::Kll;
use crate::spread::Spread;
use crate::{
    Decision, Error, ErrorKind, Interval, Method, Sorted, TwoSample, cramer_von_mises,
    kolmogorov_smirnov, mann_whitney, num, special, wasserstein,
};

/// The error of rank, which the largest error of all ranks keeps to in 99 of 100 sketches, in standard
/// deviations of the error of one rank.
const BOUND_IN_DEVIATIONS: f64 = 3.0;

/// Both functions at every value of either, and what they may be off by.
pub(super) struct Curves {
    steps: Vec<Step>,
    /// Values seen by the reference and by the current sketch.
    counts: [u64; 2],
    /// The error of rank of each.
    errors: [f64; 2],
}

/// From one value up to the next.
struct Step {
    from: f64,
    to: f64,
    /// How many values are not above `from`, of either sample.
    ranks: [u64; 2],
}

impl Curves {
    pub(super) fn try_new(reference: &Kll, current: &Kll) -> Result<Self, Error> {
        for (sketch, what) in [(reference, "the reference"), (current, "the current sample")] {
            if sketch.count() == 0 {
                return Err(Error::new(ErrorKind::EmptySample, what));
            }
        }
        // The ends are known: to the smallest value nothing has happened, and after the largest item
        // something may still.
        let weighted = [reference, current].map(Kll::weighted);
        let ends = [reference, current].into_iter().filter_map(Kll::range).flatten();
        let mut places: Vec<f64> =
            weighted.iter().flatten().map(|(value, _)| *value).chain(ends).collect();
        places.sort_unstable_by(f64::total_cmp);
        places.dedup();

        let mut steps: Vec<Step> = Vec::with_capacity(places.len());
        let (mut ranks, mut at) = ([0; 2], [0; 2]);
        for (index, from) in places.iter().enumerate() {
            for side in 0..2 {
                if let Some((value, cumulative)) = weighted[side].get(at[side])
                    && value == from
                {
                    ranks[side] = *cumulative;
                    at[side] += 1;
                }
            }
            let to = *places.get(index + 1).unwrap_or(from);
            steps.push(Step { from: *from, to, ranks });
        }
        Ok(Self {
            steps,
            counts: [reference, current].map(Kll::count),
            errors: [reference, current].map(Kll::rank_error),
        })
    }

    /// What no gap is off by more than.
    fn error(&self) -> f64 {
        self.errors[0] + self.errors[1]
    }

    /// The sizes for p-values: more rows than a sample may hold only make a test more certain.
    fn sizes(&self) -> [u64; 2] {
        self.counts.map(|count| count.min(Sorted::MAX_LEN))
    }

    /// Both functions along a step.
    fn shares(&self, step: &Step) -> [f64; 2] {
        [0, 1].map(|side| step.ranks[side] as f64 / self.counts[side] as f64)
    }

    pub(super) fn kolmogorov_smirnov(&self, decision: &Decision) -> Result<TwoSample, Error> {
        let alpha = decision.checked_alpha()?;
        let [n, m] = self.sizes();
        let gaps = self.steps.iter().map(|step| {
            let [f, g] = self.shares(step);
            (f - g).abs()
        });
        let d = gaps.fold(0.0, f64::max);
        let lower = (d - self.error()).max(0.0);
        let p_value = if n.max(m) <= kolmogorov_smirnov::MAX_EXACT_LEN {
            kolmogorov_smirnov::exact_p_value(n, m, lower)?
        } else {
            kolmogorov_smirnov::asymptotic_p_value(n, m, lower)
        };
        let band = |len: u64| num::sqrt(num::ln(4.0 / alpha) / (2.0 * len as f64));
        let margin = band(n) + band(m) + self.error();
        let noise = num::ln(2.0 / alpha) / 2.0 * (1.0 / n as f64 + 1.0 / m as f64);
        Ok(decision.conclude(Measured {
            method: Method::KolmogorovSmirnov,
            statistic: d,
            p_value: Some(p_value),
            effect: d,
            interval: Some(Interval { lower: (d - margin).max(0.0), upper: (d + margin).min(1.0) }),
            detectable_effect: (num::sqrt(noise) + self.error()).min(1.0),
            counts: self.counts,
        }))
    }

    pub(super) fn cramer_von_mises(&self, decision: &Decision) -> Result<TwoSample, Error> {
        let alpha = decision.checked_alpha()?;
        let [n, m] = self.sizes();
        let [all_n, all_m] = self.counts.map(|count| count as f64);
        let mut squares = num::Sum::default();
        let (mut before, mut below) = ([0.0; 2], 0.0);
        for step in &self.steps {
            let [f, g] = self.shares(step);
            let gap = f - g;
            // The rows that an item stands for lie around it: the gap goes from one end to the other.
            let mean_square = (below * below + below * gap + gap * gap) / 3.0;
            squares.add(mean_square * ((f - before[0]) * all_n + (g - before[1]) * all_m));
            (before, below) = ([f, g], gap);
        }
        let effect = num::sqrt((squares.value() / (all_n + all_m)).max(0.0));
        let lower = (effect - self.error()).max(0.0);
        let weight = |n: f64, m: f64| n * m / (n + m);
        let test_weight = weight(n as f64, m as f64);
        let p_value = cramer_von_mises::asymptotic_p_value(n, m, lower * lower * test_weight);
        let noise = cramer_von_mises::asymptotic_point(n, m, alpha) / test_weight;
        let interval = match self.outline(1.0) {
            Some(outline) => cramer_von_mises::interval(&outline, effect, alpha)?,
            None => None,
        };
        Ok(decision.conclude(Measured {
            method: Method::CramerVonMises,
            statistic: effect * effect * weight(all_n, all_m),
            p_value: Some(p_value),
            effect,
            interval: interval.map(|found| widened(found, self.error()).at_most(1.0)),
            detectable_effect: (num::sqrt(noise) + self.error()).min(1.0),
            counts: self.counts,
        }))
    }

    pub(super) fn mann_whitney(&self, decision: &Decision) -> Result<TwoSample, Error> {
        let alpha = decision.checked_alpha()?;
        let [n, m] = self.sizes().map(|count| count as f64);
        let [all_n, all_m] = self.counts.map(|count| count as f64);
        // The share of pairs in which the reference's value is the larger.
        let mut superiority = num::Sum::default();
        let mut before = [0.0; 2];
        for step in &self.steps {
            let [f, g] = self.shares(step);
            superiority.add((f - before[0]) * (g + before[1]) / 2.0);
            before = [f, g];
        }
        let superiority = superiority.value().clamp(0.0, 1.0);
        let effect = (2.0 * superiority - 1.0).abs();
        let lower = (effect - 2.0 * self.error()).max(0.0);
        // Ties would make the variance smaller; which rows tie, a sketch does not know.
        let deviation = num::sqrt((n + m + 1.0) / (3.0 * n * m));
        let continuity = 1.0 / (n * m);
        let z = (lower - continuity).max(0.0) / deviation;
        let noise = special::normal_point(alpha / 2.0)? * deviation + continuity;
        let interval = match self.outline(1.0) {
            Some(outline) => Some(mann_whitney::interval(&outline, effect, alpha)?),
            None => None,
        };
        Ok(decision.conclude(Measured {
            method: Method::MannWhitney,
            statistic: superiority * all_n * all_m,
            p_value: Some((2.0 * special::normal_tail(z)).min(1.0)),
            effect,
            interval: interval.map(|found| widened(found, 2.0 * self.error()).at_most(1.0)),
            detectable_effect: (noise + 2.0 * self.error()).min(1.0),
            counts: self.counts,
        }))
    }

    pub(super) fn wasserstein(&self, decision: &Decision) -> Result<TwoSample, Error> {
        let alpha = decision.checked_alpha()?;
        let [n, m] = self.counts.map(|count| count as f64);
        let unit = self.unit();
        let mut area = num::Sum::default();
        // What each function is off by at most, along the column.
        let mut errors = [num::Sum::default(); 2];
        let mut bridge = BridgeForm::default();
        for step in &self.steps {
            let width = step.to / unit - step.from / unit;
            let [f, g] = self.shares(step);
            area.add((f - g).abs() * width);
            for (side, (error, share)) in errors.iter_mut().zip([f, g]).enumerate() {
                error.add(self.error_at(side, share) * width);
            }
            let below = f * n + g * m;
            // As for two samples: by the bridge's own standard deviation.
            let above = (n + m - below).max(0.0);
            bridge.add(below / above, num::sqrt(below * above) / (n + m) * width);
        }
        let statistic = area.value() * unit;
        if !statistic.is_finite() {
            return Err(Error::new(ErrorKind::OutOfRange, "the distance between the samples"));
        }
        let bound = num::sqrt(bridge.mean() * bridge.point(alpha)?);
        let [own_error, other_error] = errors.map(num::Sum::value);
        let noise = bound * num::sqrt(1.0 / n + 1.0 / m) + own_error + other_error;
        let own = self.spread(&[0], unit);
        let scale = match own.standard_deviation() {
            0.0 => self.spread(&[0, 1], unit).standard_deviation(),
            own => own,
        };
        let scaled = |distance: f64| if scale > 0.0 { distance / scale } else { 0.0 };
        let effect = scaled(area.value());
        let interval = match self.outline(unit) {
            Some(outline) => wasserstein::interval(&outline, effect, &own, scale, alpha)?,
            None => None,
        };
        // All of a column at the bound at once is not what an interval at this level is about: the two
        // sketches are off by as many deviations as it asks for, each on its own.
        let deviations = special::normal_point(alpha / 2.0)? / BOUND_IN_DEVIATIONS;
        let margin = num::sqrt(own_error * own_error + other_error * other_error) * deviations;
        // The scale is off too, the squares in it by a share of themselves.
        let squares = own.squares.max(f64::MIN_POSITIVE);
        let share = self.error_of_squares(&own, unit) / squares * deviations;
        let interval = interval.map(|found| {
            let Interval { lower, upper } = widened(found, scaled(margin));
            Interval { lower: lower / num::sqrt(1.0 + share), upper: upper * (1.0 + share / 2.0) }
        });
        let interval = interval.filter(|found| found.upper.is_finite());
        Ok(decision.conclude(Measured {
            method: Method::Wasserstein,
            statistic,
            p_value: None,
            effect,
            interval,
            detectable_effect: scaled(noise),
            counts: self.counts,
        }))
    }

    /// What a function is off by where it has this value.
    ///
    /// The bound on all ranks is too wide in the tails, and there are all the width of a heavy-tailed
    /// column. An item of level `h` came up from below in about `n/2ʰ` others, of which those beyond a
    /// point at share `t` of an end decide whether its rank there is off; so the variance falls with
    /// `t` once that is less than an item of the top level, `1/k`.
    fn error_at(&self, side: usize, share: f64) -> f64 {
        let error = self.errors[side];
        if error == 0.0 {
            return 0.0;
        }
        // From the formula of the error, back to k.
        let top_level = error / 2.3;
        let tail = share.min(1.0 - share) + 1.0 / self.counts[side] as f64;
        error * num::sqrt((tail / top_level).min(1.0))
    }

    /// 1, or a power of two near the largest magnitude if squares could leave the range of a double.
    fn unit(&self) -> f64 {
        let magnitude = |step: Option<&Step>| step.map_or(0.0, |step| step.from.abs());
        let largest = magnitude(self.steps.first()).max(magnitude(self.steps.last()));
        if largest == 0.0 || (1e-50..1e50).contains(&largest) {
            return 1.0;
        }
        f64::from_bits(largest.to_bits() & 0x7ff0_0000_0000_0000).max(f64::MIN_POSITIVE)
    }

    /// Mean and squares of the items of some sides together, in `unit`s.
    fn spread(&self, sides: &[usize], unit: f64) -> Spread {
        let items = || {
            let mut before = [0; 2];
            self.steps.iter().map(move |step| {
                let rows: u64 = sides.iter().map(|side| step.ranks[*side] - before[*side]).sum();
                before = step.ranks;
                (step.from / unit, rows as f64)
            })
        };
        let count: f64 = sides.iter().map(|side| self.counts[*side] as f64).sum();
        let mut held = items().filter(|(_, rows)| *rows > 0.0);
        let first = held.next();
        // A constant has no spread: said here, for its mean may round to a neighbour.
        if held.all(|(value, _)| first.is_some_and(|(one, _)| one == value)) {
            let origin = first.map_or(0.0, |(value, _)| value);
            return Spread { count, origin, mean: 0.0, squares: 0.0 };
        }
        let origin =
            items().map(|(value, rows)| value * (rows / count)).collect::<num::Sum>().value();
        let squares = items().map(|(value, rows)| (value - origin) * (value - origin) * rows);
        Spread { count, origin, mean: 0.0, squares: squares.collect::<num::Sum>().value() }
    }

    /// What the squares of the reference are off by: `n ∫ 2|x − μ| e(x) dx`.
    fn error_of_squares(&self, own: &Spread, unit: f64) -> f64 {
        let terms = self.steps.iter().map(|step| {
            let [from, to] = [step.from, step.to].map(|value| value / unit);
            let error = self.error_at(0, self.shares(step)[0]);
            2.0 * (f64::midpoint(from, to) - own.origin).abs() * error * (to - from)
        });
        own.count * terms.collect::<num::Sum>().value()
    }

    /// The items as an outline, which the intervals are made from; `None` where a sample has one row.
    fn outline(&self, unit: f64) -> Option<Outline> {
        let [n, m] = self.counts.map(|count| count as f64);
        if n < 2.0 || m < 2.0 {
            return None;
        }
        let mut below = [0.0; 2];
        let cells = self.steps.iter().map(|step| {
            let (value, at) = (step.from / unit, self.shares(step));
            let cell = Cell { value, width: step.to / unit - value, below, at };
            below = at;
            cell
        });
        let cells = cells.collect();
        Some(Outline { cells, freedoms: [n - 1.0, m - 1.0], parts: [n / (n + m), m / (n + m)] })
    }
}

/// Wider by what the sketches are off by.
fn widened(interval: Interval, error: f64) -> Interval {
    Interval { lower: (interval.lower - error).max(0.0), upper: interval.upper + error }
}
