//! Feature columns from whole tensors.

pub(crate) mod records;
pub(crate) mod rows;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::{FeatureColumn, UnreadReason};

use crate::facts::{Limits, Naming, RequestFacts};
use crate::tensor::Tensor;
use crate::value;

/// The rows that all inputs of a request share, if they do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Batch {
    /// No input yet.
    #[default]
    Unseen,
    /// All inputs have so many rows.
    Agreed(usize),
    /// Inputs disagree, or one does not say.
    Unknown,
}

impl Batch {
    /// Adds an input of so many rows.
    pub fn add(&mut self, rows: Option<usize>) {
        *self = match (*self, rows) {
            (Self::Unseen, Some(rows)) => Self::Agreed(rows),
            (Self::Agreed(agreed), Some(rows)) if agreed == rows => Self::Agreed(agreed),
            _ => Self::Unknown,
        };
    }

    /// The batch size, if it is known.
    pub fn size(self) -> Option<u64> {
        match self {
            Self::Agreed(rows) => u64::try_from(rows).ok(),
            Self::Unseen | Self::Unknown => None,
        }
    }
}

/// The name of an unnamed column.
pub(crate) fn column_name(position: usize, naming: &Naming<'_>) -> String {
    naming.feature_names.get(position).cloned().unwrap_or_else(|| format!("f{position}"))
}

/// Adds the columns of a request's tensors to its facts.
///
/// Two layouts are in use. *Matrix*: one tensor, whose columns the wire does not name. *Column*: a tensor
/// a column, named by the tensor. A wide tensor among others gets `name[0]`, `name[1]`, ...
pub(crate) fn add_tensors(
    facts: &mut RequestFacts,
    tensors: &[Tensor<'_>],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let is_only = tensors.len() == 1;
    for tensor in tensors {
        let (Some(rows), Some(columns)) = (tensor.size.rows, tensor.size.columns) else {
            continue;
        };
        if rows == 0 {
            continue;
        }
        let first = facts.features.len();
        let kept_columns = columns.min(limits.max_columns.saturating_sub(first));
        let kept_rows = rows.min(limits.max_rows);
        facts.dropped_columns =
            facts.dropped_columns.saturating_add(difference(columns, kept_columns));
        facts.dropped_rows = facts.dropped_rows.max(difference(rows, kept_rows));
        if kept_columns == 0 {
            continue;
        }
        facts.features.extend((0..kept_columns).map(|position| FeatureColumn {
            name: name(tensor, position, is_only, naming, limits),
            values: Vec::with_capacity(kept_rows),
        }));
        let kept = facts.features.get_mut(first..).unwrap_or_default();
        fill(kept, tensor, columns, kept_rows, limits)?;
    }
    Ok(())
}

fn fill(
    kept: &mut [FeatureColumn],
    tensor: &Tensor<'_>,
    columns: usize,
    rows: usize,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let mut values = tensor.values();
    for _ in 0..rows {
        for position in 0..columns {
            // The size was measured on these data, so they cannot end before it.
            let leaf = values.next_value()?.ok_or(UnreadReason::Malformed)?;
            if let Some(column) = kept.get_mut(position) {
                column.values.push(value::feature(&leaf, limits));
            }
        }
    }
    Ok(())
}

fn name(
    tensor: &Tensor<'_>,
    position: usize,
    is_only: bool,
    naming: &Naming<'_>,
    limits: &Limits,
) -> String {
    let is_wide = tensor.size.columns != Some(1);
    let is_named = !tensor.name.is_empty();
    if is_only && (is_wide || !is_named || !naming.feature_names.is_empty()) {
        return column_name(position, naming);
    }
    if is_wide { indexed(&tensor.name, position, limits) } else { tensor.name.clone().into_owned() }
}

/// `name[position]`, within the limit of a name.
pub(crate) fn indexed(name: &str, position: usize, limits: &Limits) -> String {
    let suffix = format!("[{position}]");
    let room = limits.max_text_bytes.saturating_sub(suffix.len());
    let stem = name.get(..name.floor_char_boundary(room)).unwrap_or_default();
    format!("{stem}{suffix}")
}

fn difference(all: usize, kept: usize) -> u64 {
    u64::try_from(all.saturating_sub(kept)).unwrap_or(u64::MAX)
}
