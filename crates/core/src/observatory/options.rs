use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};
use tidegate_stats::FalseAlarmBudget;
use tidegate_stats::experiment::bucketing::{BucketRange, HashVersion};

use super::settings::{
    ExperimentSettings, FeatureSetSettings, ModelSettings, ReferenceSettings, Settings,
};
use crate::alert::{Rule, RuleDocument, RuleError, default_rules};
use crate::event::Value;
use crate::experiment::{BusinessGuardrail, Population};
use crate::feedback::{Answer, FeedbackSettings, JudgedRow};
use crate::options;
use crate::profile::Profile;
use crate::quality::{Calibration, ChangeDetector};
use crate::remediation::Policies;

/// The settings of an observatory as JSON: every field may be left out, unknown ones are refused.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ObservatoryOptions {
    /// Length of a pane, in seconds, from 1; 60 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pane_seconds: Option<u32>,
    /// Panes in the window that drift is computed on, from 1 to 240; 60 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub panes: Option<u32>,
    /// What is known of models.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelOptions>,
    /// Experiments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub experiments: Vec<ExperimentOptions>,
    /// What is known of feature sets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feature_sets: Vec<FeatureSetOptions>,
    /// How many false alarms of drift and of signals are accepted, in place of a level; left out, the level is 0.05.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub false_alarms: Option<FalseAlarmBudget>,
    /// How long after it was first given a variant a unit's conversion counts, in seconds; a week if left
    /// out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion_window_seconds: Option<f64>,
    /// When somebody is to be called; the default rules if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Vec<RuleDocument>>,
    /// Labelled predictions of each model version that quality is computed on; 1000 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_window: Option<u32>,
    /// Labelled predictions below which no figure is told; 100 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_min_samples: Option<u32>,
    /// How long a prediction awaits its label, in seconds; 30 days if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_retention_seconds: Option<f64>,
    /// Predictions that may await their label; 100 000 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_capacity: Option<u32>,
    /// What looks for changes in the stream of a model's errors; if left out, `hddm_a` for classes and
    /// `page_hinkley` for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_detector: Option<ChangeDetector>,
    /// What looks for changes of levels from pane to pane: of the latency, of business metrics. `page_hinkley` if
    /// left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_detector: Option<ChangeDetector>,
    /// Tell what generates text under OpenTelemetry's names too: `gen_ai_server_time_to_first_token_seconds`
    /// and its like.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub gen_ai_metrics: bool,
    /// Decide about alerts and log it, but direct nothing.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub dry_run: bool,
    /// How variants are rolled back, circuits opened and new models asked for, by alerts that have actions.
    pub remediation: Policies,
}

/// What is known of a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelOptions {
    /// Its name; left out, this is for every model that has no entry of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Rows of the traffic that the reference is learned from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learn_samples: Option<u64>,
    /// The reference: a profile that was made before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Profile>,
    /// Largest batch that the model server makes, in rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_batch_size: Option<u64>,
    /// Requests that the model server works on at once, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u64>,
    /// Labelled predictions from before, which say what the model's confidences mean; left out, that is
    /// learned from the first labels that come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labelled_reference: Option<LabelledReference>,
    /// How much each feature mattered when the model was made, such as its mean absolute SHAP value, from 0; left
    /// out, that is learned from the first explanations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reference_importances: BTreeMap<String, f64>,
    /// What is normal: names of metrics, such as `accuracy`, and their values, none of them 0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub baseline: BTreeMap<String, f64>,
}

/// Labelled predictions, a value each of three lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LabelledReference {
    /// What was true.
    pub labels: Vec<Value>,
    /// What the model said.
    pub predictions: Vec<Value>,
    /// How sure it was, in `[0, 1]`.
    pub confidences: Vec<f64>,
}

impl LabelledReference {
    /// What the confidences of the model mean, as these predictions show it.
    ///
    /// # Errors
    /// [`OptionsError`]: the lists differ in length, or are not those of a classifier that says how sure it is.
    pub fn calibration(&self) -> Result<Calibration, OptionsError> {
        let Self { labels, predictions, confidences } = self;
        if labels.len() != predictions.len() || labels.len() != confidences.len() {
            return invalid("the three lists of labelled_reference must be of one length");
        }
        let rows = labels.iter().zip(predictions).zip(confidences);
        let rows: Option<Vec<JudgedRow>> = rows
            .map(|((label, prediction), confidence)| {
                Some(JudgedRow {
                    at_seconds: 0.0,
                    id: String::new(),
                    prediction: Answer::of(prediction)?,
                    confidence: Some(*confidence).filter(|it| (0.0..=1.0).contains(it)),
                    label: Answer::of(label)?,
                })
            })
            .collect();
        match rows.and_then(|rows| Calibration::of_rows(&rows)) {
            Some(calibration) => Ok(calibration.without_times()),
            None => invalid("labelled_reference must have classes, and confidences from 0 to 1"),
        }
    }
}

/// What is known of a feature set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeatureSetOptions {
    /// Its name; left out, this is for every set that has no entry of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Rows that the reference is learned from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learn_samples: Option<u64>,
    /// The reference: a profile that was made before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Profile>,
    /// Age from which a value is stale, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_seconds: Option<f64>,
}

/// An experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExperimentOptions {
    /// Its name, which also seeds the assignment.
    pub name: String,
    /// Its variants, the control first; the weights sum to 1.
    pub variants: Vec<VariantOptions>,
    /// What the hash of a unit begins with, as GrowthBook's `seed`; the experiment's name if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// How units are hashed, as GrowthBook's `hashVersion`: 1 or 2, which it is if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash_version: Option<u8>,
    /// The share of units that are in the experiment, in `[0, 1]`; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    /// Experiments with ranges of one namespace that are apart share no unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<NamespaceOptions>,
    /// Units that are left out, such as probes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_units: Vec<String>,
    /// Business metrics that no variant may harm.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guardrails: Vec<BusinessGuardrail>,
}

/// A range of a namespace, as GrowthBook hashes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamespaceOptions {
    /// Its name.
    pub name: String,
    /// Where the range begins and ends, from 0 to 1.
    pub range: [f64; 2],
}

/// A variant of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VariantOptions {
    /// Its name.
    pub name: String,
    /// Its share of the units, in `[0, 1]`.
    pub weight: f64,
}

/// Why options are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionsError {
    what: String,
}

impl OptionsError {
    /// The kind's name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "InvalidOptions"
    }
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid options: {}", self.what)
    }
}

impl core::error::Error for OptionsError {}

/// How far the weights may be from 1 in sum: room for decimals such as 0.1, not for a slip.
const WEIGHT_TOLERANCE: f64 = 1e-9;

impl ObservatoryOptions {
    /// Reads options and makes settings of them.
    ///
    /// # Errors
    /// [`OptionsError`]: not JSON, an unknown field, or a value out of range.
    pub fn settings_from_json(json: &str) -> Result<Settings, OptionsError> {
        let options: Self = options::from_json(json).map_err(|what| OptionsError { what })?;
        options.settings()
    }

    /// The settings that these options describe.
    ///
    /// # Errors
    /// [`OptionsError`]: a value is out of range.
    pub fn settings(self) -> Result<Settings, OptionsError> {
        let within = |name: &str, value: Option<u32>, default: u32, most: u32| match value {
            None => Ok(default),
            Some(value) if (1..=most).contains(&value) => Ok(value),
            Some(_) => invalid(&alloc::format!("{name} must be from 1 to {most}")),
        };
        let defaults = FeedbackSettings::default();
        let count = |name: &str, value: Option<u32>, default: usize, most: u32| {
            let default = u32::try_from(default).unwrap_or(u32::MAX);
            within(name, value, default, most).map(|count| count as usize)
        };
        let retention_seconds = self.label_retention_seconds.unwrap_or(defaults.retention_seconds);
        if !(retention_seconds > 0.0 && retention_seconds <= MAX_RETENTION_SECONDS) {
            return invalid("label_retention_seconds must be above 0 and at most a year");
        }
        let feedback = FeedbackSettings {
            window: count("quality_window", self.quality_window, defaults.window, 100_000)?,
            min_samples: count(
                "quality_min_samples",
                self.quality_min_samples,
                defaults.min_samples,
                100_000,
            )?,
            retention_seconds,
            capacity: count("label_capacity", self.label_capacity, defaults.capacity, 10_000_000)?,
            by_token: false,
        };
        let alerts = match self.alerts {
            Some(documents) => documents.into_iter().map(rule).collect::<Result<_, _>>()?,
            None => default_rules().map_err(|error| OptionsError { what: error.to_string() })?,
        };
        let is_positive = |value: f64| value.is_finite() && value > 0.0;
        if self.false_alarms.is_some_and(|it| !is_positive(it.count) || !is_positive(it.days)) {
            return invalid("false_alarms needs a count and days above 0");
        }
        let conversion_window_seconds =
            self.conversion_window_seconds.unwrap_or(Settings::default().conversion_window_seconds);
        if !(conversion_window_seconds > 0.0 && conversion_window_seconds <= MAX_RETENTION_SECONDS)
        {
            return invalid("conversion_window_seconds must be above 0 and at most a year");
        }
        if let Some(fault) = self.remediation.fault() {
            return invalid(fault);
        }
        let dry_run = self.dry_run || self.remediation.dry_run;
        Ok(Settings {
            conversion_window_seconds,
            feature_sets: self
                .feature_sets
                .into_iter()
                .map(feature_set)
                .collect::<Result<_, _>>()?,
            false_alarms: self.false_alarms,
            error_detector: self.error_detector,
            level_detector: self.level_detector,
            gen_ai_metrics: self.gen_ai_metrics,
            pane_seconds: within("pane_seconds", self.pane_seconds, 60, 86_400)?,
            panes: within("panes", self.panes, 60, 240)?,
            models: self.models.into_iter().map(model).collect::<Result<_, _>>()?,
            experiments: self.experiments.into_iter().map(experiment).collect::<Result<_, _>>()?,
            alerts,
            feedback,
            policies: Policies { dry_run, ..self.remediation },
        })
    }
}

const MAX_RETENTION_SECONDS: f64 = 366.0 * 86_400.0;

fn invalid<T>(what: &str) -> Result<T, OptionsError> {
    Err(OptionsError { what: what.to_string() })
}

fn rule(document: RuleDocument) -> Result<Rule, OptionsError> {
    let name = document.name.clone();
    Rule::try_new(document).map_err(|error: RuleError| OptionsError {
        what: alloc::format!("alert `{name}`: {error}"),
    })
}

fn reference(
    learn_samples: Option<u64>,
    profile: Option<Profile>,
) -> Result<ReferenceSettings, OptionsError> {
    match (learn_samples, profile) {
        (Some(_), Some(_)) => invalid("there is either learn_samples or a reference, not both"),
        (Some(samples), None) => Ok(ReferenceSettings::Learn { samples }),
        (None, Some(profile)) => Ok(ReferenceSettings::Profile(profile)),
        (None, None) => Ok(ReferenceSettings::None),
    }
}

fn feature_set(options: FeatureSetOptions) -> Result<FeatureSetSettings, OptionsError> {
    let is_age = |seconds: f64| seconds.is_finite() && seconds > 0.0;
    if options.max_age_seconds.is_some_and(|seconds| !is_age(seconds)) {
        return invalid("max_age_seconds must be above 0");
    }
    Ok(FeatureSetSettings {
        name: options.name,
        reference: reference(options.learn_samples, options.reference)?,
        max_age_seconds: options.max_age_seconds,
    })
}

fn model(options: ModelOptions) -> Result<ModelSettings, OptionsError> {
    let reference = reference(options.learn_samples, options.reference)?;
    if let Some((metric, _)) =
        options.baseline.iter().find(|(_, value)| !value.is_finite() || **value == 0.0)
    {
        return invalid(&alloc::format!("the baseline of {metric} must not be 0"));
    }
    if options.max_concurrency == Some(0) {
        return invalid("max_concurrency must be at least 1");
    }
    let is_importance = |value: &f64| value.is_finite() && *value >= 0.0;
    if !options.reference_importances.values().all(is_importance) {
        return invalid("reference_importances must be numbers from 0 on");
    }
    Ok(ModelSettings {
        name: options.name,
        reference,
        max_batch_size: options.max_batch_size,
        max_concurrency: options.max_concurrency,
        importances: options.reference_importances.into_iter().collect(),
        calibration: options
            .labelled_reference
            .as_ref()
            .map(LabelledReference::calibration)
            .transpose()?,
        baseline: options.baseline.into_iter().collect(),
    })
}

fn experiment(options: ExperimentOptions) -> Result<ExperimentSettings, OptionsError> {
    let sum: f64 = options.variants.iter().map(|variant| variant.weight).sum();
    let in_range = options.variants.iter().all(|it| (0.0..=1.0).contains(&it.weight));
    if options.variants.len() < 2 || !in_range || (sum - 1.0).abs() > WEIGHT_TOLERANCE {
        let name = &options.name;
        return invalid(&alloc::format!(
            "the experiment `{name}` needs two variants or more, with weights that sum to 1"
        ));
    }
    let variants = options.variants.iter().map(|it| (it.name.clone(), it.weight)).collect();
    let population = population(&options)?;
    for guardrail in &options.guardrails {
        if let Some(fault) = guardrail.fault(options.variants.iter().map(|it| it.name.as_str())) {
            let ExperimentOptions { name, .. } = &options;
            let metric = &guardrail.metric;
            return invalid(&alloc::format!("the guardrail `{metric}` of `{name}` {fault}"));
        }
    }
    let ExperimentOptions { name, guardrails, .. } = options;
    Ok(ExperimentSettings { name, variants, population, guardrails, redirected: false })
}

fn population(options: &ExperimentOptions) -> Result<Population, OptionsError> {
    let refused = |what: &str| invalid(&alloc::format!("the experiment `{}` {what}", options.name));
    let default = Population::default();
    let coverage = options.coverage.unwrap_or(default.coverage);
    if !(0.0..=1.0).contains(&coverage) {
        return refused("needs a coverage from 0 to 1");
    }
    let hash_version = match options.hash_version {
        None => default.hash_version,
        Some(1) => HashVersion::V1,
        Some(2) => HashVersion::V2,
        Some(_) => return refused("has a hash_version that is neither 1 nor 2"),
    };
    let namespace = match &options.namespace {
        None => None,
        Some(NamespaceOptions { name, range: [start, end] }) => {
            if !(0.0 <= *start && start < end && *end <= 1.0) {
                return refused("needs a range of its namespace such as [0, 0.4]");
            }
            Some((name.clone(), BucketRange { start: *start, end: *end }))
        }
    };
    Ok(Population {
        seed: options.seed.clone(),
        hash_version,
        coverage,
        namespace,
        excluded: options.exclude_units.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> String {
        ObservatoryOptions::settings_from_json(json).unwrap_err().to_string()
    }

    #[test]
    fn nothing_is_the_defaults_with_the_default_alerts() {
        let settings = ObservatoryOptions::settings_from_json("{}").unwrap();
        assert!(settings.alerts.len() >= 8);
        assert_eq!(Settings { alerts: Vec::new(), ..settings }, Settings::default());
    }

    #[test]
    fn every_option_reaches_the_settings() {
        let settings = ObservatoryOptions::settings_from_json(
            r#"{"pane_seconds": 10, "panes": 30, "quality_window": 500, "quality_min_samples": 50,
                "label_retention_seconds": 60, "label_capacity": 9, "conversion_window_seconds": 60, "dry_run": true, "alerts": [],
                "models": [{"name": "iris", "learn_samples": 100, "baseline": {"accuracy": 0.9}}],
                "experiments": [{"name": "e", "variants": [{"name": "a", "weight": 0.9},
                                                           {"name": "b", "weight": 0.1}]}]}"#,
        )
        .unwrap();
        assert_eq!((settings.pane_seconds, settings.panes), (10, 30));
        assert_eq!(settings.conversion_window_seconds, 60.0);
        assert_eq!(settings.feedback.window, 500);
        assert_eq!((settings.feedback.min_samples, settings.feedback.capacity), (50, 9));
        assert!(settings.policies.dry_run && settings.alerts.is_empty());
        assert_eq!(settings.models[0].reference, ReferenceSettings::Learn { samples: 100 });
        assert_eq!(settings.experiments[0].variants[1], ("b".into(), 0.1));
    }

    fn with_two_variants(more: &str) -> String {
        let variants = r#"[{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}]"#;
        alloc::format!(r#"{{"experiments": [{{"name": "e", "variants": {variants}, {more}}}]}}"#)
    }

    #[test]
    fn an_experiment_has_the_population_of_the_gateway() {
        let more = r#""coverage": 0.5, "namespace": {"name": "n", "range": [0, 0.4]}, "seed": "s",
            "hash_version": 1, "exclude_units": ["probe"]"#;
        let settings = ObservatoryOptions::settings_from_json(&with_two_variants(more)).unwrap();
        let range = BucketRange { start: 0.0, end: 0.4 };
        let expected = Population {
            seed: Some("s".into()),
            hash_version: HashVersion::V1,
            coverage: 0.5,
            namespace: Some(("n".into(), range)),
            excluded: Vec::from(["probe".into()]),
        };
        assert_eq!(settings.experiments[0].population, expected);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (json, word) in [
            (r#"{"pane": 1}"#, "unknown field `pane`"),
            (r#"{"conversion_window_seconds": 0}"#, "conversion_window_seconds"),
            (r#"{"remediation": {"rollback": {"ramp": []}}}"#, "the ramp of a rollback"),
            (r#"{"panes": 0}"#, "panes must be from 1 to 240"),
            (r#"{"label_retention_seconds": -1}"#, "label_retention_seconds"),
            (r#"{"models": [{"max_concurrency": 0}]}"#, "max_concurrency"),
            (r#"{"models": [{"baseline": {"accuracy": 0}}]}"#, "accuracy must not be 0"),
            (r#"{"alerts": [{"name": "a", "when": "x <"}]}"#, "alert `a`: `when`: at character 4"),
            (r#"{"experiments": [{"name": "e", "variants": []}]}"#, "two variants"),
            (r#"{"level_detector": "ddm"}"#, "unknown variant `ddm`"),
            (&with_two_variants(r#""coverage": 1.5"#), "coverage from 0 to 1"),
            (&with_two_variants(r#""hash_version": 3"#), "neither 1 nor 2"),
            (&with_two_variants(r#""namespace": {"name": "n", "range": [0.4, 0.4]}"#), "a range"),
        ] {
            assert!(refused(json).contains(word), "{json}: {}", refused(json));
        }
    }
}
