//! Change detectors on a stream: one number in, one [`Signal`] out, in bounded memory.
//!
//! Which one:
//!
//! | stream | detector |
//! |---|---|
//! | a number whose usual mean and spread are known | [`Cusum`] |
//! | a number about which nothing is known | [`StandardPageHinkley`], which learns both as it goes |
//! | a number, and the window since the last change is wanted too | [`Adwin`] |
//! | a number whose shape may change, not its mean | [`Kswin`] |
//! | errors of a classifier, 0 or 1 | [`HddmA`] (abrupt), [`HddmW`] (gradual) |
//! | the same, by the field's classics | [`Ddm`], [`Eddm`], [`Fhddm`], [`PageHinkley`] |
//!
//! [`Cusum`] and [`StandardPageHinkley`] take the number of values between two false alarms
//! ([`threshold_for_run_length`]) for a setting. The others take a threshold or a confidence *a
//! push*, which says little about how often they cry wolf: on errors at a steady rate of 17 %,
//! [`Eddm`] with its defaults sees 34 changes in 40 000 values and [`Ddm`] warns at 96 % of them,
//! though nothing changes. With their defaults they agree with river 0.26 at every index ([`Kswin`]
//! with a seed); with `for_run_length` they are made to be wrong once in so many values, by a
//! simulation (`examples/detector_run_length.rs`).
//!
//! Values until a false alarm, asked for and simulated, and until a shift of one standard deviation
//! after 500 quiet values is found, on average; normal values (`tests/properties/detector.rs`):
//!
//! | detector | asked for 100 | asked for 1000 | delay when asked for 10 000 |
//! |---|---|---|---|
//! | [`Cusum`] | 100 | 1020 | 18 |
//! | [`StandardPageHinkley`] | 96 | 993 | 16 |
//!
//! 500 alarms each: the standard error of a run length is 4.5 %. With a setting `for_run_length` of
//! 10 000 values, until a shift of so many standard deviations is found:
//!
//! | detector | holds for | ½ | 1 | 2 |
//! |---|---|---|---|---|
//! | [`Adwin`] | independent values of standard deviation 1 | 72 | 39 | 13 |
//! | [`PageHinkley`] | independent normal values of any mean | 478 | 17 | 6 |
//! | [`Kswin`] | independent values of any continuous distribution | 6516 | 1374 | 16 |
//!
//! [`Kswin`] is for changes of shape: a shift that it does not see in its first thirty values soon
//! fills its whole window. Its defaults are for 1000 values.
//!
//! On errors, for rates of 0.05 to 0.5, until a doubling of the rate is found after 1000 quiet values:
//!
//! | detector | from 0.1 | from 0.2 | |
//! |---|---|---|---|
//! | [`HddmW`] | 199 | 69 | |
//! | [`HddmA`] | 284 | 85 | |
//! | [`Ddm`] | 187 | 128 | its alarms come early or never |
//! | [`Eddm`] | 577 | 442 | the same |
//!
//! How well any of them does on a stream whose changes are known, [`evaluation`] says.
//!
//! # Invariants
//! * A value that is refused leaves a detector as it was.
//! * After a [`Signal::Change`] a detector starts anew with the next value.
//! * No field of a detector's state is ever NaN or infinite, so that JSON can hold it.

mod adwin;
mod calibration;
mod cusum;
mod ddm;
mod eddm;
pub mod evaluation;
mod fhddm;
mod hddm_a;
mod hddm_w;
mod kswin;
mod page_hinkley;
mod python_random;
mod run_length;
mod running;
mod standard_page_hinkley;

pub use adwin::{Adwin, AdwinOptions};
pub use cusum::{Cusum, CusumOptions};
pub use ddm::{Ddm, DdmOptions};
pub use eddm::{Eddm, EddmOptions};
pub use fhddm::{Fhddm, FhddmOptions};
pub use hddm_a::{HddmA, HddmAOptions};
pub use hddm_w::{HddmW, HddmWOptions};
pub use kswin::{Kswin, KswinOptions};
pub use page_hinkley::{PageHinkley, PageHinkleyOptions};
pub use run_length::{run_length, threshold_for_run_length};
pub use standard_page_hinkley::{StandardPageHinkley, StandardPageHinkleyOptions};

use crate::{Error, ErrorKind};

/// What a detector says about the stream up to the value just pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Signal {
    /// Nothing to see.
    #[default]
    None,
    /// A change may have begun. Only detectors with a second, lower level say so.
    Warning,
    /// The stream has changed; the detector starts anew with the next value.
    Change,
}

/// The mean's movements that a detector looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Direction {
    /// Upward only.
    Up,
    /// Downward only.
    Down,
    /// Both.
    #[default]
    Both,
}

impl Direction {
    pub(crate) const fn sees_up(self) -> bool {
        matches!(self, Self::Up | Self::Both)
    }

    pub(crate) const fn sees_down(self) -> bool {
        matches!(self, Self::Down | Self::Both)
    }
}

/// Watches a stream for a change, one value at a time.
pub trait Detector {
    /// Takes the next value.
    ///
    /// # Errors
    /// * [`ErrorKind::NotFinite`]: the value is NaN or infinite.
    /// * [`ErrorKind::OutOfRange`]: the value is beyond what this detector takes; ±10¹⁰⁰ for those
    ///   that take any number.
    ///
    /// After an error the detector is as it was before.
    fn push(&mut self, value: f64) -> Result<Signal, Error>;

    /// Forgets every value. The settings stay.
    fn reset(&mut self);
}

/// Beyond this the sum of the squares of 2⁶⁴ values might leave the range of a double.
const MAX_MAGNITUDE: f64 = 1e100;

/// A value that no sum or square of a detector can carry out of a double's range.
fn finite(value: f64) -> Result<f64, Error> {
    if !value.is_finite() {
        Err(Error::new(ErrorKind::NotFinite, "the value"))
    } else if value.abs() > MAX_MAGNITUDE {
        Err(Error::new(ErrorKind::OutOfRange, "the value, which must be within ±1e100,"))
    } else {
        Ok(value)
    }
}

/// A value between 0 and 1.
fn share(value: f64) -> Result<f64, Error> {
    let value = finite(value)?;
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::new(ErrorKind::OutOfRange, "the value, which must be between 0 and 1,"))
    }
}

/// Whether a value is a 1: an error of a classifier. Anything but 0 and 1 is refused.
fn is_error(value: f64) -> Result<bool, Error> {
    let value = finite(value)?;
    if value == 0.0 || value == 1.0 {
        Ok(value == 1.0)
    } else {
        Err(Error::new(ErrorKind::OutOfRange, "the value, which must be 0 or 1,"))
    }
}

/// Refuses a setting that is not strictly between 0 and 1.
fn check_fraction(setting: f64, what: &'static str) -> Result<(), Error> {
    check(setting > 0.0 && setting < 1.0, what)
}

/// Refuses a setting that is negative or would carry a sum out of range.
fn check_level(setting: f64, what: &'static str) -> Result<(), Error> {
    check((0.0..=MAX_MAGNITUDE).contains(&setting), what)
}

fn check(holds: bool, what: &'static str) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::new(ErrorKind::OutOfRange, what)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{boxed::Box, vec::Vec};

    fn all() -> Vec<Box<dyn Detector>> {
        alloc::vec![
            Box::new(Adwin::try_new(AdwinOptions::default()).unwrap()),
            Box::new(Cusum::try_new(CusumOptions::standard(1000.0).unwrap()).unwrap()),
            Box::new(Ddm::try_new(DdmOptions::default()).unwrap()),
            Box::new(Eddm::try_new(EddmOptions::default()).unwrap()),
            Box::new(Fhddm::try_new(FhddmOptions::default()).unwrap()),
            Box::new(HddmA::try_new(HddmAOptions::default()).unwrap()),
            Box::new(HddmW::try_new(HddmWOptions::default()).unwrap()),
            Box::new(Kswin::try_new(KswinOptions::default()).unwrap()),
            Box::new(PageHinkley::try_new(PageHinkleyOptions::default()).unwrap()),
            Box::new(StandardPageHinkley::try_new(StandardPageHinkleyOptions::default()).unwrap()),
        ]
    }

    #[test]
    fn what_is_no_number_is_refused_and_changes_nothing() {
        for (mut disturbed, mut quiet) in all().into_iter().zip(all()) {
            for step in 0..2000 {
                let value = f64::from(u8::from(step % 7 == 0 || step > 1500));
                for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                    let error = disturbed.push(bad).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::NotFinite);
                }
                assert_eq!(disturbed.push(1e101).unwrap_err().kind(), ErrorKind::OutOfRange);
                assert_eq!(disturbed.push(value), quiet.push(value), "step {step}");
            }
        }
    }

    #[test]
    fn a_constant_stream_never_changes() {
        for mut detector in all() {
            for step in 0..3000 {
                assert_ne!(detector.push(0.0), Ok(Signal::Change), "step {step}");
            }
        }
    }

    #[test]
    fn a_reset_forgets_every_value() {
        for (mut used, mut fresh) in all().into_iter().zip(all()) {
            for step in 0..700 {
                used.push(f64::from(u8::from(step % 3 == 0))).unwrap();
            }
            used.reset();
            for step in 0..2000 {
                let value = f64::from(u8::from(step % 7 == 0 || step > 1500));
                assert_eq!(used.push(value), fresh.push(value), "step {step}");
            }
        }
    }
}
