//! Settings with which a detector is wrong once in so many values.
//!
//! Found by `examples/detector_run_length.rs`: 500 seeded streams without change of each length
//! (150 of a million values), and the setting with which there was one alarm a stream, on average.
//! Between its points a table is read along straight lines in the logarithms of the run length and of
//! the error rate.

use super::check;
use crate::{Error, num};

/// The error rates of an [`ErrorTable`].
const ERROR_RATES: [f64; 5] = [0.05, 0.1, 0.2, 0.35, 0.5];
/// Its run lengths.
const RUN_LENGTHS: [f64; 4] = [1e3, 3e3, 1e4, 1e5];

/// A setting by error rate and run length.
pub(super) type ErrorTable = [[f64; 4]; 5];

/// A setting by run length.
pub(super) type ValueTable = [(f64, f64)];

/// The setting for a stream of errors of this rate.
pub(super) fn on_errors(
    table: &ErrorTable,
    run_length: f64,
    error_rate: f64,
) -> Result<f64, Error> {
    check((0.05..=0.5).contains(&error_rate), "the error rate, which must be 0.05 to 0.5,")?;
    let mut by_rate = [(0.0, 0.0); 5];
    for ((point, rate), row) in by_rate.iter_mut().zip(ERROR_RATES).zip(table) {
        let mut by_length = [(0.0, 0.0); 4];
        for ((point, length), setting) in by_length.iter_mut().zip(RUN_LENGTHS).zip(row) {
            *point = (length, *setting);
        }
        *point = (rate, on_values(&by_length, run_length)?);
    }
    Ok(along(&by_rate, error_rate))
}

/// The setting for a stream of numbers.
pub(super) fn on_values(table: &ValueTable, run_length: f64) -> Result<f64, Error> {
    let range =
        table.first().map_or(0.0, |point| point.0)..=table.last().map_or(0.0, |last| last.0);
    check(range.contains(&run_length), "the run length")?;
    Ok(along(table, run_length))
}

/// Along a straight line in the logarithm of the argument, which is inside the table.
fn along(table: &ValueTable, at: f64) -> f64 {
    for pair in table.windows(2) {
        if let [(low, from), (high, to)] = *pair
            && at <= high
        {
            let share = (num::ln(at / low) / num::ln(high / low)).clamp(0.0, 1.0);
            return from + share * (to - from);
        }
    }
    table.last().map_or(0.0, |last| last.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_along_straight_lines() {
        let table = [(1e3, 1.0), (1e5, 5.0), (1e6, 6.0)];
        for (at, want) in [(1e3, 1.0), (1e4, 3.0), (1e5, 5.0), (1e6, 6.0)] {
            assert!((on_values(&table, at).unwrap() - want).abs() < 1e-12, "{at}");
        }
        for at in [999.0, 1.1e6, f64::NAN, f64::INFINITY] {
            assert!(on_values(&table, at).is_err(), "{at}");
        }
    }

    #[test]
    fn between_two_rates_too() {
        let table = [[1.0; 4], [2.0, 2.0, 3.0, 3.0], [4.0; 4], [4.0; 4], [5.0; 4]];
        let read = |length, rate| on_errors(&table, length, rate).unwrap();
        assert_eq!((read(1e3, 0.05), read(1e5, 0.5), read(1e4, 0.1)), (1.0, 5.0, 3.0));
        assert!((read(1e4, num::sqrt(0.02)) - 3.5).abs() < 1e-12);
        for rate in [0.04, 0.6, f64::NAN] {
            assert!(on_errors(&table, 1e4, rate).is_err(), "{rate}");
        }
    }
}
