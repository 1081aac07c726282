use serde::{Deserialize, Serialize};

use super::{Cells, FeatureColumn, Fields, Value};

/// What a column is to its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ColumnRole {
    /// An input.
    Feature,
    /// The predicted class or number.
    Prediction,
    /// The confidence of the prediction.
    Confidence,
}

/// Named columns of rows, borrowed from wherever they are.
#[derive(Debug, Clone, Copy)]
pub enum Columns<'a> {
    /// Features as a protocol reads them.
    Features(&'a [FeatureColumn]),
    /// Features as an event tells them.
    Told(&'a Fields<Cells>),
    /// One row.
    Row(&'a Fields<Value>),
    /// One column.
    One(&'a str, &'a [Value]),
    /// One column of numbers.
    Numbers(&'a str, &'a [f64]),
}

/// The values of one column.
#[derive(Debug, Clone, Copy)]
pub enum ColumnValues<'a> {
    /// Of any kind.
    Values(&'a [Value]),
    /// Numbers.
    Numbers(&'a [f64]),
}

/// One value, borrowed from an event or from a raw row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CellRef<'v> {
    /// Missing.
    Missing,
    /// A number, not NaN.
    Number(f64),
    /// A category.
    Category(&'v str),
}

impl From<f64> for CellRef<'_> {
    fn from(number: f64) -> Self {
        if number.is_nan() { Self::Missing } else { Self::Number(number) }
    }
}

impl<'v> From<&'v Value> for CellRef<'v> {
    fn from(value: &'v Value) -> Self {
        match value {
            Value::Missing => Self::Missing,
            Value::Number(number) => Self::from(*number),
            Value::Category(name) => Self::Category(name),
        }
    }
}

impl<'a> Columns<'a> {
    /// Columns.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Features(columns) => columns.len(),
            Self::Told(columns) => columns.len(),
            Self::Row(columns) => columns.len(),
            Self::One(..) | Self::Numbers(..) => 1,
        }
    }

    /// Whether there is no column.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Name and values of a column.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<(&'a str, ColumnValues<'a>)> {
        use ColumnValues::{Numbers, Values};
        match *self {
            Self::Features(columns) => {
                columns.get(index).map(|it| (it.name.as_str(), Values(&it.values)))
            }
            Self::Told(columns) => columns.at(index).map(|(name, cells)| (name, Values(&cells.0))),
            Self::Row(columns) => {
                let value = |(name, value)| (name, Values(core::slice::from_ref(value)));
                columns.at(index).map(value)
            }
            Self::One(name, values) => (index == 0).then_some((name, Values(values))),
            Self::Numbers(name, values) => (index == 0).then_some((name, Numbers(values))),
        }
    }

    /// Names and values, in order.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, ColumnValues<'a>)> {
        (0..self.len()).filter_map(move |index| self.get(index))
    }

    /// Rows: values of the column that has the most of them.
    #[must_use]
    pub fn rows(self) -> usize {
        self.iter().map(|(_, values)| values.len()).max().unwrap_or(0)
    }
}

impl<'a> ColumnValues<'a> {
    /// Values.
    #[must_use]
    pub const fn len(self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The values, one a row.
    pub fn iter(self) -> impl Iterator<Item = CellRef<'a>> {
        let (values, numbers): (&[Value], &[f64]) = match self {
            Self::Values(values) => (values, &[]),
            Self::Numbers(numbers) => (&[], numbers),
        };
        let numbers = numbers.iter().map(|number| CellRef::from(*number));
        values.iter().map(CellRef::from).chain(numbers)
    }
}
