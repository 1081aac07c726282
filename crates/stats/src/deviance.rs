use crate::{num, special};

/// `observed · ln(observed / expected) − observed + expected`, in `[0, ∞)`: what one cell adds to a
/// divergence or to a likelihood ratio.
///
/// The part that is linear in the difference sums to nothing over cells whose totals agree. Left in,
/// it would cancel between cells, and small divergences would lose their digits.
///
/// * `observed`, `expected`: finite and `≥ 0`.
/// * `gap`: `expected − observed`, which the caller may know more exactly.
///
/// Infinite where something was observed that was not expected at all.
pub(crate) fn deviance(observed: f64, expected: f64, gap: f64) -> f64 {
    if observed <= 0.0 {
        return expected;
    }
    if expected <= 0.0 {
        return f64::INFINITY;
    }
    let ratio = expected / observed;
    let relative_gap = gap / observed;
    let term = if (0.5..=2.0).contains(&ratio) {
        special::ln_1p_minus(relative_gap)
    } else {
        num::ln(ratio) - relative_gap
    };
    (-observed * term).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_its_definition_says() {
        for (observed, expected) in [(3.0, 4.0), (4.0, 3.0), (1.0, 10.0), (10.0, 1.0)] {
            let want = observed * num::ln(observed / expected) - observed + expected;
            let got = deviance(observed, expected, expected - observed);
            assert!((got / want - 1.0).abs() < 1e-14, "{observed} {expected}: {got} {want}");
        }
        // The leading term of a small difference, (observed − expected)² / (2 · expected).
        assert!((deviance(1.0, 1.0 + 1e-9, 1e-9) / 5e-19 - 1.0).abs() < 1e-8);
    }

    #[test]
    fn empty_cells_have_their_limits() {
        assert_eq!(deviance(0.0, 7.0, 7.0), 7.0);
        assert_eq!(deviance(0.0, 0.0, 0.0), 0.0);
        assert_eq!(deviance(7.0, 7.0, 0.0), 0.0);
        assert_eq!(deviance(7.0, 0.0, -7.0), f64::INFINITY);
    }
}
