//! Metric families, and the text in which Prometheus reads them.
//!
//! [`families`] makes the families of the observatory, [`alert_families`] those of its alerts; a host adds its own and writes all of them
//! with [`prometheus_text`] or [`openmetrics_text`], as the scraper would rather have it
//! ([`prefers_openmetrics`]).
//!
//! # Invariants
//! * A gauge that is not known is absent: never 0, never NaN.
//! * The same state gives the same text to the byte.

mod alert;
mod bin;
mod business;
mod experiment;
mod family;
mod feature_store;
mod gen_ai;
mod importance;
mod inference;
mod observatory;
mod openmetrics;
mod quality;
mod text;
mod training;

pub use alert::alert_families;
pub use family::{Family, Kind, Number, Sample};
pub use gen_ai::gen_ai_families;
pub use observatory::families;
pub use openmetrics::{
    COUNTING_SINCE, OPENMETRICS, PROMETHEUS, openmetrics_text, prefers_openmetrics, to_openmetrics,
};
pub use text::prometheus_text;
