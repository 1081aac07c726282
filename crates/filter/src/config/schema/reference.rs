//! What is compared with: given, fetched or learned.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use tidegate_core::observatory::LabelledReference;
use tidegate_core::profile::Profile;

/// What drift is measured against.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "ReferenceSource")]
pub enum ReferenceSchema {
    /// The first rows of live traffic.
    Learn(LearnSchema),
    /// A profile made elsewhere.
    Profile(Profile),
    /// A profile that lies elsewhere: it is fetched at the start and then again and again, an hour apart if
    /// nothing is said. The entry needs a `name`. What is no profile is refused, and the one before stays.
    Fetch(FetchSchema),
}

/// Where labelled predictions from before are.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "LabelledSource")]
pub enum LabelledSourceSchema {
    /// Here, at most 100,000.
    Values(LabelledReference),
    /// Elsewhere, as the same JSON: fetched at the start and then again and again, an hour apart if nothing is
    /// said. The entry needs a `name`. What cannot be read is refused, and what was there before stays.
    Fetch(FetchSchema),
}

/// Where the importances of features are.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "ImportancesSource")]
pub enum ImportancesSourceSchema {
    /// Here: by feature, a number from 0 on.
    Values(BTreeMap<String, f64>),
    /// Elsewhere, as the same JSON: fetched at the start and then again and again, an hour apart if nothing is
    /// said. The entry needs a `name`. What cannot be read is refused, and what was there before stays.
    Fetch(FetchSchema),
}

/// A place behind a cluster of the gateway.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Remote")]
pub struct FetchSchema {
    /// The cluster of the gateway.
    #[schemars(length(min = 1, max = 256))]
    pub cluster: String,
    /// The name that it is called by; the cluster's if absent.
    pub authority: Option<String>,
    /// The path, with its query string.
    #[schemars(regex(pattern = "^/[!-~]*$"))]
    pub path: String,
    /// Further headers, such as `authorization`.
    pub headers: Option<BTreeMap<String, String>>,
    /// How long an answer is waited for, in seconds. 10 if absent.
    #[schemars(range(min = 0.1, max = 60.0))]
    pub timeout_seconds: Option<f64>,
    /// How often it is asked, in seconds.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub period_seconds: Option<f64>,
}

/// How much of the live traffic becomes the reference.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Learn")]
pub struct LearnSchema {
    /// Rows.
    #[schemars(range(min = 100, max = 1_000_000))]
    pub samples: u64,
}
