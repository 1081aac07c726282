//! Strings, decoded only when asked for.

use alloc::borrow::Cow;
use alloc::string::String;

use super::Error;

/// A string as it stands in a text, between its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    raw: &'a [u8],
    form: Form,
}

/// How a string is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Its bytes stand for themselves.
    Verbatim,
    /// With JSON's escapes.
    Escaped,
    /// With each quote doubled.
    DoubledQuotes,
}

/// Longest UTF-8 sequence, in bytes.
const MAX_CHARACTER_BYTES: usize = 4;

/// Reads to the closing quote; also gives what follows it.
pub(super) fn read(bytes: &[u8]) -> Result<(Text<'_>, &[u8]), Error> {
    let mut is_escaped = false;
    let mut rest = bytes;
    loop {
        let stop = rest.iter().position(|&byte| byte == b'"' || byte == b'\\');
        let Some(from_stop) = stop.and_then(|at| rest.get(at..)) else {
            return Err(Error::UnexpectedEnd);
        };
        match from_stop {
            [b'\\', _, after @ ..] => {
                is_escaped = true;
                rest = after;
            }
            [b'"', after @ ..] => {
                let length = bytes.len().saturating_sub(from_stop.len());
                let raw = bytes.get(..length).unwrap_or_default();
                let form = if is_escaped { Form::Escaped } else { Form::Verbatim };
                return Ok((Text { raw, form }, after));
            }
            _ => return Err(Error::UnexpectedEnd),
        }
    }
}

impl<'a> Text<'a> {
    /// Bytes that stand for themselves: a string of a binary format.
    pub(crate) fn verbatim(raw: &'a [u8]) -> Self {
        Self { raw, form: Form::Verbatim }
    }

    /// A quoted cell of comma-separated values.
    pub(crate) fn with_doubled_quotes(raw: &'a [u8]) -> Self {
        Self { raw, form: Form::DoubledQuotes }
    }

    /// The text, at most `max_bytes` long, cut at a character's end.
    ///
    /// Bytes that are not UTF-8, lone surrogates and unknown escapes read as U+FFFD.
    pub fn decode(&self, max_bytes: usize) -> Cow<'a, str> {
        match self.form {
            Form::Verbatim => lossy(self.raw, max_bytes),
            Form::Escaped => Cow::Owned(unescape(self.raw, max_bytes)),
            Form::DoubledQuotes => Cow::Owned(lossy(self.raw, max_bytes).replace("\"\"", "\"")),
        }
    }
}

/// `bytes` as text, at most `max_bytes` long, cut at a character's end.
pub(crate) fn lossy(bytes: &[u8], max_bytes: usize) -> Cow<'_, str> {
    let head = bytes.get(..max_bytes.saturating_add(MAX_CHARACTER_BYTES)).unwrap_or(bytes);
    match String::from_utf8_lossy(head) {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text, max_bytes)),
        Cow::Owned(mut text) => {
            text.truncate(text.floor_char_boundary(max_bytes));
            Cow::Owned(text)
        }
    }
}

fn cut(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes)).unwrap_or(text)
}

fn unescape(raw: &[u8], max_bytes: usize) -> String {
    let mut text = String::new();
    let mut rest = raw;
    while !rest.is_empty() && text.len() < max_bytes {
        let plain = rest.iter().position(|&byte| byte == b'\\').unwrap_or(rest.len());
        let (run, after) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        // With room for one character more, a run that is cut also ends the loop.
        let room = max_bytes.saturating_sub(text.len()).saturating_add(MAX_CHARACTER_BYTES);
        text.push_str(&lossy(run, room));
        rest = after;
        if let [b'\\', kind, after @ ..] = rest {
            let (character, after) = escape(*kind, after);
            text.push(character);
            rest = after;
        } else if !rest.is_empty() {
            // A reader never leaves a lone backslash at the end of a string.
            break;
        }
    }
    text.truncate(text.floor_char_boundary(max_bytes));
    text
}

/// The character of the escape `\kind`, and what follows it.
fn escape(kind: u8, after: &[u8]) -> (char, &[u8]) {
    let character = match kind {
        b'"' | b'\\' | b'/' => char::from(kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(after),
        _ => char::REPLACEMENT_CHARACTER,
    };
    (character, after)
}

/// The character of `\uXXXX`, or of the surrogate pair `\uXXXX\uXXXX`.
fn unicode(after: &[u8]) -> (char, &[u8]) {
    let Some((unit, rest)) = code_unit(after) else {
        return (char::REPLACEMENT_CHARACTER, after);
    };
    if let [b'\\', b'u', second @ ..] = rest
        && let Some((low, after_pair)) = code_unit(second)
        && let Some(Ok(character)) = char::decode_utf16([unit, low]).next()
        && character.len_utf16() == 2
    {
        return (character, after_pair);
    }
    (char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

fn code_unit(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digits = core::str::from_utf8(digits).ok()?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}
