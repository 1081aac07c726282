use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::Moments;
use tidegate_stats::experiment::{
    AlwaysValid, BetaPrior, Comparison, CovariateSummary, DEFAULT_TUNING_COUNT, Guardrail,
    GuardrailOptions, Posterior, Proportion, SampleSummary, bayes_means, bayes_proportions,
    confidence_sequence, covariate_adjusted, cuped, guardrail, multinomial_sequence, two_means,
    two_proportions,
};

/// Units that each variant needs before they are compared.
pub const MIN_UNITS: u64 = 100;
/// The level of intervals.
const ALPHA: f64 = 0.05;
/// How small a departure from the planned shares is looked for.
const CONCENTRATION: f64 = 1000.0;

/// What is known of one variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Units that converted, of those that were given the variant.
    pub units: Proportion,
    /// What each unit was worth, 0 where it did not convert; empty if no conversion told a value.
    pub values: Moments,
    /// The same with what each unit was worth before, where that is known.
    pub covariates: CovariateSummary,
    /// Requests that failed.
    pub errors: Proportion,
    /// Labelled predictions that were wrong.
    pub wrong: Proportion,
    /// Latency of the requests, in seconds, where it is known.
    pub latency: Option<SampleSummary>,
}

impl Default for Arm {
    fn default() -> Self {
        let none = Proportion { successes: 0, trials: 0 };
        Self {
            units: none,
            values: Moments::default(),
            covariates: CovariateSummary::default(),
            errors: none,
            wrong: none,
            latency: None,
        }
    }
}

/// A variant against the control. A figure is `None` where there are too few data for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Effect {
    /// Conversion rates at the end of an experiment of a length that was set before.
    pub rate: Option<Comparison>,
    /// The same, valid at every look.
    pub rate_always_valid: Option<AlwaysValid>,
    /// Chance that the variant converts better, and what choosing wrongly would cost.
    pub rate_posterior: Option<Posterior>,
    /// Mean value of a unit.
    pub value: Option<Comparison>,
    /// The same, valid at every look.
    pub value_always_valid: Option<AlwaysValid>,
    /// Chance that the variant's mean value is larger.
    pub value_posterior: Option<Posterior>,
    /// Mean value of a unit, without the part that was foreseeable from what it was worth before (CUPED); `None`
    /// where that is not known of enough units.
    #[serde(default)]
    pub value_cuped: Option<Comparison>,
    /// The same, valid at every look.
    #[serde(default)]
    pub value_cuped_always_valid: Option<AlwaysValid>,
    /// How much of the squared error of the difference that took away, at most 1.
    #[serde(default)]
    pub variance_reduction_ratio: Option<f64>,
    /// Whether the variant's requests take longer.
    pub latency: Option<Guardrail>,
    /// Whether more of the variant's requests fail; counted with one more that failed and one that did
    /// not on either side, so that a variant of which all fail is told too.
    pub errors: Option<Guardrail>,
    /// Whether more of the variant's labelled predictions are wrong; counted as errors are.
    #[serde(default)]
    pub quality: Option<Guardrail>,
    /// Whether the variant harms business metrics, those that the experiment names as guardrails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub business: Vec<BusinessHarm>,
}

/// What a guardrail on a business metric says of a variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BusinessHarm {
    /// The metric.
    pub metric: String,
    /// Whether the variant harms it; `None` while too few values were told.
    pub guardrail: Option<Guardrail>,
}

/// Compares a variant with the control.
#[must_use]
pub fn effect(control: &Arm, variant: &Arm) -> Effect {
    let (p, q) = (control.units, variant.units);
    let enough = p.trials.min(q.trials) >= MIN_UNITS;
    let valued = enough && control.values.count().min(variant.values.count()) > 0;
    let [p_summary, q_summary] = [p, q].map(SampleSummary::from);
    let [a, b] = [&control.values, &variant.values].map(SampleSummary::from);
    let always = |a: &SampleSummary, b: &SampleSummary| {
        confidence_sequence(a, b, ALPHA, DEFAULT_TUNING_COUNT).ok()
    };
    let harm = |a: &SampleSummary, b: &SampleSummary| guarded(a, b, &GuardrailOptions::default());
    let latency = control.latency.zip(variant.latency);
    let rates = |pair: [Proportion; 2]| pair.map(|it| SampleSummary::from(with_one_of_each(it)));
    let [fails, more_fails] = rates([control.errors, variant.errors]);
    let [wrong, more_wrong] = rates([control.wrong, variant.wrong]);
    let (before, after) = (&control.covariates, &variant.covariates);
    let foretold = valued && before.known.count.min(after.known.count) >= MIN_UNITS;
    let adjusted = covariate_adjusted(before, after).ok().filter(|_| foretold);
    Effect {
        rate: two_proportions(p, q, ALPHA).ok().filter(|_| enough),
        rate_always_valid: always(&p_summary, &q_summary).filter(|_| enough),
        rate_posterior: bayes_proportions(p, q, BetaPrior::default()).ok().filter(|_| enough),
        value: two_means(&a, &b, ALPHA).ok().filter(|_| valued),
        value_always_valid: always(&a, &b).filter(|_| valued),
        value_posterior: bayes_means(&a, &b).ok().filter(|_| valued),
        value_cuped: cuped(before, after, ALPHA).ok().filter(|_| foretold),
        value_cuped_always_valid: adjusted
            .and_then(|adjusted| always(&adjusted.reference, &adjusted.current)),
        variance_reduction_ratio: adjusted.map(|adjusted| adjusted.variance_reduction_ratio),
        latency: latency.and_then(|(control, variant)| harm(&control, &variant)),
        errors: harm(&fails, &more_fails),
        quality: harm(&wrong, &more_wrong),
        business: Vec::new(),
    }
}

/// Whether a variant does harm, as [`guardrail`] says it; `None` below [`MIN_UNITS`] of either.
///
/// Both are taken to vary as the one does that varies more. A small sample of values with a long tail has a mean that is
/// too low just while its variance is, for the large values have not come yet: revenue of which one unit in fifty has
/// any, and a tenth of the units in the variant, would be called a harm in a third of experiments without one.
pub(super) fn guarded(
    control: &SampleSummary,
    variant: &SampleSummary,
    options: &GuardrailOptions,
) -> Option<Guardrail> {
    let variance = control.variance.max(variant.variance);
    let [control, variant] = [control, variant].map(|it| SampleSummary { variance, ..*it });
    let enough = control.count.min(variant.count) >= MIN_UNITS;
    guardrail(&control, &variant, options).ok().filter(|_| enough)
}

fn with_one_of_each(seen: Proportion) -> Proportion {
    let (successes, trials) = (seen.successes.saturating_add(1), seen.trials.saturating_add(2));
    Proportion { successes: successes.min(trials), trials }
}

/// How likely chance alone splits the units like that, valid at every look; `None` under
/// [`MIN_UNITS`] of them. Variants of weight 0 are left out.
#[must_use]
pub fn sample_ratio_p_value(units: &[u64], weights: &[f64]) -> Option<f64> {
    let planned = units.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
    let (units, weights): (Vec<u64>, Vec<f64>) =
        planned.map(|(units, weight)| (*units, *weight)).unzip();
    let total = units.iter().fold(0_u64, |sum, units| sum.saturating_add(*units));
    let found = multinomial_sequence(&units, &weights, CONCENTRATION).ok()?;
    (total >= MIN_UNITS).then_some(found.p_value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Draws;
    use tidegate_stats::experiment::{GuardrailVerdict, Harm};
    use tidegate_stats::num;

    /// Near enough to a standard normal one.
    fn normal(draws: &mut Draws) -> f64 {
        num::sqrt(2.0) * ((0..6).map(|_| draws.draw()).sum::<f64>() - 3.0)
    }

    /// How many of 60 experiments of 5,000 units ever say harm, a share of the units in the variant, one in so many
    /// worth something, mostly little, and a part of it lost.
    fn harmed(share: f64, one_in: f64, spread: f64, loss: f64) -> usize {
        let options = GuardrailOptions { harm: Harm::Decrease, ..Default::default() };
        let mut draws = Draws::new();
        let mut is_harmed = || {
            let mut arms = [Moments::default(), Moments::default()];
            (0..5000).any(|unit| {
                let is_variant = draws.draw() < share;
                let is_worth = draws.draw() * one_in < 1.0;
                let value = if is_worth { num::exp(spread * normal(&mut draws)) } else { 0.0 };
                arms[usize::from(is_variant)]
                    .push(value * if is_variant { 1.0 - loss } else { 1.0 });
                let [control, variant] = [&arms[0], &arms[1]].map(SampleSummary::from);
                let found = (unit % 25 == 0).then(|| guarded(&control, &variant, &options));
                found.flatten().is_some_and(|it| it.verdict == GuardrailVerdict::Harmed)
            })
        };
        (0..60).filter(|_| is_harmed()).count()
    }

    #[test]
    fn variants_that_are_the_same_are_rarely_harmed_however_often_one_looks() {
        for share in [0.1, 0.5, 0.9] {
            for (one_in, spread) in [(50.0, 1.0), (1.0, 2.0), (1.0, 0.1)] {
                let found = harmed(share, one_in, spread, 0.0);
                // 5 % and three deviations.
                assert!(found <= 8, "{found} of 60: {share} {one_in} {spread}");
            }
        }
        assert_eq!(harmed(0.1, 1.0, 0.5, 0.2), 60);
    }
}
