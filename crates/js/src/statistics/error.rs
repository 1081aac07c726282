use tidegate_stats::{Error, ErrorKind};

use crate::error::Coded;
pub(super) use crate::error::{error, throw};

impl Coded for Error {
    fn code(&self) -> &'static str {
        match self.kind() {
            ErrorKind::EmptySample => "EmptySample",
            ErrorKind::ShapeMismatch => "ShapeMismatch",
            ErrorKind::OutOfRange => "OutOfRange",
            ErrorKind::NotFinite => "NotFinite",
            ErrorKind::NotConverged => "NotConverged",
            ErrorKind::CorruptData => "CorruptData",
            ErrorKind::UnsupportedVersion => "UnsupportedVersion",
            _ => "Internal",
        }
    }
}
