//! Columns of a table as labels, predictions and scores.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use tidegate_stats::order::sort_by;
use tidegate_stats::quality::ConfusionMatrix;

use super::EvaluateOptions;
use crate::analysis::{AnalysisError, Missing};
use crate::feedback::{Answer, are_classes};
use crate::table::{Column, MISSING, Table};

/// What a model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Task {
    /// Classes.
    Classification,
    /// Numbers.
    Regression,
}

/// What a table says.
pub(super) struct Read {
    pub rows: usize,
    pub left_out: usize,
    /// The rows of the table that the answers are of, in order.
    pub kept: Vec<usize>,
    pub answers: Answers,
}

pub(super) enum Answers {
    Numbers { labels: Vec<f64>, predictions: Vec<f64> },
    Classes(ClassRows),
}

/// Rows of a classification.
pub(super) struct ClassRows {
    /// In order: by number if all are numbers, or else by name.
    pub names: Vec<String>,
    pub labels: Vec<u32>,
    pub predictions: Vec<u32>,
    pub scores: Scores,
}

impl ClassRows {
    /// The positive class of two.
    pub(super) const fn positive(&self) -> Option<u32> {
        match &self.scores {
            Scores::OfPositive { positive, .. } => Some(*positive),
            Scores::None | Scores::OfClasses(_) => None,
        }
    }

    /// Whether each of the codes is that of a class.
    pub(super) fn are(&self, class: u32, codes: &[u32]) -> Vec<bool> {
        codes.iter().map(|code| *code == class).collect()
    }
}

/// What a model says of how likely each class is.
pub(super) enum Scores {
    None,
    /// Of two classes.
    OfPositive {
        positive: u32,
        scores: Vec<f64>,
    },
    /// Row by row, a number a class.
    OfClasses(Vec<f64>),
}

/// The finite numbers of a column that must have some.
struct Numbers<'a> {
    name: &'a str,
    values: &'a [f64],
}

/// Reads what the options name; `of` goes before what is said of a column. `known` are the only classes that
/// there may be, if they are given.
pub(super) fn read(
    table: &Table,
    options: &EvaluateOptions,
    of: &'static str,
    known: &[String],
) -> Result<Read, AnalysisError> {
    let label = column(table, &options.label, of)?;
    let prediction = column(table, &options.prediction, of)?;
    let score_names: Vec<&String> = options.score.iter().chain(options.scores.values()).collect();
    let mut scores = Vec::with_capacity(score_names.len());
    for name in &score_names {
        scores.push(numbers(table, name, of)?);
    }
    let judged = [(&options.label, label), (&options.prediction, prediction)];
    let kept = kept_rows(table.rows(), &judged, &scores, options.missing, of)?;
    if kept.is_empty() {
        return Err(AnalysisError::NoRows { of });
    }
    for (name, column) in judged {
        if let Column::Numeric(values) = column {
            check_finite(&Numbers { name, values }, &kept, of)?;
        }
    }
    for one in &scores {
        check_finite(one, &kept, of)?;
    }
    let task = options.task.unwrap_or_else(|| task(label, prediction, &kept, &scores));
    let answers = if task == Task::Regression {
        Answers::Numbers {
            labels: pick(numbers(table, &options.label, of)?.values, &kept),
            predictions: pick(numbers(table, &options.prediction, of)?.values, &kept),
        }
    } else {
        Answers::Classes(class_rows(label, prediction, &scores, &kept, options, known)?)
    };
    Ok(Read { rows: kept.len(), left_out: table.rows() - kept.len(), kept, answers })
}

/// Whether the options name a column.
pub(super) fn is_named(options: &EvaluateOptions, name: &str) -> bool {
    let judged = [&options.label, &options.prediction];
    let scores = options.score.iter().chain(options.scores.values());
    judged.into_iter().chain(scores).any(|own| own == name)
}

fn column<'a>(table: &'a Table, name: &str, of: &'static str) -> Result<&'a Column, AnalysisError> {
    table.column(name).ok_or_else(|| AnalysisError::UnknownColumn { of, column: name.into() })
}

fn numbers<'a>(
    table: &'a Table,
    name: &'a str,
    of: &'static str,
) -> Result<Numbers<'a>, AnalysisError> {
    match column(table, name, of)? {
        Column::Numeric(values) => Ok(Numbers { name, values }),
        Column::Categorical { .. } => Err(AnalysisError::WrongKind { of, column: name.into() }),
    }
}

fn is_missing(column: &Column, row: usize) -> bool {
    match column {
        Column::Numeric(values) => values.get(row).is_none_or(|value| value.is_nan()),
        Column::Categorical { codes, .. } => codes.get(row).is_none_or(|code| *code == MISSING),
    }
}

/// The rows with all values.
fn kept_rows(
    rows: usize,
    judged: &[(&String, &Column)],
    scores: &[Numbers<'_>],
    missing: Missing,
    of: &'static str,
) -> Result<Vec<usize>, AnalysisError> {
    let mut kept = Vec::with_capacity(rows);
    for row in 0..rows {
        let without = judged.iter().find(|(_, column)| is_missing(column, row));
        let unscored = scores.iter().find(|one| one.values.get(row).is_none_or(|it| it.is_nan()));
        let name = without.map(|(name, _)| name.as_str()).or(unscored.map(|one| one.name));
        match name {
            None => kept.push(row),
            Some(name) if missing == Missing::Refuse => {
                return Err(AnalysisError::MissingValue { of, column: name.into(), row });
            }
            Some(_) => {}
        }
    }
    Ok(kept)
}

fn check_finite(
    numbers: &Numbers<'_>,
    kept: &[usize],
    of: &'static str,
) -> Result<(), AnalysisError> {
    match kept.iter().find(|row| numbers.values.get(**row).is_none_or(|it| it.is_infinite())) {
        Some(row) => Err(AnalysisError::NotFinite { of, column: numbers.name.into(), row: *row }),
        None => Ok(()),
    }
}

/// What numbers and categories without a word about them are.
fn task(label: &Column, prediction: &Column, kept: &[usize], scores: &[Numbers<'_>]) -> Task {
    let (Column::Numeric(labels), Column::Numeric(predictions)) = (label, prediction) else {
        return Task::Classification;
    };
    if !scores.is_empty() {
        return Task::Classification;
    }
    let answers = kept.iter().flat_map(|row| [labels.get(*row), predictions.get(*row)]);
    if are_classes(answers.flatten().copied(), false) {
        Task::Classification
    } else {
        Task::Regression
    }
}

fn pick<T: Copy>(values: &[T], kept: &[usize]) -> Vec<T> {
    kept.iter().filter_map(|row| values.get(*row)).copied().collect()
}

/// The classes of a column: a code a kept row, and the names of the codes.
fn coded(column: &Column, kept: &[usize]) -> (Vec<u32>, Vec<String>) {
    match column {
        Column::Categorical { codes, levels } => (pick(codes, kept), levels.clone()),
        Column::Numeric(values) => {
            // Adding zero makes one zero of the two.
            let values: Vec<f64> = pick(values, kept).into_iter().map(|it| it + 0.0).collect();
            let mut distinct = values.clone();
            distinct.sort_unstable_by(f64::total_cmp);
            distinct.dedup();
            let code = |value: &f64| distinct.partition_point(|other| other < value) as u32;
            let codes = values.iter().map(code).collect();
            let names = distinct
                .iter()
                .map(|value| Answer::Number(*value).class_name().into_owned())
                .collect();
            (codes, names)
        }
    }
}

fn class_rows(
    label: &Column,
    prediction: &Column,
    scores: &[Numbers<'_>],
    kept: &[usize],
    options: &EvaluateOptions,
    known: &[String],
) -> Result<ClassRows, AnalysisError> {
    let (labels, label_names) = coded(label, kept);
    let (predictions, prediction_names) = coded(prediction, kept);
    let mut names: Vec<String> = options.scores.keys().chain(known).cloned().collect();
    names.extend(used(&labels, &label_names));
    names.extend(used(&predictions, &prediction_names));
    if let Some(positive) = &options.positive
        && !names.contains(positive)
    {
        let alone = names.first().is_none_or(|first| names.iter().all(|name| name == first));
        if !alone {
            let what = format!("positive is {positive:?}, which no row says or predicts");
            return Err(AnalysisError::options(what));
        }
        names.push(positive.clone());
    }
    in_order(&mut names);
    if let Some(new) = names.iter().find(|name| !known.is_empty() && !known.contains(name)) {
        let what = format!("class {new:?} is in current, and not in reference");
        return Err(AnalysisError::options(what));
    }
    if names.len() > ConfusionMatrix::MAX_CLASSES {
        return Err(AnalysisError::TooManyClasses { count: names.len() });
    }
    let place = |name: &String| names.iter().position(|own| own == name).unwrap_or(0) as u32;
    let renumber = |codes: Vec<u32>, own: &[String]| -> Vec<u32> {
        let places: Vec<u32> = own.iter().map(place).collect();
        codes.iter().filter_map(|code| places.get(*code as usize)).copied().collect()
    };
    let scores = class_scores(&names, scores, kept, options)?;
    Ok(ClassRows {
        labels: renumber(labels, &label_names),
        predictions: renumber(predictions, &prediction_names),
        scores,
        names,
    })
}

/// The names that a row has.
fn used<'a>(codes: &[u32], names: &'a [String]) -> impl Iterator<Item = String> + use<'a> {
    let mut is_used = alloc::vec![false; names.len()];
    for code in codes {
        if let Some(used) = is_used.get_mut(*code as usize) {
            *used = true;
        }
    }
    names.iter().zip(is_used).filter(|(_, used)| *used).map(|(name, _)| name.clone())
}

/// By number if all are numbers, or else by name; each once.
fn in_order(names: &mut Vec<String>) {
    names.sort_unstable();
    names.dedup();
    let number = |name: &String| name.parse().ok().filter(|number: &f64| number.is_finite());
    if names.iter().all(|name| number(name).is_some()) {
        let key = |name: &String| number(name).unwrap_or_default();
        sort_by(names, |a, b| key(a).total_cmp(&key(b)));
    }
}

fn class_scores(
    names: &[String],
    scores: &[Numbers<'_>],
    kept: &[usize],
    options: &EvaluateOptions,
) -> Result<Scores, AnalysisError> {
    if scores.is_empty() {
        return Ok(Scores::None);
    }
    if options.score.is_some() && names.len() > 2 {
        let count = names.len();
        let what = format!("one score is of two classes, and there are {count}: give scores");
        return Err(AnalysisError::options(what));
    }
    if let Some(name) =
        names.iter().find(|name| options.score.is_none() && !options.scores.contains_key(*name))
    {
        return Err(AnalysisError::options(format!("scores has no column for class {name:?}")));
    }
    if names.len() > 2 {
        // The columns of `scores` are in the order of its keys, the classes in theirs.
        let by_class = names.iter().filter_map(|name| {
            let at = options.scores.keys().position(|own| own == name)?;
            scores.get(at)
        });
        let by_class: Vec<&Numbers<'_>> = by_class.collect();
        let cells =
            kept.iter().flat_map(|row| by_class.iter().map(move |one| one.values.get(*row)));
        return Ok(Scores::OfClasses(cells.flatten().copied().collect()));
    }
    let positive = match &options.positive {
        Some(positive) => names.iter().position(|name| name == positive).unwrap_or(0),
        None if names.len() == 2 => 1,
        None => {
            let what = "only one class is there: say which is the positive one";
            return Err(AnalysisError::options(what));
        }
    };
    let at = match (&options.score, names.get(positive)) {
        (None, Some(name)) => options.scores.keys().position(|own| own == name).unwrap_or(0),
        _ => 0,
    };
    let values = scores.get(at).map_or(&[][..], |one| one.values);
    Ok(Scores::OfPositive { positive: positive as u32, scores: pick(values, kept) })
}

/// Refuses numbers that are no probabilities, by their place in the table.
pub(super) fn check_probabilities(
    table: &Table,
    options: &EvaluateOptions,
    of: &'static str,
) -> Result<(), AnalysisError> {
    for name in options.score.iter().chain(options.scores.values()) {
        let values = numbers(table, name, of)?.values;
        let wrong = |value: &f64| !value.is_nan() && !(0.0..=1.0).contains(value);
        if let Some(row) = values.iter().position(wrong) {
            let value = values.get(row).copied().unwrap_or_default();
            return Err(AnalysisError::OutOfRange { of, column: name.clone(), row, value });
        }
    }
    Ok(())
}
