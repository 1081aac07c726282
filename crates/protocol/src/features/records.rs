//! Feature columns from rows: lists of values, and records of named values.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::{FeatureColumn, UnreadReason, Value};

use crate::facts::{Limits, Naming, RequestFacts};
use crate::features::{column_name, indexed};
use crate::value;
use crate::wire::json::{Kind, Leaf, Leaves, Reader, Span};

/// Cells that rows may leave empty before rows count as too sparse to keep, beside as many as
/// [`EMPTY_CELLS_PER_VALUE`] allows. It keeps a list of `{}` from growing every column.
const FREE_EMPTY_CELLS: usize = 65_536;

/// Empty cells allowed for each cell that holds a value.
const EMPTY_CELLS_PER_VALUE: usize = 4;

/// Columns of one name: one for a scalar, several for a list. The unnamed field is a positional row.
#[derive(Default)]
struct Field {
    columns: Vec<usize>,
    /// Longest list seen, kept or not.
    width: usize,
}

/// Gathers rows into columns. Keys that a row lacks are missing there; a repeated key's last value wins.
pub(crate) struct Records<'n> {
    naming: &'n Naming<'n>,
    limits: &'n Limits,
    columns: Vec<FeatureColumn>,
    positional: Field,
    fields: Vec<(String, Field)>,
    field_of_name: BTreeMap<String, usize>,
    /// The field after the one that was last found: rows mostly repeat the order of keys.
    expected_field: usize,
    kept_rows: usize,
    dropped_rows: u64,
    values: usize,
    /// Keys of the present row that found no room.
    dropped_of_row: u64,
    /// Most keys of one row that found no room.
    dropped_fields: u64,
}

impl<'n> Records<'n> {
    pub fn new(naming: &'n Naming<'n>, limits: &'n Limits) -> Self {
        Self {
            naming,
            limits,
            columns: Vec::new(),
            positional: Field::default(),
            fields: Vec::new(),
            field_of_name: BTreeMap::new(),
            expected_field: 0,
            kept_rows: 0,
            dropped_rows: 0,
            values: 0,
            dropped_of_row: 0,
            dropped_fields: 0,
        }
    }

    /// Adds the row that comes next in `reader`.
    pub fn push_row(&mut self, reader: &mut Reader<'_>) -> Result<(), UnreadReason> {
        self.push_row_with(reader, None)
    }

    /// Adds the row that comes next in `reader`, with the values of a record that all rows have in common.
    pub fn push_row_with(
        &mut self,
        reader: &mut Reader<'_>,
        common: Option<Span<'_>>,
    ) -> Result<(), UnreadReason> {
        let row = reader.skip()?;
        if !self.admits_row() {
            return Ok(());
        }
        for part in [Some(row), common].into_iter().flatten() {
            self.push_cells(part.bytes)?;
        }
        self.end_row();
        Ok(())
    }

    /// Puts the values of a row, or some of them, into the row that was admitted.
    fn push_cells(&mut self, row: &[u8]) -> Result<(), UnreadReason> {
        let mut position = 0_usize;
        let mut leaves = Leaves::new(row);
        while let Some(leaf) = leaves.next_leaf()? {
            match leaf {
                Leaf::Object(json) if value::base64_text(json).is_none() => {
                    self.push_record(json)?;
                }
                leaf => {
                    self.put(None, position, &leaf);
                    position = position.saturating_add(1);
                }
            }
        }
        Ok(())
    }

    /// Begins a row; `false`, and it is counted as dropped, if there is no room for it.
    pub fn admits_row(&mut self) -> bool {
        let cells = self.kept_rows.saturating_add(1).saturating_mul(self.columns.len());
        let allowed =
            self.values.saturating_mul(EMPTY_CELLS_PER_VALUE).saturating_add(FREE_EMPTY_CELLS);
        let is_admitted = self.kept_rows < self.limits.max_rows && cells <= allowed;
        if !is_admitted {
            self.dropped_rows = self.dropped_rows.saturating_add(1);
        }
        self.expected_field = 0;
        self.dropped_of_row = 0;
        is_admitted
    }

    /// Puts a value of the row under a name; at a position, where the name has a list.
    pub fn put_named(&mut self, name: &str, position: usize, leaf: &Leaf<'_>) {
        match self.field(Cow::Borrowed(name)) {
            Some(field) => self.put(Some(field), position, leaf),
            None => self.dropped_of_row = self.dropped_of_row.saturating_add(1),
        }
    }

    /// Puts a value of the row at a position without a name.
    pub fn put_unnamed(&mut self, position: usize, leaf: &Leaf<'_>) {
        self.put(None, position, leaf);
    }

    /// Ends the row that was admitted.
    pub fn end_row(&mut self) {
        self.kept_rows = self.kept_rows.saturating_add(1);
        self.dropped_fields = self.dropped_fields.max(self.dropped_of_row);
    }

    /// Writes the columns that were found.
    pub fn finish(mut self, facts: &mut RequestFacts) {
        for column in &mut self.columns {
            column.values.resize(self.kept_rows, Value::Missing);
        }
        let fields = self.fields.iter().map(|(_, field)| field);
        let dropped = fields.chain([&self.positional]).fold(self.dropped_fields, |sum, field| {
            let narrower = field.width.saturating_sub(field.columns.len());
            sum.saturating_add(u64::try_from(narrower).unwrap_or(u64::MAX))
        });
        facts.features = self.columns;
        facts.dropped_columns = dropped;
        facts.dropped_rows = self.dropped_rows;
    }

    fn push_record(&mut self, json: &[u8]) -> Result<(), UnreadReason> {
        let mut reader = Reader::new(json);
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let Some(field) = self.field(key.decode(self.limits.max_text_bytes)) else {
                self.dropped_of_row = self.dropped_of_row.saturating_add(1);
                reader.skip()?;
                continue;
            };
            if reader.peek()? != Kind::Array {
                if let Some(leaf) = reader.leaf()? {
                    self.put(Some(field), 0, &leaf);
                }
                continue;
            }
            let mut leaves = Leaves::new(reader.skip()?.bytes);
            let mut position = 0_usize;
            while let Some(leaf) = leaves.next_leaf()? {
                self.put(Some(field), position, &leaf);
                position = position.saturating_add(1);
            }
        }
        Ok(())
    }

    /// The number of the field of that name, made if there is room for it.
    fn field(&mut self, name: Cow<'_, str>) -> Option<usize> {
        let is_expected = |(expected, _): &(String, Field)| *expected == *name;
        let found = if self.fields.get(self.expected_field).is_some_and(is_expected) {
            self.expected_field
        } else if let Some(&found) = self.field_of_name.get(&*name) {
            found
        } else if self.fields.len() < self.limits.max_columns {
            let new = self.fields.len();
            self.field_of_name.insert(name.clone().into_owned(), new);
            self.fields.push((name.into_owned(), Field::default()));
            new
        } else {
            return None;
        };
        self.expected_field = found.saturating_add(1);
        Some(found)
    }

    /// Puts a value in the present row.
    fn put(&mut self, field: Option<usize>, position: usize, leaf: &Leaf<'_>) {
        let Some(column) = self.column(field, position) else {
            return;
        };
        if let Some(FeatureColumn { values, .. }) = self.columns.get_mut(column) {
            values.resize(self.kept_rows, Value::Missing);
            values.push(value::feature(leaf, self.limits));
            self.values = self.values.saturating_add(1);
        }
    }

    /// The column of a field's position, made if there is room for it.
    fn column(&mut self, field: Option<usize>, position: usize) -> Option<usize> {
        let (name, field) = match field {
            Some(number) => {
                let (name, field) = self.fields.get_mut(number)?;
                (Some(Cow::Borrowed(name.as_str())), field)
            }
            None => (None, &mut self.positional),
        };
        field.width = field.width.max(position.saturating_add(1));
        if let Some(&column) = field.columns.get(position) {
            return Some(column);
        }
        if self.columns.len() >= self.limits.max_columns {
            return None;
        }
        let column_name = match &name {
            None => column_name(position, self.naming),
            Some(name) if position == 0 => name.clone().into_owned(),
            Some(name) => indexed(name, position, self.limits),
        };
        // With its second value a field is a list: the first is an element as well.
        if let (1, Some(name), Some(&first)) = (position, &name, field.columns.first())
            && let Some(first) = self.columns.get_mut(first)
        {
            first.name = indexed(name, 0, self.limits);
        }
        let column = self.columns.len();
        field.columns.push(column);
        self.columns.push(FeatureColumn { name: column_name, values: Vec::new() });
        Some(column)
    }
}
