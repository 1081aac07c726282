//! Every statistic against its oracle: scipy for the tests, mpmath or whole numbers for the tails.
//!
//! The golden values and the script that made them are in `tests/golden`; what each may differ by is
//! in `tests/src/tolerance.rs`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod alarms;
mod bootstrap;
mod bucketing;
mod categorical;
mod cbpe;
mod compatibility;
mod counted;
mod decisions;
mod dependence;
mod detector;
mod experiment;
mod experiment_design;
mod explain;
mod foundations;
mod golden;
mod golden_files;
mod intervals;
mod multivariate;
mod numeric;
mod numeric_tests;
mod quality;
mod segments;
mod signal;
mod sketch;
mod sketch_recipe;
mod tails;
