//! Counts that merge: what a gateway worker saw, cut in panes of time where time matters.
//!
//! # Invariants
//! * Merging is associative and commutative in every count: numbers are integers, sums are kept
//!   in billionths, and of too many panes the newest are kept whatever the order.
//! * A bound never loses a count of traffic: beyond it, counts go to the name [`OTHER`]. Which
//!   names come first, and so keep their own, may depend on the order.
//! * Additions saturate: no input overflows.

mod dropped;
mod generation;
mod histogram;
mod latency_level;
mod limits;
pub(crate) mod most;
mod new_categories;
mod quantity;
mod raw;
mod sorted_map;
mod time;
mod total;
mod traffic;
mod window;

pub use crate::event::CellRef;
pub use dropped::{Dropped, bound};
pub use generation::GenerationTotals;
pub use histogram::{
    BATCH_SIZE_BUCKETS, CHUNK_GAP_SECONDS_BUCKETS, CONFIDENCE_BUCKETS, FIRST_CHUNK_SECONDS_BUCKETS,
    Histogram, LATENCY_SECONDS_BUCKETS, RETRIEVAL_SECONDS_BUCKETS, TOKEN_BUCKETS,
    TOKENS_PER_SECOND_BUCKETS,
};
pub use latency_level::LatencyLevel;
pub use limits::{LIMITS, Limits, OTHER};
pub(crate) use limits::{entry_within, key_within};
pub use new_categories::NewCategories;
pub use quantity::{Quantity, Summary};
pub use raw::{CELL_TEXT_BYTES, Cell, RawGroup, RawRows};
pub use sorted_map::SortedMap;
pub use time::PaneStart;
pub use total::{ExperimentTotals, ModelTotals, VariantTotals, VersionTotals};
pub use traffic::Traffic;
pub(crate) use traffic::record_in_flight;
pub use window::{RoleWindow, Window};
