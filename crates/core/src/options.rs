//! Reads options, which come as JSON from another language.

use alloc::format;
use alloc::string::{String, ToString};
use serde::de::DeserializeOwned;

/// Reads options from JSON.
///
/// # Errors
/// What is wrong with them, for a person. Without serde's place in the text: people write options on
/// a command line or in code, and never see the JSON that is made of them.
pub(crate) fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| {
        let place = format!(" at line {} column {}", error.line(), error.column());
        let what = error.to_string();
        what.strip_suffix(&place).map(String::from).unwrap_or(what)
    })
}
