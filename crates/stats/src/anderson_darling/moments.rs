use crate::num;

/// Standard deviation of the criterion of samples of these sizes from one continuous distribution,
/// by Scholz and Stephens; `None` for fewer than four rows, of which it has none.
pub(super) fn deviation(sizes: &[u64]) -> Option<f64> {
    let k = sizes.len() as f64;
    let rows = sizes.iter().map(|size| *size as f64).sum::<f64>();
    if rows < 4.0 {
        return None;
    }
    let inverses: f64 = sizes.iter().map(|size| 1.0 / *size as f64).sum();
    let Harmonic { first, second } = Harmonic::of(rows - 1.0);
    // Σ 1/((N−i) j) over i < j < N, of which only the harmonic numbers are left.
    let (h, g) = (first, second - 2.0 * first / rows);
    let a = (4.0 * g - 6.0) * (k - 1.0) + (10.0 - 6.0 * g) * inverses;
    let b = (2.0 * g - 4.0) * k * k + 8.0 * h * k + (2.0 * g - 14.0 * h - 4.0) * inverses - 8.0 * h
        + 4.0 * g
        - 6.0;
    let c = (6.0 * h + 2.0 * g - 2.0) * k * k
        + (4.0 * h - 4.0 * g + 6.0) * k
        + (2.0 * h - 6.0) * inverses
        + 4.0 * h;
    let d = (2.0 * h + 6.0) * k * k - 4.0 * h * k;
    let cubic = a + (b + (c + d / rows) / rows) / rows;
    let variance = cubic / ((1.0 - 1.0 / rows) * (1.0 - 2.0 / rows) * (1.0 - 3.0 / rows));
    Some(num::sqrt(variance.max(0.0)))
}

/// `Σ 1/j` and `Σ 1/j²` over `1 ≤ j ≤ n`.
struct Harmonic {
    first: f64,
    second: f64,
}

impl Harmonic {
    /// `n` is a whole number.
    fn of(n: f64) -> Self {
        const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;
        let (mut first, mut second) = (num::Sum::default(), num::Sum::default());
        if n <= 100.0 {
            let mut j = n;
            while j >= 1.0 {
                first.add(1.0 / j);
                second.add(1.0 / (j * j));
                j -= 1.0;
            }
            return Self { first: first.value(), second: second.value() };
        }
        // Euler and Maclaurin; the first term left out is below 1e-17.
        let (x, x2) = (1.0 / n, 1.0 / (n * n));
        let rest = x * (0.5 - x * (1.0 / 12.0 - x2 * (1.0 / 120.0 - x2 / 252.0)));
        let rest_of_squares =
            x * (1.0 - x * (0.5 - x * (1.0 / 6.0 - x2 * (1.0 / 30.0 - x2 / 42.0))));
        let pi = core::f64::consts::PI;
        Self { first: num::ln(n) + EULER_GAMMA + rest, second: pi * pi / 6.0 - rest_of_squares }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expansion_goes_on_where_the_sum_ends() {
        let (sum, series) = (Harmonic::of(100.0), Harmonic::of(101.0));
        assert!((sum.first + 1.0 / 101.0 - series.first).abs() < 2e-15);
        assert!((sum.second + 1.0 / 10_201.0 - series.second).abs() < 1e-15);
    }

    #[test]
    fn it_tends_to_that_of_the_limit() {
        let pi = core::f64::consts::PI;
        let want = num::sqrt(2.0 * (pi * pi - 9.0) / 3.0);
        let got = deviation(&[1_000_000_000, 1_000_000_000]).unwrap();
        assert!((got / want - 1.0).abs() < 1e-7, "{got}");
        assert_eq!(deviation(&[1, 2]), None);
        assert!(deviation(&[1, 3]).unwrap() > 0.0);
    }
}
