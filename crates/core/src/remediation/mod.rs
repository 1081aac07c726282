//! What is done about an alert: policies as state machines, and a log of what they decided and why.
//!
//! * A [`Rollback`] takes the traffic of a variant away, and may give it back a step at a time.
//! * A [`Circuit`] lets no request through to a model, then a few probes, then all again.
//! * A [`Retrain`] asks for a new model, not too often.
//!
//! [`Remediation::tick`] is told which actions' alerts fire, and returns what was decided at this tick;
//! [`Remediation::directives`] is what workers act on.
//!
//! ```
//! use tidegate_core::alert::{Action, Alert};
//! use tidegate_core::remediation::{Policies, Remediation, Trigger};
//!
//! let action = Action::parse("rollback:iris-v1-vs-v2/treatment").unwrap();
//! # let alert: Alert = serde_json::from_str(r#"{"name": "errors", "state": "firing", "severity": "critical",
//! #     "labels": {}, "value": 0.5, "when": "x > 0.05", "summary": "", "since_seconds": 0, "fired_at_seconds": 0}"#)?;
//! let mut remediation = Remediation::default();
//! let trigger = Trigger { action, alert };
//! let decided = remediation.tick(1_790_000_000.0, &[trigger], &Policies::default(), &[]);
//! assert_eq!(decided[0].to, "rolled_back");
//! assert_eq!(remediation.directives().share_kept("iris-v1-vs-v2", "treatment"), 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! * A decision is made once, whatever the number of ticks that its alert fires for, and carries the
//!   evidence that led to it.
//! * The same triggers at the same times give the same decisions; all that is remembered is in
//!   [`Remediation`], which a successor goes on from.
//! * In a dry run decisions are made and logged, and directives stay empty.

mod circuit;
mod decision;
mod directives;
mod policy;
mod retrain;
mod rollback;
mod state;

pub use circuit::{Circuit, CircuitPolicy};
pub use decision::{Decision, Evidence};
pub use directives::{CircuitDirective, Directives, VariantDirective};
pub use policy::Policies;
pub use retrain::{Retrain, RetrainPolicy};
pub use rollback::{Rollback, RollbackPolicy};
pub use state::{Outcomes, Remediation, Trigger, triggers};
