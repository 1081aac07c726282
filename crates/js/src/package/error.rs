//! The kinds of the core's errors, and its results as JSON.

use tidegate_core::analysis::AnalysisError;
use tidegate_core::compare::CompareError;
use tidegate_core::model::{ExplainError, ModelError};
use tidegate_core::observatory::{MergeError, OptionsError};
use tidegate_core::profile::{ProfileError, ReadError};
use tidegate_core::table::TableError;
use tidegate_core::table::csv::CsvError;
use tidegate_core::training::read::LogError;
use wasm_bindgen::JsValue;

use crate::error::Coded;
pub(super) use crate::error::{error, throw};

macro_rules! coded {
    ($($error:ty),+) => {
        $(impl Coded for $error {
            fn code(&self) -> &'static str {
                Self::code(self)
            }
        })+
    };
}

coded!(
    AnalysisError,
    CompareError,
    CsvError,
    ExplainError,
    LogError,
    MergeError,
    ModelError,
    OptionsError,
    ProfileError,
    ReadError,
    TableError
);

/// A result as JSON text. The core's types have no map with keys that JSON lacks, so it is never
/// refused.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|fault| error("NotJson", &fault.to_string()))
}
