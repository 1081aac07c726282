//! What a file's first line says of its form.

use serde::{Deserialize, Serialize};

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Delimiter {
    /// `,`
    #[serde(rename = ",")]
    Comma,
    /// `;`
    #[serde(rename = ";")]
    Semicolon,
    /// A tab.
    #[serde(rename = "\t")]
    Tab,
    /// `|`
    #[serde(rename = "|")]
    Pipe,
}

impl Delimiter {
    const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }

    /// The delimiter that is most frequent outside of quotes in a header; the first of `, ; tab |`
    /// where two are, so a header of one column has commas.
    pub(super) fn sniff(header: &[u8]) -> Self {
        let mut counts = [0_usize; Self::ALL.len()];
        let mut is_quoted = false;
        for byte in header {
            if *byte == b'"' {
                is_quoted = !is_quoted;
            } else if !is_quoted {
                for (count, delimiter) in counts.iter_mut().zip(Self::ALL) {
                    *count += usize::from(*byte == delimiter.byte());
                }
            }
        }
        let mut best = (0, Self::Comma);
        for (count, delimiter) in counts.into_iter().zip(Self::ALL) {
            if count > best.0 {
                best = (count, delimiter);
            }
        }
        best.1
    }
}

/// Length of the header with its line break, or `None` where the break is not there yet. Blank
/// lines in front belong to it.
pub(super) fn header_length(head: &[u8]) -> Option<usize> {
    let mut is_quoted = false;
    let mut is_blank = true;
    for (index, byte) in head.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted && !is_blank => return Some(index + 1),
            _ => {}
        }
        is_blank &= matches!(byte, b'\n' | b'\r');
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_delimiter_outside_of_quotes_is_taken() {
        for (header, delimiter) in [
            ("a,b,c", Delimiter::Comma),
            ("a;b;c", Delimiter::Semicolon),
            ("a\tb", Delimiter::Tab),
            ("a|b|c,d", Delimiter::Pipe),
            ("\"last, first, title\";age", Delimiter::Semicolon),
            ("a;b,c", Delimiter::Comma),
            ("alone", Delimiter::Comma),
            ("", Delimiter::Comma),
        ] {
            assert_eq!(Delimiter::sniff(header.as_bytes()), delimiter, "{header:?}");
        }
    }

    #[test]
    fn a_header_ends_at_its_first_line_break_outside_of_quotes() {
        for (head, length) in [
            ("a,b\n1,2\n", Some(4)),
            ("a,b\r\n1,2", Some(4)),
            ("\r\n\na\n", Some(5)),
            ("\"a\nb\",c\n", Some(8)),
            ("a,b", None),
            ("\"a\n", None),
            ("\n\n", None),
        ] {
            assert_eq!(header_length(head.as_bytes()), length, "{head:?}");
        }
    }
}
