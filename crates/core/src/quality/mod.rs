//! How good a model is, on its newest labelled predictions, and how that compares with what is normal.
//!
//! [`quality`] computes all figures of a window of [`crate::feedback::JudgedRow`]s; [`degradation`] holds one against its
//! baseline; [`error_change`] asks when the stream of errors changed, and [`latency_change`] when the latency did.
//! A [`Calibration`] says how good predictions probably are whose truth is not known yet, and [`estimate_check`] whether that
//! was so once it is.
//!
//! Whether the answers are classes or numbers is read from them: they are numbers of a regression only if
//! all of them are numbers, and [`crate::feedback::are_classes`] says that these are none.

mod calibration;
mod classes;
mod counted;
mod degradation;
mod errors;
mod estimate_check;
mod figures;
mod latency;
mod level;

pub use calibration::{Calibration, EstimatedFigures};
pub use counted::{CountedFigures, counted_figures};
pub use degradation::{Degradation, Orientation, degradation, orientation};
pub use errors::{ErrorChange, error_change, evened};
pub use estimate_check::{EstimateCheck, estimate_check};
pub use figures::{ClassFigures, Figures, quality};
pub use latency::{LatencyChange, latency_change};
pub use level::{ChangeDetector, Level, LevelChange, level_change};
