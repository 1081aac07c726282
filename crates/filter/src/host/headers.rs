//! Header maps as bytes, for headers need not be text.

use std::ops::Range;

/// The headers of a request or response: one buffer, and where each name and value lies in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    bytes: Vec<u8>,
    pairs: Vec<(Range<usize>, Range<usize>)>,
}

impl Headers {
    /// Headers that lie in `bytes`; a pair that reaches beyond it is empty.
    pub fn new(bytes: Vec<u8>, pairs: Vec<(Range<usize>, Range<usize>)>) -> Self {
        Self { bytes, pairs }
    }

    /// Every pair in order; names are in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let slice = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        self.pairs.iter().map(move |(name, value)| (slice(name), slice(value)))
    }

    /// The values of one header, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let slice = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        // Most names differ in length already, and a header is looked for ten times a request.
        let is_it = move |(key, _): &&(Range<usize>, Range<usize>)| {
            key.len() == name.len() && slice(key) == name.as_bytes()
        };
        self.pairs.iter().filter(is_it).map(move |(_, value)| slice(value))
    }

    /// The first value of a header.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in pairs {
            let start = headers.bytes.len();
            headers.bytes.extend_from_slice(name.as_ref());
            let middle = headers.bytes.len();
            headers.bytes.extend_from_slice(value.as_ref());
            headers.pairs.push((start..middle, middle..headers.bytes.len()));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_finds_the_first_and_all_finds_the_rest() {
        let headers: Headers =
            [("cookie", &b"a=1"[..]), ("x", b"\xff\xfe"), ("cookie", b"b=2")].into_iter().collect();
        assert_eq!(headers.get("cookie"), Some(&b"a=1"[..]));
        assert_eq!(headers.all("cookie").count(), 2);
        assert_eq!(headers.get("x"), Some(&b"\xff\xfe"[..]));
        assert_eq!(headers.get("y"), None);
    }

    #[test]
    fn a_pair_beyond_the_bytes_is_empty() {
        let headers = Headers::new(b"ab".to_vec(), vec![(0..1, 1..9)]);
        assert_eq!(headers.get("a"), Some(&b""[..]));
    }
}
