//! What can happen, as data. Protocols and hosts make events; monitors consume them.
//!
//! A gateway sees [`Inference`]s itself. Everything else ([`Event`]) is told to it, by a training
//! job, a feature store, whoever learns the truth: as JSON, one object an event, read by [`read`].
//!
//! ```
//! use tidegate_core::event::{self, Event};
//!
//! let body = br#"{"type": "label", "prediction_id": "r1", "label": "setosa"}
//! {"type": "label", "prediction": "r2"}"#;
//! let read = event::read(body);
//! assert_eq!(read.events.len(), 1);
//! assert!(matches!(&read.events[0].event, Event::Label(label) if label.prediction_id == "r1"));
//! assert_eq!(read.refused[0].index, 1);
//! assert!(read.refused[0].reason.contains("unknown field `prediction`"));
//! ```

mod business;
mod columns;
mod error_kind;
mod explanation;
mod feature_store;
mod feedback;
mod fields;
mod inference;
mod measure;
mod observed;
mod read;
mod scan;
mod tagged;
mod training;

pub use business::BusinessMetric;
pub use columns::{CellRef, ColumnRole, ColumnValues, Columns};
pub use error_kind::ErrorKind;
pub use explanation::Explanation;
pub use feature_store::{FeatureRetrieval, FeatureRow};
pub use feedback::{Conversion, ExperimentUnit, Label};
pub use fields::Fields;
pub use inference::{
    Assignment, FeatureColumn, Generation, Inference, InferenceRef, Side, Stage, StageLatency,
    Status, Unread, UnreadReason, Value,
};
pub use measure::Measure;
pub use observed::{Cells, LatencySeconds, ObservedInference};
pub use read::{MAX_EVENTS, Positioned, Read, Refused, Taken, read, read_each, read_item};
pub(crate) use scan::{items, quote_names};
pub(crate) use tagged::of_json;
pub use training::{TrainingEpoch, TrainingStep};

use serde::Serialize;

/// Anything that is told to the observatory: one JSON object, told apart by its `type`.
///
/// Fields that no event of the type has are refused by name, for a misspelt one would be lost in
/// silence.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Event {
    /// A request to a model, as a client or a server of it tells.
    Inference(ObservedInference),
    /// The truth about a prediction.
    Label(Label),
    /// A unit of an experiment did what the experiment hopes for.
    Conversion(Conversion),
    /// What is known of a unit of an experiment from before it.
    ExperimentUnit(ExperimentUnit),
    /// A feature store answered.
    FeatureRetrieval(FeatureRetrieval),
    /// One row of a feature set.
    FeatureRow(FeatureRow),
    /// One step of a training run.
    TrainingStep(TrainingStep),
    /// One epoch of a training run.
    TrainingEpoch(TrainingEpoch),
    /// What each feature added to one prediction.
    Explanation(Explanation),
    /// What one use of a model was worth.
    BusinessMetric(BusinessMetric),
}

impl Event {
    /// When it happened, in seconds since 1970, if it says so.
    #[must_use]
    pub const fn at(&self) -> Option<f64> {
        match self {
            Self::Inference(event) => event.at,
            Self::Label(event) => event.at,
            Self::Conversion(event) => event.at,
            Self::ExperimentUnit(event) => event.at,
            Self::FeatureRetrieval(event) => event.at,
            Self::FeatureRow(event) => event.at,
            Self::TrainingStep(event) => event.at,
            Self::TrainingEpoch(event) => event.at,
            Self::Explanation(event) => event.at,
            Self::BusinessMetric(event) => event.at,
        }
    }

    /// What is wrong with an event that has the right fields, in a sentence; `None` if nothing is.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        if self.at().is_some_and(|at| !(0.0..=LATEST_SECONDS).contains(&at)) {
            return Some("`at` must be a time in seconds since 1970");
        }
        match self {
            Self::Inference(event) => event.fault(),
            Self::Label(event) => event.fault(),
            Self::Conversion(event) => event.fault(),
            Self::ExperimentUnit(event) => event.fault(),
            Self::FeatureRetrieval(event) => event.fault(),
            Self::FeatureRow(event) => event.fault(),
            Self::TrainingStep(event) => event.fault(),
            Self::TrainingEpoch(event) => event.fault(),
            Self::Explanation(event) => event.fault(),
            Self::BusinessMetric(event) => event.fault(),
        }
    }
}

/// No time is later: the year 5138. Milliseconds since 1970, a frequent slip, are.
const LATEST_SECONDS: f64 = 1e11;

/// Whether a measured quantity is a number from 0 on.
fn is_measure(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

/// Whether a share that may be left out is a number from 0 to 1.
fn is_share_or_absent(value: Option<f64>) -> bool {
    value.is_none_or(|value| (0.0..=1.0).contains(&value))
}
