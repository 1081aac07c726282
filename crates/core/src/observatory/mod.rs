//! What the gateway knows: deltas of the workers in; state, snapshot and references out.
//!
//! A worker counts each request in its own [`Delta`] ([`Delta::record`]) and hands it over now and
//! then. The leader adds deltas to its [`State`] ([`State::apply`]), brings it to the present
//! ([`State::tick`]), and shows it ([`State::snapshot`]; [`crate::metric::families`] for
//! Prometheus). It publishes [`State::references`], which workers count against from then on.
//!
//! ```
//! use tidegate_core::event::{Inference, Status};
//! use tidegate_core::observatory::{Delta, References, Settings, State};
//!
//! let settings = Settings::default();
//! let inference = Inference {
//!     prediction_id: None,
//!     model_name: "iris".into(),
//!     model_version: "1".into(),
//!     status: Status::Success,
//!     error: None,
//!     batch_size: Some(1),
//!     latency: vec![],
//!     features: vec![],
//!     predictions: vec![],
//!     confidences: vec![],
//!     assignments: vec![],
//!     unread: vec![],
//!     generation: None,
//! };
//! let mut delta = Delta::default();
//! delta.record(1_790_000_000.5, &inference, &References::default(), &settings);
//!
//! let mut state = State::default();
//! state.apply(delta, &settings);
//! state.tick(1_790_000_001.0, &settings);
//! let snapshot = state.snapshot(1_790_000_001.0, &settings);
//! assert_eq!(snapshot.models[0].versions[0].requests[0].count, 1);
//! ```
//!
//! # Invariants
//! * Every request counts in the totals, whatever bound it meets: under the name
//!   [`OTHER`](crate::pane::OTHER) if need be.
//! * Totals do not depend on windows, references or settings, and never go back.
//! * Any cut of a stream of requests into deltas, applied in any order, gives the same totals and
//!   the same counts in bins, as long as names stay within their bounds.
//! * Counts say what they were counted against: what cannot be merged is dropped from the window
//!   and counted, never misread.
//!
//! # How a reference is learned
//! A model that wants a reference and has none ([`References::get`] is `None`) sends its rows raw.
//! The state keeps them; with [`ReferenceSettings::Learn`] the first `samples` rows become a
//! profile whose bins are frozen, and rows after those count in its window; where
//! [`Limits::learning_cells`] is reached first, the reference is made of fewer rows. A column
//! without a value among them is not in the reference. With [`ReferenceSettings::Profile`] the
//! reference is ready at the first tick after the model is seen. Deltas that were still raw then
//! are binned by the state.

mod bin_totals;
mod calibrations;
mod delta;
mod feature_sets;
mod learning;
mod local;
mod memory;
mod merge;
mod ml_metrics;
mod options;
mod reference;
mod settings;
mod snapshot;
mod state;
mod table;
mod units;
mod wire;

pub use crate::pane::{LIMITS, Limits};
pub use bin_totals::BinnedColumns;
pub use delta::Delta;
pub use feature_sets::FeatureSetCounts;
pub use local::Observatory;
pub use memory::{most_bytes, most_bytes_between_ticks};
pub use merge::{MergeError, merge_snapshots, merge_snapshots_from_json};
pub use ml_metrics::MLMetrics;
pub use options::{
    ExperimentOptions, FeatureSetOptions, LabelledReference, ModelOptions, NamespaceOptions,
    ObservatoryOptions, OptionsError, VariantOptions,
};
pub use reference::{Binning, Fall, Origin, Reference, ReferenceColumn, ReferenceId, References};
pub use settings::{
    ExperimentSettings, FeatureSetSettings, ModelSettings, ReferenceSettings, Settings,
};
pub use snapshot::training_snapshot;
pub use state::State;
pub use wire::DecodeError;
