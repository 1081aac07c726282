//! Numbers, exact: Clinger's fast path where it holds, the standard library's parser elsewhere.

use super::{Error, literal};

/// A number as it stands in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The nearest `f64`; infinite where none is near; NaN for `NaN`.
    pub value: f64,
    /// Written without a point or an exponent. `4` may be a class; `4.0` is a measure.
    pub is_integer: bool,
}

/// Powers of ten that an `f64` holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Integers up to this one are exact in an `f64`.
const MAX_EXACT_INTEGER: u64 = 1 << 53;

/// Most digits that cannot overflow a `u64`.
const MAX_DIGITS: u32 = 19;

/// A run of digits, appended to a mantissa.
struct Digits<'a> {
    mantissa: u64,
    count: u32,
    rest: &'a [u8],
}

#[inline]
fn digits(bytes: &[u8], mut mantissa: u64) -> Digits<'_> {
    let mut count = 0_u32;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        // May wrap: past MAX_DIGITS the mantissa is not used.
        mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        count = count.saturating_add(1);
        rest = after;
    }
    Digits { mantissa, count, rest }
}

/// Reads the number at the start of `bytes`; also gives what follows it.
#[inline]
pub(super) fn read(bytes: &[u8]) -> Result<(Number, &[u8]), Error> {
    let (is_negative, unsigned) = match bytes {
        [b'-', unsigned @ ..] => (true, unsigned),
        unsigned => (false, unsigned),
    };
    let whole = digits(unsigned, 0);
    if whole.count == 0 {
        return non_finite(is_negative, unsigned);
    }
    let mut mantissa = whole.mantissa;
    let mut digit_count = whole.count;
    let mut rest = whole.rest;
    let mut exponent = 0_i64;
    let mut is_integer = true;
    if let [b'.', after_point @ ..] = rest {
        let fraction = digits(after_point, mantissa);
        mantissa = fraction.mantissa;
        digit_count = digit_count.saturating_add(fraction.count);
        exponent = i64::from(fraction.count).saturating_neg();
        rest = fraction.rest;
        is_integer = false;
    }
    if let [b'e' | b'E', after_e @ ..] = rest {
        let (negative_exponent, after_sign) = match after_e {
            [b'-', after_sign @ ..] => (true, after_sign),
            [b'+', after_sign @ ..] => (false, after_sign),
            after_sign => (false, after_sign),
        };
        let power = digits(after_sign, 0);
        if power.count == 0 {
            return Err(end_or_unexpected(after_sign));
        }
        let size = if power.count < MAX_DIGITS {
            i64::try_from(power.mantissa).unwrap_or(i64::MAX)
        } else {
            i64::MAX
        };
        let signed = if negative_exponent { size.saturating_neg() } else { size };
        exponent = exponent.saturating_add(signed);
        rest = power.rest;
        is_integer = false;
    }
    let magnitude = exact(mantissa, digit_count, exponent)
        .or_else(|| nearest(unsigned, rest))
        .ok_or(Error::Unexpected)?;
    let value = if is_negative { -magnitude } else { magnitude };
    Ok((Number { value, is_integer }, rest))
}

/// `mantissa * 10^exponent` where both factors are exact, so that one rounding makes it the nearest.
fn exact(mantissa: u64, digit_count: u32, exponent: i64) -> Option<f64> {
    if digit_count > MAX_DIGITS || mantissa > MAX_EXACT_INTEGER {
        return None;
    }
    let power = usize::try_from(exponent.unsigned_abs()).ok()?;
    let power = EXACT_POWERS.get(power)?;
    let mantissa = mantissa as f64;
    Some(if exponent < 0 { mantissa / power } else { mantissa * power })
}

/// The standard library's answer for the text between `unsigned` and `rest`.
#[cold]
fn nearest(unsigned: &[u8], rest: &[u8]) -> Option<f64> {
    let length = unsigned.len().checked_sub(rest.len())?;
    core::str::from_utf8(unsigned.get(..length)?).ok()?.parse().ok()
}

#[cold]
fn non_finite(is_negative: bool, bytes: &[u8]) -> Result<(Number, &[u8]), Error> {
    let (word, magnitude): (&[u8], f64) = match bytes.first() {
        Some(b'N') if !is_negative => (b"NaN", f64::NAN),
        Some(b'I') => (b"Infinity", f64::INFINITY),
        _ => return Err(end_or_unexpected(bytes)),
    };
    let (rest, found) = literal(bytes, word);
    found?;
    let value = if is_negative { -magnitude } else { magnitude };
    Ok((Number { value, is_integer: false }, rest))
}

fn end_or_unexpected(bytes: &[u8]) -> Error {
    if bytes.is_empty() { Error::UnexpectedEnd } else { Error::Unexpected }
}
