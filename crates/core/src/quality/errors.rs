use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::detector::{
    Adwin, AdwinOptions, Detector, HddmA, HddmAOptions, Signal, StandardPageHinkley,
    StandardPageHinkleyOptions,
};
use tidegate_stats::num;

use super::figures::numbers;
use super::level::ChangeDetector;
use crate::feedback::JudgedRow;

/// When the stream of a model's errors last changed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorChange {
    /// Changes in the window.
    pub changes: u64,
    /// When the last was seen: the time of a prediction, in seconds since 1970.
    pub at_seconds: Option<f64>,
}

/// Values between two false alarms of the detector on a regression's errors.
const RUN_LENGTH: f64 = 10_000.0;

/// The size of a regression's error as a Page-Hinkley test takes it: its cube root.
///
/// The test promises its rate of false alarms for normal values. Sizes have a long tail: of the errors of a normal
/// distribution they make 3 alarms in 10 000 where 1 is promised, of Laplace's 9, of Student's with three degrees
/// of freedom 24. Their cube roots make 1, 1 and 2; errors that double are found some ten values later.
#[must_use]
pub fn evened(size: f64) -> f64 {
    num::pow(size, 1.0 / 3.0)
}

/// Looks for changes in the errors of a window, oldest first: whether each answer was right, or the sizes of a
/// regression's errors. If nothing is chosen, the former by HDDM-A with river's settings, the latter by a standardised
/// Page-Hinkley test of their cube roots.
///
/// ADWIN and HDDM-A take sizes by their share of the largest in the window.
#[must_use]
pub fn error_change(rows: &[JudgedRow], detector: Option<ChangeDetector>) -> ErrorChange {
    let none = ErrorChange { changes: 0, at_seconds: None };
    let (errors, usual) = match numbers(rows) {
        Some((actual, predicted)) => {
            let sizes = actual.iter().zip(&predicted).map(|(one, other)| (one - other).abs());
            (sizes.collect(), ChangeDetector::PageHinkley)
        }
        None => {
            let wrong = rows.iter().map(|row| f64::from(u8::from(!row.is_right())));
            (wrong.collect::<Vec<f64>>(), ChangeDetector::HddmA)
        }
    };
    let largest = errors.iter().copied().fold(1.0, f64::max);
    let shares = || errors.iter().map(|error| error / largest);
    match detector.unwrap_or(usual) {
        ChangeDetector::HddmA => match HddmA::try_new(HddmAOptions::default()) {
            Ok(detector) => watch(detector, rows, shares()),
            Err(_) => none,
        },
        ChangeDetector::Adwin => match Adwin::try_new(AdwinOptions::default()) {
            Ok(detector) => watch(detector, rows, shares()),
            Err(_) => none,
        },
        ChangeDetector::PageHinkley => {
            let options = StandardPageHinkleyOptions::for_run_length(RUN_LENGTH);
            match options.and_then(StandardPageHinkley::try_new) {
                Ok(detector) => watch(detector, rows, errors.iter().copied().map(evened)),
                Err(_) => none,
            }
        }
    }
}

fn watch(
    mut detector: impl Detector,
    rows: &[JudgedRow],
    errors: impl Iterator<Item = f64>,
) -> ErrorChange {
    let mut found = ErrorChange { changes: 0, at_seconds: None };
    for (row, error) in rows.iter().zip(errors) {
        if detector.push(error) == Ok(Signal::Change) {
            found = ErrorChange { changes: found.changes + 1, at_seconds: Some(row.at_seconds) };
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::draws::Draws;
    use crate::feedback::Answer;

    fn rows(errors: impl Iterator<Item = bool>) -> Vec<JudgedRow> {
        let class = |name: &str| Answer::Class(name.into());
        errors
            .enumerate()
            .map(|(index, is_error)| JudgedRow {
                at_seconds: index as f64,
                id: format!("{index:06}"),
                prediction: class("a"),
                confidence: None,
                label: class(if is_error { "b" } else { "a" }),
            })
            .collect()
    }

    #[test]
    fn a_model_that_turns_bad_is_seen_and_a_steady_one_is_not() {
        let steady = rows((0..1000).map(|index| index % 10 == 0));
        assert_eq!(error_change(&steady, None), ErrorChange { changes: 0, at_seconds: None });
        let turned =
            rows((0..1000).map(|index| index % 10 == 0 || (index > 600 && index % 2 == 0)));
        let found = error_change(&turned, None);
        assert_eq!(found.changes, 1);
        assert!((600.0..720.0).contains(&found.at_seconds.unwrap()), "{found:?}");
        for detector in ChangeDetector::ALL {
            assert_eq!(error_change(&steady, Some(detector)).changes, 0, "{detector:?}");
            let found = error_change(&turned, Some(detector));
            assert!(found.changes >= 1 && found.at_seconds > Some(600.0), "{detector:?} {found:?}");
        }
    }

    #[test]
    fn errors_with_a_long_tail_are_no_change_and_larger_ones_are() {
        // Sizes of Laplace's errors, and such that are three times as large from row 4000 on.
        let mut draws = Draws::new();
        let mut size = || -num::ln(1.0 - draws.draw());
        let sizes: Vec<f64> = (0..4000).map(|_| size()).collect();
        let row = |(index, size): (usize, f64)| JudgedRow {
            at_seconds: index as f64,
            id: format!("{index:06}"),
            prediction: Answer::Number(0.0),
            confidence: None,
            label: Answer::Number(size),
        };
        let steady: Vec<JudgedRow> = sizes.iter().copied().enumerate().map(row).collect();
        assert_eq!(error_change(&steady, None), ErrorChange { changes: 0, at_seconds: None });
        let larger = (0..1000).map(|_| 3.0 * size());
        let turned: Vec<JudgedRow> =
            sizes.iter().copied().chain(larger).enumerate().map(row).collect();
        let found = error_change(&turned, None);
        assert_eq!(found.changes, 1);
        assert!((4000.0..4060.0).contains(&found.at_seconds.unwrap()), "{found:?}");
    }
}
