//! Windows in their encoded form: what they hold, from which the rest is made again.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{
    CalibrationWindow, ConfusionWindow, ProbabilityWindow, RankingWindow, RegressionWindow,
    two_stacks::TwoStacks,
};
use crate::{Error, ErrorKind};

/// A window of classes.
#[derive(Serialize, Deserialize)]
pub(super) struct Classified {
    classes: u32,
    capacity: u32,
    predictions: Vec<(u32, u32)>,
}

/// A window of labelled scores; the ranking has no bins.
#[derive(Serialize, Deserialize)]
pub(super) struct Scored {
    bins: u32,
    capacity: u32,
    predictions: Vec<(bool, f64)>,
}

/// A window of sums, over the first `older` predictions and over the rest.
#[derive(Serialize, Deserialize)]
pub(super) struct Summed<T> {
    capacity: u32,
    older: u32,
    predictions: Vec<(T, f64)>,
}

impl From<ConfusionWindow> for Classified {
    fn from(window: ConfusionWindow) -> Self {
        Self {
            classes: window.matrix.classes() as u32,
            capacity: window.capacity as u32,
            predictions: window.predictions.into(),
        }
    }
}

impl TryFrom<Classified> for ConfusionWindow {
    type Error = Error;

    fn try_from(of: Classified) -> Result<Self, Error> {
        check_len(&of.predictions, of.capacity)?;
        let mut window = Self::try_new(of.classes as usize, of.capacity as usize)?;
        for (actual, predicted) in of.predictions {
            window.push(actual, predicted)?;
        }
        Ok(window)
    }
}

impl From<RankingWindow> for Scored {
    fn from(window: RankingWindow) -> Self {
        let predictions = window.predictions.into();
        Self { bins: 0, capacity: window.capacity as u32, predictions }
    }
}

impl TryFrom<Scored> for RankingWindow {
    type Error = Error;

    fn try_from(of: Scored) -> Result<Self, Error> {
        check_len(&of.predictions, of.capacity)?;
        let mut window = Self::try_new(of.capacity as usize)?;
        for (label, score) in of.predictions {
            window.push(label, score)?;
        }
        Ok(window)
    }
}

impl From<CalibrationWindow> for Scored {
    fn from(window: CalibrationWindow) -> Self {
        Self {
            bins: window.histogram.bins() as u32,
            capacity: window.capacity as u32,
            predictions: window.predictions.into(),
        }
    }
}

impl TryFrom<Scored> for CalibrationWindow {
    type Error = Error;

    fn try_from(of: Scored) -> Result<Self, Error> {
        check_len(&of.predictions, of.capacity)?;
        let mut window = Self::try_new(of.bins as usize, of.capacity as usize)?;
        for (label, probability) in of.predictions {
            window.push(label, probability)?;
        }
        Ok(window)
    }
}

impl From<RegressionWindow> for Summed<f64> {
    fn from(window: RegressionWindow) -> Self {
        let (capacity, older, predictions) = window.stacks.parts();
        let predictions = predictions.iter().copied().collect();
        Self { capacity: capacity as u32, older: older as u32, predictions }
    }
}

impl TryFrom<Summed<f64>> for RegressionWindow {
    type Error = Error;

    fn try_from(of: Summed<f64>) -> Result<Self, Error> {
        let predictions = of.predictions.into();
        let stacks = TwoStacks::of_parts(of.capacity as usize, of.older as usize, predictions)?;
        Ok(Self { stacks })
    }
}

impl From<ProbabilityWindow> for Summed<bool> {
    fn from(window: ProbabilityWindow) -> Self {
        let (capacity, older, predictions) = window.stacks.parts();
        let predictions = predictions.iter().copied().collect();
        Self { capacity: capacity as u32, older: older as u32, predictions }
    }
}

impl TryFrom<Summed<bool>> for ProbabilityWindow {
    type Error = Error;

    fn try_from(of: Summed<bool>) -> Result<Self, Error> {
        let predictions = of.predictions.into();
        let stacks = TwoStacks::of_parts(of.capacity as usize, of.older as usize, predictions)?;
        Ok(Self { stacks })
    }
}

const fn check_len<T>(predictions: &[T], capacity: u32) -> Result<(), Error> {
    if predictions.len() > capacity as usize {
        Err(Error::new(ErrorKind::ShapeMismatch, "the list of predictions"))
    } else {
        Ok(())
    }
}
