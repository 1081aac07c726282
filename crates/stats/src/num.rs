//! The one door to transcendental functions, so that all hosts agree to the bit.

/// Natural exponential.
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// Natural logarithm.
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// Binary logarithm.
#[must_use]
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// Square root. Exact to IEEE 754 everywhere; here because `core` has none.
#[must_use]
pub fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}
