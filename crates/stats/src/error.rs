use core::fmt;

/// What went wrong, where, and the numbers that show it. Small and `Copy`: it carries no text of
/// its own making.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Error {
    kind: ErrorKind,
    what: &'static str,
}

/// The few ways in which a statistic can be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A sample has no observation.
    EmptySample,
    /// Two arguments that must have the same length, or a length of at least some size, do not.
    ShapeMismatch,
    /// An argument is outside its documented range.
    OutOfRange,
    /// An argument holds a NaN or an infinity.
    NotFinite,
    /// An iteration reached its cap before its tolerance.
    NotConverged,
    /// Bytes are not what they should be the encoding of.
    CorruptData,
    /// Bytes are of a version or a variant that is not read here.
    UnsupportedVersion,
}

impl Error {
    #[cold]
    pub(crate) const fn new(kind: ErrorKind, what: &'static str) -> Self {
        Self { kind, what }
    }

    /// The kind of the error.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The argument or the rule that the error is about.
    #[must_use]
    pub const fn what(&self) -> &'static str {
        self.what
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = match self.kind {
            ErrorKind::EmptySample => "has no observation",
            ErrorKind::ShapeMismatch => "has the wrong length",
            ErrorKind::OutOfRange => "is out of range",
            ErrorKind::NotFinite => "holds a value that is not finite",
            ErrorKind::NotConverged => "did not converge",
            ErrorKind::CorruptData => "is corrupt",
            ErrorKind::UnsupportedVersion => "is of a version that cannot be read",
        };
        write!(f, "{} {says}", self.what)
    }
}

impl core::error::Error for Error {}
