//! A named tensor of any wire format: its size, and its values in row-major order.

mod binary;
mod datatype;
mod shape;
mod typed;

use alloc::borrow::Cow;

use tidegate_core::event::UnreadReason;

use crate::wire::json::{Leaf, Leaves, Number, Span};

pub(crate) use binary::count as count_binary;
pub(crate) use datatype::Datatype;
pub(crate) use shape::{Shape, Size};
pub(crate) use typed::TypedElements;

/// Which protobuf fields hold a tensor's elements.
pub(crate) mod layout {
    pub(crate) use super::typed::{
        bytes_list, float_list, int64_list, open_inference, tensorflow, tensorflow_brain,
    };
}

use binary::Elements;

/// Where a tensor's values are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Data<'a> {
    /// Nested or flat JSON arrays, or one bare value.
    Json(Span<'a>),
    /// Little-endian elements.
    Binary(&'a [u8]),
    /// Fields of a protobuf message.
    Typed(TypedElements<'a>),
    /// Nowhere in the body (shared memory).
    Absent,
}

/// A named tensor.
#[derive(Debug, Clone)]
pub(crate) struct Tensor<'a> {
    /// Its name; empty if it has none.
    pub name: Cow<'a, str>,
    /// Its element type.
    pub datatype: Datatype,
    /// Its declared shape.
    pub shape: Shape,
    /// Rows and columns.
    pub size: Size,
    /// Its values.
    pub data: Data<'a>,
}

impl<'a> Tensor<'a> {
    /// A tensor that is a JSON value without a shape or a type of its own.
    pub fn from_json(name: Cow<'a, str>, span: Span<'a>) -> Self {
        let shape = Shape::default();
        let size = shape.size(&span.extent);
        Self { name, datatype: Datatype::Unknown, shape, size, data: Data::Json(span) }
    }

    /// Its values, in row-major order.
    pub fn values(&self) -> Values<'a> {
        let source = match self.data {
            Data::Json(span) => Source::Json(Leaves::new(span.bytes)),
            Data::Binary(bytes) => Source::Binary(Elements::new(self.datatype, bytes)),
            Data::Typed(elements) => Source::Typed(elements),
            Data::Absent => Source::Absent,
        };
        Values { datatype: self.datatype, source }
    }
}

/// The values of a tensor, as its datatype means them.
#[derive(Debug, Clone)]
pub(crate) struct Values<'a> {
    datatype: Datatype,
    source: Source<'a>,
}

#[derive(Debug, Clone)]
enum Source<'a> {
    Json(Leaves<'a>),
    Binary(Elements<'a>),
    Typed(TypedElements<'a>),
    Absent,
}

impl<'a> Values<'a> {
    /// The next value; `None` after the last.
    ///
    /// # Errors
    /// The data are not what they were measured to be.
    #[inline]
    pub fn next_value(&mut self) -> Result<Option<Leaf<'a>>, UnreadReason> {
        let leaf = match &mut self.source {
            Source::Json(leaves) => leaves.next_leaf()?,
            Source::Binary(elements) => elements.next_element(),
            Source::Typed(elements) => elements.next_element()?,
            Source::Absent => None,
        };
        Ok(leaf.map(|leaf| self.typed(leaf)))
    }

    #[inline]
    fn typed(&self, leaf: Leaf<'a>) -> Leaf<'a> {
        match (self.datatype, leaf) {
            (Datatype::Bool, Leaf::Number(number)) => Leaf::Boolean(number.value != 0.0),
            // JavaScript writes 4.0 as `4`, so a datatype knows better than a spelling.
            (Datatype::Integer { .. }, Leaf::Number(Number { value, .. })) => {
                Leaf::Number(Number { value, is_integer: true })
            }
            (datatype, Leaf::Number(Number { value, .. })) if datatype.is_float() => {
                Leaf::Number(Number { value, is_integer: false })
            }
            (_, leaf) => leaf,
        }
    }
}
