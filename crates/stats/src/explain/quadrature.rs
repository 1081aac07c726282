use crate::num;

/// Cap of Newton's method, which needs about five steps.
const MAX_ITERATIONS: u32 = 50;

/// A Gauss-Legendre rule on (0, 1): `∫ p(t) dt = Σ weights · p(nodes)` for polynomials up to degree
/// `2Q − 1`.
pub(super) struct Rule<const Q: usize> {
    pub nodes: [f64; Q],
    /// `1 − node`, without cancellation.
    pub rests: [f64; Q],
    pub weights: [f64; Q],
}

impl<const Q: usize> Rule<Q> {
    /// The nodes are the roots of the Legendre polynomial, by Newton's method from Tricomi's guess.
    pub(super) fn new() -> Self {
        let mut rule = Self { nodes: [0.5; Q], rests: [0.5; Q], weights: [1.0; Q] };
        for k in 0..Q.div_ceil(2) {
            let guess = (k as f64 + 0.75) / (Q as f64 + 0.5);
            let mut x = num::cos(core::f64::consts::PI * guess);
            for _ in 0..MAX_ITERATIONS {
                let (value, slope) = legendre(Q, x);
                let step = value / slope;
                x -= step;
                if step.abs() <= f64::EPSILON {
                    break;
                }
            }
            let (_, slope) = legendre(Q, x);
            let weight = 1.0 / ((1.0 - x * x) * slope * slope);
            let (far, near) = (0.5 + 0.5 * x, 0.5 - 0.5 * x);
            (rule.nodes[k], rule.rests[k], rule.weights[k]) = (near, far, weight);
            let mirrored = Q - 1 - k;
            (rule.nodes[mirrored], rule.rests[mirrored]) = (far, near);
            rule.weights[mirrored] = weight;
        }
        let sum: f64 = rule.weights.iter().sum();
        for weight in &mut rule.weights {
            *weight /= sum;
        }
        rule
    }
}

/// The Legendre polynomial of a degree `≥ 1` and its slope, inside of (−1, 1).
fn legendre(degree: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 2..=degree {
        let k = k as f64;
        let next = ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k;
        (before, value) = (value, next);
    }
    (value, degree as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_exact<const Q: usize>() {
        let rule = Rule::<Q>::new();
        for degree in [0, 1, Q, 2 * Q - 1] {
            let sum: f64 =
                (0..Q).map(|k| rule.weights[k] * num::pow(rule.nodes[k], degree as f64)).sum();
            let want = 1.0 / (degree as f64 + 1.0);
            assert!((sum / want - 1.0).abs() < 1e-13, "{Q} nodes, degree {degree}: {sum}");
        }
        for k in 0..Q {
            assert!((rule.nodes[k] + rule.rests[k] - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn rules_are_exact_up_to_their_degree() {
        assert_exact::<1>();
        assert_exact::<2>();
        assert_exact::<3>();
        assert_exact::<4>();
        assert_exact::<8>();
        assert_exact::<16>();
        assert_exact::<32>();
        assert_exact::<64>();
    }
}
