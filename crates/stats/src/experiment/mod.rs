//! Inference for experiments: which variant is better, by how much, and how sure that is.
//!
//! `reference` is the control, `current` the variant under trial.
//!
//! | question | function |
//! |---|---|
//! | how many units does it need, and what can it find? | [`two_means_counts`], [`two_means_detectable_effect`], [`two_proportions_counts`], [`two_proportions_detectable_rate`] |
//! | which variant does a unit get? | [`bucketing`] |
//! | did the variants get the traffic that was planned? | [`sample_ratio`] (first of all) |
//! | do two conversion rates differ, at a size set beforehand? | [`two_proportions`] |
//! | do two means differ, at a size set beforehand? | [`two_means`] |
//! | the same, and what the units did before is known | [`cuped`], with less variance |
//! | how likely is it that a variant is better, at what risk? | [`bayes_proportions`], [`bayes_means`] |
//! | do they differ, looking whenever one likes | [`confidence_sequence`], [`multinomial_sequence`] |
//! | does it do more harm than is borne, looking whenever one likes | [`guardrail`] |
//!
//! [`two_proportions`] and [`two_means`] are for one look at the end: looked at daily until they are
//! significant, they find an effect where none is in one experiment of three or more. Several
//! metrics or variants at once need [`crate::multiple`].

mod bayes;
pub mod bucketing;
mod covariate;
mod guardrail;
mod power;
mod proportions;
mod sample_ratio;
mod sequential;
mod summary;
mod two_means;

pub use bayes::{BetaPrior, Posterior, bayes_means, bayes_proportions};
pub use covariate::{CoMoments, CovariateAdjusted, CovariateSummary, covariate_adjusted, cuped};
pub use guardrail::{Guardrail, GuardrailOptions, GuardrailVerdict, Harm, guardrail};
pub use power::{
    Alternative, Counts, Design, Looks, two_means_counts, two_means_detectable_effect,
    two_means_power, two_proportions_counts, two_proportions_detectable_rate,
    two_proportions_power,
};
pub use proportions::two_proportions;
pub use sample_ratio::{SampleRatio, SampleRatioVerdict, sample_ratio};
pub use sequential::{
    AlwaysValid, DEFAULT_TUNING_COUNT, MultinomialSequence, confidence_sequence,
    multinomial_sequence,
};
pub use summary::{Comparison, Estimate, Proportion, SampleSummary};
pub use two_means::two_means;
