use super::{Direction, check};
use crate::{Error, num};

/// What the sum overshoots its bounds by on average, at both ends together, in standard deviations:
/// `2·0.583`, for normal values (Siegmund 1985, chapter X).
const OVERSHOOT: f64 = 1.166;
/// Cap of the bisection: it halves an interval of doubles.
const MAX_ITERATIONS: u32 = 200;

/// How many values lie between two false alarms of a cumulative sum, on average.
///
/// The average run length (ARL) without change of the sum `g ← max(0, g + z − k)` that alarms above
/// `h`, for independent standard normal `z`: `(e^(2kb) − 2kb − 1) / 2k²` with `b = h + 1.166`. With
/// two sums, one for each direction, it is half of that.
///
/// # Arguments
/// * `threshold`: `h`, in standard deviations, in `0..=1e3`.
/// * `slack`: `k`, in standard deviations, in `0.05..=1`.
/// * `direction`: one sum, or both.
///
/// # Returns
/// A number of values, `> 0`; infinite where it leaves the range of a double.
///
/// # Errors
/// * [`crate::ErrorKind::OutOfRange`]: an argument is outside its range.
///
/// # Numerics
/// Siegmund's approximation. Against the exact value, from the integral equation of the chart solved
/// by quadrature, for run lengths from 100 to 10⁶:
///
/// | slack | largest error |
/// |---|---|
/// | up to 0.1 | 0.06 % |
/// | 0.25 | 0.2 % |
/// | 0.5 | 0.9 % |
/// | 0.75 | 3.4 % |
/// | 1 | 8 % |
///
/// It is on the long side: alarms come so much sooner than stated.
///
/// Values that are not normal have other run lengths: a heavy tail shortens them.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Direction, run_length};
/// // The textbook chart with k = ½ and h = 5 has 465.
/// let values = run_length(5.0, 0.5, Direction::Both)?;
/// assert!((values - 465.0).abs() < 5.0);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Siegmund (1985), "Sequential analysis", <https://doi.org/10.1007/978-1-4757-1862-1>; Page (1954),
/// <https://doi.org/10.1093/biomet/41.1-2.100>, for the integral equation.
pub fn run_length(threshold: f64, slack: f64, direction: Direction) -> Result<f64, Error> {
    check((0.0..=1e3).contains(&threshold), "threshold")?;
    check_slack(slack)?;
    Ok(approximate(threshold, slack, direction))
}

/// The threshold at which two false alarms lie as many values apart as wanted, on average: the
/// inverse of [`run_length`].
///
/// One alarm in 30 days on a stream of a value a minute is a run length of 43 200.
///
/// # Arguments
/// * `values`: the wanted run length, in `10..=1e15`.
/// * `slack`: `k`, in standard deviations, in `0.05..=1`.
/// * `direction`: one sum, or both.
///
/// # Returns
/// `h` in standard deviations, `≥ 0`.
///
/// # Errors
/// * [`crate::ErrorKind::OutOfRange`]: an argument is outside its range.
///
/// # Numerics
/// Bisection to the last bit. For the accuracy of the run length see [`run_length`].
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Direction, threshold_for_run_length};
/// // The textbook chart with k = ½ has a run length of 465 at h = 5.
/// assert!((threshold_for_run_length(465.0, 0.5, Direction::Both)? - 5.0).abs() < 0.01);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As for [`run_length`].
pub fn threshold_for_run_length(
    values: f64,
    slack: f64,
    direction: Direction,
) -> Result<f64, Error> {
    check((10.0..=1e15).contains(&values), "the run length")?;
    check_slack(slack)?;
    let (mut low, mut high) = (0.0, 1e3);
    for _ in 0..MAX_ITERATIONS {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if approximate(middle, slack, direction) < values {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

/// Refuses a slack for which Siegmund's approximation was not checked.
pub(super) fn check_slack(slack: f64) -> Result<(), Error> {
    check((0.05..=1.0).contains(&slack), "slack, which must be between 0.05 and 1,")
}

fn approximate(threshold: f64, slack: f64, direction: Direction) -> f64 {
    // At least 0.1, so nothing is lost in the difference.
    let x = 2.0 * slack * (threshold + OVERSHOOT);
    let one_sided = (num::exp(x) - x - 1.0) / (2.0 * slack * slack);
    match direction {
        Direction::Both => one_sided / 2.0,
        Direction::Up | Direction::Down => one_sided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_the_inverse() {
        for values in [10.0, 465.0, 1e4, 1e9, 1e15] {
            for slack in [0.05, 0.25, 0.5, 1.0] {
                for direction in [Direction::Up, Direction::Both] {
                    let threshold = threshold_for_run_length(values, slack, direction).unwrap();
                    let again = run_length(threshold, slack, direction).unwrap();
                    let reached = threshold > 0.0 && (again / values - 1.0).abs() < 1e-12;
                    assert!(reached || threshold < 1e-300 && again >= values, "{values} {slack}");
                }
            }
        }
    }

    #[test]
    fn one_direction_has_twice_the_run_length_of_both() {
        let up = run_length(4.0, 0.5, Direction::Up).unwrap();
        assert_eq!(up, run_length(4.0, 0.5, Direction::Down).unwrap());
        assert_eq!(up, 2.0 * run_length(4.0, 0.5, Direction::Both).unwrap());
    }

    #[test]
    fn arguments_out_of_range_are_refused() {
        assert!(run_length(f64::NAN, 0.5, Direction::Up).is_err());
        assert!(run_length(1.0, 0.0, Direction::Up).is_err());
        assert!(threshold_for_run_length(1.0, 0.5, Direction::Up).is_err());
        assert!(threshold_for_run_length(f64::INFINITY, 0.5, Direction::Up).is_err());
    }
}
