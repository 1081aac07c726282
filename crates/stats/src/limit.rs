//! Limiting distributions of statistics, by their tail and density.

use crate::num;

/// A distribution at a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// Probability of at least that.
    pub tail: f64,
    /// The density there.
    pub density: f64,
}

/// The point between `low` and `high` at which the tail is `tail`, looked for from `start` on.
pub(crate) fn point(
    tail: f64,
    [mut low, mut high]: [f64; 2],
    start: f64,
    limit: impl Fn(f64) -> Limit,
) -> f64 {
    let mut z = start;
    // Newton's method on the logarithm of the tail, which is nearly a line, inside bounds.
    for _ in 0..100 {
        let at = limit(z);
        if at.tail > tail {
            low = z;
        } else {
            high = z;
        }
        let next = z + num::ln(at.tail / tail) * at.tail / at.density;
        let next = if next > low && next < high { next } else { low + (high - low) / 2.0 };
        if (next - z).abs() <= 1e-12 * z {
            break;
        }
        z = next;
    }
    z
}
