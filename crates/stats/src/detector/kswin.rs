use alloc::{collections::VecDeque, vec::Vec};

use super::{
    Detector, Signal, calibration, calibration::ValueTable, check, check_fraction, finite,
    python_random::PythonRandom,
};
use crate::{Error, kolmogorov_smirnov, num};

/// The largest window of [`Kswin`].
const MAX_WINDOW: usize = 1000;
/// The gap between the two distribution functions that a change has at least, as in river.
const MIN_GAP: f64 = 0.1;

/// Kolmogorov-Smirnov windowing (KSWIN): the newest values have another distribution than those
/// before them.
///
/// Of a window of `window` values the newest `recent` are compared with the older rest, at every
/// push, by the exact two-sample Kolmogorov-Smirnov test: a change when `p ≤ α` and `D > 0.1`. The
/// next value then begins an empty window, as in river.
///
/// `α` is of one comparison. There is one at every push, each sharing all but a value with the last;
/// on values without change the defaults give a false alarm in some 1000 values (measured: 980 in
/// 10⁶).
///
/// By default the recent values are compared with *all* older ones. river compares them with as many
/// drawn at random from the older ones, which throws half of the evidence away and lets the draw
/// decide; with [`KswinOptions::river_seed`] so does this, with the same draws as
/// `KSWIN(seed=…)` and the same signals at the same indices.
///
/// Memory: `window` values, twice, of 8 bytes each. A push moves one value in each of two sorted
/// lists and walks along both: 0.4 µs for 100 on a quiet machine, five times that on a busy one, measured by
/// `cargo bench --bench detectors`.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Detector, Kswin, KswinOptions, Signal};
/// let mut detector = Kswin::try_new(KswinOptions::default())?;
/// for step in 0..500_u32 {
///     assert_eq!(detector.push(f64::from(step % 10))?, Signal::None);
/// }
/// // The same mean, and twice the spread.
/// let seen = (0..60_u32).find(|step| {
///     detector.push(4.5 + 4.0 * (f64::from(step % 10) - 4.5)) == Ok(Signal::Change)
/// });
/// assert!(seen.is_some());
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Raab, Heusinger, Schleif (2020), <https://doi.org/10.1016/j.neucom.2019.11.111>. Oracles: the same
/// windows compared by `scipy.stats.ks_2samp(method="exact")`; with a seed `river.drift.KSWIN` 0.26.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Kswin {
    options: KswinOptions,
    /// The smallest `D·older·recent` that is a change, `older` being as many as are compared.
    critical_gap: u64,
    /// The oldest first.
    window: VecDeque<f64>,
    /// The older values, ascending; empty until the window is full.
    older: Vec<f64>,
    /// The recent ones, ascending; empty until the window is full.
    recent: Vec<f64>,
    /// What draws from the older values, as river does.
    draws: Option<PythonRandom>,
}

/// Settings of [`Kswin`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KswinOptions {
    /// `α` of one comparison, in `(0, 1)`. Default 0.005.
    pub alpha: f64,
    /// Values in the window, in `2..=1000`. Default 100.
    pub window: usize,
    /// How many of them are recent, in `1..window`; at most half of the window where there is a seed.
    /// Default 30.
    pub recent: usize,
    /// Compares with as many older values as there are recent ones, drawn as river draws them with
    /// this seed. Default `None`: with all of them.
    pub river_seed: Option<u64>,
}

impl Default for KswinOptions {
    fn default() -> Self {
        Self { alpha: 0.005, window: 100, recent: 30, river_seed: None }
    }
}

impl Kswin {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range, or no two samples of such
    ///   sizes have a p-value as small as `alpha`.
    pub fn try_new(options: KswinOptions) -> Result<Self, Error> {
        check_fraction(options.alpha, "alpha")?;
        check((2..=MAX_WINDOW).contains(&options.window), "window")?;
        check((1..options.window).contains(&options.recent), "recent")?;
        let enough = options.river_seed.is_none() || options.recent <= options.older();
        check(enough, "recent, which must be half of the window at most,")?;
        Ok(Self {
            options,
            critical_gap: critical_gap(&options)?,
            window: VecDeque::with_capacity(options.window),
            older: Vec::new(),
            recent: Vec::new(),
            draws: options.river_seed.map(PythonRandom::new),
        })
    }

    /// Takes the value into the window and the sorted lists; whether the window is full.
    fn slide(&mut self, value: f64) -> bool {
        let KswinOptions { window, .. } = self.options;
        let older_len = self.options.older();
        if self.window.len() < window {
            self.window.push_back(value);
            if self.window.len() == window {
                let sorted = |values: &mut dyn Iterator<Item = &f64>| {
                    let mut values: Vec<f64> = values.copied().collect();
                    values.sort_unstable_by(f64::total_cmp);
                    values
                };
                self.older = sorted(&mut self.window.iter().take(older_len));
                self.recent = sorted(&mut self.window.iter().skip(older_len));
            }
        } else {
            let ageing = self.window.get(older_len).copied();
            if let (Some(oldest), Some(ageing)) = (self.window.pop_front(), ageing) {
                replace(&mut self.older, oldest, ageing);
                replace(&mut self.recent, ageing, value);
            }
            self.window.push_back(value);
        }
        self.window.len() == window
    }

    /// The gap between the recent values and all older ones, or those drawn.
    fn gap(&mut self) -> Result<u64, Error> {
        let Some(draws) = &mut self.draws else {
            return Ok(largest_gap(&self.older, &self.recent));
        };
        let drawn = draws.sample(self.options.older(), self.options.recent)?;
        let values = drawn.into_iter().filter_map(|index| self.window.get(index).copied());
        let mut values: Vec<f64> = values.collect();
        values.sort_unstable_by(f64::total_cmp);
        Ok(largest_gap(&values, &self.recent))
    }
}

/// `−ln α` by run length, for windows of 100 with 30 recent values.
const RUN_LENGTHS: &ValueTable = &[(1e3, 5.3), (1e4, 7.85), (1e5, 10.4)];

impl KswinOptions {
    /// The defaults, but with a false alarm in so many values.
    ///
    /// That holds for independent values of any continuous distribution; where many are equal, alarms
    /// are rarer. The sizes of the windows admit few p-values, so it may be off by a fifth.
    ///
    /// # Arguments
    /// * `run_length`: values for each false alarm, in `10³..=10⁵`.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: it is outside its range.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::detector::KswinOptions;
    /// // River's default, 0.005, is for a thousand values.
    /// let options = KswinOptions::for_run_length(1000.0)?;
    /// assert!((options.alpha - 0.005).abs() < 1e-4);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Simulation: `examples/detector_run_length.rs`.
    pub fn for_run_length(run_length: f64) -> Result<Self, Error> {
        let at = calibration::on_values(RUN_LENGTHS, run_length)?;
        Ok(Self { alpha: num::exp(-at), ..Self::default() })
    }

    const fn older(&self) -> usize {
        self.window - self.recent
    }

    /// How many older values are compared.
    const fn compared(&self) -> usize {
        if self.river_seed.is_some() { self.recent } else { self.older() }
    }
}

/// Takes one value out of a sorted list and puts another in.
fn replace(sorted: &mut [f64], old: f64, new: f64) {
    let place = |value: f64| sorted.partition_point(|other| other.total_cmp(&value).is_lt());
    let (from, to) = (place(old), place(new));
    if to > from {
        // Without the old value the new one is one place further down.
        if let Some(between) = sorted.get_mut(from..to) {
            between.rotate_left(1);
            if let Some(last) = between.last_mut() {
                *last = new;
            }
        }
    } else if let Some(between) = sorted.get_mut(to..=from) {
        between.rotate_right(1);
        if let Some(first) = between.first_mut() {
            *first = new;
        }
    }
}

/// The largest `|n·j − m·i|` over the number line, with `i` of `n` and `j` of `m` values passed.
fn largest_gap(older: &[f64], recent: &[f64]) -> u64 {
    let (n, m) = (older.len(), recent.len());
    let (mut i, mut j, mut largest) = (0, 0, 0_u64);
    while let (Some(a), Some(b)) = (older.get(i), recent.get(j)) {
        let at = a.min(*b);
        while older.get(i).is_some_and(|value| *value <= at) {
            i += 1;
        }
        while recent.get(j).is_some_and(|value| *value <= at) {
            j += 1;
        }
        largest = largest.max((i * m).abs_diff(j * n) as u64);
    }
    // Past the end of one list the gap only closes.
    largest
}

/// The smallest `D·older·recent` with a p-value of at most alpha, and more than [`MIN_GAP`].
fn critical_gap(options: &KswinOptions) -> Result<u64, Error> {
    let [older, recent] = [options.compared(), options.recent].map(|len| len as u64);
    let pairs = older * recent;
    let is_critical = |gap: u64| {
        let d = gap as f64 / pairs as f64;
        let p_value = kolmogorov_smirnov::exact_p_value(older, recent, d)?;
        Ok::<_, Error>(d > MIN_GAP && p_value <= options.alpha)
    };
    check(is_critical(pairs)?, "alpha, which is below any p-value that such windows can have,")?;
    // The p-value falls as the gap grows.
    let (mut not, mut critical) = (0, pairs);
    while critical - not > 1 {
        let middle = not + (critical - not) / 2;
        if is_critical(middle)? {
            critical = middle;
        } else {
            not = middle;
        }
    }
    Ok(critical)
}

impl Detector for Kswin {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        // Adding zero makes -0.0 the number that it equals.
        let value = finite(value)? + 0.0;
        if !self.slide(value) || self.gap()? < self.critical_gap {
            return Ok(Signal::None);
        }
        self.reset();
        Ok(Signal::Change)
    }

    fn reset(&mut self) {
        self.window.clear();
        self.older.clear();
        self.recent.clear();
        // river begins the same draws again.
        self.draws = self.options.river_seed.map(PythonRandom::new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_critical_gap_is_the_least_with_such_a_p_value() {
        let detector = Kswin::try_new(KswinOptions::default()).unwrap();
        let p_value =
            |gap: u64| kolmogorov_smirnov::exact_p_value(70, 30, gap as f64 / 2100.0).unwrap();
        assert!(p_value(detector.critical_gap) <= 0.005);
        // The sizes admit multiples of 10.
        assert!(p_value(detector.critical_gap - 10) > 0.005);
    }

    #[test]
    fn the_sorted_lists_are_the_window() {
        let options = KswinOptions { alpha: 1e-4, window: 20, recent: 7, river_seed: None };
        let mut detector = Kswin::try_new(options).unwrap();
        for step in 0..500_u32 {
            detector.push(f64::from(step * 37 % 11)).unwrap();
            if detector.window.len() == 20 {
                let sorted = |values: &mut dyn Iterator<Item = &f64>| {
                    let mut values: Vec<f64> = values.copied().collect();
                    values.sort_unstable_by(f64::total_cmp);
                    values
                };
                assert_eq!(detector.older, sorted(&mut detector.window.iter().take(13)));
                assert_eq!(detector.recent, sorted(&mut detector.window.iter().skip(13)));
            }
        }
    }

    #[test]
    fn gaps_by_hand() {
        assert_eq!(largest_gap(&[1.0, 2.0], &[3.0]), 2);
        assert_eq!(largest_gap(&[1.0, 3.0], &[2.0]), 1);
        assert_eq!(largest_gap(&[1.0, 1.0, 2.0], &[1.0, 2.0]), 1);
    }

    #[test]
    fn windows_too_small_for_alpha_are_refused() {
        let options = KswinOptions { alpha: 0.005, window: 4, recent: 2, river_seed: None };
        assert!(Kswin::try_new(options).is_err(), "of 6 orders, 2 keep the samples apart");
        assert!(Kswin::try_new(KswinOptions { recent: 100, ..Default::default() }).is_err());
        let half = KswinOptions { recent: 60, river_seed: Some(1), ..Default::default() };
        assert!(Kswin::try_new(half).is_err());
        assert!(Kswin::try_new(KswinOptions { window: 1001, ..Default::default() }).is_err());
    }
}
