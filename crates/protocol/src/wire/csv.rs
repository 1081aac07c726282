//! Comma-separated values (RFC 4180), cell by cell: what scoring servers take as `text/csv`.

use alloc::borrow::Cow;

use crate::wire::json::{Leaf, Number, Text};

/// The lines of a text that are not blank. A line end inside quotes is a part of its cell.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { rest: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let mut is_quoted = false;
            let end = self.rest.iter().position(|&byte| {
                is_quoted ^= byte == b'"';
                !is_quoted && matches!(byte, b'\n' | b'\r')
            });
            let end = end.unwrap_or(self.rest.len());
            let (line, after) = self.rest.split_at_checked(end)?;
            self.rest = after.get(1..).unwrap_or_default();
            if !line.trim_ascii().is_empty() {
                return Some(Line { rest: Some(line) });
            }
        }
        None
    }
}

/// The cells of a line.
#[derive(Debug, Clone)]
pub(crate) struct Line<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Line<'a> {
    type Item = Cell<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        let mut is_quoted = false;
        let end = rest.iter().position(|&byte| {
            is_quoted ^= byte == b'"';
            !is_quoted && byte == b','
        });
        let (cell, after) = match end {
            Some(end) => {
                let (cell, after) = rest.split_at_checked(end)?;
                (cell, after.get(1..))
            }
            None => (rest, None),
        };
        self.rest = after;
        let cell = cell.trim_ascii();
        let inside = cell.strip_prefix(b"\"").map(|cell| cell.strip_suffix(b"\"").unwrap_or(cell));
        Some(Cell { bytes: inside.unwrap_or(cell), is_quoted: inside.is_some() })
    }
}

/// One cell, without the quotes around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell<'a> {
    bytes: &'a [u8],
    is_quoted: bool,
}

impl<'a> Cell<'a> {
    /// Its text, with quotes that stood doubled inside it, and at most so many bytes of it.
    pub fn text(self, max_bytes: usize) -> Cow<'a, str> {
        self.as_text().decode(max_bytes)
    }

    fn as_text(self) -> Text<'a> {
        if self.is_quoted && self.bytes.windows(2).any(|pair| pair == b"\"\"") {
            Text::with_doubled_quotes(self.bytes)
        } else {
            Text::verbatim(self.bytes)
        }
    }

    /// Its bytes as they stand.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// What it holds: nothing, a number, or a text.
    pub fn leaf(self) -> Leaf<'a> {
        if self.bytes.is_empty() {
            return Leaf::Null;
        }
        let number = core::str::from_utf8(self.bytes).ok().and_then(|text| text.parse().ok());
        match number {
            Some(value) if !self.is_quoted => {
                let is_integer = self.bytes.iter().all(|byte| matches!(byte, b'-' | b'0'..=b'9'));
                Leaf::Number(Number { value, is_integer })
            }
            _ => Leaf::Text(self.as_text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn cells(text: &str) -> Vec<Vec<String>> {
        Lines::new(text.as_bytes())
            .map(|line| line.map(|cell| cell.text(99).into_owned()).collect())
            .collect()
    }

    #[test]
    fn cells_are_separated_and_unquoted() {
        assert_eq!(cells("1,2\r\n3,4\n\n"), [["1", "2"], ["3", "4"]]);
        assert_eq!(cells("a, \"b,\"\"c\"\"\n d\",\n"), [["a", "b,\"c\"\n d", ""]]);
        assert_eq!(cells("\u{feff}x"), [["x"]]);
        assert_eq!(cells("\"open, and\nnever closed"), [["open, and\nnever closed"]]);
        assert!(cells("\n \r\n").is_empty());
    }

    #[test]
    fn a_cell_is_a_number_a_text_or_nothing() {
        let leaf = |text: &'static str| {
            let mut lines = Lines::new(text.as_bytes());
            lines.next().and_then(|mut line| line.next()).unwrap().leaf()
        };
        let number = |value, is_integer| Leaf::Number(Number { value, is_integer });
        assert_eq!(leaf("4"), number(4.0, true));
        assert_eq!(leaf("-1.5e3,"), number(-1500.0, false));
        assert_eq!(leaf(",x"), Leaf::Null);
        assert_eq!(leaf("\"4\""), Leaf::Text(Text::verbatim(b"4")));
        assert_eq!(leaf("car"), Leaf::Text(Text::verbatim(b"car")));
        let Leaf::Text(said) = leaf("\"\"\"yes\"\", twice\"") else { panic!("no text") };
        assert_eq!(said.decode(99), "\"yes\", twice");
    }
}
