//! A column read as numbers, or as categories, whichever it is.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::table::{Column, MISSING};

/// A column's values as numbers.
///
/// # Errors
/// The first category that is no number.
pub(super) fn numbers(column: &Column) -> Result<Cow<'_, [f64]>, &str> {
    let (codes, levels) = match column {
        Column::Numeric(values) => return Ok(Cow::Borrowed(values)),
        Column::Categorical { codes, levels } => (codes, levels),
    };
    let parsed: Vec<Option<f64>> = levels.iter().map(|level| level.trim().parse().ok()).collect();
    let mut values = Vec::with_capacity(codes.len());
    for code in codes.iter().map(|code| *code as usize) {
        values.push(match parsed.get(code) {
            None => f64::NAN,
            Some(Some(value)) => *value,
            Some(None) => return Err(&levels[code]),
        });
    }
    Ok(Cow::Owned(values))
}

pub(super) type Categories<'a> = (Cow<'a, [u32]>, Cow<'a, [String]>);

/// A column's values as codes and levels; a number is named by its shortest decimal, `1` for 1.0.
pub(super) fn categories(column: &Column) -> Categories<'_> {
    match column {
        Column::Categorical { codes, levels } => (Cow::Borrowed(codes), Cow::Borrowed(levels)),
        Column::Numeric(values) => {
            let mut levels = Vec::new();
            let mut code_by_bits = BTreeMap::new();
            let mut code = |value: f64| {
                if value.is_nan() {
                    return MISSING;
                }
                // Adding zero makes one zero of the two.
                let value = value + 0.0;
                *code_by_bits.entry(value.to_bits()).or_insert_with(|| {
                    levels.push(value.to_string());
                    u32::try_from(levels.len() - 1).unwrap_or(MISSING)
                })
            };
            let codes = values.iter().map(|value| code(*value)).collect();
            (Cow::Owned(codes), Cow::Owned(levels))
        }
    }
}
