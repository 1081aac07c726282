//! The test of Epps and Singleton, which of the peers only Evidently has: whether two empirical
//! characteristic functions agree at two points.

use crate::{Sorted, num, special, walk::steps};

/// Where the functions are compared, in half interquartile ranges.
const POINTS: [f64; 2] = [0.4, 0.8];
/// Sweeps of Jacobi's rotations; four by four takes five.
const MAX_SWEEPS: u32 = 30;

type Vector = [f64; 4];
type Matrix = [Vector; 4];

/// The p-value, `None` for fewer than five rows or no interquartile range.
///
/// # References
/// Epps & Singleton (1986), <https://doi.org/10.1080/00949658608810963>. Oracle:
/// `scipy.stats.epps_singleton_2samp`.
pub(super) fn p_value(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let [own, other] = [reference, current].map(|sample| sample.len() as f64);
    if own.min(other) < 5.0 {
        return None;
    }
    let rows = own + other;
    let half_range = (pooled_quantile(reference, current, 0.75)?
        - pooled_quantile(reference, current, 0.25)?)
        / 2.0;
    if !(half_range > 0.0 && half_range.is_finite()) {
        return None;
    }
    let points = POINTS.map(|point| point / half_range);
    let (own_mean, own_covariance) = moments(reference.values(), points);
    let (other_mean, other_covariance) = moments(current.values(), points);
    let mut covariance = [[0.0; 4]; 4];
    let mut gap = [0.0; 4];
    for row in 0..4 {
        gap[row] = own_mean[row] - other_mean[row];
        for column in 0..4 {
            covariance[row][column] = rows / own * own_covariance[row][column]
                + rows / other * other_covariance[row][column];
        }
    }
    let (values, vectors) = eigen(covariance);
    let largest = values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let mut statistic = num::Sum::default();
    let mut rank = 0;
    for (value, vector) in values.iter().zip(vectors) {
        // Directions without variance count for nothing.
        if *value > largest * 4.0 * f64::EPSILON {
            let along: num::Sum = vector.iter().zip(gap).map(|(v, g)| v * g).collect();
            statistic.add(rows * along.value() * along.value() / value);
            rank += 1;
        }
    }
    let mut statistic = statistic.value();
    if own.max(other) < 25.0 {
        let small = num::pow(own, -1.7) + num::pow(other, -1.7);
        statistic /= 1.0 + num::pow(rows, -0.45) + 10.1 * small;
    }
    if rank == 0 { None } else { special::chi_square_tail(statistic, f64::from(rank)).ok() }
}

/// Mean and covariance of `(cos t₁x, cos t₂x, sin t₁x, sin t₂x)`.
fn moments(values: &[f64], points: [f64; 2]) -> (Vector, Matrix) {
    let count = values.len() as f64;
    let at = |value: f64| {
        let [first, second] = points.map(|point| point * value);
        [num::cos(first), num::cos(second), num::sin(first), num::sin(second)]
    };
    let mut sums = [num::Sum::default(); 4];
    for value in values {
        for (sum, term) in sums.iter_mut().zip(at(*value)) {
            sum.add(term);
        }
    }
    let mean = sums.map(|sum| sum.value() / count);
    let mut products = [[num::Sum::default(); 4]; 4];
    for value in values {
        let term = at(*value);
        for row in 0..4 {
            for column in row..4 {
                products[row][column].add((term[row] - mean[row]) * (term[column] - mean[column]));
            }
        }
    }
    let mut covariance = [[0.0; 4]; 4];
    for row in 0..4 {
        for column in row..4 {
            let value = products[row][column].value() / count;
            covariance[row][column] = value;
            covariance[column][row] = value;
        }
    }
    (mean, covariance)
}

/// Eigenvalues and, in the same order, eigenvectors of a symmetric matrix, by Jacobi's rotations.
fn eigen(mut matrix: Matrix) -> (Vector, Matrix) {
    let mut vectors = [[0.0; 4]; 4];
    for (index, vector) in vectors.iter_mut().enumerate() {
        vector[index] = 1.0;
    }
    for _ in 0..MAX_SWEEPS {
        let mut rest = 0.0;
        for row in 0..4 {
            for column in row + 1..4 {
                let off = matrix[row][column];
                if off == 0.0 {
                    continue;
                }
                rest += off.abs();
                let theta = (matrix[column][column] - matrix[row][row]) / (2.0 * off);
                let tangent =
                    1.0_f64.copysign(theta) / (theta.abs() + num::sqrt(theta * theta + 1.0));
                let cosine = 1.0 / num::sqrt(tangent * tangent + 1.0);
                rotate(&mut matrix, &mut vectors, [row, column], [cosine, tangent * cosine]);
            }
        }
        if rest < f64::MIN_POSITIVE {
            break;
        }
    }
    ([matrix[0][0], matrix[1][1], matrix[2][2], matrix[3][3]], vectors)
}

fn rotate(
    matrix: &mut Matrix,
    vectors: &mut Matrix,
    [row, column]: [usize; 2],
    [cosine, sine]: [f64; 2],
) {
    let turn = |one: &mut f64, other: &mut f64| {
        (*one, *other) = (cosine * *one - sine * *other, sine * *one + cosine * *other);
    };
    for line in matrix.iter_mut() {
        let (mut one, mut other) = (line[row], line[column]);
        turn(&mut one, &mut other);
        (line[row], line[column]) = (one, other);
    }
    for index in 0..4 {
        let (mut one, mut other) = (matrix[row][index], matrix[column][index]);
        turn(&mut one, &mut other);
        (matrix[row][index], matrix[column][index]) = (one, other);
        let (mut one, mut other) = (vectors[row][index], vectors[column][index]);
        turn(&mut one, &mut other);
        (vectors[row][index], vectors[column][index]) = (one, other);
    }
    // Zero by construction, and not by rounding.
    matrix[row][column] = 0.0;
    matrix[column][row] = 0.0;
}

/// A quantile of both samples together, with linear interpolation.
fn pooled_quantile(reference: &Sorted, current: &Sorted, level: f64) -> Option<f64> {
    let position = (reference.len() + current.len()).checked_sub(1)? as f64 * level;
    let below = num::floor(position);
    let fraction = position - below;
    let at = |rank: u64| {
        let reached = |step: &crate::walk::Step| step.reference_rank + step.current_rank > rank;
        steps(reference, current).find(reached).map(|step| step.from)
    };
    let low = at(below as u64)?;
    let high = at(below as u64 + 1).unwrap_or(low);
    let gap = high - low;
    Some(if fraction < 0.5 { low + gap * fraction } else { high - gap * (1.0 - fraction) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_taken_apart_and_put_together() {
        let matrix = [
            [4.0, 1.0, -2.0, 0.5],
            [1.0, 3.0, 0.0, 0.25],
            [-2.0, 0.0, 5.0, 1.0],
            [0.5, 0.25, 1.0, 2.0],
        ];
        let (values, vectors) = eigen(matrix);
        for row in 0..4 {
            for column in 0..4 {
                let sum: f64 =
                    (0..4).map(|k| values[k] * vectors[k][row] * vectors[k][column]).sum();
                assert!((sum - matrix[row][column]).abs() < 1e-13);
            }
        }
    }
}
