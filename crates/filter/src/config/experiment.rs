//! `experiments` of the config.

use tidegate_core::experiment::{BusinessGuardrail, Population};
use tidegate_stats::experiment::Harm;
use tidegate_stats::experiment::bucketing::{BucketRange, HashVersion};

use super::PathMatch;
use super::feedback::{Secret, read_secret};
use super::field::{Field, Object};
use super::model::read_paths;

pub(super) const EXPERIMENT_FIELDS: &[&str] = &[
    "name",
    "unit",
    "variants",
    "seed",
    "hash_version",
    "coverage",
    "namespace",
    "exclude_units",
    "forced",
    "conversion",
    "guardrails",
];
pub(super) const NAMESPACE_FIELDS: &[&str] = &["name", "range"];
pub(super) const FORCED_FIELDS: &[&str] = &["secret", "units"];
pub(super) const CONVERSION_FIELDS: &[&str] = &["match", "value"];
pub(super) const CONVERSION_MATCH_FIELDS: &[&str] = &["path", "path_prefix", "method"];
pub(super) const VALUE_FIELDS: &[&str] = &["header", "query", "number"];
pub(super) const UNIT_FIELDS: &[&str] = &["header", "cookie", "query"];
pub(super) const GUARDRAIL_FIELDS: &[&str] =
    &["metric", "model_name", "versions", "harm", "margin"];
pub(super) const VARIANT_FIELDS: &[&str] = &["name", "weight"];
const MAX_VARIANTS: usize = 16;
const MAX_GUARDRAILS: usize = 8;
const MAX_UNITS: usize = 256;
const MAX_UNIT_BYTES: usize = 256;
/// How far the weights may be from 1 in sum: room for decimals such as 0.1, not for a slip.
const WEIGHT_TOLERANCE: f64 = 1e-9;

/// An experiment: every unit gets one variant, and keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Its name, which also seeds the assignment.
    pub name: String,
    /// What is assigned.
    pub unit: Unit,
    /// At least two; the weights sum to 1.
    pub variants: Vec<Variant>,
    /// Which units are in it.
    pub population: Population,
    /// Who may choose a variant.
    pub forced: Forced,
    /// Which requests are what it hopes for.
    pub conversion: Option<Conversion>,
    /// Business metrics that no variant may harm.
    pub guardrails: Vec<BusinessGuardrail>,
}

/// Who may choose a variant, to test it: such requests are in no count of the experiment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forced {
    /// Whoever has it may choose by header.
    pub secret: Option<Secret>,
    /// Units and the variants that they get.
    pub units: Vec<(String, String)>,
}

/// Requests that are what an experiment hopes for: once they succeed, their unit has converted.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// The paths.
    pub paths: PathMatch,
    /// The method; any if `None`.
    pub method: Option<String>,
    /// What it is worth.
    pub value: Option<ConversionValue>,
}

/// What a conversion is worth.
#[derive(Debug, Clone, PartialEq)]
pub enum ConversionValue {
    /// A number in a request header, in lower case.
    Header(String),
    /// A number in a query parameter.
    Query(String),
    /// Always the same.
    Number(f64),
}

/// Where a request says which unit it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// A request header, in lower case.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// A query parameter.
    Query(String),
}

/// A variant of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its share of the units, in `[0, 1]`.
    pub weight: f64,
}

pub(super) fn read_experiments(fields: &[Field]) -> Vec<Experiment> {
    let mut experiments: Vec<Experiment> = Vec::new();
    for field in fields {
        let Some(experiment) = read_experiment(field) else { continue };
        if experiments.iter().any(|other| other.name == experiment.name) {
            field.problem(format!("another experiment is called `{}`", experiment.name));
        }
        experiments.push(experiment);
    }
    experiments
}

fn read_experiment(field: &Field) -> Option<Experiment> {
    let object = field.object(EXPERIMENT_FIELDS)?;
    let name = object.required("name").and_then(|field| read_header_safe_name(&field));
    let unit = object.required("unit").and_then(|field| read_unit(&field));
    let variants = object.required("variants").map(|field| read_variants(&field));
    let population = read_population(&object);
    let known = variants.as_deref().unwrap_or_default();
    let forced = object.optional("forced").map(|field| read_forced(&field, known));
    let conversion = match object.optional("conversion") {
        Some(field) => read_conversion(&field).map(Some),
        None => Some(None),
    };
    let guardrails = object.optional("guardrails").map_or_else(Vec::new, |field| {
        let items = field.items(MAX_GUARDRAILS);
        items.iter().filter_map(|item| read_guardrail(item, known)).collect()
    });
    Some(Experiment {
        name: name?,
        unit: unit?,
        variants: variants?,
        population: population?,
        forced: forced.unwrap_or_default(),
        conversion: conversion?,
        guardrails,
    })
}

fn read_population(object: &Object) -> Option<Population> {
    let default = Population::default();
    let seed = match object.optional("seed") {
        Some(field) => field.name(256).map(Some),
        None => Some(None),
    };
    let hash_version = match object.optional("hash_version") {
        Some(field) => field.whole(1..=2).map(|version| match version {
            1 => HashVersion::V1,
            _ => HashVersion::V2,
        }),
        None => Some(default.hash_version),
    };
    let coverage =
        object.optional("coverage").map_or(Some(default.coverage), |field| field.number(0.0..=1.0));
    let namespace = match object.optional("namespace") {
        Some(field) => read_namespace(&field).map(Some),
        None => Some(None),
    };
    let excluded = object
        .optional("exclude_units")
        .map_or_else(Vec::new, |field| field.distinct_names(MAX_UNITS, MAX_UNIT_BYTES));
    Some(Population {
        seed: seed?,
        hash_version: hash_version?,
        coverage: coverage?,
        namespace: namespace?,
        excluded,
    })
}

fn read_namespace(field: &Field) -> Option<(String, BucketRange)> {
    let object = field.object(NAMESPACE_FIELDS)?;
    let name = object.required("name").and_then(|field| field.name(256));
    let range = object.required("range").and_then(|field| {
        let ends: Vec<f64> =
            field.items(2).iter().filter_map(|end| end.number(0.0..=1.0)).collect();
        match ends[..] {
            [start, end] if start < end => Some(BucketRange { start, end }),
            _ => {
                field.problem("expected where the range begins and ends, such as [0, 0.4]");
                None
            }
        }
    });
    Some((name?, range?))
}

fn read_forced(field: &Field, variants: &[Variant]) -> Forced {
    let Some(object) = field.object(FORCED_FIELDS) else { return Forced::default() };
    let secret = object.optional("secret").and_then(|field| read_secret(&field));
    let units = object.optional("units").map_or_else(Vec::new, |field| {
        let members = field.members(MAX_UNITS);
        let unit = |(unit, field): (String, Field)| {
            let variant = field.name(64)?;
            if !variants.iter().any(|own| own.name == variant) {
                field.problem(format!("no variant is called `{variant}`"));
            }
            Some((unit, variant))
        };
        members.into_iter().filter_map(unit).collect()
    });
    Forced { secret, units }
}

fn read_conversion(field: &Field) -> Option<Conversion> {
    let object = field.object(CONVERSION_FIELDS)?;
    let matched = object.required("match").and_then(|field| {
        let object = field.object(CONVERSION_MATCH_FIELDS)?;
        let paths = read_paths(&object);
        let method = match object.optional("method") {
            Some(field) => field.name(32).map(Some),
            None => Some(None),
        };
        Some((paths?, method?))
    });
    let value = match object.optional("value") {
        Some(field) => read_value(&field).map(Some),
        None => Some(None),
    };
    let (paths, method) = matched?;
    Some(Conversion { paths, method, value: value? })
}

fn read_guardrail(field: &Field, variants: &[Variant]) -> Option<BusinessGuardrail> {
    let object = field.object(GUARDRAIL_FIELDS)?;
    let metric = object.required("metric").and_then(|field| field.name(256));
    let model_name = object.required("model_name").and_then(|field| field.name(256));
    let versions = object.required("versions").map(|field| {
        let members = field.members(MAX_VARIANTS).into_iter();
        members.filter_map(|(variant, field)| Some((variant, field.name(256)?))).collect()
    });
    let harm = match object.optional("harm") {
        Some(field) => match field.text()? {
            "increase" => Some(Harm::Increase),
            "decrease" => Some(Harm::Decrease),
            _ => {
                field.problem("expected increase or decrease");
                None
            }
        },
        None => Some(Harm::Decrease),
    };
    let margin = object.optional("margin").map_or(Some(0.0), |field| field.number(0.0..=1e12));
    let guardrail = BusinessGuardrail {
        metric: metric?,
        model_name: model_name?,
        versions: versions?,
        harm: harm?,
        margin: margin?,
    };
    if let Some(fault) = guardrail.fault(variants.iter().map(|variant| variant.name.as_str())) {
        field.problem(format!("a guardrail {fault}"));
    }
    Some(guardrail)
}

fn read_value(field: &Field) -> Option<ConversionValue> {
    let (source, field) = field.object(VALUE_FIELDS)?.one_of(VALUE_FIELDS)?;
    Some(match source {
        "header" => ConversionValue::Header(read_header_name(&field)?),
        "query" => ConversionValue::Query(field.name(256)?),
        _ => ConversionValue::Number(field.number(-1e12..=1e12)?),
    })
}

fn read_header_name(field: &Field) -> Option<String> {
    let name = field.name(256)?;
    if name.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b':') {
        field.problem("expected the name of a request header");
    }
    Some(name.to_ascii_lowercase())
}

/// Names of experiments and variants go into headers, in comma-separated lists.
fn read_header_safe_name(field: &Field) -> Option<String> {
    let name = field.name(64)?;
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        field.problem("expected letters, digits, `-`, `_` and `.` only: it goes into a header");
        return None;
    }
    Some(name)
}

fn read_unit(field: &Field) -> Option<Unit> {
    let object: Object = field.object(UNIT_FIELDS)?;
    let (source, field) = object.one_of(&["header", "cookie", "query"])?;
    Some(match source {
        "header" => Unit::Header(read_header_name(&field)?),
        "cookie" => Unit::Cookie(field.name(256)?),
        _ => Unit::Query(field.name(256)?),
    })
}

fn read_variants(field: &Field) -> Vec<Variant> {
    let items = field.items(MAX_VARIANTS);
    let mut variants: Vec<Variant> = Vec::new();
    for item in &items {
        let Some(object) = item.object(VARIANT_FIELDS) else { continue };
        let name = object.required("name").and_then(|field| read_header_safe_name(&field));
        let weight = object.required("weight").and_then(|field| field.number(0.0..=1.0));
        let (Some(name), Some(weight)) = (name, weight) else { continue };
        if variants.iter().any(|other| other.name == name) {
            item.problem(format!("another variant is called `{name}`"));
        }
        variants.push(Variant { name, weight });
    }
    let sum: f64 = variants.iter().map(|variant| variant.weight).sum();
    // A sum over a list with a broken item would only repeat that item's problem.
    if variants.len() == items.len() {
        if variants.len() < 2 {
            field.problem("an experiment needs at least two variants");
        } else if (sum - 1.0).abs() > WEIGHT_TOLERANCE {
            field.problem(format!("the weights must sum to 1, they sum to {sum}"));
        }
    }
    variants
}
