use alloc::string::String;
use core::fmt;

/// Why a model file could not be read. Every text says what to do, or where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelError {
    /// The bytes are no model of a known format.
    UnknownFormat {
        /// What they are instead, or lack.
        what: String,
    },
    /// A model of a known format and an unknown kind.
    UnsupportedModel {
        /// What is not known.
        what: String,
    },
    /// A model whose parts contradict each other, or are cut off.
    CorruptModel {
        /// What is wrong.
        what: String,
    },
    /// A tree that is none.
    CorruptTree {
        /// Its number, from 0.
        tree: usize,
        /// What is wrong.
        what: String,
    },
}

impl ModelError {
    /// The error's kind, as a name that programs may test.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownFormat { .. } => "UnknownFormat",
            Self::UnsupportedModel { .. } => "UnsupportedModel",
            Self::CorruptModel { .. } => "CorruptModel",
            Self::CorruptTree { .. } => "CorruptTree",
        }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat { what } => write!(
                f,
                "not a model that can be read ({what}): save XGBoost's with \
                 save_model(\"model.json\") or \"model.ubj\", LightGBM's with save_model(\"model.txt\")"
            ),
            Self::UnsupportedModel { what } => write!(f, "{what}: not supported"),
            Self::CorruptModel { what } => write!(f, "the model is damaged: {what}"),
            Self::CorruptTree { tree, what } => write!(f, "tree {tree} is damaged: {what}"),
        }
    }
}

impl core::error::Error for ModelError {}
