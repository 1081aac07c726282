use alloc::vec::Vec;

use super::attributions::rows_of;
use crate::{Error, ErrorKind, num};

/// The most rows that a model is asked for at once.
const BATCH_ROWS: usize = 4096;

/// A model, and what it is worth to know some features of a row.
pub(super) struct Coalitions<'a, M> {
    model: M,
    background: &'a [f64],
    features: usize,
    batch: Vec<f64>,
}

impl<'a, M: FnMut(&[f64]) -> Vec<f64>> Coalitions<'a, M> {
    pub(super) fn try_new(model: M, background: &'a [f64], features: usize) -> Result<Self, Error> {
        if rows_of(background, features, "the background")? == 0 {
            return Err(Error::new(ErrorKind::EmptySample, "the background"));
        }
        Ok(Self { model, background, features, batch: Vec::new() })
    }

    /// The model's mean output over the background, the known features being the row's.
    pub(super) fn worth(
        &mut self,
        row: &[f64],
        is_known: impl Fn(usize) -> bool,
    ) -> Result<f64, Error> {
        let mut sum = num::Sum::default();
        let mut count = 0;
        for part in self.background.chunks(BATCH_ROWS * self.features) {
            self.batch.clear();
            for other in part.chunks_exact(self.features) {
                let mixed = row.iter().zip(other).enumerate();
                self.batch.extend(
                    mixed.map(
                        |(feature, (own, other))| if is_known(feature) { *own } else { *other },
                    ),
                );
            }
            let outputs = (self.model)(&self.batch);
            if outputs.len() * self.features != part.len() {
                return Err(Error::new(ErrorKind::ShapeMismatch, "the model's list of outputs"));
            }
            for output in &outputs {
                if !output.is_finite() {
                    return Err(Error::new(ErrorKind::NotFinite, "the model's list of outputs"));
                }
                sum.add(*output);
            }
            count += outputs.len();
        }
        Ok(sum.value() / count as f64)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn a_large_background_is_asked_for_in_parts() {
        let background = vec![1.0; 2 * BATCH_ROWS + 3];
        let mut calls = Vec::new();
        let model = |rows: &[f64]| {
            calls.push(rows.len());
            rows.to_vec()
        };
        let mut coalitions = Coalitions::try_new(model, &background, 1).unwrap();
        assert_eq!(coalitions.worth(&[5.0], |_| false).unwrap(), 1.0);
        assert_eq!(calls, [BATCH_ROWS, BATCH_ROWS, 3]);
    }
}
