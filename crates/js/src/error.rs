//! Errors of the core as JavaScript errors.

use core::fmt::Display;

use js_sys::{Error, Reflect};
use tidegate_core::analysis::AnalysisError;
use tidegate_core::compare::CompareError;
use tidegate_core::model::{ExplainError, ModelError};
use tidegate_core::observatory::{MergeError, OptionsError};
use tidegate_core::profile::{ProfileError, ReadError};
use tidegate_core::table::TableError;
use tidegate_core::table::csv::CsvError;
use tidegate_core::training::read::LogError;
use wasm_bindgen::JsValue;

/// A JavaScript `Error` with a `code`.
pub(crate) fn error(code: &str, message: &str) -> JsValue {
    let error = Error::new(message);
    // Setting a property of a fresh, extensible object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}

/// Makes an error of the core one of JavaScript.
pub(crate) fn throw(fault: impl Coded) -> JsValue {
    error(fault.code(), &fault.to_string())
}

/// An error whose kind has a name.
pub(crate) trait Coded: Display {
    fn code(&self) -> &'static str;
}

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
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|fault| error("NotJson", &fault.to_string()))
}
