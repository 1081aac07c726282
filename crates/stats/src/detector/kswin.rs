use alloc::{collections::VecDeque, vec::Vec};

use super::{Detector, Signal, check, check_fraction, finite};
use crate::{Error, Sorted, kolmogorov_smirnov};

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
/// DIFFERENCE to river, which compares with a random sample of `recent` values out of the older
/// ones: here it is all of them. That leaves out the chance of the draw, so equal streams give equal
/// signals, and at the same `α` it has more power.
///
/// Memory: `window` values of 8 bytes. A push sorts them: a few microseconds for 100.
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
/// Raab, Heusinger, Schleif (2020), <https://doi.org/10.1016/j.neucom.2019.11.111>. Oracle: the same
/// windows compared by `scipy.stats.ks_2samp(method="exact")`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Kswin {
    options: KswinOptions,
    /// The smallest `D·older·recent` that is a change.
    critical_gap: u64,
    /// The oldest first.
    window: VecDeque<f64>,
}

/// Settings of [`Kswin`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KswinOptions {
    /// `α` of one comparison, in `(0, 1)`. Default 0.005.
    pub alpha: f64,
    /// Values in the window, in `2..=1000`. Default 100.
    pub window: usize,
    /// How many of them are recent, in `1..window`. Default 30.
    pub recent: usize,
}

impl Default for KswinOptions {
    fn default() -> Self {
        Self { alpha: 0.005, window: 100, recent: 30 }
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
        let critical_gap = critical_gap(&options)?;
        Ok(Self { options, critical_gap, window: VecDeque::with_capacity(options.window) })
    }
}

/// The smallest `D·older·recent` with a p-value of at most alpha, and more than [`MIN_GAP`].
fn critical_gap(options: &KswinOptions) -> Result<u64, Error> {
    let [older, recent] = [options.window - options.recent, options.recent].map(|len| len as u64);
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
        let value = finite(value)?;
        let KswinOptions { window, recent, .. } = self.options;
        if self.window.len() >= window {
            self.window.pop_front();
        }
        self.window.push_back(value);
        if self.window.len() < window {
            return Ok(Signal::None);
        }
        let older_len = window - recent;
        let part = |skip: usize, take: usize| {
            Sorted::try_new(self.window.iter().skip(skip).take(take).copied().collect::<Vec<_>>())
        };
        let (older, newer) = (part(0, older_len)?, part(older_len, recent)?);
        let gap = kolmogorov_smirnov::largest_gap(&older, &newer)?;
        if gap < self.critical_gap {
            return Ok(Signal::None);
        }
        self.window.clear();
        Ok(Signal::Change)
    }

    fn reset(&mut self) {
        self.window.clear();
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
    fn windows_too_small_for_alpha_are_refused() {
        let options = KswinOptions { alpha: 0.005, window: 4, recent: 2 };
        assert!(Kswin::try_new(options).is_err(), "of 6 orders, 2 keep the samples apart");
        assert!(Kswin::try_new(KswinOptions { recent: 100, ..Default::default() }).is_err());
        assert!(Kswin::try_new(KswinOptions { window: 1001, ..Default::default() }).is_err());
    }
}
