//! Passing over a value, and measuring it on the way.

use super::{Error, Kind, Reader};

/// A value that was passed over: read it by a [`Reader`] of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    /// The value's text, without white space around it.
    pub bytes: &'a [u8],
    /// Its size.
    pub extent: Extent,
}

/// The size of a value, seen as nested arrays of leaves. Objects are leaves, like numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Elements of the outermost array; `1` for a leaf.
    pub elements: usize,
    /// Leaves at any depth.
    pub leaves: usize,
    /// Leaves of each element, where all have as many. `None` for no elements.
    pub leaves_per_element: Option<usize>,
    /// Whether the value is an array.
    pub is_array: bool,
}

impl Extent {
    /// The size of a list of so many leaves.
    pub(crate) fn flat(count: usize) -> Self {
        Self {
            elements: count,
            leaves: count,
            leaves_per_element: (count > 0).then_some(1),
            is_array: true,
        }
    }
}

/// Containers that are open, innermost in the lowest bit: set for an object.
#[derive(Default)]
struct Open {
    objects: u64,
    count: u32,
}

impl Open {
    fn push(&mut self, is_object: bool) {
        self.objects = (self.objects << 1) | u64::from(is_object);
        self.count = self.count.saturating_add(1);
    }

    fn pop(&mut self) {
        self.objects >>= 1;
        self.count = self.count.saturating_sub(1);
    }

    fn innermost_is_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn is_inside_object(&self) -> bool {
        self.objects != 0
    }
}

/// Counts leaves element by element.
#[derive(Default)]
struct Measure {
    elements: usize,
    leaves: usize,
    leaves_at_start: usize,
    per_element: Option<usize>,
    is_ragged: bool,
}

impl Measure {
    fn end_element(&mut self) {
        let own = self.leaves.saturating_sub(self.leaves_at_start);
        self.leaves_at_start = self.leaves;
        self.is_ragged |= self.per_element.is_some_and(|expected| expected != own);
        self.per_element = Some(own);
        self.elements = self.elements.saturating_add(1);
    }

    fn extent(self, is_array: bool) -> Extent {
        Extent {
            elements: if is_array { self.elements } else { 1 },
            leaves: self.leaves,
            leaves_per_element: if !is_array {
                Some(1)
            } else if self.is_ragged {
                None
            } else {
                self.per_element
            },
            is_array,
        }
    }
}

impl<'a> Reader<'a> {
    /// Passes over a value of any kind.
    ///
    /// # Errors
    /// What comes next is no value.
    pub fn skip(&mut self) -> Result<Span<'a>, Error> {
        let is_array = self.peek()? == Kind::Array;
        let start = self.rest;
        let mut open = Open::default();
        let mut measure = Measure::default();
        loop {
            let kind = self.peek()?;
            if kind != Kind::Array && !open.is_inside_object() {
                measure.leaves = measure.leaves.saturating_add(1);
            }
            match kind {
                Kind::Object => {
                    self.enter_object()?;
                    open.push(true);
                }
                Kind::Array => {
                    self.enter_array()?;
                    open.push(false);
                }
                Kind::Text => {
                    self.text()?;
                }
                Kind::Number => self.skip_number()?,
                Kind::Boolean => {
                    self.boolean()?;
                }
                Kind::Null => self.null()?,
            }
            if !self.next_inside(&mut open, &mut measure)? {
                break;
            }
        }
        let length = start.len().saturating_sub(self.rest.len());
        let bytes = start.get(..length).unwrap_or_default();
        Ok(Span { bytes, extent: measure.extent(is_array) })
    }

    /// Moves to the next value inside the open containers; `false` when all are closed.
    fn next_inside(&mut self, open: &mut Open, measure: &mut Measure) -> Result<bool, Error> {
        while open.count > 0 {
            let was_first = self.is_first;
            let has_next = if open.innermost_is_object() {
                self.next_key()?.is_some()
            } else {
                self.next_element()?
            };
            if open.count == 1 && !was_first && !open.innermost_is_object() {
                measure.end_element();
            }
            if has_next {
                return Ok(true);
            }
            open.pop();
        }
        Ok(false)
    }

    /// Passes over a number; its digits are checked when it is read.
    fn skip_number(&mut self) -> Result<(), Error> {
        let length = self
            .rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .unwrap_or(self.rest.len());
        match self.rest.get(length) {
            Some(b'N' | b'I') | None => {
                self.number()?;
            }
            Some(_) => self.rest = self.rest.get(length..).unwrap_or_default(),
        }
        Ok(())
    }
}
