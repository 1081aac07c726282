//! Triton's classification extension: `"value:index[:label]"`, the best class first.

use alloc::borrow::Cow;

use tidegate_core::event::{UnreadReason, Value};

use crate::facts::{Limits, Naming};
use crate::predictions::{Predictions, Scores};
use crate::tensor::{Datatype, Tensor};
use crate::value;
use crate::wire::json::{Leaf, Number};

/// One class of a ranking.
struct Ranked<'a> {
    score: f64,
    index: usize,
    label: &'a str,
}

impl<'a> Ranked<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let score = parts.next()?;
        // Triton writes scores with a point; `12:30` is a time of day.
        if !score.contains('.') {
            return None;
        }
        let (score, index) = (score.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { score, index, label: parts.next().unwrap_or_default() })
    }

    fn class(&self, naming: &Naming<'_>) -> Value {
        if self.label.is_empty() {
            Value::Category(value::class_name(self.index, naming))
        } else {
            Value::Category(self.label.into())
        }
    }
}

/// Reads a tensor as a ranking of classes; `false`, and nothing is read, if it is none.
pub(crate) fn read(
    tensor: &Tensor<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
    predictions: &mut Predictions<'_>,
) -> Result<bool, UnreadReason> {
    if tensor.datatype != Datatype::Bytes || !is_ranking(tensor, limits)? {
        return Ok(false);
    }
    // A model without batching has the shape [k]: one row.
    let columns = if tensor.shape.rank() == 1 { tensor.size.rows } else { tensor.size.columns };
    let Some(columns) = columns else {
        return Ok(false);
    };
    let mut values = tensor.values();
    let mut top = None;
    let mut scores = Scores::default();
    while let Some(leaf) = values.next_value()? {
        let text = text(&leaf, limits);
        let Some(ranked) = Ranked::parse(&text) else {
            continue;
        };
        scores.push(ranked.score);
        if let Value::Category(class) = ranked.class(naming) {
            predictions.table.put(
                Some(&class),
                &Leaf::Number(Number { value: ranked.score, is_integer: false }),
            );
        }
        let best = top.take().unwrap_or_else(|| ranked.class(naming));
        if scores.count() < columns {
            top = Some(best);
            continue;
        }
        predictions.push(best, scores.is_part_of_distribution().then_some(scores.highest()));
        scores = Scores::default();
    }
    Ok(true)
}

fn is_ranking(tensor: &Tensor<'_>, limits: &Limits) -> Result<bool, UnreadReason> {
    let mut values = tensor.values();
    let mut is_any = false;
    while let Some(leaf) = values.next_value()? {
        if Ranked::parse(&text(&leaf, limits)).is_none() {
            return Ok(false);
        }
        is_any = true;
    }
    Ok(is_any)
}

fn text<'a>(leaf: &Leaf<'a>, limits: &Limits) -> Cow<'a, str> {
    match leaf {
        Leaf::Text(text) => text.decode(limits.max_text_bytes),
        _ => Cow::Borrowed(""),
    }
}
