//! How many units an experiment needs, and what it can find.

use alloc::string::String;

use serde::{Deserialize, Serialize};
use tidegate_stats::experiment::{
    Alternative, Counts, Design, Looks, two_means_counts, two_means_detectable_effect,
    two_means_power, two_proportions_counts, two_proportions_detectable_rate,
    two_proportions_power,
};

use crate::analysis::AnalysisError;
use crate::options;

/// Two of an experiment's effect, size and power; the third is asked for. As JSON, unknown fields are
/// refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DesignOptions {
    /// Of rates: the control's, in `(0, 1)`.
    pub reference_rate: Option<f64>,
    /// Of rates: the variant's; `None` asks for the smallest above the control's that is found.
    pub current_rate: Option<f64>,
    /// Of means: their difference in standard deviations; `None` asks for the smallest that is found.
    pub effect: Option<f64>,
    /// Units of both sides; `None` asks for the fewest.
    pub counts: Option<Counts>,
    /// Probability that the effect is found; 0.8 where it is not what is asked for.
    pub power: Option<f64>,
    /// Units of the variant for each of the control, where the fewest are asked for.
    pub ratio: f64,
    /// Probability of a false alarm, in `(0, 1)`.
    pub alpha: f64,
    /// Which differences count.
    pub alternative: Alternative,
    /// How often the experiment is looked at.
    pub looks: Looks,
}

impl Default for DesignOptions {
    fn default() -> Self {
        let Design { alpha, alternative, looks } = Design::default();
        Self {
            reference_rate: None,
            current_rate: None,
            effect: None,
            counts: None,
            power: None,
            ratio: 1.0,
            alpha,
            alternative,
            looks,
        }
    }
}

impl DesignOptions {
    /// Reads options.
    ///
    /// # Errors
    /// [`AnalysisError::InvalidOptions`].
    pub fn from_json(json: &str) -> Result<Self, AnalysisError> {
        options::from_json(json).map_err(AnalysisError::options)
    }
}

/// An experiment's effect, size and power.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExperimentDesign {
    /// Of rates: the control's.
    pub reference_rate: Option<f64>,
    /// Of rates: the variant's.
    pub current_rate: Option<f64>,
    /// Of means: their difference in standard deviations.
    pub effect: Option<f64>,
    /// Units of both sides.
    pub counts: Counts,
    /// Probability that the effect is found.
    pub power: f64,
    /// Which of them was asked for: `effect`, `counts` or `power`.
    pub found: String,
}

const USUAL_POWER: f64 = 0.8;

/// Finds what is missing of an experiment's effect, size and power.
///
/// # Errors
/// * [`AnalysisError::InvalidOptions`]: not exactly one is missing.
/// * [`AnalysisError::Refused`]: no experiment is like that.
///
/// # Examples
/// ```
/// use tidegate_core::experiment::{DesignOptions, experiment_design};
/// let options = DesignOptions::from_json(r#"{"reference_rate": 0.10, "current_rate": 0.12}"#)?;
/// let design = experiment_design(&options)?;
/// assert_eq!(design.counts.reference, 3841);
/// # Ok::<(), tidegate_core::analysis::AnalysisError>(())
/// ```
pub fn experiment_design(options: &DesignOptions) -> Result<ExperimentDesign, AnalysisError> {
    let DesignOptions { alpha, alternative, looks, ratio, .. } = *options;
    let design = Design { alpha, alternative, looks };
    if options.reference_rate.is_some() && options.effect.is_some() {
        let what = "effect is of means, and reference_rate of rates: give one of them";
        return Err(AnalysisError::options(what));
    }
    if options.reference_rate.is_none() && options.current_rate.is_some() {
        return Err(AnalysisError::options("current_rate needs reference_rate"));
    }
    let effect =
        if options.reference_rate.is_some() { options.current_rate } else { options.effect };
    let power = options.power.unwrap_or(USUAL_POWER);
    let (found, effect, counts, power) = match (effect, options.counts) {
        (Some(effect), Some(counts)) => {
            if options.power.is_some() {
                let what = "effect, counts and power are all given: leave one out to be found";
                return Err(AnalysisError::options(what));
            }
            let power = match options.reference_rate {
                Some(rate) => two_proportions_power(rate, effect, counts, &design)?,
                None => two_means_power(effect, counts, &design)?,
            };
            ("power", effect, counts, power)
        }
        (Some(effect), None) => {
            let counts = match options.reference_rate {
                Some(rate) => two_proportions_counts(rate, effect, power, ratio, &design)?,
                None => two_means_counts(effect, power, ratio, &design)?,
            };
            ("counts", effect, counts, power)
        }
        (None, Some(counts)) => {
            let effect = match options.reference_rate {
                Some(rate) => two_proportions_detectable_rate(rate, counts, power, &design)?,
                None => two_means_detectable_effect(counts, power, &design)?,
            };
            ("effect", effect, counts, power)
        }
        (None, None) => {
            let what =
                "give two of the effect (current_rate, or effect of means), counts and power";
            return Err(AnalysisError::options(what));
        }
    };
    let is_rate = options.reference_rate.is_some();
    Ok(ExperimentDesign {
        reference_rate: options.reference_rate,
        current_rate: is_rate.then_some(effect),
        effect: (!is_rate).then_some(effect),
        counts,
        power,
        found: found.into(),
    })
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn design(json: &str) -> Result<ExperimentDesign, AnalysisError> {
        experiment_design(&DesignOptions::from_json(json)?)
    }

    #[test]
    fn what_is_missing_is_found() {
        let fewest = design(r#"{"effect": 0.5, "power": 0.8}"#).unwrap();
        assert_eq!((fewest.found.as_str(), fewest.counts.reference), ("counts", 64));
        let power =
            design(r#"{"effect": 0.5, "counts": {"reference": 64, "current": 64}}"#).unwrap();
        assert_eq!(power.found, "power");
        assert!((power.power - 0.8014596).abs() < 1e-6, "{}", power.power);
        let effect = design(r#"{"counts": {"reference": 64, "current": 64}}"#).unwrap();
        assert!((effect.effect.unwrap() - 0.4990562).abs() < 1e-4, "{effect:?}");
        let always = r#"{"reference_rate": 0.1, "current_rate": 0.12,
                         "looks": {"always": {"tuning_count": 5000}}}"#;
        assert!(design(always).unwrap().counts.reference > 3841);
    }

    #[test]
    fn what_is_no_question_is_refused() {
        let says = |json: &str| format!("{}", design(json).unwrap_err());
        assert!(says("{}").starts_with("options: give two of"));
        assert_eq!(says(r#"{"current_rate": 0.1}"#), "options: current_rate needs reference_rate");
        assert_eq!(
            says(r#"{"reference_rate": 1.2, "current_rate": 0.1}"#),
            "a rate is out of range"
        );
        assert!(says(r#"{"efect": 1}"#).starts_with("options: unknown field `efect`"));
    }
}
