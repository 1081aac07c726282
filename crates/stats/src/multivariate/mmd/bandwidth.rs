//! The median distance between the rows of both samples.

use alloc::vec::Vec;

use crate::num;
use crate::random::Random;

/// Pooled rows up to which the median is over all pairs; past it, over those of a random choice of so
/// many rows, for a bandwidth need not be known to many digits. The distances then take 16 MiB.
pub(super) const EXACT_ROWS: usize = 2048;

/// The median Euclidean distance over the pairs of different rows; where that is 0, as it is when
/// more than half of the pairs are equal, over the pairs that differ. 0 when all rows are equal.
pub(super) fn median_distance(
    reference: &[f64],
    current: &[f64],
    columns: usize,
    seed: u64,
) -> f64 {
    let mut rows: Vec<&[f64]> =
        reference.chunks_exact(columns).chain(current.chunks_exact(columns)).collect();
    if rows.len() > EXACT_ROWS {
        Random::new(seed).pick(&mut rows, EXACT_ROWS);
        rows.truncate(EXACT_ROWS);
    }
    let mut squares = Vec::with_capacity(rows.len() * rows.len().saturating_sub(1) / 2);
    for (index, row) in rows.iter().enumerate() {
        squares.extend(rows[..index].iter().map(|other| square(row, other)));
    }
    let median = median(&mut squares);
    if median > 0.0 {
        return median;
    }
    squares.retain(|square| *square > 0.0);
    self::median(&mut squares)
}

/// The squared distance of two rows.
fn square(row: &[f64], other: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in row.iter().zip(other) {
        sum += (a - b) * (a - b);
    }
    sum
}

/// The median of the roots: of an even number of them the mean of the two in the middle.
fn median(squares: &mut [f64]) -> f64 {
    if squares.is_empty() {
        return 0.0;
    }
    let half = squares.len() / 2;
    let is_odd = squares.len() % 2 == 1;
    let (below, upper, _) = squares.select_nth_unstable_by(half, f64::total_cmp);
    let upper = num::sqrt(*upper);
    if is_odd {
        return upper;
    }
    let lower = below.iter().copied().fold(0.0, f64::max);
    f64::midpoint(num::sqrt(lower), upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Distances 1, 2, 3, then with 10 also 7, 9, 10.
        assert_eq!(median_distance(&[0.0, 1.0], &[3.0], 1, 0), 2.0);
        assert_eq!(median_distance(&[0.0, 1.0], &[3.0, 10.0], 1, 0), 5.0);
        assert_eq!(median_distance(&[0.0, 0.0, 3.0, 4.0], &[], 2, 0), 5.0);
    }

    #[test]
    fn equal_rows_do_not_make_it_zero_unless_all_are() {
        assert_eq!(median_distance(&[0.0; 9], &[0.0, 2.0], 1, 0), 2.0);
        assert_eq!(median_distance(&[0.0; 9], &[2.0, 5.0], 1, 0), 3.0);
        assert_eq!(median_distance(&[7.0; 5], &[7.0; 4], 1, 0), 0.0);
        assert_eq!(median_distance(&[7.0], &[], 1, 0), 0.0);
    }

    #[test]
    fn is_the_median_of_the_sorted_distances() {
        let mut random = Random::new(8);
        for count in [2, 3, 4, 5, 30, 31] {
            let rows: Vec<f64> = (0..2 * count).map(|_| random.normal()).collect();
            let mut distances = Vec::new();
            for i in 0..count {
                for j in 0..i {
                    let (dx, dy) = (rows[2 * i] - rows[2 * j], rows[2 * i + 1] - rows[2 * j + 1]);
                    distances.push(num::sqrt(dx * dx + dy * dy));
                }
            }
            distances.sort_by(f64::total_cmp);
            let half = distances.len() / 2;
            let want = if distances.len() % 2 == 1 {
                distances[half]
            } else {
                f64::midpoint(distances[half - 1], distances[half])
            };
            assert_eq!(median_distance(&rows, &[], 2, 0), want);
        }
    }

    #[test]
    fn of_many_rows_it_is_near_that_of_a_normal_law() {
        // The difference of two standard normals has the median 0.9539 of its size.
        let mut random = Random::new(9);
        let rows: Vec<f64> = (0..EXACT_ROWS + 100).map(|_| random.normal()).collect();
        let median = median_distance(&rows, &[], 1, 1);
        assert!((median - 0.9539).abs() < 0.04, "{median}");
    }
}
