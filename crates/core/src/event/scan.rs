//! Cuts a body into the JSON texts of its events, without reading them.

use alloc::borrow::Cow;
use alloc::vec::Vec;

/// The items of a JSON array, or else the lines of NDJSON; blank ones are left out.
///
/// Total: where an array is cut short, its rest is the last item.
pub(crate) fn items(body: &[u8]) -> Vec<&[u8]> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let items = match body.split_first() {
        Some((b'[', rest)) => array_items(rest),
        _ => body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect(),
    };
    items.into_iter().filter(|item| !item.is_empty()).collect()
}

/// The items of an array whose `[` was read.
fn array_items(mut rest: &[u8]) -> Vec<&[u8]> {
    let mut items = Vec::new();
    loop {
        let Some(end) = item_end(rest) else {
            items.push(rest.trim_ascii());
            return items;
        };
        let (item, tail) = rest.split_at(end);
        items.push(item.trim_ascii());
        match tail.split_first() {
            Some((b',', tail)) => rest = tail,
            Some((_, tail)) => {
                // What follows the array is no event, and is refused as one.
                items.push(tail.trim_ascii());
                return items;
            }
            None => return items,
        }
    }
}

/// Where the item at the start ends: at a comma or bracket that is neither in a string nor in a
/// value.
fn item_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b',' | b']' if depth == 0 => return Some(index),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The text with `NaN`, `Infinity` and `-Infinity` in quotes where they stand without, as Python
/// writes them and JSON has no number for.
pub(crate) fn quote_names(text: &[u8]) -> Cow<'_, [u8]> {
    const NAMES: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];
    if !text.windows(3).any(|three| three == b"NaN" || three == b"Inf") {
        return Cow::Borrowed(text);
    }
    let mut quoted = Vec::with_capacity(text.len() + 16);
    let (mut rest, mut in_string) = (text, false);
    while let Some((&byte, tail)) = rest.split_first() {
        if !in_string
            && let Some(name) = NAMES.into_iter().find(|name| rest.starts_with(name))
            && let Some(tail) = rest.get(name.len()..)
        {
            quoted.push(b'"');
            quoted.extend_from_slice(name);
            quoted.push(b'"');
            rest = tail;
            continue;
        }
        quoted.push(byte);
        rest = tail;
        match (byte, tail.split_first()) {
            (b'"', _) => in_string = !in_string,
            (b'\\', Some((&next, tail))) if in_string => {
                quoted.push(next);
                rest = tail;
            }
            _ => {}
        }
    }
    Cow::Owned(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, want: &[&str]) {
        let texts: Vec<&str> =
            items(body.as_bytes()).into_iter().map(|item| str::from_utf8(item).unwrap()).collect();
        assert_eq!(texts, want, "{body}");
    }

    #[test]
    fn arrays_and_lines_are_cut_alike() {
        check("", &[]);
        check(" \r\n\n", &[]);
        check("[]", &[]);
        check("{\"a\": 1}", &["{\"a\": 1}"]);
        check("{\"a\": 1}\r\n\n {\"b\": [2]}\n", &["{\"a\": 1}", "{\"b\": [2]}"]);
        check(
            "\u{feff}[{\"a\": [1, 2]} , {\"b\": \"]},\\\"{\"}]",
            &["{\"a\": [1, 2]}", "{\"b\": \"]},\\\"{\"}"],
        );
    }

    #[test]
    fn a_damaged_array_keeps_its_good_items() {
        check("[{\"a\": 1}, {\"b\": ", &["{\"a\": 1}", "{\"b\":"]);
        check("[{\"a\": 1}, {\"b\": 2}", &["{\"a\": 1}", "{\"b\": 2}"]);
        check("[1] 2", &["1", "2"]);
    }

    #[test]
    fn bare_names_are_quoted_and_strings_left_alone() {
        let check = |text: &str, want: &str| {
            assert_eq!(str::from_utf8(&quote_names(text.as_bytes())).unwrap(), want);
        };
        check(r#"{"loss": 0.5}"#, r#"{"loss": 0.5}"#);
        check(r#"{"loss": NaN, "g": -Infinity}"#, r#"{"loss": "NaN", "g": "-Infinity"}"#);
        check(r#"{"NaN": "a \" NaN", "x": Infinity}"#, r#"{"NaN": "a \" NaN", "x": "Infinity"}"#);
    }
}
