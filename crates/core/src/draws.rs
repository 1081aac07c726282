//! Numbers for tests: even in `[0, 1)`, and the same in each run.

/// Knuth's linear congruential generator, of which the upper 53 bits are used.
pub(crate) struct Draws(u64);

impl Draws {
    pub(crate) const fn new() -> Self {
        Self(1)
    }

    pub(crate) fn draw(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
