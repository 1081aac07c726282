use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::alert::{Baseline, Rule};
use crate::experiment::{BusinessGuardrail, Population};
use crate::feedback::FeedbackSettings;
use crate::profile::Profile;
use crate::quality::{Calibration, ChangeDetector};
use crate::remediation::Policies;
use tidegate_stats::{Decision, FalseAlarmBudget, Watch};

/// What the operator asked for, as far as the observatory is concerned.
///
/// Encoded, it is what a merged state is shown under: without alerts, actions and profiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of a pane, in seconds; 0 is read as 1.
    pub pane_seconds: u32,
    /// Panes in the window that drift is computed on; 0 is read as 1.
    pub panes: u32,
    /// Models, in the order of the config.
    pub models: Vec<ModelSettings>,
    /// Experiments, in the order of the config.
    pub experiments: Vec<ExperimentSettings>,
    /// Feature sets.
    pub feature_sets: Vec<FeatureSetSettings>,
    /// How long after it was first given a variant a unit's conversion counts, in seconds.
    pub conversion_window_seconds: f64,
    /// How many false alarms of drift are accepted; `None` for a level of 5 % at each look.
    pub false_alarms: Option<FalseAlarmBudget>,
    /// What looks for changes in the stream of a model's errors; `None` for what is usual.
    pub error_detector: Option<ChangeDetector>,
    /// What looks for changes of levels from pane to pane: of the latency, of business metrics; `None` for what is usual.
    pub level_detector: Option<ChangeDetector>,
    /// Whether what generates text is told under OpenTelemetry's names too.
    pub gen_ai_metrics: bool,
    /// Alert rules.
    #[serde(skip)]
    pub alerts: Vec<Rule>,
    /// How labels are joined to predictions.
    pub feedback: FeedbackSettings,
    /// How alerts are acted upon.
    #[serde(skip)]
    pub policies: Policies,
}

impl Default for Settings {
    /// An hour in panes of a minute, a week for a conversion, no model and no experiment.
    fn default() -> Self {
        Self {
            pane_seconds: 60,
            panes: 60,
            models: Vec::new(),
            experiments: Vec::new(),
            feature_sets: Vec::new(),
            conversion_window_seconds: 7.0 * 86_400.0,
            false_alarms: None,
            error_detector: None,
            level_detector: None,
            gen_ai_metrics: false,
            alerts: Vec::new(),
            feedback: FeedbackSettings::default(),
            policies: Policies::default(),
        }
    }
}

impl Settings {
    /// The settings of a model: those of its name, or else the first that are for every model.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&ModelSettings> {
        let named = self.models.iter().find(|model| model.name.as_deref() == Some(name));
        named.or_else(|| self.models.iter().find(|model| model.name.is_none()))
    }

    /// The settings of a feature set: those of its name, or else the first that are for every set.
    #[must_use]
    pub fn feature_set(&self, name: &str) -> Option<&FeatureSetSettings> {
        let named = self.feature_sets.iter().find(|set| set.name.as_deref() == Some(name));
        named.or_else(|| self.feature_sets.iter().find(|set| set.name.is_none()))
    }

    /// Notes which experiments gave units other variants than their weights say.
    pub fn redirect(&mut self, redirected: &[String]) {
        for experiment in &mut self.experiments {
            experiment.redirected |= redirected.contains(&experiment.name);
        }
    }

    /// The settings of an experiment.
    #[must_use]
    pub fn experiment(&self, name: &str) -> Option<&ExperimentSettings> {
        self.experiments.iter().find(|experiment| experiment.name == name)
    }

    /// How drift is judged where so many families of tests can alarm by themselves: at the level of the budget, all
    /// of them being looked at once a second. Of a model or a feature set its columns' deciding tests are one family,
    /// and each kind of signal is another. A budget that makes no level allows no false alarm:
    /// configs with one are refused before.
    #[must_use]
    pub fn decision(&self, families: u64) -> Decision {
        let plain = Decision::default();
        let watch = Watch {
            window_seconds: f64::from(self.pane_seconds.max(1)) * f64::from(self.panes.max(1)),
            look_seconds: 1.0,
            families: families.max(1),
        };
        let level = |budget: FalseAlarmBudget| budget.level(&watch).unwrap_or(f64::MIN_POSITIVE);
        Decision { alpha: self.false_alarms.map_or(plain.alpha, level), ..plain }
    }

    /// What is normal, by model and metric.
    #[must_use]
    pub fn baselines(&self) -> Vec<Baseline> {
        let of_model = |model: &ModelSettings| {
            let baseline = |(metric, value): &(String, f64)| Baseline {
                model_name: model.name.clone(),
                metric: metric.clone(),
                value: *value,
            };
            model.baseline.iter().map(baseline).collect::<Vec<_>>()
        };
        self.models.iter().flat_map(of_model).collect()
    }

    /// Where the reference of a model comes from.
    #[must_use]
    pub fn reference(&self, name: &str) -> &ReferenceSettings {
        self.model(name).map_or(&ReferenceSettings::None, |model| &model.reference)
    }
}

/// What is asked for one model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelSettings {
    /// Model name; `None` for every model of the wire that has no settings of its own.
    pub name: Option<String>,
    /// Where its reference comes from.
    pub reference: ReferenceSettings,
    /// Largest batch that the model server makes, in rows, if known.
    pub max_batch_size: Option<u64>,
    /// Requests that the model server works on at once, if known.
    pub max_concurrency: Option<u64>,
    /// What its confidences mean, learned from labelled predictions that were given; `None` to learn it from the
    /// oldest predictions whose labels come.
    pub calibration: Option<Calibration>,
    /// How much each feature mattered when the model was made; empty to learn it from the first explanations.
    pub importances: Vec<(String, f64)>,
    /// What is normal: names of metrics, such as `accuracy`, and their values.
    pub baseline: Vec<(String, f64)>,
}

/// Where the reference of a model comes from.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ReferenceSettings {
    /// Nowhere: null rates are computed, drift is not.
    #[default]
    None,
    /// The first rows of the traffic.
    Learn {
        /// Rows to learn from; 0 is read as 1.
        samples: u64,
    },
    /// A profile that was made before.
    Profile(Profile),
    /// The one that there is, if there is one: it is given at run time, by
    /// [`State::give_reference`](super::State::give_reference).
    Kept,
}

/// A profile is left out, for the state holds the reference that was made of it.
impl Serialize for ReferenceSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let encoded: Option<Option<u64>> = match self {
            Self::None => None,
            Self::Learn { samples } => Some(Some(*samples)),
            Self::Profile(_) | Self::Kept => Some(None),
        };
        encoded.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ReferenceSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let encoded = Option::<Option<u64>>::deserialize(deserializer)?;
        Ok(encoded.map_or(Self::None, |learned| {
            learned.map_or(Self::Kept, |samples| Self::Learn { samples })
        }))
    }
}

/// One feature set, or all that have no entry of their own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FeatureSetSettings {
    /// Its name; `None` is for every set that is not named elsewhere.
    pub name: Option<String>,
    /// Where the reference of its rows comes from.
    pub reference: ReferenceSettings,
    /// Age from which a value is stale, in seconds; `None` for no objective.
    pub max_age_seconds: Option<f64>,
}

/// One experiment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ExperimentSettings {
    /// Its name.
    pub name: String,
    /// Names of its variants and their shares of the units, in `[0, 1]`, in the order of the
    /// config.
    pub variants: Vec<(String, f64)>,
    /// Which units are in it.
    #[serde(skip)]
    pub population: Population,
    /// Business metrics that no variant may harm.
    pub guardrails: Vec<BusinessGuardrail>,
    /// Whether units were given other variants than the weights say, as by a rollback. Then nothing is
    /// made of their shares, and no conversion is told by its unit's hash whose it is.
    pub redirected: bool,
}
