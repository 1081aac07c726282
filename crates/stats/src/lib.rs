//! Numbers in, numbers out: two-sample tests, distances and summaries.
//!
//! # Where to look
//! | question | place |
//! |---|---|
//! | do two samples of numbers differ? | [`NumericTests`], many methods in one pass; alone [`kolmogorov_smirnov`], [`cramer_von_mises`], [`anderson_darling`], [`mann_whitney`], [`welch_t`], [`wasserstein`], [`energy`] |
//! | do two samples of categories, or of numbers in [`bins`]? | [`counted`], any method by its name; alone [`chi_square`], [`g_test`], [`fisher_exact`], [`cramers_v`], [`psi`], [`jensen_shannon`], [`kullback_leibler`], [`hellinger`], [`total_variation`], [`l_infinity`] |
//! | are values missing, new, or out of range? | [`signal`] |
//! | do whole rows differ, where no column does? | [`multivariate`] |
//! | and if the samples are too long to keep? | [`sketch`], [`Moments`], [`QuantileHistogram`] |
//! | when did a stream change? | [`detector`] |
//! | how good are the predictions; and before the truth is known? | [`quality`]; [`estimate`] |
//! | which variant is better? | [`experiment`] |
//! | which features moved a prediction? | [`explain`] |
//! | many columns or windows at once? | [`multiple`], [`budget`] |
//! | do rows depend on the rows before them? | [`dependence`] |
//! | how sure is a score of one's own? | [`bootstrap`] |
//! | what would another tool say? | [`compatibility`] |
//!
//! A [`Decision`] (the level, and by method the effect that matters) turns what a method found into a
//! [`Verdict`]; the whole of it is a [`TwoSample`].
//!
//! # Examples
//! ```
//! use tidegate_stats::{Decision, Method, NumericTests, Sorted, Verdict};
//! let reference = Sorted::try_new((0..1000).map(f64::from).collect())?;
//! let current = Sorted::try_new((150..1150).map(f64::from).collect())?;
//! let methods = [Method::KolmogorovSmirnov, Method::Wasserstein];
//! let tests = NumericTests::try_new(&reference, &current, &methods)?;
//! let test = tests.test(Method::KolmogorovSmirnov, &Decision::default())?;
//! // 150 of 1000 rows have left, at one end.
//! assert_eq!((test.statistic, test.verdict), (0.15, Verdict::Drift));
//! # Ok::<(), tidegate_stats::Error>(())
//! ```
//!
//! # Invariants
//! * Never panics: every function returns a right answer or a typed [`Error`].
//! * The same input gives the same bits on every host: transcendental functions go through
//!   [`num`], sums run in one fixed order, sorting is by total order, nothing is fused.
//! * Two samples are always called `reference` and `current`.
//! * Values are finite: a NaN or an infinity in a sample is an [`ErrorKind::NotFinite`]. Missing
//!   values are counted by the caller, never passed in.
//! * Counts are `u64`. Past 2⁵³ they lose their last digits when they become shares.
//!
#![doc = include_str!("../CALIBRATION.md")]
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod anderson_darling;
mod association;
pub mod bins;
pub mod bootstrap;
mod bridge;
pub mod budget;
pub mod chi_square;
pub mod compatibility;
pub mod counted;
pub mod cramer_von_mises;
pub mod cramers_v;
mod decision;
pub mod dependence;
pub mod detector;
mod deviance;
pub mod energy;
mod error;
pub mod estimate;
pub mod experiment;
pub mod explain;
pub mod fisher_exact;
pub mod g_test;
mod gap_squares;
pub mod hellinger;
mod interval;
pub mod jensen_shannon;
pub mod kolmogorov_smirnov;
pub mod kullback_leibler;
pub mod l_infinity;
mod lengths;
mod limit;
pub mod mann_whitney;
mod method;
mod moments;
pub mod multiple;
pub mod multivariate;
pub mod num;
mod numeric_tests;
pub mod order;
mod outline;
pub mod psi;
pub mod quality;
mod quantile_histogram;
mod radix;
mod random;
mod rank_sums;
pub mod signal;
pub mod sketch;
mod sorted;
pub mod special;
mod spread;
mod table;
pub mod total_variation;
mod two_sample;
mod walk;
pub mod wasserstein;
pub mod welch_t;

pub use budget::{FalseAlarmBudget, Watch};
pub use decision::{Decision, EffectFloor};
pub use error::{Error, ErrorKind};
pub use method::Method;
pub use moments::Moments;
pub use numeric_tests::NumericTests;
pub use quantile_histogram::{InvalidBuckets, QuantileHistogram};
pub use sorted::Sorted;
pub use two_sample::{Interval, TwoSample, Verdict};
