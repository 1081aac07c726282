//! How good a detector was, on a stream of which it is known where it changed.
//!
//! Every figure depends on how dense the changes are: where there are many, an alarm at every
//! hundredth value catches most of them. So print the figures of a [`Dummy`] beside a detector's: one
//! that is not better has learnt nothing from the stream.

use alloc::{vec, vec::Vec};

use super::{Detector, Signal};
use crate::{Error, ErrorKind};

/// Where a stream changed: all at once, or over a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KnownChange {
    /// Index of the first value that is new.
    pub start: u64,
    /// Index of the value at which the change is complete, `≥ start`.
    pub end: u64,
}

impl From<u64> for KnownChange {
    fn from(index: u64) -> Self {
        Self { start: index, end: index }
    }
}

/// How far from a change an alarm may be and still be one of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AlarmWindow {
    /// Values after the change's end, `≥ 1`.
    pub late: u64,
    /// Values before its start; 0 where nothing can be known early.
    pub early: u64,
}

/// What came of the alarms. A share is `None` where it would be of nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Evaluation {
    /// Values of the stream.
    pub value_count: u64,
    /// Its changes.
    pub change_count: u64,
    /// Alarms.
    pub alarm_count: u64,
    /// Alarms in no change's window.
    pub false_alarm_count: u64,
    /// Changes with at least one alarm.
    pub caught_count: u64,
    /// Share of the alarms that are in a window. `None` without an alarm.
    pub precision: Option<f64>,
    /// Alarms in windows over these and the changes missed. More than one alarm of one change counts.
    pub recall: Option<f64>,
    /// Share of the changes that were caught. `None` without a change.
    pub episode_recall: Option<f64>,
    /// Share of the changes that were missed.
    pub missed_ratio: Option<f64>,
    /// Harmonic mean of precision and episode recall.
    pub f1: Option<f64>,
    /// Values from a change's start to its first alarm, on average over those caught; negative where
    /// alarms are early. `None` where none is caught.
    pub delay: Option<f64>,
    /// The same as a share of [`AlarmWindow::late`].
    pub delay_ratio: Option<f64>,
    /// False alarms a value.
    pub false_alarm_rate: f64,
    /// Values from one false alarm to the next, on average. `None` below two.
    pub mean_between_false_alarms: Option<f64>,
    /// `mean_between_false_alarms / delay · (1 − missed_ratio)`: the larger, the better. `None` where
    /// a part of it is, or the delay is not positive.
    pub mean_time_ratio: Option<f64>,
}

/// Judges alarms against the changes that are known.
///
/// A change's window is `[start − early, end + late]`, both ends in it. An alarm counts for the
/// earliest window that it lies in, and is false when it lies in none.
///
/// # Arguments
/// * `alarms`: indices of the values at which there was one, ascending.
/// * `changes`: by ascending start.
/// * `value_count`: values of the stream, `≥ 1`.
/// * `window`: see [`AlarmWindow`].
///
/// # Returns
/// See [`Evaluation`].
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: the stream has no value.
/// * [`ErrorKind::OutOfRange`]: alarms or changes are not in order, a change ends before it starts, an
///   index is beyond the stream, or `late` is 0.
///
/// # Numerics
/// O(alarms + changes) where windows do not overlap; one allocation.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::evaluation::{AlarmWindow, evaluate};
/// let window = AlarmWindow { late: 50, early: 0 };
/// let result = evaluate([110, 900], &[100.into(), 500.into()], 1000, window)?;
/// assert_eq!((result.precision, result.episode_recall), (Some(0.5), Some(0.5)));
/// assert_eq!((result.delay, result.false_alarm_rate), (Some(10.0), 0.001));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// The definitions are those proposed for `river.drift.evaluate`,
/// <https://github.com/online-ml/river/pull/1963>, where what is `None` here is NaN. Oracles: the
/// numbers in its documentation, and the definitions by brute force.
pub fn evaluate(
    alarms: impl IntoIterator<Item = u64>,
    changes: &[KnownChange],
    value_count: u64,
    window: AlarmWindow,
) -> Result<Evaluation, Error> {
    let mut tally = Tally::try_new(changes, value_count, window)?;
    for alarm in alarms {
        tally.push(alarm)?;
    }
    Ok(tally.evaluation())
}

/// Runs a detector over a stream and judges its alarms.
///
/// # Arguments
/// * `detector`: as it is to start.
/// * `values`: those of the stream, each one that the detector takes.
/// * `changes`, `window`: as for [`evaluate`].
///
/// # Returns
/// See [`Evaluation`].
///
/// # Errors
/// As [`evaluate`] and [`Detector::push`].
///
/// # Numerics
/// As [`evaluate`], and the pushes.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{
///     Adwin, AdwinOptions,
///     evaluation::{AlarmWindow, evaluate_detector},
/// };
/// let mut detector = Adwin::try_new(AdwinOptions::default())?;
/// let values = (0..2000_u32).map(|step| f64::from(step / 1000));
/// let window = AlarmWindow { late: 100, early: 0 };
/// let result = evaluate_detector(&mut detector, values, &[1000.into()], window)?;
/// // At the 1024th value, which has index 1023.
/// assert_eq!((result.alarm_count, result.delay), (1, Some(23.0)));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`evaluate`].
pub fn evaluate_detector(
    detector: &mut dyn Detector,
    values: impl IntoIterator<Item = f64>,
    changes: &[KnownChange],
    window: AlarmWindow,
) -> Result<Evaluation, Error> {
    let mut alarms = Vec::new();
    let mut value_count = 0;
    for value in values {
        if detector.push(value)? == Signal::Change {
            alarms.push(value_count);
        }
        value_count += 1;
    }
    evaluate(alarms, changes, value_count, window)
}

/// A detector that does not look at the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Dummy {
    /// Never an alarm.
    Never,
    /// An alarm at every value.
    Always,
    /// An alarm at the last of every so many values, `≥ 1`.
    Every(u64),
}

/// Judges a detector that does not look, to be printed beside one that does.
///
/// # Arguments
/// * `dummy`: which.
/// * `changes`, `value_count`, `window`: as for [`evaluate`].
///
/// # Returns
/// See [`Evaluation`].
///
/// # Errors
/// As [`evaluate`]; and [`ErrorKind::OutOfRange`] for an alarm at every zeroth value.
///
/// # Numerics
/// O(alarms + changes).
///
/// # Examples
/// ```
/// use tidegate_stats::detector::evaluation::{AlarmWindow, Dummy, evaluate_dummy};
/// let changes: Vec<_> = (1..=50_u64).map(|i| (i * 390).into()).collect();
/// let window = AlarmWindow { late: 100, early: 0 };
/// let result = evaluate_dummy(Dummy::Every(100), &changes, 20_000, window)?;
/// // As good as many a detector, for there are so many changes to hit.
/// assert_eq!(result.episode_recall, Some(1.0));
/// assert!(result.f1.is_some_and(|f1| f1 > 0.39));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`evaluate`], where reviewers asked for it.
pub fn evaluate_dummy(
    dummy: Dummy,
    changes: &[KnownChange],
    value_count: u64,
    window: AlarmWindow,
) -> Result<Evaluation, Error> {
    let period = match dummy {
        Dummy::Never => return evaluate([], changes, value_count, window),
        Dummy::Always => 1,
        Dummy::Every(period) => period,
    };
    if period == 0 {
        return Err(Error::new(ErrorKind::OutOfRange, "the period of a dummy"));
    }
    let alarms = (1..=value_count / period).map(|turn| turn * period - 1);
    evaluate(alarms, changes, value_count, window)
}

/// The alarms so far.
struct Tally<'a> {
    changes: &'a [KnownChange],
    window: AlarmWindow,
    value_count: u64,
    /// The first alarm of each change.
    first_alarms: Vec<Option<u64>>,
    /// Windows before this one are over.
    open: usize,
    last_alarm: Option<u64>,
    alarm_count: u64,
    false_alarm_count: u64,
    /// The first and the last false alarm.
    false_alarms: Option<(u64, u64)>,
}

impl<'a> Tally<'a> {
    fn try_new(
        changes: &'a [KnownChange],
        value_count: u64,
        window: AlarmWindow,
    ) -> Result<Self, Error> {
        if value_count == 0 {
            return Err(Error::new(ErrorKind::EmptySample, "the stream"));
        }
        let in_order = changes.windows(2).all(|pair| match pair {
            [a, b] => a.start <= b.start,
            _ => true,
        });
        let sound = |change: &KnownChange| change.start <= change.end && change.end < value_count;
        if !(in_order && changes.iter().all(sound)) {
            return Err(Error::new(ErrorKind::OutOfRange, "a change"));
        }
        if window.late == 0 {
            return Err(Error::new(ErrorKind::OutOfRange, "the window of an alarm"));
        }
        Ok(Self {
            changes,
            window,
            value_count,
            first_alarms: vec![None; changes.len()],
            open: 0,
            last_alarm: None,
            alarm_count: 0,
            false_alarm_count: 0,
            false_alarms: None,
        })
    }

    fn push(&mut self, alarm: u64) -> Result<(), Error> {
        if alarm >= self.value_count || self.last_alarm.is_some_and(|last| last >= alarm) {
            return Err(Error::new(ErrorKind::OutOfRange, "an alarm"));
        }
        self.last_alarm = Some(alarm);
        self.alarm_count += 1;
        let AlarmWindow { late, early } = self.window;
        let is_over = |change: &KnownChange| change.end.saturating_add(late) < alarm;
        while self.changes.get(self.open).is_some_and(is_over) {
            self.open += 1;
        }
        let windows = self.changes.iter().zip(&mut self.first_alarms).skip(self.open);
        let begun = windows.take_while(|(change, _)| change.start.saturating_sub(early) <= alarm);
        match begun.into_iter().find(|(change, _)| !is_over(change)) {
            Some((_, first)) => {
                first.get_or_insert(alarm);
            }
            None => {
                self.false_alarm_count += 1;
                let first = self.false_alarms.map_or(alarm, |(first, _)| first);
                self.false_alarms = Some((first, alarm));
            }
        }
        Ok(())
    }

    fn evaluation(&self) -> Evaluation {
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        let change_count = self.changes.len() as u64;
        let caught = self.first_alarms.iter().filter(|first| first.is_some()).count() as u64;
        let missed = change_count - caught;
        let hits = self.alarm_count - self.false_alarm_count;
        let precision = share(hits, self.alarm_count);
        let episode_recall = share(caught, change_count);
        let missed_ratio = share(missed, change_count);
        let f1 = precision.zip(episode_recall).map(|(precision, recall)| {
            let sum = precision + recall;
            if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 }
        });
        let pairs = self.changes.iter().zip(&self.first_alarms);
        let delays = pairs.filter_map(|(change, first)| Some((change.start, (*first)?)));
        // Whole numbers, so their order does not matter.
        let total: i128 = delays.map(|(start, first)| i128::from(first) - i128::from(start)).sum();
        let delay = (caught > 0).then(|| total as f64 / caught as f64);
        let mean_between_false_alarms = self.false_alarms.and_then(|(first, last)| {
            share(last - first, self.false_alarm_count.saturating_sub(1))
        });
        let mean_time_ratio = match (mean_between_false_alarms, delay, missed_ratio) {
            (Some(between), Some(delay), Some(missed)) if delay > 0.0 => {
                Some(between / delay * (1.0 - missed))
            }
            _ => None,
        };
        Evaluation {
            value_count: self.value_count,
            change_count,
            alarm_count: self.alarm_count,
            false_alarm_count: self.false_alarm_count,
            caught_count: caught,
            precision,
            recall: share(hits, hits + missed),
            episode_recall,
            missed_ratio,
            f1,
            delay,
            delay_ratio: delay.map(|delay| delay / self.window.late as f64),
            false_alarm_rate: self.false_alarm_count as f64 / self.value_count as f64,
            mean_between_false_alarms,
            mean_time_ratio,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: AlarmWindow = AlarmWindow { late: 50, early: 0 };

    #[test]
    fn an_alarm_counts_for_the_earliest_window_that_it_lies_in() {
        let changes = [KnownChange { start: 100, end: 300 }, 120.into(), 310.into()];
        let result = evaluate([130, 340, 355], &changes, 1000, WINDOW).unwrap();
        // 130 and 340 are in the first window, 355 in the third, none in the second alone.
        assert_eq!((result.caught_count, result.false_alarm_count), (2, 0));
        assert_eq!(result.delay, Some(f64::midpoint(30.0, 45.0)));
    }

    #[test]
    fn both_ends_of_a_window_are_in_it() {
        let window = AlarmWindow { late: 50, early: 10 };
        let false_alarms =
            |alarm: u64| evaluate([alarm], &[100.into()], 1000, window).unwrap().false_alarm_count;
        assert_eq!([89, 90, 150, 151].map(false_alarms), [1, 0, 0, 1]);
        let early = evaluate([90], &[100.into()], 1000, window).unwrap();
        assert_eq!((early.delay, early.mean_time_ratio), (Some(-10.0), None));
    }

    #[test]
    fn shares_of_nothing_are_none() {
        let silent = evaluate([], &[], 10, WINDOW).unwrap();
        assert_eq!((silent.precision, silent.recall, silent.f1), (None, None, None));
        assert_eq!((silent.delay, silent.false_alarm_rate), (None, 0.0));
        let missed = evaluate_dummy(Dummy::Never, &[5.into()], 10, WINDOW).unwrap();
        assert_eq!((missed.recall, missed.episode_recall), (Some(0.0), Some(0.0)));
        let all = evaluate_dummy(Dummy::Always, &[5.into()], 100, WINDOW).unwrap();
        assert_eq!((all.precision, all.delay), (Some(0.51), Some(0.0)));
        let wrong = evaluate([1, 2, 5], &[], 10, WINDOW).unwrap();
        assert_eq!((wrong.precision, wrong.mean_between_false_alarms), (Some(0.0), Some(2.0)));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let range = |result: Result<Evaluation, Error>| {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::OutOfRange);
        };
        range(evaluate([5, 5], &[], 10, WINDOW));
        range(evaluate([5, 4], &[], 10, WINDOW));
        range(evaluate([10], &[], 10, WINDOW));
        range(evaluate([], &[5.into(), 4.into()], 10, WINDOW));
        range(evaluate([], &[KnownChange { start: 5, end: 4 }], 10, WINDOW));
        range(evaluate([], &[10.into()], 10, WINDOW));
        range(evaluate([], &[], 10, AlarmWindow { late: 0, early: 0 }));
        range(evaluate_dummy(Dummy::Every(0), &[], 10, WINDOW));
        assert_eq!(evaluate([], &[], 0, WINDOW).unwrap_err().kind(), ErrorKind::EmptySample);
        let far = KnownChange { start: 3, end: u64::MAX - 1 };
        let widest = AlarmWindow { late: u64::MAX, early: u64::MAX };
        let result = evaluate([u64::MAX - 1], &[far], u64::MAX, widest).unwrap();
        assert_eq!(result.caught_count, 1);
    }
}
