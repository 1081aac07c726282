//! Laws that hold for every input, and rates of right and wrong verdicts over many.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod alarms;
mod bootstrap;
mod bucketing;
mod budget;
mod calibration;
mod categorical;
mod cbpe;
mod compatibility;
mod decisions;
mod dependence;
mod detector;
mod experiment;
mod experiment_design;
mod explain;
mod foundations;
mod intervals;
mod multivariate;
mod numeric_tests;
mod order;
mod quality;
mod segments;
mod signal;
mod sketch;
mod sketch_two_sample;
mod summaries;
mod two_sample;
