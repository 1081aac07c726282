//! A pull reader of JSON over a slice: no tree, no recursion, no allocation but for escaped text.
//!
//! It takes what inference servers send, which is a little more than RFC 8259 allows:
//! * bare `NaN`, `Infinity`, `-Infinity`; numbers of any size, as the nearest `f64`;
//! * strings with raw control characters or bytes that are not UTF-8 (each bad sequence reads as U+FFFD);
//! * leading zeros, and a point without a digit after it.
//!
//! Keys come in order, repeated ones too: which one counts is the caller's choice. Everything here lets
//! the last one win, as Python's and Go's parsers do.
//!
//! # Invariants
//! * Each byte is looked at a bounded number of times.
//! * At most [`MAX_DEPTH`] containers are open.
//! * Input that ends early is [`Error::UnexpectedEnd`], whatever follows in the grammar.

mod leaves;
mod members;
mod number;
mod skip;
mod text;

use tidegate_core::event::UnreadReason;

pub use leaves::{Leaf, Leaves};
pub use number::Number;
pub use skip::{Extent, Span};
pub use text::Text;
pub(crate) use text::lossy;

/// Most containers that may be open at once.
pub const MAX_DEPTH: u32 = 64;

/// Why reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The input ends inside a value.
    UnexpectedEnd,
    /// A byte that the grammar has no place for.
    Unexpected,
    /// More than [`MAX_DEPTH`] containers are open.
    TooDeep,
}

impl From<Error> for UnreadReason {
    fn from(error: Error) -> Self {
        match error {
            Error::UnexpectedEnd => Self::Truncated,
            Error::Unexpected => Self::Malformed,
            Error::TooDeep => Self::TooDeep,
        }
    }
}

/// The kind of a value, known from its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{`.
    Object,
    /// `[`.
    Array,
    /// `"`.
    Text,
    /// A digit, `-`, `NaN` or `Infinity`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
}

/// A position in a JSON text.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    depth: u32,
    /// A container was just entered: no comma stands before its first element.
    is_first: bool,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: 0, is_first: false }
    }

    /// The kind of the value that comes next.
    ///
    /// # Errors
    /// There is none, or no value starts so.
    #[inline]
    pub fn peek(&mut self) -> Result<Kind, Error> {
        match self.next_byte()? {
            b'{' => Ok(Kind::Object),
            b'[' => Ok(Kind::Array),
            b'"' => Ok(Kind::Text),
            b'0'..=b'9' | b'-' | b'N' | b'I' => Ok(Kind::Number),
            b't' | b'f' => Ok(Kind::Boolean),
            b'n' => Ok(Kind::Null),
            _ => Err(Error::Unexpected),
        }
    }

    /// Enters an array; [`Self::next_element`] follows.
    ///
    /// # Errors
    /// No array comes next, or it is too deep.
    pub fn enter_array(&mut self) -> Result<(), Error> {
        self.enter(b'[')
    }

    /// Moves to the next element of the entered array; `false` leaves it.
    ///
    /// # Errors
    /// Neither an element nor the end comes next.
    #[inline]
    pub fn next_element(&mut self) -> Result<bool, Error> {
        let is_first = core::mem::take(&mut self.is_first);
        match self.next_byte()? {
            b']' => {
                self.leave();
                Ok(false)
            }
            _ if is_first => Ok(true),
            b',' => {
                self.advance();
                // The end after a comma would pass as an empty array's.
                match self.next_byte()? {
                    b']' => Err(Error::Unexpected),
                    _ => Ok(true),
                }
            }
            _ => Err(Error::Unexpected),
        }
    }

    /// Enters an object; [`Self::next_key`] follows.
    ///
    /// # Errors
    /// No object comes next, or it is too deep.
    pub fn enter_object(&mut self) -> Result<(), Error> {
        self.enter(b'{')
    }

    /// Moves to the value of the entered object's next key; `None` leaves it.
    ///
    /// # Errors
    /// Neither a key nor the end comes next.
    pub fn next_key(&mut self) -> Result<Option<Text<'a>>, Error> {
        let is_first = core::mem::take(&mut self.is_first);
        match self.next_byte()? {
            b'}' => {
                self.leave();
                return Ok(None);
            }
            _ if is_first => {}
            b',' => self.advance(),
            _ => return Err(Error::Unexpected),
        }
        let key = self.text()?;
        self.take(b':')?;
        Ok(Some(key))
    }

    /// Reads a number.
    ///
    /// # Errors
    /// None comes next.
    #[inline]
    pub fn number(&mut self) -> Result<Number, Error> {
        self.skip_whitespace();
        let (number, rest) = number::read(self.rest)?;
        self.rest = rest;
        Ok(number)
    }

    /// Reads a string.
    ///
    /// # Errors
    /// None comes next, or it has no end.
    pub fn text(&mut self) -> Result<Text<'a>, Error> {
        self.take(b'"')?;
        let (text, rest) = text::read(self.rest)?;
        self.rest = rest;
        Ok(text)
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// Neither comes next.
    pub fn boolean(&mut self) -> Result<bool, Error> {
        if self.next_byte()? == b't' {
            self.literal(b"true").map(|()| true)
        } else {
            self.literal(b"false").map(|()| false)
        }
    }

    /// Reads `null`.
    ///
    /// # Errors
    /// It does not come next.
    pub fn null(&mut self) -> Result<(), Error> {
        self.skip_whitespace();
        self.literal(b"null")
    }

    /// Reads a string; skips a value of any other kind.
    ///
    /// # Errors
    /// What comes next is no value.
    pub fn text_if_any(&mut self) -> Result<Option<Text<'a>>, Error> {
        match self.peek()? {
            Kind::Text => self.text().map(Some),
            _ => self.skip().map(|_| None),
        }
    }

    /// Reads a number; skips a value of any other kind.
    ///
    /// # Errors
    /// What comes next is no value.
    pub fn number_if_any(&mut self) -> Result<Option<Number>, Error> {
        match self.peek()? {
            Kind::Number => self.number().map(Some),
            _ => self.skip().map(|_| None),
        }
    }

    /// Reads `true` or `false`; skips a value of any other kind.
    ///
    /// # Errors
    /// What comes next is no value.
    pub fn flag_if_any(&mut self) -> Result<Option<bool>, Error> {
        match self.peek()? {
            Kind::Boolean => self.boolean().map(Some),
            _ => self.skip().map(|_| None),
        }
    }

    /// Whether anything but white space is left.
    pub fn has_more(&mut self) -> bool {
        self.skip_whitespace();
        !self.rest.is_empty()
    }

    /// Holds that nothing but white space is left.
    ///
    /// # Errors
    /// Something is.
    pub fn finish(mut self) -> Result<(), Error> {
        self.skip_whitespace();
        if self.rest.is_empty() { Ok(()) } else { Err(Error::Unexpected) }
    }

    fn enter(&mut self, bracket: u8) -> Result<(), Error> {
        self.take(bracket)?;
        if self.depth == MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        self.is_first = true;
        Ok(())
    }

    fn leave(&mut self) {
        self.advance();
        self.depth = self.depth.saturating_sub(1);
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Result<(), Error> {
        if self.next_byte()? != byte {
            return Err(Error::Unexpected);
        }
        self.advance();
        Ok(())
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Error> {
        let (after, result) = literal(self.rest, word);
        self.rest = after;
        result
    }

    #[inline]
    fn next_byte(&mut self) -> Result<u8, Error> {
        self.skip_whitespace();
        self.rest.first().copied().ok_or(Error::UnexpectedEnd)
    }

    #[inline]
    fn skip_whitespace(&mut self) {
        while let Some((b' ' | b'\n' | b'\r' | b'\t', rest)) = self.rest.split_first() {
            self.rest = rest;
        }
    }

    #[inline]
    fn advance(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }
}

/// What follows `word`, if `bytes` start with it.
fn literal<'a>(bytes: &'a [u8], word: &[u8]) -> (&'a [u8], Result<(), Error>) {
    match bytes.strip_prefix(word) {
        Some(rest) => (rest, Ok(())),
        None if word.starts_with(bytes) => (bytes, Err(Error::UnexpectedEnd)),
        None => (bytes, Err(Error::Unexpected)),
    }
}

#[cfg(test)]
mod tests;
