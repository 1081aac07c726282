//! Errors as JavaScript errors.

use core::fmt::Display;

use js_sys::{Error, Reflect};
use wasm_bindgen::JsValue;

/// A JavaScript `Error` with a `code`.
pub(crate) fn error(code: &str, message: &str) -> JsValue {
    let error = Error::new(message);
    // Setting a property of a fresh, extensible object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}

/// Makes an error with a kind one of JavaScript.
pub(crate) fn throw(fault: impl Coded) -> JsValue {
    error(fault.code(), &fault.to_string())
}

/// An error whose kind has a name.
pub(crate) trait Coded: Display {
    fn code(&self) -> &'static str;
}
