//! Shapes as they are sent: honest, absent, or lying.

use alloc::vec::Vec;

use crate::wire::json::{Error, Extent, Kind, Number, Reader};

/// Dimensions that are kept one by one.
const KEPT_DIMENSIONS: usize = 8;

/// A declared shape, folded as it is read, so that a long one takes no memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    rank: usize,
    /// The first dimension, if it is known.
    first: Dimension,
    /// Product of the other dimensions; `None` past the range of `usize`.
    rest: Option<usize>,
    /// A dimension after the first is negative, or no integer.
    is_rest_unknown: bool,
    is_declared: bool,
    kept: [u64; KEPT_DIMENSIONS],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Known(usize),
    /// Negative: whatever fits.
    Free,
    Invalid,
}

/// Rows and columns of a tensor, where they are known. Column is every index but the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Size {
    pub rows: Option<usize>,
    pub columns: Option<usize>,
}

impl Default for Shape {
    /// No shape at all.
    fn default() -> Self {
        Self {
            rank: 0,
            first: Dimension::Free,
            rest: Some(1),
            is_rest_unknown: false,
            is_declared: false,
            kept: [0; KEPT_DIMENSIONS],
        }
    }
}

impl Shape {
    /// A shape without dimensions so far: that of one value.
    pub fn declared() -> Self {
        Self { is_declared: true, ..Self::default() }
    }

    /// Elements of a tensor of this shape, if all dimensions are known.
    pub fn elements(&self) -> Option<usize> {
        match (self.first, self.rest) {
            _ if !self.is_declared || self.is_rest_unknown => None,
            _ if self.rank == 0 => Some(1),
            (Dimension::Known(first), Some(rest)) => first.checked_mul(rest),
            _ => None,
        }
    }

    /// Reads a shape: a list of dimensions, or a bare one.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let mut shape = Self::declared();
        match reader.peek()? {
            Kind::Array => {
                reader.enter_array()?;
                while reader.next_element()? {
                    shape.push(dimension(reader.number_if_any()?));
                }
            }
            Kind::Null => {
                reader.null()?;
                return Ok(Self::default());
            }
            _ => shape.push(dimension(reader.number_if_any()?)),
        }
        Ok(shape)
    }

    /// Adds a dimension; a negative one takes whatever fits.
    pub fn push_size(&mut self, size: i64) {
        self.is_declared = true;
        self.push(match usize::try_from(size) {
            Ok(size) => Dimension::Known(size),
            Err(_) if size < 0 => Dimension::Free,
            Err(_) => Dimension::Invalid,
        });
    }

    fn push(&mut self, dimension: Dimension) {
        if let (Some(kept), Dimension::Known(size)) = (self.kept.get_mut(self.rank), dimension) {
            *kept = u64::try_from(size).unwrap_or(u64::MAX);
        }
        if self.rank == 0 {
            self.first = dimension;
        } else {
            match dimension {
                Dimension::Known(size) => {
                    self.rest = self.rest.and_then(|rest| rest.checked_mul(size));
                }
                Dimension::Free | Dimension::Invalid => self.is_rest_unknown = true,
            }
        }
        self.rank = self.rank.saturating_add(1);
    }

    /// Declared dimensions.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The dimensions one by one; none, where one is unknown or there are more than are kept.
    pub fn dimensions(&self) -> Vec<u64> {
        let is_known = matches!(self.first, Dimension::Known(_)) && !self.is_rest_unknown;
        let kept = self.kept.get(..self.rank).filter(|_| is_known);
        kept.map(<[u64]>::to_vec).unwrap_or_default()
    }

    /// The size of a tensor of this shape whose data have that extent.
    ///
    /// Where both agree, the shape is right. Where they do not, the data are: a row is an element of the
    /// outermost array, and its columns are known only if a nested array or a flat list shows them.
    pub fn size(&self, data: &Extent) -> Size {
        if !self.is_declared {
            return Size { rows: Some(data.elements), columns: data.leaves_per_element };
        }
        if self.rank == 0 && data.leaves == 1 {
            return Size { rows: Some(1), columns: Some(1) };
        }
        self.honest(data.leaves).unwrap_or_else(|| {
            let is_nested = data.leaves != data.elements;
            let shows_columns = is_nested || self.rank <= 1;
            Size {
                rows: Some(data.elements),
                columns: if shows_columns { data.leaves_per_element } else { None },
            }
        })
    }

    /// The size of a tensor of this shape whose data are elsewhere.
    pub fn declared_size(&self) -> Size {
        match self.first {
            Dimension::Known(rows) if self.rank > 0 => Size { rows: Some(rows), columns: None },
            _ => Size::default(),
        }
    }

    /// What the shape says, if so many leaves fit it.
    fn honest(&self, leaves: usize) -> Option<Size> {
        let columns = if self.is_rest_unknown { None } else { self.rest };
        match (self.first, columns) {
            _ if self.rank == 0 => None,
            (Dimension::Known(rows), Some(columns)) => (rows.checked_mul(columns)? == leaves)
                .then_some(Size { rows: Some(rows), columns: Some(columns) }),
            (Dimension::Known(rows), None) if self.is_rest_unknown => (leaves.checked_rem(rows)?
                == 0)
                .then_some(Size { rows: Some(rows), columns: leaves.checked_div(rows) }),
            (Dimension::Free, Some(columns)) => (leaves.checked_rem(columns)? == 0)
                .then_some(Size { rows: leaves.checked_div(columns), columns: Some(columns) }),
            _ => None,
        }
    }
}

/// Integers that an `f64` holds exactly.
const MAX_EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;

fn dimension(number: Option<Number>) -> Dimension {
    match number.map(|number| number.value) {
        Some(value) if value < 0.0 => Dimension::Free,
        Some(value) if value <= MAX_EXACT_INTEGER => {
            let size = value as u64;
            match usize::try_from(size) {
                Ok(dimension) if size as f64 == value => Dimension::Known(dimension),
                _ => Dimension::Invalid,
            }
        }
        _ => Dimension::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        shape: &str,
        data: &str,
        rows: impl Into<Option<usize>>,
        columns: impl Into<Option<usize>>,
    ) {
        let shape_read = Shape::read(&mut Reader::new(shape.as_bytes())).unwrap();
        let extent = Reader::new(data.as_bytes()).skip().unwrap().extent;
        let expected = Size { rows: rows.into(), columns: columns.into() };
        assert_eq!(shape_read.size(&extent), expected, "shape {shape}, data {data}");
    }

    #[test]
    fn an_honest_shape_is_right() {
        check("[2, 3]", "[1, 2, 3, 4, 5, 6]", 2, 3);
        check("[2, 3]", "[[1, 2, 3], [4, 5, 6]]", 2, 3);
        check("[2, 1, 3]", "[1, 2, 3, 4, 5, 6]", 2, 3);
        check("[3]", "[1, 2, 3]", 3, 1);
        check("[1]", "\"text\"", 1, 1);
        check("[0, 4]", "[]", 0, 4);
        check("[2.0, 1]", "[1, 2]", 2, 1);
    }

    #[test]
    fn a_free_dimension_takes_what_is_left() {
        check("[-1, 2]", "[1, 2, 3, 4]", 2, 2);
        check("[2, -1]", "[1, 2, 3, 4]", 2, 2);
        check("[-1]", "[1, 2, 3]", 3, 1);
        check("-1", "[1, 2, 3]", 3, 1);
        check("[-1, -1]", "[[1, 2], [3, 4], [5, 6]]", 3, 2);
        check("[-1, 0]", "[]", 0, None);
    }

    #[test]
    fn data_correct_a_lying_shape() {
        check("[]", "[\"one\"]", 1, 1);
        check("[]", "[1, 2, 3]", 3, 1);
        check("3", "[1, 2]", 2, 1);
        check("null", "[[1, 2], [3, 4]]", 2, 2);
        check("[1, 16]", "[[1, 2], [3, 4]]", 2, 2);
        check("[1, 16]", "[1, 2, 3]", 3, None);
        check("[5]", "[[1, 2], [3]]", 2, None);
        check("[\"2\", 2]", "[[1, 2], [3, 4]]", 2, 2);
        check("[0.5]", "[1, 2]", 2, 1);
    }

    #[test]
    fn an_overflow_is_a_lie() {
        check("[18446744073709551615, 18446744073709551615]", "[1, 2]", 2, None);
        check("[4294967296, 4294967296, 4294967296]", "[[1, 2]]", 1, 2);
        check("[1e400, 1]", "[1, 2]", 2, None);
        check("[NaN]", "[1, 2]", 2, 1);
    }

    #[test]
    fn without_data_the_first_dimension_is_the_batch() {
        let size = |shape: &str| {
            Shape::read(&mut Reader::new(shape.as_bytes())).unwrap().declared_size().rows
        };
        assert_eq!(size("[8, 3]"), Some(8));
        assert_eq!(size("[-1, 3]"), None);
        assert_eq!(size("[]"), None);
        assert_eq!(Shape::default().declared_size().rows, None);
    }
}
