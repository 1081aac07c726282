//! Symmetric matrices, row by row in one slice: eigenvectors and linear equations.

use alloc::vec;
use alloc::vec::Vec;

use crate::{Error, ErrorKind, num, order};

/// Cap of the sweeps; each squares what is off the diagonal once it is small.
const MAX_SWEEPS: u32 = 60;

/// An eigenvalue and its vector of length 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Eigenpair {
    pub(super) value: f64,
    pub(super) vector: Vec<f64>,
}

/// The eigenvalues of a symmetric matrix with their vectors, the largest first, by Jacobi's cyclic
/// rotations. O(size³) a sweep, of which some six to ten are made.
///
/// # Errors
/// [`ErrorKind::NotConverged`]: after 60 sweeps something is left off the diagonal.
///
/// # References
/// Golub & Van Loan, "Matrix computations", section 8.5.
pub(super) fn eigenpairs(mut matrix: Vec<f64>, size: usize) -> Result<Vec<Eigenpair>, Error> {
    // Row i is the i-th vector.
    let mut vectors = vec![0.0; size * size];
    for i in 0..size {
        vectors[i * size + i] = 1.0;
    }
    let total: f64 = matrix.iter().map(|value| value * value).sum();
    for _ in 0..MAX_SWEEPS {
        let mut off = 0.0;
        for i in 0..size {
            for j in 0..i {
                off += matrix[i * size + j] * matrix[i * size + j];
            }
        }
        if off <= 1e-34 * total {
            let pair = |i: usize| Eigenpair {
                value: matrix[i * size + i],
                vector: vectors[i * size..(i + 1) * size].to_vec(),
            };
            let mut pairs: Vec<Eigenpair> = (0..size).map(pair).collect();
            order::sort_by(&mut pairs, |one, other| other.value.total_cmp(&one.value));
            return Ok(pairs);
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut matrix, &mut vectors, size, p, q);
            }
        }
    }
    Err(Error::new(ErrorKind::NotConverged, "the decomposition into components"))
}

/// Turns rows and columns `p` and `q` so that their common element becomes 0.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], size: usize, p: usize, q: usize) {
    let off = matrix[p * size + q];
    if off == 0.0 {
        return;
    }
    let theta = (matrix[q * size + q] - matrix[p * size + p]) / (2.0 * off);
    let tangent = if theta.abs() > 1e150 {
        0.5 / theta
    } else {
        let size = 1.0 / (theta.abs() + num::sqrt(theta * theta + 1.0));
        if theta < 0.0 { -size } else { size }
    };
    let cosine = 1.0 / num::sqrt(tangent * tangent + 1.0);
    let sine = tangent * cosine;
    let turn = |x: f64, y: f64| (cosine * x - sine * y, sine * x + cosine * y);
    for k in 0..size {
        let (x, y) = turn(matrix[k * size + p], matrix[k * size + q]);
        (matrix[k * size + p], matrix[k * size + q]) = (x, y);
    }
    for k in 0..size {
        let (x, y) = turn(matrix[p * size + k], matrix[q * size + k]);
        (matrix[p * size + k], matrix[q * size + k]) = (x, y);
        let (x, y) = turn(vectors[p * size + k], vectors[q * size + k]);
        (vectors[p * size + k], vectors[q * size + k]) = (x, y);
    }
    matrix[p * size + q] = 0.0;
    matrix[q * size + p] = 0.0;
}

/// A positive definite matrix as the product of a lower triangle with its transpose.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    lower: Vec<f64>,
    size: usize,
}

impl Cholesky {
    /// Reads the lower triangle of the matrix only. O(size³).
    ///
    /// # Errors
    /// [`ErrorKind::NotConverged`]: the matrix is not positive definite.
    pub(super) fn try_new(mut matrix: Vec<f64>, size: usize) -> Result<Self, Error> {
        for i in 0..size {
            for j in 0..=i {
                let (above, row) = matrix.split_at_mut(i * size);
                let mut rest = row[j];
                if j < i {
                    let other = &above[j * size..(j + 1) * size];
                    for (a, b) in row.iter().zip(&other[..j]) {
                        rest -= a * b;
                    }
                    row[j] = rest / other[j];
                } else {
                    for a in &row[..j] {
                        rest -= a * a;
                    }
                    // Not "<=", which a NaN would pass.
                    if !(rest > 0.0 && rest.is_finite()) {
                        return Err(Error::new(ErrorKind::NotConverged, "the classifier's fit"));
                    }
                    row[j] = num::sqrt(rest);
                }
            }
        }
        Ok(Self { lower: matrix, size })
    }

    /// Solves the equations for one right side, in its place. O(size²).
    pub(super) fn solve(&self, right: &mut [f64]) {
        for (i, row) in self.lower.chunks_exact(self.size).enumerate() {
            let (done, rest) = right.split_at_mut(i);
            for (weight, value) in row.iter().zip(done) {
                rest[0] -= weight * *value;
            }
            rest[0] /= row[i];
        }
        for (i, row) in self.lower.chunks_exact(self.size).enumerate().rev() {
            let (before, rest) = right.split_at_mut(i);
            rest[0] /= row[i];
            for (weight, value) in row.iter().zip(before) {
                *value -= weight * rest[0];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// The product of a random matrix with its transpose.
    fn gram(size: usize, random: &mut Random) -> Vec<f64> {
        let of: Vec<f64> = (0..size * size).map(|_| random.normal()).collect();
        let mut product = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..size {
                product[i * size + j] =
                    (0..size).map(|k| of[i * size + k] * of[j * size + k]).sum();
            }
        }
        product
    }

    #[test]
    fn eigenpairs_by_hand() {
        let pairs = eigenpairs(vec![2.0, 1.0, 1.0, 2.0], 2).unwrap();
        assert!((pairs[0].value - 3.0).abs() < 1e-15 && (pairs[1].value - 1.0).abs() < 1e-15);
        let [a, b] = pairs[0].vector[..] else { panic!() };
        assert!((a - b).abs() < 1e-15 && (a * a + b * b - 1.0).abs() < 1e-15);
        let diagonal = eigenpairs(vec![1.0, 0.0, 0.0, 5.0], 2).unwrap();
        assert_eq!((diagonal[0].value, &diagonal[0].vector[..]), (5.0, &[0.0, 1.0][..]));
        assert_eq!(eigenpairs(vec![0.0; 9], 3).unwrap()[0].value, 0.0);
        assert!(eigenpairs(vec![f64::NAN; 4], 2).is_err());
    }

    #[test]
    fn eigenpairs_make_the_matrix_again() {
        let mut random = Random::new(1);
        for size in [1, 2, 7, 30] {
            let matrix = gram(size, &mut random);
            let pairs = eigenpairs(matrix.clone(), size).unwrap();
            let largest = pairs[0].value;
            for i in 0..size {
                for j in 0..size {
                    let of: f64 = pairs.iter().map(|p| p.value * p.vector[i] * p.vector[j]).sum();
                    assert!((of - matrix[i * size + j]).abs() < 1e-13 * largest);
                }
            }
        }
    }

    #[test]
    fn equations_are_solved() {
        let mut random = Random::new(2);
        for size in [1, 3, 12] {
            let mut matrix = gram(size, &mut random);
            for i in 0..size {
                matrix[i * size + i] += 1.0;
            }
            let x: Vec<f64> = (0..size).map(|_| random.normal()).collect();
            let row = |i: usize| (0..size).map(|j| matrix[i * size + j] * x[j]).sum::<f64>();
            let mut right: Vec<f64> = (0..size).map(row).collect();
            Cholesky::try_new(matrix.clone(), size).unwrap().solve(&mut right);
            for (got, want) in right.iter().zip(&x) {
                assert!((got - want).abs() < 1e-11);
            }
        }
        for bad in [vec![0.0], vec![-1.0], vec![f64::NAN]] {
            assert_eq!(Cholesky::try_new(bad, 1).unwrap_err().kind(), ErrorKind::NotConverged);
        }
    }
}
