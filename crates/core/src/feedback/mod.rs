//! Predictions that await the truth, and labels that bring it, in whatever order they come.
//!
//! A [`FeedbackDelta`] carries what one worker saw; the [`Ledger`] of all of them joins a label to its
//! prediction by id, keeps the newest labelled predictions of each model version for
//! [`crate::quality`], and counts by the day of the *prediction*, so that a label which comes a month late
//! counts for the day on which the model was right or wrong.
//!
//! # Invariants
//! * Any order of the same predictions and labels gives the same ledger, as long as nothing reaches its
//!   bound: of several labels of a prediction the earliest counts, and the others are counted as
//!   duplicates or contradictions.
//! * A prediction that was recorded when it was made counts before any that came back with a label, and an
//!   echo that differs from it is counted.
//! * Every label is counted as one of: joined, duplicate, contradicting, late, waiting for its prediction,
//!   or turned away by a bound.

mod answer;
mod cohort;
mod delta;
mod entry;
mod ledger;
mod scores;
mod store;
mod window;

pub use answer::{Answer, are_classes};
pub use cohort::{Cohort, LAG_SECONDS_BUCKETS};
pub use delta::{FeedbackDelta, Labelled, TokenCounts, row_id, variants_of};
pub use entry::{Awaiting, Entry, Truth};
pub use ledger::{FeedbackCounts, FeedbackSettings, Ledger, ModelFeedback};
pub(crate) use ledger::{most_cohort_bytes, most_delta_bytes, most_store_bytes, most_window_bytes};
pub use scores::{Scores, Step};
pub use store::{MemoryStore, Store};
pub use window::{JudgedRow, Window};
