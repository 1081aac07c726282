use alloc::collections::BTreeMap;
use alloc::string::String;

use serde::{Deserialize, Serialize};
use tidegate_stats::experiment::{Guardrail, GuardrailOptions, Harm};

use super::effect::guarded;
use crate::business::{BusinessMetrics, MetricKey, Sums};

/// What is guarded beside business metrics; none of these may be the name of one.
const GUARDED_BY_ITSELF: [&str; 3] = ["latency", "errors", "quality"];

/// A business metric that no variant may harm.
///
/// Business metrics are told by model and version, so `versions` says which version serves each variant. All values
/// since the first are compared, however often: let versions that are compared begin together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BusinessGuardrail {
    /// The metric, as its events name it.
    pub metric: String,
    /// The model that it is told of.
    pub model_name: String,
    /// By variant, the version of the model. A variant without one is not compared.
    pub versions: BTreeMap<String, String>,
    /// Which movement of the mean does harm; less of it if left out.
    #[serde(default = "less")]
    pub harm: Harm,
    /// Harm that is borne, in units of the metric, `≥ 0`; 0 if left out.
    #[serde(default)]
    pub margin: f64,
}

const fn less() -> Harm {
    Harm::Decrease
}

impl BusinessGuardrail {
    /// What is wrong with it, of an experiment with such variants, the control first.
    #[must_use]
    pub fn fault<'v>(
        &self,
        mut variants: impl Iterator<Item = &'v str> + Clone,
    ) -> Option<&'static str> {
        let is_variant = |name: &String| variants.clone().any(|own| own == name);
        if self.metric.is_empty() || self.model_name.is_empty() {
            Some("needs a metric and a model_name")
        } else if GUARDED_BY_ITSELF.contains(&self.metric.as_str()) {
            Some("may not be of latency, errors or quality, which are guarded by themselves")
        } else if !(0.0..=1e12).contains(&self.margin) {
            Some("needs a margin from 0 to 1e12")
        } else if !self.versions.keys().all(is_variant) {
            Some("names a variant in versions that the experiment has not")
        } else if self.versions.len() < 2
            || variants.next().is_none_or(|control| !self.versions.contains_key(control))
        {
            Some("needs versions of the first variant and of another")
        } else {
            None
        }
    }

    /// What it says of a variant; `None` below 100 values of either, or for variants of one version.
    #[must_use]
    pub fn judge(&self, metrics: &BusinessMetrics, variants: [&str; 2]) -> Option<Guardrail> {
        let [control, variant] = variants.map(|name| self.versions.get(name));
        let (control, variant) = control.zip(variant).filter(|(one, other)| one != other)?;
        let of_version = |model_version: &String| {
            let key = MetricKey {
                model_name: self.model_name.clone(),
                model_version: model_version.clone(),
                metric: self.metric.clone(),
            };
            metrics.get(&key).map(|told| told.since_first).as_ref().and_then(Sums::summary)
        };
        let options =
            GuardrailOptions { harm: self.harm, margin: self.margin, ..Default::default() };
        guarded(&of_version(control)?, &of_version(variant)?, &options)
    }
}
