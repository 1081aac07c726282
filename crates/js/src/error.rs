//! Errors of the core as JavaScript errors.

use js_sys::{Error, Reflect};
use tidegate_core::table::TableError;
use tidegate_core::table::csv::CsvError;
use wasm_bindgen::JsValue;

/// An `Error` with a `code`.
pub(crate) fn error(code: &str, message: &str) -> JsValue {
    let error = Error::new(message);
    // Setting a property of a fresh, extensible object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}

pub(crate) fn from_csv(fault: CsvError) -> JsValue {
    error(fault.code(), &fault.to_string())
}

pub(crate) fn from_table(fault: TableError) -> JsValue {
    error(fault.code(), &fault.to_string())
}

/// Reads options; none given are the defaults.
pub(crate) fn options<T>(json: Option<&str>) -> Result<T, JsValue>
where
    T: Default + serde::de::DeserializeOwned,
{
    json.map_or_else(
        || Ok(T::default()),
        |json| {
            serde_json::from_str(json)
                .map_err(|fault| error("InvalidOptions", &format!("options: {fault}")))
        },
    )
}
