//! Header maps as bytes, for headers need not be text.

/// The headers of a request or response, in the one buffer that a gateway gives them in: how many there are, the
/// sizes of each name and value, then all of them, each with a NUL behind it. They are looked at where they lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    bytes: Vec<u8>,
}

/// Bytes of a number: 32 bits, little end first.
const WORD: usize = 4;

impl Headers {
    /// Headers that lie in `bytes` so; what reaches beyond them is empty.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// Whether a header's name begins so.
    pub(crate) fn has_prefix(&self, start: &str) -> bool {
        let is_it = |(at, size, _)| self.slice(at, size).starts_with(start.as_bytes());
        self.places().any(is_it)
    }

    /// The values of one header, in order. Names are in lower case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        // Most names differ in length already, and a header is looked for ten times a request.
        self.places().filter_map(move |(start, name_size, value_size)| {
            let is_it = name_size == name.len() && self.slice(start, name_size) == name.as_bytes();
            let value_start = start.saturating_add(name_size).saturating_add(1);
            is_it.then(|| self.slice(value_start, value_size))
        })
    }

    /// The first value of a header.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// Where each name begins, its size, and that of the value behind it.
    fn places(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let (words, _) = self.bytes.as_chunks::<WORD>();
        let mut words = words.iter().map(|word| u32::from_le_bytes(*word) as usize);
        let count = words.next().unwrap_or(0).min(self.bytes.len() / (2 * WORD));
        let mut start = WORD + 2 * WORD * count;
        (0..count).map_while(move |_| {
            let (name_size, value_size) = (words.next()?, words.next()?);
            let here = start;
            start = here.saturating_add(name_size).saturating_add(value_size).saturating_add(2);
            Some((here, name_size, value_size))
        })
    }

    fn slice(&self, start: usize, size: usize) -> &[u8] {
        self.bytes.get(start..start.saturating_add(size)).unwrap_or_default()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let word = |size: usize| u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
        let (mut count, mut sizes, mut texts) = (0, Vec::new(), Vec::new());
        for (name, value) in pairs {
            count += 1;
            for text in [name.as_ref(), value.as_ref()] {
                sizes.extend(word(text.len()));
                texts.extend_from_slice(text);
                texts.push(0);
            }
        }
        Self::new([&word(count)[..], &sizes, &texts].concat())
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
        assert_eq!(headers.all("cookie").collect::<Vec<_>>(), [b"a=1", b"b=2"]);
        assert_eq!(headers.get("x"), Some(&b"\xff\xfe"[..]));
        assert_eq!(headers.get("y"), None);
        assert!(headers.has_prefix("coo") && headers.has_prefix("x") && !headers.has_prefix("y"));
        assert_eq!(Headers::default().get(""), None);
    }

    #[test]
    fn a_pair_beyond_the_bytes_is_empty_wherever_they_end() {
        let whole: Headers = [("a", "bc"), ("d", "")].into_iter().collect();
        assert_eq!(whole.get("a"), Some(&b"bc"[..]));
        assert_eq!(whole.get("d"), Some(&b""[..]));
        for end in 0..whole.bytes.len() {
            let cut = Headers::new(whole.bytes[..end].to_vec());
            assert_ne!(cut.get("a"), Some(&b"b"[..]), "{end}");
        }
        for bytes in [vec![0xff; 4], vec![0xff; 64]] {
            assert_eq!(Headers::new(bytes).get("a"), None);
        }
    }
}
