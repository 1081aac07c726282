//! The numbers of each variant, from options or from the rows of a table.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::experiment::{CovariateSummary, Proportion, SampleSummary};

use super::{ExperimentAnalysisOptions, VariantInput};
use crate::analysis::{AnalysisError, Missing};
use crate::feedback::Answer;
use crate::table::{Column, MISSING, Table};

/// Variants of a table, at most: more are no experiment, but a wrong column.
const MOST_VARIANTS: usize = 100;

/// The variants, in their order.
pub(super) struct Arms {
    pub names: Vec<String>,
    pub numbers: Vec<Numbers>,
    pub left_out: u64,
}

/// What is known of the units of a variant.
pub(super) enum Numbers {
    Rate(Proportion),
    Mean(SampleSummary),
    Covariate(CovariateSummary),
}

impl Numbers {
    pub fn summary(&self) -> SampleSummary {
        match self {
            Self::Rate(proportion) => (*proportion).into(),
            Self::Mean(summary) => *summary,
            Self::Covariate(summary) => summary.unadjusted(),
        }
    }

    pub const fn proportion(&self) -> Option<Proportion> {
        match self {
            Self::Rate(proportion) => Some(*proportion),
            Self::Mean(_) | Self::Covariate(_) => None,
        }
    }
}

pub(super) fn of_options(options: &ExperimentAnalysisOptions) -> Result<Arms, AnalysisError> {
    let columns = [&options.variant, &options.outcome, &options.covariate];
    if columns.iter().any(|name| name.is_some()) {
        let what = "variant, outcome and covariate are columns, and there is no table";
        return Err(AnalysisError::options(what));
    }
    let mut names: Vec<String> = Vec::new();
    let mut numbers = Vec::new();
    for variant in &options.variants {
        if names.contains(&variant.name) {
            let what = format!("two variants are named {:?}", variant.name);
            return Err(AnalysisError::options(what));
        }
        names.push(variant.name.clone());
        numbers.push(numbers_of(variant)?);
    }
    let rates = numbers.iter().filter(|it| it.proportion().is_some()).count();
    if rates != 0 && rates != numbers.len() {
        let what =
            "variants need the same kind of outcome: all of them counts, or all of them means";
        return Err(AnalysisError::options(what));
    }
    Ok(Arms { names, numbers, left_out: 0 })
}

fn numbers_of(variant: &VariantInput) -> Result<Numbers, AnalysisError> {
    let VariantInput { name, successes, trials, count, mean, variance } = variant;
    match (successes, trials, count, mean, variance) {
        (Some(successes), Some(trials), None, None, None) => {
            if successes > trials || *trials == 0 {
                let what =
                    if *trials == 0 { "it has no unit" } else { "more successes than trials" };
                return Err(AnalysisError::Variant { variant: name.clone(), what });
            }
            Ok(Numbers::Rate(Proportion { successes: *successes, trials: *trials }))
        }
        (None, None, Some(count), Some(mean), Some(variance)) => {
            if *variance < 0.0 {
                let what = "the variance is below 0";
                return Err(AnalysisError::Variant { variant: name.clone(), what });
            }
            Ok(Numbers::Mean(SampleSummary { count: *count, mean: *mean, variance: *variance }))
        }
        _ => {
            let what =
                format!("variant {name:?} needs successes and trials, or count, mean and variance");
            Err(AnalysisError::options(what))
        }
    }
}

pub(super) fn of_table(
    table: &Table,
    options: &ExperimentAnalysisOptions,
) -> Result<Arms, AnalysisError> {
    let (Some(variant), Some(outcome)) = (&options.variant, &options.outcome) else {
        let what = "a table needs the columns of variant and outcome";
        return Err(AnalysisError::options(what));
    };
    let variants = variants(table, variant)?;
    let outcomes = outcomes(table, outcome)?;
    let covariates = options.covariate.as_ref().map(|name| numbers(table, name)).transpose()?;
    let mut rows = vec_of::<CovariateSummary>(variants.names.len());
    let mut successes = vec_of::<u64>(variants.names.len());
    let mut left_out = 0;
    let mut is_rate = true;
    for row in 0..table.rows() {
        let arm = variants.codes.get(row).copied().unwrap_or(MISSING) as usize;
        let value = outcomes.get(row).copied().unwrap_or(f64::NAN);
        let missing = if rows.get(arm).is_none() { Some(variant) } else { None };
        let missing = missing.or(value.is_nan().then_some(outcome));
        if let Some(column) = missing {
            if options.missing == Missing::Refuse {
                return Err(AnalysisError::MissingValue { of: "", column: column.clone(), row });
            }
            left_out += 1;
            continue;
        }
        let covariate = covariates.and_then(|values| values.get(row)).copied();
        let covariate = covariate.filter(|value| !value.is_nan());
        if let Some(summary) = rows.get_mut(arm)
            && summary.push(value, covariate).is_err()
        {
            let infinite = if value.is_finite() { options.covariate.as_ref() } else { None };
            let column = infinite.unwrap_or(outcome).clone();
            return Err(AnalysisError::NotFinite { of: "", column, row });
        }
        let is_one = value.to_bits() == 1.0_f64.to_bits();
        is_rate &= is_one || value.abs().to_bits() == 0;
        if let Some(count) = successes.get_mut(arm) {
            *count += u64::from(is_one);
        }
    }
    if rows.iter().all(|summary| summary.count() == 0) {
        return Err(AnalysisError::NoRows { of: "" });
    }
    let by_variant = rows.into_iter().zip(successes).map(|(summary, successes)| {
        if covariates.is_some() {
            Numbers::Covariate(summary)
        } else if is_rate {
            Numbers::Rate(Proportion { successes, trials: summary.count() })
        } else {
            Numbers::Mean(summary.unadjusted())
        }
    });
    let mut arms = Arms { names: Vec::new(), numbers: Vec::new(), left_out };
    for (name, numbers) in variants.names.into_iter().zip(by_variant) {
        if numbers.summary().count > 0 {
            arms.names.push(name);
            arms.numbers.push(numbers);
        }
    }
    Ok(arms)
}

fn vec_of<T: Clone + Default>(length: usize) -> Vec<T> {
    alloc::vec![T::default(); length]
}

struct Variants {
    /// One a row, [`MISSING`] where there is none.
    codes: Vec<u32>,
    names: Vec<String>,
}

/// In the order in which they first come, or of their numbers.
fn variants(table: &Table, name: &str) -> Result<Variants, AnalysisError> {
    let column = column(table, name)?;
    let found = match column {
        Column::Categorical { codes, levels } => {
            Variants { codes: codes.clone(), names: levels.clone() }
        }
        Column::Numeric(values) => {
            let mut distinct: Vec<f64> =
                values.iter().map(|it| it + 0.0).filter(|it| !it.is_nan()).collect();
            distinct.sort_unstable_by(f64::total_cmp);
            distinct.dedup();
            let code = |value: &f64| {
                if value.is_nan() {
                    MISSING
                } else {
                    distinct.partition_point(|other| other < value) as u32
                }
            };
            Variants {
                codes: values.iter().map(code).collect(),
                names: distinct
                    .iter()
                    .map(|it| Answer::Number(*it).class_name().into_owned())
                    .collect(),
            }
        }
    };
    if found.names.len() > MOST_VARIANTS {
        let count = found.names.len();
        let what = format!("column {name:?} has {count} variants, and 100 is the most");
        return Err(AnalysisError::options(what));
    }
    Ok(found)
}

/// Numbers, or `false` and `true` as 0 and 1; NaN where there is none.
fn outcomes(table: &Table, name: &str) -> Result<Vec<f64>, AnalysisError> {
    match column(table, name)? {
        Column::Numeric(values) => Ok(values.clone()),
        Column::Categorical { codes, levels } => {
            let number = |level: &String| match level.to_lowercase().as_str() {
                "true" => Some(1.0),
                "false" => Some(0.0),
                _ => None,
            };
            let numbers: Option<Vec<f64>> = levels.iter().map(number).collect();
            let numbers = numbers.ok_or_else(|| wrong_kind(name))?;
            let of = |code: &u32| numbers.get(*code as usize).copied().unwrap_or(f64::NAN);
            Ok(codes.iter().map(of).collect())
        }
    }
}

fn numbers<'a>(table: &'a Table, name: &str) -> Result<&'a [f64], AnalysisError> {
    match column(table, name)? {
        Column::Numeric(values) => Ok(values),
        Column::Categorical { .. } => Err(wrong_kind(name)),
    }
}

fn column<'a>(table: &'a Table, name: &str) -> Result<&'a Column, AnalysisError> {
    let unknown = || AnalysisError::UnknownColumn { of: "", column: name.into() };
    table.column(name).ok_or_else(unknown)
}

fn wrong_kind(name: &str) -> AnalysisError {
    AnalysisError::WrongKind { of: "", column: name.into() }
}
