//! Little-endian bytes, read with a check at every step.

use crate::{Error, ErrorKind};

/// What is left to read of an encoded sketch.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Which sketch it is, for errors.
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// How many bytes are left.
    pub(super) const fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.corrupt())?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(|| self.corrupt())?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Error> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16, Error> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, Error> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A finite double; there is one zero.
    pub(super) fn number(&mut self) -> Result<f64, Error> {
        let value = f64::from_le_bytes(self.array()?);
        if value.is_finite() {
            Ok(value + 0.0)
        } else {
            Err(Error::new(ErrorKind::NotFinite, self.what))
        }
    }

    /// Refuses what does not hold of any sketch.
    pub(super) fn check(&self, holds: bool) -> Result<(), Error> {
        if holds { Ok(()) } else { Err(self.corrupt()) }
    }

    /// Refuses bytes after the end of the sketch.
    pub(super) fn end(&self) -> Result<(), Error> {
        self.check(self.rest.is_empty())
    }

    #[cold]
    pub(super) const fn corrupt(&self) -> Error {
        Error::new(ErrorKind::CorruptData, self.what)
    }

    #[cold]
    pub(super) const fn unsupported(&self) -> Error {
        Error::new(ErrorKind::UnsupportedVersion, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_order_and_not_past_the_end() {
        let mut reader = Reader::new(&[1, 2, 0, 3, 0, 0, 0, 9], "a test");
        assert_eq!((reader.u8(), reader.u16(), reader.u32()), (Ok(1), Ok(2), Ok(3)));
        assert_eq!(reader.u16().unwrap_err().kind(), ErrorKind::CorruptData);
        assert_eq!(reader.end().unwrap_err().kind(), ErrorKind::CorruptData);
        assert_eq!((reader.take(1), reader.len()), (Ok(&[9][..]), 0));
        assert!(reader.end().is_ok() && reader.u64().is_err() && reader.take(1).is_err());
    }

    #[test]
    fn numbers_are_finite_and_zero_has_no_sign() {
        for (value, read) in [(-0.0, Some(0.0)), (f64::NAN, None), (f64::INFINITY, None)] {
            let bytes = f64::to_le_bytes(value);
            let number = Reader::new(&bytes, "a test").number();
            assert_eq!(number.ok().map(f64::to_bits), read.map(f64::to_bits));
        }
    }
}
