//! What an experiment says whose data are at hand as a whole: counts of each variant, or a row a unit.

mod arm;
mod options;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use tidegate_stats::Error;
use tidegate_stats::experiment::{
    AlwaysValid, BetaPrior, Comparison, Posterior, SampleRatio, SampleSummary, bayes_means,
    bayes_proportions, confidence_sequence, covariate_adjusted, cuped, multinomial_sequence,
    sample_ratio, two_means, two_proportions,
};
use tidegate_stats::multiple::holm;
use tidegate_stats::quality::wilson_interval;

use self::arm::{Arms, Numbers};
use super::MIN_UNITS;
use crate::analysis::AnalysisError;
use crate::table::Table;

pub use options::{ExperimentAnalysisOptions, VariantInput};

/// The schema that a report on an experiment names itself by.
pub const EXPERIMENT_SCHEMA: &str = "tidegate.experiment/1";

/// How small a departure from the planned shares the check that is valid at every look searches for.
const CONCENTRATION: f64 = 1000.0;

/// What an experiment says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExperimentReport {
    /// `tidegate.experiment/1`.
    pub schema: String,
    /// What is compared.
    pub outcome: OutcomeKind,
    /// The level of intervals and verdicts.
    pub alpha: f64,
    /// Rows without one of the values.
    pub left_out_rows: u64,
    /// The variant that the others are compared with.
    pub control: String,
    /// Whether units were split as planned; `None` without weights.
    pub sample_ratio: Option<SampleRatioCheck>,
    /// Each variant, the control first.
    pub variants: Vec<VariantReport>,
}

/// What an outcome is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum OutcomeKind {
    /// A success or none.
    Rate,
    /// A number.
    Mean,
}

/// Whether units were split over the variants as planned. If they were not, nothing else can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleRatioCheck {
    /// At the end of an experiment.
    pub fixed: SampleRatio,
    /// p-value that is valid at every look.
    pub always_valid_p_value: f64,
}

/// One variant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VariantReport {
    /// Its name.
    pub name: String,
    /// Its planned share.
    pub weight: Option<f64>,
    /// Units.
    pub count: u64,
    /// Units that succeeded, where the outcome is a rate.
    pub successes: Option<u64>,
    /// Mean outcome: the rate, where it is one.
    pub mean: f64,
    /// A Wilson interval of the rate.
    pub interval: Option<[f64; 2]>,
    /// Standard deviation of the outcome of one unit.
    pub standard_deviation: f64,
    /// The variant against the control; `None` of the control itself.
    pub effect: Option<VariantEffect>,
}

/// A variant against the control.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VariantEffect {
    /// At the end of an experiment of a length that was set before: two proportions, or Welch's test.
    pub fixed: Option<Comparison>,
    /// Valid at every look.
    pub always_valid: Option<AlwaysValid>,
    /// The p-value that is valid at every look, with the covariate if there is one, adjusted for the number
    /// of variants by Holm's method.
    pub p_adjusted: Option<f64>,
    /// Chance that the variant is larger, and what choosing wrongly would cost.
    pub posterior: Option<Posterior>,
    /// With what a covariate from before the experiment explains taken off (CUPED).
    pub adjusted: Option<AdjustedEffect>,
    /// By `p_adjusted` and the sign of the difference.
    pub verdict: ExperimentVerdict,
    /// What to know of these figures.
    pub note: Option<String>,
}

/// An effect after adjustment by a covariate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdjustedEffect {
    /// By how much the outcome moves with the covariate.
    pub theta: f64,
    /// Share of the variance that is gone, in `[0, 1]`.
    pub variance_reduction_ratio: f64,
    /// As without adjustment.
    pub fixed: Comparison,
    /// As without adjustment.
    pub always_valid: Option<AlwaysValid>,
}

/// What can be said at any look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ExperimentVerdict {
    /// The variant's outcome is larger.
    Larger,
    /// The variant's outcome is smaller.
    Smaller,
    /// Neither is known.
    Undecided,
}

/// Analyses an experiment from the counts, or the means, of its variants.
///
/// # Errors
/// An [`AnalysisError`] that names the option or the variant.
///
/// # Examples
/// ```
/// use tidegate_core::experiment::{ExperimentAnalysisOptions, experiment};
///
/// let options = ExperimentAnalysisOptions::from_json(
///     r#"{"variants": [{"name": "old", "successes": 120, "trials": 1000},
///                      {"name": "new", "successes": 150, "trials": 1000}]}"#,
/// )?;
/// let found = experiment(&options)?;
/// let effect = found.variants[1].effect.as_ref().unwrap().fixed.unwrap();
/// assert!((effect.difference.value - 0.03).abs() < 1e-15);
/// assert!((effect.lift.unwrap().value - 0.25).abs() < 1e-15);
/// # Ok::<(), tidegate_core::analysis::AnalysisError>(())
/// ```
pub fn experiment(options: &ExperimentAnalysisOptions) -> Result<ExperimentReport, AnalysisError> {
    report(arm::of_options(options)?, options)
}

/// Analyses an experiment from a table with a row a unit: its variant, its outcome (a number, or a success as
/// 0 and 1 or `false` and `true`), and perhaps a covariate from before the experiment.
///
/// # Errors
/// An [`AnalysisError`] that names the column, and the row where there is one.
pub fn experiment_of_table(
    table: &Table,
    options: &ExperimentAnalysisOptions,
) -> Result<ExperimentReport, AnalysisError> {
    report(arm::of_table(table, options)?, options)
}

fn report(
    arms: Arms,
    options: &ExperimentAnalysisOptions,
) -> Result<ExperimentReport, AnalysisError> {
    let Arms { mut names, mut numbers, left_out } = arms;
    if names.len() < 2 {
        return Err(AnalysisError::options("an experiment has two variants at least"));
    }
    if let Some(control) = &options.control {
        let at = names.iter().position(|name| name == control).ok_or_else(|| {
            AnalysisError::options(alloc::format!("control is {control:?}, which is no variant"))
        })?;
        names[..=at].rotate_right(1);
        numbers[..=at].rotate_right(1);
    }
    let weights = options.weights_of(&names)?;
    let (Some((control, others)), Some(control_name)) = (numbers.split_first(), names.first())
    else {
        return Err(AnalysisError::options("an experiment has two variants at least"));
    };
    let mut effects: Vec<VariantEffect> =
        others.iter().map(|variant| effect(control, variant, options)).collect();
    judge(&mut effects, options.alpha);
    let mut variants = Vec::with_capacity(names.len());
    let mut effects = core::iter::once(None).chain(effects.into_iter().map(Some));
    for (at, (name, variant)) in names.iter().zip(&numbers).enumerate() {
        let summary = variant.summary();
        let proportion = variant.proportion();
        let interval = proportion
            .and_then(|found| wilson_interval(found.successes, found.trials, options.alpha).ok());
        variants.push(VariantReport {
            name: name.clone(),
            weight: weights.as_ref().and_then(|weights| weights.get(at)).copied(),
            count: summary.count,
            successes: proportion.map(|found| found.successes),
            mean: summary.mean,
            interval: interval.map(Into::into),
            standard_deviation: tidegate_stats::num::sqrt(summary.variance.max(0.0)),
            effect: effects.next().flatten(),
        });
    }
    let outcome = match control {
        Numbers::Rate(_) => OutcomeKind::Rate,
        Numbers::Mean(_) | Numbers::Covariate(_) => OutcomeKind::Mean,
    };
    let counts: Vec<u64> = variants.iter().map(|variant| variant.count).collect();
    Ok(ExperimentReport {
        schema: EXPERIMENT_SCHEMA.into(),
        outcome,
        alpha: options.alpha,
        left_out_rows: left_out,
        control: control_name.clone(),
        sample_ratio: weights.map(|weights| check_split(&counts, &weights)).transpose()?,
        variants,
    })
}

fn check_split(counts: &[u64], weights: &[f64]) -> Result<SampleRatioCheck, AnalysisError> {
    Ok(SampleRatioCheck {
        fixed: sample_ratio(counts, weights)?,
        always_valid_p_value: multinomial_sequence(counts, weights, CONCENTRATION)?.p_value,
    })
}

fn effect(
    control: &Numbers,
    variant: &Numbers,
    options: &ExperimentAnalysisOptions,
) -> VariantEffect {
    let (p, q) = (control.summary(), variant.summary());
    let alpha = options.alpha;
    let always_valid = |p: &SampleSummary, q: &SampleSummary| {
        confidence_sequence(p, q, alpha, options.tuning_count).ok()
    };
    let (fixed, posterior): (Result<Comparison, Error>, Result<Posterior, Error>) =
        match (control, variant) {
            (Numbers::Rate(control), Numbers::Rate(variant)) => (
                two_proportions(*control, *variant, alpha),
                bayes_proportions(*control, *variant, BetaPrior::default()),
            ),
            _ => (two_means(&p, &q, alpha), bayes_means(&p, &q)),
        };
    let note = match &fixed {
        Err(error) => Some(alloc::format!("not compared: {error}")),
        Ok(_) if p.count.min(q.count) < MIN_UNITS => {
            Some("fewer than 100 units a variant: intervals may be too narrow".to_string())
        }
        Ok(_) => None,
    };
    let adjusted = match (control, variant) {
        (Numbers::Covariate(control), Numbers::Covariate(variant)) => {
            covariate_adjusted(control, variant)
                .and_then(|found| Ok((found, cuped(control, variant, alpha)?)))
                .ok()
                .map(|(found, fixed)| AdjustedEffect {
                    theta: found.theta,
                    variance_reduction_ratio: found.variance_reduction_ratio,
                    fixed,
                    always_valid: always_valid(&found.reference, &found.current),
                })
        }
        _ => None,
    };
    VariantEffect {
        fixed: fixed.ok(),
        always_valid: always_valid(&p, &q),
        p_adjusted: None,
        posterior: posterior.ok(),
        adjusted,
        verdict: ExperimentVerdict::Undecided,
        note,
    }
}

/// What decides: the comparison with the least noise that is valid at every look.
fn decisive(effect: &VariantEffect) -> Option<AlwaysValid> {
    effect.adjusted.and_then(|adjusted| adjusted.always_valid).or(effect.always_valid)
}

/// Adjusts the p-values for their number, and says what they say.
fn judge(effects: &mut [VariantEffect], alpha: f64) {
    let p_values = effects.iter().filter_map(decisive).map(|found| found.comparison.p_value);
    let p_values: Vec<f64> = p_values.collect();
    let mut adjusted = holm(&p_values).unwrap_or_default().into_iter();
    for effect in effects {
        let Some(found) = decisive(effect) else { continue };
        effect.p_adjusted = adjusted.next();
        if effect.p_adjusted.is_some_and(|p| p < alpha) {
            effect.verdict = if found.comparison.difference.value > 0.0 {
                ExperimentVerdict::Larger
            } else {
                ExperimentVerdict::Smaller
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use super::*;
    use crate::table::{Column, MISSING};

    fn read(json: &str) -> Result<ExperimentReport, AnalysisError> {
        experiment(&ExperimentAnalysisOptions::from_json(json)?)
    }

    #[test]
    fn three_variants_are_compared_with_the_control() {
        let found = read(
            r#"{"control": "b", "weights": {"a": 1, "b": 2, "c": 1}, "variants": [
                {"name": "a", "successes": 300, "trials": 1000},
                {"name": "b", "successes": 200, "trials": 2000},
                {"name": "c", "successes": 100, "trials": 1000}]}"#,
        )
        .unwrap();
        let names: Vec<&str> = found.variants.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["b", "a", "c"]);
        assert_eq!((found.outcome, found.control.as_str()), (OutcomeKind::Rate, "b"));
        let effect = |at: usize| found.variants[at].effect.as_ref();
        assert_eq!(effect(0), None);
        assert_eq!(effect(1).unwrap().verdict, ExperimentVerdict::Larger);
        assert_eq!(effect(2).unwrap().verdict, ExperimentVerdict::Undecided);
        assert_eq!(found.sample_ratio.unwrap().fixed.p_value, 1.0);
        assert_eq!(found.variants[0].weight, Some(0.5));
    }

    fn units() -> Table {
        let rows = 0..400_u32;
        let mut table = Table::new();
        let levels = vec!["old".into(), "new".into()];
        let codes = rows.clone().map(|row| row % 2).collect();
        table.try_push("variant", Column::Categorical { codes, levels }).unwrap();
        let before = |row: u32| f64::from(row / 2 % 50);
        let value = |row: u32| before(row) + f64::from(row % 2) + f64::from(row / 2 % 7) / 10.0;
        table.try_push("value", Column::Numeric(rows.clone().map(value).collect())).unwrap();
        table.try_push("before", Column::Numeric(rows.clone().map(before).collect())).unwrap();
        let bought = |row: u32| f64::from(u8::from(row.is_multiple_of(5)));
        table.try_push("bought", Column::Numeric(rows.map(bought).collect())).unwrap();
        table
    }

    #[test]
    fn a_covariate_makes_a_hidden_difference_visible() {
        let options = r#"{"variant": "variant", "outcome": "value", "covariate": "before"}"#;
        let options = ExperimentAnalysisOptions::from_json(options).unwrap();
        let found = experiment_of_table(&units(), &options).unwrap();
        let effect = found.variants[1].effect.as_ref().unwrap();
        assert_eq!((found.outcome, found.control.as_str()), (OutcomeKind::Mean, "old"));
        assert!(effect.fixed.unwrap().p_value > 0.4);
        assert_eq!(effect.verdict, ExperimentVerdict::Larger);
        let adjusted = effect.adjusted.unwrap();
        assert!(adjusted.fixed.p_value < 1e-100);
        assert!((adjusted.fixed.difference.value - 1.0).abs() < 1e-9);
        assert!(adjusted.variance_reduction_ratio > 0.99);
    }

    #[test]
    fn zeros_and_ones_are_a_rate() {
        let options = r#"{"variant": "variant", "outcome": "bought"}"#;
        let found =
            experiment_of_table(&units(), &ExperimentAnalysisOptions::from_json(options).unwrap())
                .unwrap();
        assert_eq!(found.outcome, OutcomeKind::Rate);
        assert_eq!(found.variants[0].successes, Some(40));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let says = |json: &str| format!("{}", read(json).unwrap_err());
        assert_eq!(says("{}"), "options: an experiment has two variants at least");
        assert_eq!(
            says(r#"{"variants": [{"name": "a", "successes": 3}, {"name": "b"}]}"#),
            "options: variant \"a\" needs successes and trials, or count, mean and variance"
        );
        assert_eq!(
            says(
                r#"{"variants": [{"name": "a", "successes": 3, "trials": 2},
                                 {"name": "b", "successes": 1, "trials": 2}]}"#
            ),
            "variant \"a\": more successes than trials"
        );
        assert_eq!(
            says(
                r#"{"variants": [{"name": "a", "successes": 1, "trials": 2},
                                 {"name": "b", "count": 9, "mean": 1, "variance": 1}]}"#
            ),
            "options: variants need the same kind of outcome: all of them counts, or all of them means"
        );
        assert_eq!(
            says(
                r#"{"weights": {"a": 1}, "variants": [{"name": "a", "successes": 1, "trials": 2},
                                 {"name": "b", "successes": 1, "trials": 2}]}"#
            ),
            "options: weights has none for variant \"b\""
        );
        let of_table = |json: &str| {
            let mut table = units();
            let codes = vec![MISSING; 400];
            let gone = Column::Categorical { codes, levels: Vec::new() };
            table.try_push("gone", gone).unwrap();
            let options = ExperimentAnalysisOptions::from_json(json).unwrap();
            format!("{}", experiment_of_table(&table, &options).unwrap_err())
        };
        assert_eq!(
            of_table(r#"{"variant": "variant", "outcome": "gone"}"#),
            "column \"gone\", index 0 has no value: give it one, or leave such rows out"
        );
        assert_eq!(
            of_table(r#"{"variant": "variant", "outcome": "nothing"}"#),
            "there is no column \"nothing\""
        );
        assert_eq!(
            of_table(r#"{"variant": "variant", "outcome": "variant"}"#),
            "column \"variant\" must hold numbers, and holds categories"
        );
        assert_eq!(
            of_table(r#"{"variant": "gone", "outcome": "value", "missing": "leave_out"}"#),
            "there is no row with all values"
        );
    }

    #[test]
    fn variants_without_a_difference_to_measure_have_a_note() {
        let found = read(
            r#"{"variants": [{"name": "a", "count": 200, "mean": 1, "variance": 0},
                             {"name": "b", "count": 200, "mean": 1, "variance": 0}]}"#,
        )
        .unwrap();
        let effect = found.variants[1].effect.as_ref().unwrap();
        assert_eq!((effect.fixed, effect.verdict), (None, ExperimentVerdict::Undecided));
        assert!(effect.note.as_ref().unwrap().starts_with("not compared: "));
    }
}
