//! Alerts: conditions on metrics, and what became of them.
//!
//! A [`Rule`] has a condition in a small language ([`parse`]). [`Alerts::tick`] holds the rules against the
//! metric families of a moment, and each series for which a condition holds is an alert: *pending*, then
//! *firing*, then *resolved*. [`Notifier`] puts alerts together for whoever is called, and says nothing
//! twice.
//!
//! ```
//! use tidegate_core::alert::{AlertState, Alerts, Rule};
//! use tidegate_core::metric::{Family, Kind};
//!
//! let rule = r#"{"name": "accuracy", "when": "model_accuracy < 0.85", "for_seconds": 120}"#;
//! let rules = [Rule::try_new(serde_json::from_str(rule)?)?];
//! let mut accuracy = Family::new("model_accuracy", Kind::Gauge, "Share of right predictions.");
//! accuracy.push_measure(&[("model_name", "iris")], 0.8);
//!
//! let mut alerts = Alerts::default();
//! let changed = alerts.tick(1_790_000_000.0, &[accuracy.clone()], &rules, &[]);
//! assert_eq!(changed[0].alert.state, AlertState::Pending);
//! let changed = alerts.tick(1_790_000_120.0, &[accuracy], &rules, &[]);
//! assert_eq!(changed[0].alert.state, AlertState::Firing);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! * Nobody is called for want of data: *no data* and *insufficient data* are states of their own. A
//!   firing alert whose data went away fires again when they are back, as the same alert.
//! * The same metrics at the same times give the same alerts. All that is remembered is in [`Alerts`] and
//!   [`Notifier`], which a successor can go on from.
//! * Series that are remembered and alerts of a rule have bounds; what they turn away is counted.

mod action;
mod alerts;
mod evaluate;
mod expression;
mod history;
mod notify;
mod parse;
mod phase;
mod places;
mod rule;
mod series;
mod token;

pub use action::Action;
pub(crate) use alerts::most_bytes;
pub use alerts::{Alerts, Transition};
pub use evaluate::Baseline;
pub use expression::Expression;
pub use notify::{Notification, Notifier, NotifySettings, Silence};
pub use parse::{ParseError, parse};
pub use phase::{Alert, AlertState};
pub use rule::{DEFAULT_RULES, Rule, RuleDocument, RuleError, Severity, default_rules};
pub use series::Labels;
