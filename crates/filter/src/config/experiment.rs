//! `experiments` of the config.

use super::field::{Field, Object};

pub(super) const EXPERIMENT_FIELDS: &[&str] = &["name", "unit", "variants"];
pub(super) const UNIT_FIELDS: &[&str] = &["header", "cookie", "query"];
pub(super) const VARIANT_FIELDS: &[&str] = &["name", "weight"];
const MAX_VARIANTS: usize = 16;
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
    Some(Experiment { name: name?, unit: unit?, variants: variants? })
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
    let name = field.name(256)?;
    Some(match source {
        "header" => {
            if name.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b':') {
                field.problem("expected the name of a request header");
            }
            Unit::Header(name.to_ascii_lowercase())
        }
        "cookie" => Unit::Cookie(name),
        _ => Unit::Query(name),
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
