//! The words of an expression, each with its place.

use alloc::string::String;
use alloc::vec::Vec;

use super::ParseError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Number(f64),
    /// In seconds.
    Duration(f64),
    Text(String),
    Symbol(&'static str),
}

/// A token and the character that it begins at, from 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub token: Token,
    pub at: usize,
}

/// Longer ones first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 18] =
    ["<=", ">=", "==", "!=", "<", ">", "=", "(", ")", "{", "}", "[", "]", ",", "+", "-", "*", "/"];

/// The longest expression, in bytes.
const MAX_BYTES: usize = 2000;

pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::new(0, "an expression of more than 2000 bytes"));
    }
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = characters.get(at) {
        if first.is_whitespace() {
            at += 1;
            continue;
        }
        let rest = &characters[at..];
        let (token, length) = if first.is_ascii_alphabetic() || first == '_' || first == ':' {
            let name: String = rest.iter().take_while(|c| is_name(**c)).collect();
            let length = name.len();
            (Token::Name(name), length)
        } else if first.is_ascii_digit() || first == '.' {
            number(rest)
                .ok_or_else(|| ParseError::new(at, "not a number, nor a duration such as `5m`"))?
        } else if first == '"' || first == '\'' {
            quoted(rest, first).ok_or_else(|| ParseError::new(at, "a quote that is not closed"))?
        } else {
            let starts = |symbol: &&str| {
                let mut own = rest.iter();
                symbol.chars().all(|c| own.next() == Some(&c))
            };
            let symbol = SYMBOLS.into_iter().find(starts);
            let symbol = symbol.ok_or_else(|| ParseError::new(at, "no sign of this language"))?;
            (Token::Symbol(symbol), symbol.len())
        };
        tokens.push(Placed { token, at });
        at += length;
    }
    Ok(tokens)
}

const fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// A number, or a duration such as `5m`, and how many characters it has.
fn number(rest: &[char]) -> Option<(Token, usize)> {
    let mut length = 0;
    let is_part = |length: usize, c: char| {
        let after_exponent = length > 0 && matches!(rest.get(length - 1), Some('e' | 'E'));
        c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || (after_exponent && "+-".contains(c))
    };
    while let Some(c) = rest.get(length)
        && is_part(length, *c)
    {
        length += 1;
    }
    let digits: String = rest.get(..length)?.iter().collect();
    let number: f64 = digits.parse().ok()?;
    let unit_length = rest.get(length..)?.iter().take_while(|c| is_name(**c)).count();
    let unit: String = rest.get(length..length + unit_length)?.iter().collect();
    let seconds = match unit.as_str() {
        "" => return number.is_finite().then_some((Token::Number(number), length)),
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let duration = number * seconds;
    duration.is_finite().then_some((Token::Duration(duration), length + unit_length))
}

/// A text in quotes, and how many characters it has with them. A backslash keeps the next character, but for `\n` and `\t`.
fn quoted(rest: &[char], quote: char) -> Option<(Token, usize)> {
    let mut text = String::new();
    let mut index = 1;
    loop {
        match rest.get(index)? {
            '\\' => {
                text.push(match rest.get(index + 1)? {
                    'n' => '\n',
                    't' => '\t',
                    other => *other,
                });
                index += 2;
            }
            c if *c == quote => return Some((Token::Text(text), index + 1)),
            c => {
                text.push(*c);
                index += 1;
            }
        }
    }
}
