//! Summaries of streams that are too long to keep: bounded memory, mergeable, with a stated error.
//!
//! | sketch | answers | error |
//! |---|---|---|
//! | [`Kll`] | quantiles and ranks of numbers | additive in rank, [`Kll::rank_error`] |
//! | [`Hll`] | how many distinct items | relative, [`Hll::relative_error`] |
//! | [`FrequentItems`] | which items are frequent, and how often each came | bounds on each count, [`FrequentItems::maximum_error`] |
//! | [`Histogram`] | counts in bins of one width | none |
//! | [`crate::Moments`] | mean, deviation, range | rounding |
//! | [`crate::QuantileHistogram`] | quantiles of durations | relative, 1/64 |
//!
//! Their bytes are the cross-language form of Apache DataSketches, so what Java, C++ or Python wrote
//! (Spark, Druid, BigQuery, Postgres) can be read, merged and compared here, and what is written here
//! can be read there.
//!
//! # Invariants
//! * **No chance.** Where a published algorithm tosses a coin, the toss is a hash of the data that it
//!   decides on: the same pushes and merges give the same bytes on every host. A guarantee that holds
//!   "with probability 0.99 over the coins" holds here over data that were not made with the hash in
//!   mind.
//! * **Any bytes may come.** Decoding takes no more memory than a small multiple of the bytes it was
//!   given, and refuses what no sketch would write as [`crate::ErrorKind::CorruptData`].
//! * **Merging** in another order, or not at all, changes answers only within the stated error.

mod bytes;
mod frequent_items;
mod histogram;
mod hll;
mod kll;
mod murmur;
mod two_sample;

pub use frequent_items::{Frequent, FrequentItem, FrequentItems};
pub use histogram::Histogram;
pub use hll::Hll;
pub use kll::Kll;
pub use two_sample::{two_frequent, two_sample};
