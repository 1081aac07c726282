//! Predictions from named output tensors, whose names and values are all that tells them apart.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tidegate_core::event::{UnreadReason, Value};

use crate::facts::{Limits, Naming};
use crate::predictions::ranking;
use crate::predictions::score_table::ScoreTable;
use crate::predictions::{Predictions, Scores};
use crate::tensor::{Data, Tensor, Values};
use crate::value;
use crate::wire::json::Leaf;

/// Reads the predictions of a response's outputs.
///
/// In this order: a ranking of classes; a tensor of labels together with one of probabilities; either
/// alone; scores of as many classes as the operator named.
pub(crate) fn read<'n>(
    outputs: &[Tensor<'_>],
    naming: &Naming<'n>,
    limits: &Limits,
) -> Result<Predictions<'n>, UnreadReason> {
    let mut predictions = Predictions::new(naming, limits);
    for output in outputs {
        if ranking::read(output, naming, limits, &mut predictions)? {
            return Ok(predictions);
        }
    }
    let by_class = ClassColumns::find(outputs);
    let probabilities = find_probabilities(outputs)?;
    let has_probabilities = by_class.is_some() || probabilities.is_some();
    match (find_labels(outputs, has_probabilities), by_class, probabilities) {
        (labels, Some(by_class), _) => by_class.read(labels, naming, limits, &mut predictions)?,
        (Some(labels), None, Some(probabilities)) => {
            read_labelled(labels, probabilities, naming, limits, &mut predictions)?;
        }
        (Some(labels), None, None) => {
            let mut values = labels.values();
            while let Some(leaf) = values.next_value()? {
                predictions.push_plain(&leaf);
            }
        }
        (None, None, Some(probabilities)) => match find_names(outputs, probabilities)? {
            Some(names) => read_named(names, probabilities, &mut predictions)?,
            None => read_scores(probabilities, &mut predictions)?,
        },
        (None, None, None) => {
            let is_scores = |output: &&Tensor<'_>| {
                output.size.columns == Some(naming.classes.len()) && is_wide(output)
            };
            if let Some(scores) = outputs.iter().find(is_scores) {
                read_scores(scores, &mut predictions)?;
            }
        }
    }
    Ok(predictions)
}

fn is_wide(output: &Tensor<'_>) -> bool {
    output.size.columns.is_some_and(|columns| columns >= 2)
}

fn mentions(output: &Tensor<'_>, word: &str) -> bool {
    output.name.to_ascii_lowercase().contains(word)
}

/// The tensor of one label a row. Several that no name tells apart are none.
fn find_labels<'t, 'a>(
    outputs: &'t [Tensor<'a>],
    has_probabilities: bool,
) -> Option<&'t Tensor<'a>> {
    let is_column = |output: &&Tensor<'_>| {
        output.size.columns == Some(1)
            && !matches!(output.data, Data::Absent)
            && !mentions(output, "prob")
    };
    let columns: Vec<_> = outputs.iter().filter(is_column).collect();
    // Of `classes` beside `class_ids`, the one in words.
    let is_text =
        |output: &&&Tensor<'_>| matches!(output.values().next_value(), Ok(Some(Leaf::Text(_))));
    let named = ["predict", "label", "class"].iter().find_map(|word| {
        let mut of_word = columns.iter().filter(|output| mentions(output, word));
        let first = of_word.clone().next();
        of_word.find(is_text).or(first)
    });
    match (named, columns.as_slice()) {
        (Some(named), _) => Some(named),
        // Beside probabilities a lone measure is not the class that they are about.
        (None, [only]) if !(has_probabilities && only.datatype.is_float()) => Some(only),
        _ => None,
    }
}

/// The tensor whose rows are probabilities; one that is called so, if there are several.
fn find_probabilities<'t, 'a>(
    outputs: &'t [Tensor<'a>],
) -> Result<Option<&'t Tensor<'a>>, UnreadReason> {
    let mut found = None;
    for output in outputs {
        if is_distribution(output)? {
            if mentions(output, "prob") {
                return Ok(Some(output));
            }
            found = found.or(Some(output));
        }
    }
    Ok(found)
}

fn is_distribution(output: &Tensor<'_>) -> Result<bool, UnreadReason> {
    if !is_wide(output) {
        return Ok(false);
    }
    let mut rows = Rows::of(output);
    let mut is_any = false;
    while let Some((scores, _)) = rows.next_row(None, None)? {
        if !scores.is_distribution() {
            return Ok(false);
        }
        is_any = true;
    }
    Ok(is_any)
}

/// The tensor that names the class of each score, as TensorFlow's classifiers answer: `classes` beside `scores`.
fn find_names<'t, 'a>(
    outputs: &'t [Tensor<'a>],
    scores: &Tensor<'_>,
) -> Result<Option<&'t Tensor<'a>>, UnreadReason> {
    for output in outputs.iter().filter(|output| output.size == scores.size) {
        if let Some(Leaf::Text(_)) = output.values().next_value()? {
            return Ok(Some(output));
        }
    }
    Ok(None)
}

/// Each row's class of the highest probability, by its name.
fn read_named(
    names: &Tensor<'_>,
    probabilities: &Tensor<'_>,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    let mut names = names.values();
    let mut rows = Rows::of(probabilities);
    for _ in 0..probabilities.size.rows.unwrap_or_default() {
        let mut scores = Scores::default();
        let mut best = Value::Missing;
        for position in 0..rows.columns {
            let name = names.next_value()?.unwrap_or(Leaf::Null);
            let score = rows.values.next_value()?.unwrap_or(Leaf::Null);
            let class = predictions.class_of(&name);
            if let Value::Category(class) = &class {
                predictions.table.put(Some(class), &score);
            }
            scores.push_leaf(&score);
            if scores.best() == position {
                best = class;
            }
        }
        predictions.push(best, Some(scores.highest()));
    }
    Ok(())
}

fn read_scores(output: &Tensor<'_>, predictions: &mut Predictions<'_>) -> Result<(), UnreadReason> {
    let mut rows = Rows::of(output);
    while let Some((scores, _)) = rows.next_row(None, Some(&mut predictions.table))? {
        predictions.push_scores(&scores);
    }
    Ok(())
}

/// The class from one tensor, its probability from the other; the highest, if the class has no index.
fn read_labelled(
    labels: &Tensor<'_>,
    probabilities: &Tensor<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    let mut indices = BTreeMap::new();
    indices.extend(naming.classes.iter().enumerate().map(|(index, name)| (name.as_str(), index)));
    let mut labels = labels.values();
    let mut rows = Rows::of(probabilities);
    while let Some(label) = labels.next_value()? {
        let class = value::class(&label, naming, limits);
        let index = value::class_index(&label).or_else(|| match &class {
            Value::Category(name) => indices.get(name.as_str()).copied(),
            Value::Missing | Value::Number(_) => None,
        });
        let row = rows.next_row(index, Some(&mut predictions.table))?;
        predictions.push(class, row.map(|(scores, own)| own.unwrap_or_else(|| scores.highest())));
    }
    Ok(())
}

/// The rows of a wide tensor, as scores.
struct Rows<'a> {
    values: Values<'a>,
    columns: usize,
}

impl<'a> Rows<'a> {
    fn of(tensor: &Tensor<'a>) -> Self {
        Self { values: tensor.values(), columns: tensor.size.columns.unwrap_or_default() }
    }

    /// The next row's scores, and the one of column `wanted`; also puts them in `table`.
    fn next_row(
        &mut self,
        wanted: Option<usize>,
        mut table: Option<&mut ScoreTable>,
    ) -> Result<Option<(Scores, Option<f64>)>, UnreadReason> {
        let mut scores = Scores::default();
        let mut own = None;
        for column in 0..self.columns {
            let Some(leaf) = self.values.next_value()? else {
                return Ok(None);
            };
            scores.push_leaf(&leaf);
            if let Some(table) = &mut table {
                table.put(None, &leaf);
            }
            if let (true, Leaf::Number(number)) = (wanted == Some(column), leaf) {
                own = Some(number.value);
            }
        }
        Ok((self.columns > 0).then_some((scores, own)))
    }
}

/// What PMML servers name the probability of a class by, before the class.
pub(crate) const CLASS_PREFIX: &str = "Probability_";

/// Probabilities in a tensor a class: `Probability_setosa`, `Probability_virginica`, ...
struct ClassColumns<'a> {
    columns: Vec<(Cow<'a, str>, Values<'a>)>,
    rows: usize,
}

impl<'a> ClassColumns<'a> {
    fn find(outputs: &[Tensor<'a>]) -> Option<Self> {
        let mut columns = Vec::new();
        let mut rows = None;
        for output in outputs.iter().filter(|output| output.size.columns == Some(1)) {
            if let Some(class) = output.name.strip_prefix(CLASS_PREFIX) {
                if rows.is_some_and(|rows| Some(rows) != output.size.rows) {
                    return None;
                }
                rows = output.size.rows;
                columns.push((Cow::Owned(class.into()), output.values()));
            }
        }
        if columns.len() >= 2 { Some(Self { columns, rows: rows? }) } else { None }
    }

    fn read(
        mut self,
        labels: Option<&Tensor<'_>>,
        naming: &Naming<'_>,
        limits: &Limits,
        predictions: &mut Predictions<'_>,
    ) -> Result<(), UnreadReason> {
        let mut labels = labels.map(Tensor::values);
        for _ in 0..self.rows {
            let label = match &mut labels {
                Some(labels) => labels.next_value()?,
                None => None,
            };
            let label = label.map(|leaf| value::class(&leaf, naming, limits));
            let mut scores = Scores::default();
            let mut own = None;
            for (class, values) in &mut self.columns {
                let leaf = values.next_value()?.unwrap_or(Leaf::Null);
                scores.push_leaf(&leaf);
                predictions.table.put(Some(class), &leaf);
                if let (Some(Value::Category(label)), Leaf::Number(number)) = (&label, leaf)
                    && *label == *class
                {
                    own = Some(number.value);
                }
            }
            let best = self.columns.get(scores.best()).map(|(class, _)| class.clone().into_owned());
            let confidence = own.unwrap_or_else(|| scores.highest());
            let confidence = scores.is_distribution().then_some(confidence);
            match label.or(best.map(Value::Category)) {
                Some(class) => predictions.push(class, confidence),
                None => predictions.push_unknown(),
            }
        }
        Ok(())
    }
}
