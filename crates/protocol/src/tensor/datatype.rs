//! Element types of the Open Inference Protocol.

/// The type of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Datatype {
    /// `BOOL`, one byte.
    Bool,
    /// `INT8` ... `UINT64`.
    Integer { bytes: usize, is_signed: bool },
    /// `FP16`.
    Half,
    /// `BF16`: the upper half of an FP32.
    Brain,
    /// `FP32`.
    Single,
    /// `FP64`.
    Double,
    /// `BYTES`: strings.
    Bytes,
    /// None given, or none of these.
    Unknown,
}

impl Datatype {
    /// The type of that name.
    pub fn from_name(name: &str) -> Self {
        let integer = |bytes, is_signed| Self::Integer { bytes, is_signed };
        match name {
            "BOOL" => Self::Bool,
            "UINT8" => integer(1, false),
            "UINT16" => integer(2, false),
            "UINT32" => integer(4, false),
            "UINT64" => integer(8, false),
            "INT8" => integer(1, true),
            "INT16" => integer(2, true),
            "INT32" => integer(4, true),
            "INT64" => integer(8, true),
            "FP16" => Self::Half,
            "BF16" => Self::Brain,
            "FP32" => Self::Single,
            "FP64" => Self::Double,
            // Documents of the classification extension say STRING.
            "BYTES" | "STRING" => Self::Bytes,
            _ => Self::Unknown,
        }
    }

    /// The type of that number in TensorFlow's `DataType`.
    pub fn from_tensorflow(number: u64) -> Self {
        let integer = |bytes, is_signed| Self::Integer { bytes, is_signed };
        match number {
            1 => Self::Single,
            2 => Self::Double,
            3 => integer(4, true),
            4 => integer(1, false),
            5 => integer(2, true),
            6 => integer(1, true),
            7 => Self::Bytes,
            9 => integer(8, true),
            10 => Self::Bool,
            14 => Self::Brain,
            17 => integer(2, false),
            19 => Self::Half,
            22 => integer(4, false),
            23 => integer(8, false),
            _ => Self::Unknown,
        }
    }

    /// Whether its elements are measures rather than classes.
    pub fn is_float(self) -> bool {
        matches!(self, Self::Half | Self::Brain | Self::Single | Self::Double)
    }

    /// Bytes of an element, where all have as many.
    pub fn width(self) -> Option<usize> {
        match self {
            Self::Bool => Some(1),
            Self::Integer { bytes, .. } => Some(bytes),
            Self::Half | Self::Brain => Some(2),
            Self::Single => Some(4),
            Self::Double => Some(8),
            Self::Bytes | Self::Unknown => None,
        }
    }
}
