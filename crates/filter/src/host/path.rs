//! `:path`, as bytes: the path itself, and its query string.

/// Up to the query string.
pub(crate) fn without_query(path: &[u8]) -> &[u8] {
    path.split(|byte| b"?#".contains(byte)).next().unwrap_or_default()
}

/// The decoded value of a query parameter; the first of several.
pub(crate) fn query_parameter(path: &[u8], name: &str) -> Option<Vec<u8>> {
    let start = path.iter().position(|&byte| byte == b'?')?;
    let query = path.get(start + 1..)?.split(|&byte| byte == b'#').next()?;
    let mut pairs = query.split(|&byte| byte == b'&').filter_map(|pair| split_pair(pair));
    let (_, value) = pairs.find(|(key, _)| form_decoded(key) == name.as_bytes())?;
    Some(form_decoded(value))
}

/// What lies before and behind the first `=`.
pub(crate) fn split_pair(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let middle = pair.iter().position(|&byte| byte == b'=')?;
    Some((pair.get(..middle)?, pair.get(middle + 1..)?))
}

/// Undoes `application/x-www-form-urlencoded`; a stray `%` stays.
fn form_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            _ => decoded.push(*first),
        }
    }
    decoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_decoding_keeps_what_is_no_escape() {
        for (text, decoded) in [("a+b", "a b"), ("%41%", "A%"), ("%zz", "%zz"), ("%4", "%4")] {
            assert_eq!(form_decoded(text.as_bytes()), decoded.as_bytes(), "{text}");
        }
    }
}
