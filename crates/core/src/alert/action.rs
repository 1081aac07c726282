use alloc::format;
use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Serialize};

/// What is to be done about an alert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Action {
    /// `rollback:EXPERIMENT/VARIANT`: the variant's units get the first variant instead.
    Rollback {
        /// The experiment.
        experiment: String,
        /// The variant.
        variant: String,
    },
    /// `circuit:MODEL`: requests to the model go to its fallback.
    Circuit {
        /// The model.
        model_name: String,
    },
    /// `retrain:MODEL`: a new model is asked for.
    Retrain {
        /// The model.
        model_name: String,
    },
}

impl Action {
    /// Reads an action as a rule names it.
    ///
    /// # Errors
    /// A sentence that says what an action looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let target = |rest: &str| (!rest.is_empty()).then(|| String::from(rest));
        let action = text.split_once(':').and_then(|(kind, rest)| match kind {
            "rollback" => {
                let (experiment, variant) = rest.split_once('/')?;
                let (experiment, variant) = (target(experiment)?, target(variant)?);
                Some(Self::Rollback { experiment, variant })
            }
            "circuit" => Some(Self::Circuit { model_name: target(rest)? }),
            "retrain" => Some(Self::Retrain { model_name: target(rest)? }),
            _ => None,
        });
        action.ok_or_else(|| {
            format!(
                "`{text}` is no action; known: `rollback:EXPERIMENT/VARIANT`, `circuit:MODEL`, \
                 `retrain:MODEL`"
            )
        })
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rollback { experiment, variant } => write!(f, "rollback:{experiment}/{variant}"),
            Self::Circuit { model_name } => write!(f, "circuit:{model_name}"),
            Self::Retrain { model_name } => write!(f, "retrain:{model_name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn an_action_is_read_and_written_back() {
        for text in ["rollback:a/b", "circuit:iris", "retrain:iris"] {
            assert_eq!(Action::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "rollback", "rollback:a", "rollback:/b", "circuit:", "page:me"] {
            assert!(Action::parse(text).unwrap_err().contains("known: `rollback:"), "{text}");
        }
    }
}
