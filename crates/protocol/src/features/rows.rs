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
    if !span.extent.is_array {
        return Err(UnreadReason::NotProtocol);
    }
    let mut records = Records::new(naming, limits);
    let mut reader = Reader::new(span.bytes);
    reader.enter_array()?;
    while reader.next_element()? {
        records.push_row(&mut reader)?;
    }
    facts.batch_size = u64::try_from(span.extent.elements).ok();
    records.finish(facts);
    Ok(())
}

/// Reads an object of columns: each a list of as many values, or of lists, as there are rows.
pub(crate) fn read_columns(
    span: Span<'_>,
    facts: &mut RequestFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let mut tensors = Vec::new();
    let mut batch = Batch::default();
    let mut reader = Reader::new(span.bytes);
    reader.enter_object()?;
    while let Some(key) = reader.next_key()? {
        let input = reader.skip()?;
        batch.add(input.extent.is_array.then_some(input.extent.elements));
        if tensors.len() < limits.max_columns {
            tensors.push(Tensor::from_json(key.decode(limits.max_text_bytes), input));
        } else {
            facts.dropped_columns = facts.dropped_columns.saturating_add(1);
        }
    }
    facts.batch_size = batch.size();
    features::add_tensors(facts, &tensors, naming, limits)
}
