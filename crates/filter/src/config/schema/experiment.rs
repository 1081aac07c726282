//! Experiments, and what they hope for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use tidegate_stats::experiment::Harm;

/// An experiment: every unit gets one variant, and keeps it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Experiment")]
pub struct ExperimentSchema {
    /// Its name, which also seeds the assignment.
    #[schemars(regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))]
    pub name: String,
    /// What is assigned.
    pub unit: UnitSchema,
    /// Its variants; the weights sum to 1.
    #[schemars(length(min = 2, max = 16))]
    pub variants: Vec<VariantSchema>,
    /// What the hash of a unit begins with, as GrowthBook's `seed`. The experiment's name if absent.
    #[schemars(length(min = 1, max = 256))]
    pub seed: Option<String>,
    /// How units are hashed, as GrowthBook's `hashVersion`. 2 if absent.
    #[schemars(range(min = 1, max = 2))]
    pub hash_version: Option<u64>,
    /// The share of units that are in the experiment. 1 if absent.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub coverage: Option<f64>,
    /// Experiments with ranges of one namespace that are apart share no unit.
    pub namespace: Option<NamespaceSchema>,
    /// Units that are left out, such as probes.
    #[schemars(length(max = 256))]
    pub exclude_units: Option<Vec<String>>,
    /// Who may choose a variant, to test it. Such requests are in no count of the experiment.
    pub forced: Option<ForcedSchema>,
    /// Which requests are what it hopes for. Conversions can be told as events too.
    pub conversion: Option<ConversionSchema>,
    /// Business metrics that no variant may harm.
    #[schemars(length(max = 8))]
    pub guardrails: Option<Vec<GuardrailSchema>>,
}

/// A business metric that no variant may harm: `ab_test_guardrail_p_value` has it under its name.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "BusinessGuardrail")]
pub struct GuardrailSchema {
    /// The metric, as its events name it; not `latency`, `errors` or `quality`, which are guarded by themselves.
    #[schemars(length(min = 1, max = 256))]
    pub metric: String,
    /// The model that it is told of.
    #[schemars(length(min = 1, max = 256))]
    pub model_name: String,
    /// By variant, the version of the model that serves it: of the first variant and of others.
    pub versions: BTreeMap<String, String>,
    /// Which movement of the mean does harm. `decrease` if absent.
    pub harm: Option<Harm>,
    /// Harm that is borne, in units of the metric. 0 if absent.
    #[schemars(range(min = 0.0, max = 1e12))]
    pub margin: Option<f64>,
}

/// A range of a namespace, as GrowthBook hashes it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Namespace")]
pub struct NamespaceSchema {
    /// Its name.
    #[schemars(length(min = 1, max = 256))]
    pub name: String,
    /// Where the range begins and ends, from 0 to 1.
    pub range: [f64; 2],
}

/// Who may choose a variant, to test it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Forced")]
pub struct ForcedSchema {
    /// Whoever sends it as `x-tidegate-force-secret` may choose by `x-tidegate-force: EXPERIMENT=VARIANT`.
    #[schemars(length(min = 1, max = 4096))]
    pub secret: Option<String>,
    /// By unit, the variant that it gets.
    pub units: Option<BTreeMap<String, String>>,
}

/// Which requests are what an experiment hopes for: once they succeed, their unit has converted.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "ConversionMatch")]
pub struct ConversionSchema {
    /// Which requests.
    pub r#match: ConversionPathSchema,
    /// What a conversion is worth.
    pub value: Option<ValueSchema>,
}

/// Which requests convert: by one of `path` and `path_prefix`.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "ConversionPath")]
pub struct ConversionPathSchema {
    /// This path alone.
    pub path: Option<String>,
    /// Paths that begin so.
    pub path_prefix: Option<String>,
    /// The method. Any if absent.
    pub method: Option<String>,
}

/// What a conversion is worth.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "ConversionValue")]
pub enum ValueSchema {
    /// A number in a request header.
    Header(String),
    /// A number in a query parameter.
    Query(String),
    /// Always the same.
    Number(f64),
}

/// Where a request says which unit it belongs to.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "Unit")]
pub enum UnitSchema {
    /// A request header.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// A query parameter.
    Query(String),
}

/// A variant of an experiment.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Variant")]
pub struct VariantSchema {
    /// Its name.
    #[schemars(regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))]
    pub name: String,
    /// Its share of the units.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub weight: f64,
}
