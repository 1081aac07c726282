//! Predictions from a list of rows, or from an object of columns.

use tidegate_core::event::{UnreadReason, Value};

use crate::facts::{Limits, Naming, ResponseFacts};
use crate::features::rows::Columns;
use crate::predictions::labelled;
use crate::predictions::outputs;
use crate::predictions::{Predictions, Scores};
use crate::value;
use crate::wire::json::{Leaf, Leaves, Reader, Span};

/// Reads a list of rows, or one row without a list around it.
pub(crate) fn read<'n>(
    span: Span<'_>,
    naming: &Naming<'n>,
    limits: &Limits,
) -> Result<Predictions<'n>, UnreadReason> {
    let mut predictions = Predictions::new(naming, limits);
    let mut reader = Reader::new(span.bytes);
    if span.bytes == b"null" {
        return Ok(predictions);
    }
    if !span.extent.is_array {
        read_row(reader.skip()?, limits, &mut predictions)?;
        return Ok(predictions);
    }
    reader.enter_array()?;
    while reader.next_element()? {
        read_row(reader.skip()?, limits, &mut predictions)?;
    }
    Ok(predictions)
}

/// Reads an object of columns as predictions.
pub(crate) fn read_columns(
    span: Span<'_>,
    facts: &mut ResponseFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let Columns { tensors, batch, .. } = Columns::read(span, limits)?;
    facts.batch_size = batch.size();
    outputs::read(&tensors, naming, limits)?.finish(facts);
    Ok(())
}

/// Reads one row: a class or a number, a row of scores, `[label, score]` pairs, or a record.
pub(crate) fn read_row(
    row: Span<'_>,
    limits: &Limits,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    let extent = row.extent;
    let mut leaves = Leaves::new(row.bytes);
    let Some(first) = leaves.next_leaf()? else {
        predictions.push_unknown();
        return Ok(());
    };
    let is_flat = extent.leaves == extent.elements || extent.elements == 1;
    match first {
        Leaf::Object(json) if extent.leaves == 1 && value::base64_text(json).is_none() => {
            labelled::read(json, limits, predictions)
        }
        leaf if extent.leaves == 1 => {
            predictions.push_plain(&leaf);
            Ok(())
        }
        Leaf::Text(_) if extent.leaves_per_element == Some(2) => {
            read_pairs(row, limits, predictions)
        }
        Leaf::Number(_) if is_flat => {
            let mut scores = Scores::default();
            let mut next = Some(first);
            while let Some(leaf) = next {
                scores.push_leaf(&leaf);
                predictions.table.put(None, &leaf);
                next = leaves.next_leaf()?;
            }
            predictions.push_scores(&scores);
            Ok(())
        }
        _ => {
            predictions.push_unknown();
            Ok(())
        }
    }
}

/// `[[label, score], ...]`, what TensorFlow Serving's `:classify` answers for one example. Scores need not be probabilities.
fn read_pairs(
    row: Span<'_>,
    limits: &Limits,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    let mut leaves = Leaves::new(row.bytes);
    let mut scores = Scores::default();
    let mut best = None;
    while let Some(label) = leaves.next_leaf()? {
        let score = leaves.next_leaf()?;
        let (Leaf::Text(label), Some(Leaf::Number(score))) = (label, score) else {
            predictions.push_unknown();
            return Ok(());
        };
        let position = scores.count();
        scores.push(score.value);
        predictions.table.put(Some(&label.decode(limits.max_text_bytes)), &Leaf::Number(score));
        if best.is_none() || scores.best() == position {
            best = Some(label);
        }
    }
    let class = best.map(|label| label.decode(limits.max_text_bytes).into_owned());
    let confidence = scores.is_distribution().then_some(scores.highest());
    predictions.push(class.map_or(Value::Missing, Value::Category), confidence);
    Ok(())
}
