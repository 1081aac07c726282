//! Names of models and versions, which clients may choose.

const UNKNOWN: &str = "unknown";

/// A name as it is shown. A control character, which a path can hide behind an escape, would break a
/// terminal or a text file that shows it.
pub(crate) fn shown(name: Option<&str>) -> String {
    let name = name.unwrap_or(UNKNOWN);
    if name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return name.into();
    }
    name.replace(char::is_control, "\u{fffd}")
}
