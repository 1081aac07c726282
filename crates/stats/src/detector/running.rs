use crate::num;

/// Mean of the values so far, in the order of operations that river has.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct RunningMean {
    pub count: u64,
    pub mean: f64,
}

impl RunningMean {
    pub fn push(&mut self, value: f64) {
        self.count = self.count.saturating_add(1);
        self.mean += (1.0 / self.count as f64) * (value - self.mean);
    }
}

/// Mean and spread of the values so far, by Welford's update.
///
/// [`crate::Moments`] also stays in range for values whose squares do not, and pays for it at every
/// push; a detector refuses such values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct RunningSpread {
    pub mean: RunningMean,
    m2: f64,
}

impl RunningSpread {
    pub fn push(&mut self, value: f64) {
        let before = self.mean.mean;
        self.mean.push(value);
        self.m2 += (value - before) * (value - self.mean.mean);
    }

    /// Sample standard deviation (of `n − 1` degrees of freedom); 0 below two values.
    pub fn standard_deviation(&self) -> f64 {
        match self.mean.count {
            0 | 1 => 0.0,
            count => num::sqrt((self.m2 / (count - 1) as f64).max(0.0)),
        }
    }
}
