//! Feature columns from a list of rows, or from an object of columns.

use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::facts::{Limits, Naming, RequestFacts};
use crate::features::records::Records;
use crate::features::{self, Batch};
use crate::tensor::Tensor;
use crate::wire::json::{Reader, Span};

/// Reads a list of rows: each a value, a list, or a record of named values.
///
/// # Errors
/// [`UnreadReason::NotProtocol`]: no list.
pub(crate) fn read(
    span: Span<'_>,
    facts: &mut RequestFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    read_with(span, None, facts, naming, limits)
}

/// Reads a list of rows as [`read`] does, each with the values of a record that all have in common.
pub(crate) fn read_with(
    span: Span<'_>,
    common: Option<Span<'_>>,
    facts: &mut RequestFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    if !span.extent.is_array {
        return Err(UnreadReason::NotProtocol);
    }
    let mut records = Records::new(naming, limits);
    let mut reader = Reader::new(span.bytes);
    reader.enter_array()?;
    while reader.next_element()? {
        records.push_row_with(&mut reader, common)?;
    }
    facts.batch_size = u64::try_from(span.extent.elements).ok();
    records.finish(facts);
    Ok(())
}

/// An object of columns: each a list of as many values, or of lists, as there are rows.
#[derive(Default)]
pub(crate) struct Columns<'a> {
    /// At most [`Limits::max_columns`].
    pub(crate) tensors: Vec<Tensor<'a>>,
    pub(crate) batch: Batch,
    dropped: u64,
}

impl<'a> Columns<'a> {
    pub(crate) fn read(span: Span<'a>, limits: &Limits) -> Result<Self, UnreadReason> {
        let mut columns = Self::default();
        let mut reader = Reader::new(span.bytes);
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let column = reader.skip()?;
            columns.batch.add(column.extent.is_array.then_some(column.extent.elements));
            if columns.tensors.len() < limits.max_columns {
                let name = key.decode(limits.max_text_bytes);
                columns.tensors.push(Tensor::from_json(name, column));
            } else {
                columns.dropped = columns.dropped.saturating_add(1);
            }
        }
        Ok(columns)
    }
}

/// Reads an object of columns as features.
pub(crate) fn read_columns(
    span: Span<'_>,
    facts: &mut RequestFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let Columns { tensors, batch, dropped } = Columns::read(span, limits)?;
    facts.dropped_columns = facts.dropped_columns.saturating_add(dropped);
    facts.batch_size = batch.size();
    features::add_tensors(facts, &tensors, naming, limits)
}
