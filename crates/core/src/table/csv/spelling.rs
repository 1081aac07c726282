//! How a number was written, in one byte a cell.
//!
//! Only the last row of a file tells whether a column is numeric, and categories must keep their
//! text: `007` is not `7`. Keeping the text of every number would double the memory of a numeric
//! table, so each cell keeps the little that its number does not say. Spellings outside of the
//! two usual forms keep their text.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

/// A decimal of at most so many digits survives the way into an `f64` and back.
const EXACT_DIGITS: usize = 15;
/// The shortest decimal that reads back as the same number, as most programs write an `f64`.
const SHORTEST: u8 = 254;
/// Any other text, kept as it is. Below [`SHORTEST`], the code is a number of decimals.
const VERBATIM: u8 = 255;

/// The spellings of a column of numbers, one a row.
#[derive(Debug, Default)]
pub(super) struct Spellings {
    codes: Vec<u8>,
    verbatim: String,
    /// Length in bytes of each text in `verbatim`.
    lengths: Vec<usize>,
}

impl Spellings {
    /// Adds the text that `value` was read from.
    pub(super) fn push(&mut self, text: &str, value: f64) {
        let code = fixed_decimals(text.as_bytes()).unwrap_or_else(|| {
            if is_shortest(text, value) {
                return SHORTEST;
            }
            self.verbatim.push_str(text);
            self.lengths.push(text.len());
            VERBATIM
        });
        self.codes.push(code);
    }

    /// Adds a row that needs no text, for it is missing.
    pub(super) fn push_missing(&mut self) {
        self.codes.push(0);
    }

    /// Calls `visit` with the text of each row that holds a value, `None` for the missing.
    pub(super) fn for_each_text(&self, values: &[f64], mut visit: impl FnMut(Option<&str>)) {
        let mut verbatim = self.verbatim.as_str();
        let mut lengths = self.lengths.iter();
        let mut text = String::new();
        for (&code, &value) in self.codes.iter().zip(values) {
            if value.is_nan() {
                visit(None);
                continue;
            }
            match code {
                VERBATIM => {
                    let length = lengths.next().copied().unwrap_or_default();
                    let (this, rest) = verbatim.split_at(length);
                    verbatim = rest;
                    visit(Some(this));
                }
                SHORTEST => visit(Some(zmij::Buffer::new().format(value))),
                decimals => {
                    text.clear();
                    // Writing to a string cannot fail.
                    let _ = write!(text, "{value:.*}", usize::from(decimals));
                    visit(Some(&text));
                }
            }
        }
    }
}

fn is_shortest(text: &str, value: f64) -> bool {
    value.is_finite() && zmij::Buffer::new().format_finite(value) == text
}

/// The number of decimals of a text of the form `-12.50`: no sign but minus, no needless zero in
/// front, no more than [`EXACT_DIGITS`] digits. Rounding its number to so many decimals spells it.
fn fixed_decimals(text: &[u8]) -> Option<u8> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let point = digits.iter().position(|byte| *byte == b'.').unwrap_or(digits.len());
    let (whole, fraction) = digits.split_at(point);
    // The fraction still has its point.
    if digits.len() > EXACT_DIGITS + 1 || fraction.len() == 1 {
        return None;
    }
    let is_canonical = match whole {
        [b'0'] => true,
        [first, rest @ ..] => {
            first.is_ascii_digit() && *first != b'0' && rest.iter().all(u8::is_ascii_digit)
        }
        [] => false,
    };
    let fraction = fraction.strip_prefix(b".").unwrap_or_default();
    let is_exact = whole.len() + fraction.len() <= EXACT_DIGITS;
    if is_canonical && is_exact && fraction.iter().all(u8::is_ascii_digit) {
        u8::try_from(fraction.len()).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(texts: &[&str]) -> (Vec<String>, Spellings) {
        let mut spellings = Spellings::default();
        let mut values = Vec::new();
        for text in texts {
            let value = text.trim().parse().unwrap();
            spellings.push(text, value);
            values.push(value);
        }
        let mut out = Vec::new();
        spellings.for_each_text(&values, |text| out.push(String::from(text.unwrap())));
        (out, spellings)
    }

    #[test]
    fn every_spelling_comes_back() {
        let texts = [
            "7",
            "007",
            "0",
            "-0",
            "00",
            "-0.0",
            "7.",
            ".5",
            "0.5",
            "0.50",
            "+5",
            " 5",
            "1e5",
            "1E5",
            "1e-7",
            "123456789012345",
            "1234567890123456",
            "12345678901234567890",
            "0.1234567890123456",
            "0.12345678901234567",
            "5.207100591715976",
            "-116.25",
            "inf",
            "-Infinity",
            "1e999",
            "0.000000000000001",
            "1.0",
            "100000000000000000000",
        ];
        assert_eq!(round_trip(&texts).0, texts);
    }

    #[test]
    fn usual_spellings_keep_no_text() {
        let texts = ["7", "-0.0", "0.50", "-116.25", "5.207100591715976", "0.1", "1e-7"];
        let (_, spellings) = round_trip(&texts);
        assert_eq!(spellings.verbatim, "");
    }

    proptest! {
        #[test]
        fn a_spelling_comes_back(text in "[-+]?[0-9]{1,12}(\\.[0-9]{0,9})?(e-?[0-9]{1,3})?") {
            prop_assert_eq!(&round_trip(&[&text]).0[0], &text);
        }

        #[test]
        fn a_shortest_number_comes_back(value in proptest::num::f64::NORMAL) {
            for text in [std::format!("{value}"), std::format!("{value:?}"), std::format!("{value:e}")] {
                prop_assert_eq!(&round_trip(&[&text]).0[0], &text);
            }
        }
    }
}
