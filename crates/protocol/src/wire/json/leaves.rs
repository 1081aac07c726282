//! A value as the sequence of its leaves, in row-major order.

use super::{Error, Kind, Number, Reader, Text};

/// What stands in an array that is not an array.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leaf<'a> {
    /// `null`.
    Null,
    /// `true`, `false`.
    Boolean(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(Text<'a>),
    /// An object, as its JSON text.
    Object(&'a [u8]),
}

/// The leaves of a value: its nested arrays flattened, or the value itself if it is no array.
#[derive(Debug, Clone)]
pub struct Leaves<'a> {
    reader: Reader<'a>,
    open_arrays: u32,
    is_started: bool,
}

impl<'a> Leaves<'a> {
    /// The leaves of the value at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { reader: Reader::new(bytes), open_arrays: 0, is_started: false }
    }

    /// The next leaf; `None` after the last.
    ///
    /// # Errors
    /// What comes next is no value.
    #[inline]
    pub fn next_leaf(&mut self) -> Result<Option<Leaf<'a>>, Error> {
        if self.open_arrays == 0 && core::mem::replace(&mut self.is_started, true) {
            return Ok(None);
        }
        loop {
            if self.open_arrays > 0 && !self.reader.next_element()? {
                self.open_arrays = self.open_arrays.saturating_sub(1);
                if self.open_arrays == 0 {
                    return Ok(None);
                }
                continue;
            }
            match self.reader.leaf()? {
                Some(leaf) => return Ok(Some(leaf)),
                None => {
                    self.reader.enter_array()?;
                    self.open_arrays = self.open_arrays.saturating_add(1);
                }
            }
        }
    }
}

impl<'a> Reader<'a> {
    /// Reads a value that is no array; `None`, and nothing is read, when it is one.
    ///
    /// # Errors
    /// What comes next is no value.
    #[inline]
    pub fn leaf(&mut self) -> Result<Option<Leaf<'a>>, Error> {
        let leaf = match self.peek()? {
            Kind::Array => return Ok(None),
            Kind::Object => Leaf::Object(self.skip()?.bytes),
            Kind::Text => Leaf::Text(self.text()?),
            Kind::Number => Leaf::Number(self.number()?),
            Kind::Boolean => Leaf::Boolean(self.boolean()?),
            Kind::Null => {
                self.null()?;
                Leaf::Null
            }
        };
        Ok(Some(leaf))
    }
}
