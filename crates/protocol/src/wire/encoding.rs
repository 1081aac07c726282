//! Compressed bodies: gzip (RFC 1952) and deflate (RFC 1950, or bare RFC 1951 as some servers send it).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use tidegate_core::event::UnreadReason;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Gzip,
    Deflate,
}

/// Files that may follow each other in one gzip body.
const MAX_MEMBERS: usize = 64;

impl Encoding {
    /// The encoding of that name; `None` for a body as it is.
    ///
    /// # Errors
    /// [`UnreadReason::Compressed`]: one that is not read.
    pub fn from_name(name: &[u8]) -> Result<Option<Self>, UnreadReason> {
        let name = name.trim_ascii();
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if name.is_empty() || is(b"identity") {
            Ok(None)
        } else if is(b"gzip") || is(b"x-gzip") {
            Ok(Some(Self::Gzip))
        } else if is(b"deflate") {
            Ok(Some(Self::Deflate))
        } else {
            Err(UnreadReason::Compressed)
        }
    }

    /// The body before its compression, if it has at most `max_bytes`.
    ///
    /// # Errors
    /// * [`UnreadReason::OverCap`]: it has more.
    /// * [`UnreadReason::Truncated`]: it ends early.
    /// * [`UnreadReason::Malformed`]: it is something else, or damaged.
    pub fn decode(self, bytes: &[u8], max_bytes: usize) -> Result<Vec<u8>, UnreadReason> {
        let mut decoded = Vec::new();
        match self {
            Self::Gzip => {
                let mut rest = bytes;
                for _ in 0..MAX_MEMBERS {
                    rest = member(rest, &mut decoded, max_bytes)?;
                    // Servers pad with zeros, and what else follows is no part of the body.
                    if !rest.starts_with(MAGIC) {
                        return Ok(decoded);
                    }
                }
                return Err(UnreadReason::OverCap);
            }
            Self::Deflate => {
                let is_zlib = matches!(bytes, [cmf, flg, ..]
                    if cmf & 0x0f == 8 && u16::from_be_bytes([*cmf, *flg]).is_multiple_of(31));
                let flags = if is_zlib { TINFL_FLAG_PARSE_ZLIB_HEADER } else { 0 };
                inflate(bytes, flags, &mut decoded, max_bytes)?;
            }
        }
        Ok(decoded)
    }
}

/// A body before the compression that its `content-encoding` names: gzip, deflate, or none.
///
/// # Errors
/// * [`UnreadReason::Compressed`]: the encoding is none of them.
/// * [`UnreadReason::OverCap`]: the body has more than `max_bytes`.
/// * [`UnreadReason::Truncated`], [`UnreadReason::Malformed`]: it ends early, or is damaged.
pub fn decompressed<'a>(
    encoding: &[u8],
    bytes: &'a [u8],
    max_bytes: usize,
) -> Result<Cow<'a, [u8]>, UnreadReason> {
    match Encoding::from_name(encoding)? {
        Some(encoding) => encoding.decode(bytes, max_bytes).map(Cow::Owned),
        None if bytes.len() > max_bytes => Err(UnreadReason::OverCap),
        None => Ok(Cow::Borrowed(bytes)),
    }
}

/// What a gzip file begins with; the third byte is the only method there is.
const MAGIC: &[u8] = &[0x1f, 0x8b, 8];

const HEADER_CHECKSUM: u8 = 1 << 1;
const EXTRA_FIELD: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;

/// Appends one gzip file to `decoded`; gives what follows it.
fn member<'a>(
    bytes: &'a [u8],
    decoded: &mut Vec<u8>,
    max_bytes: usize,
) -> Result<&'a [u8], UnreadReason> {
    let compressed = after_header(bytes)?;
    let start = decoded.len();
    let rest = inflate(compressed, 0, decoded, max_bytes)?;
    let (trailer, rest) = rest.split_first_chunk::<8>().ok_or(UnreadReason::Truncated)?;
    let [a, b, c, d, e, f, g, h] = *trailer;
    let own = decoded.get(start..).unwrap_or_default();
    let is_whole = u32::from_le_bytes([a, b, c, d]) == checksum(own)
        && u32::from_le_bytes([e, f, g, h]) == own.len() as u32;
    if is_whole { Ok(rest) } else { Err(UnreadReason::Malformed) }
}

fn after_header(bytes: &[u8]) -> Result<&[u8], UnreadReason> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        let is_cut = MAGIC.starts_with(bytes);
        return Err(if is_cut { UnreadReason::Truncated } else { UnreadReason::Malformed });
    };
    let ([flags, ..], mut rest) = rest.split_first_chunk::<7>().ok_or(UnreadReason::Truncated)?;
    if flags & EXTRA_FIELD != 0 {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(UnreadReason::Truncated)?;
        let length = usize::from(u16::from_le_bytes(*length));
        rest = after.get(length..).ok_or(UnreadReason::Truncated)?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|&byte| byte == 0).ok_or(UnreadReason::Truncated)?;
            rest = rest.get(end.saturating_add(1)..).unwrap_or_default();
        }
    }
    if flags & HEADER_CHECKSUM != 0 {
        rest = rest.get(2..).ok_or(UnreadReason::Truncated)?;
    }
    Ok(rest)
}

/// Appends inflated bytes to `decoded`; gives what follows them.
fn inflate<'a>(
    bytes: &'a [u8],
    flags: u32,
    decoded: &mut Vec<u8>,
    max_bytes: usize,
) -> Result<&'a [u8], UnreadReason> {
    let flags = flags | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut state = DecompressorOxide::new();
    let mut rest = bytes;
    let mut length = decoded.len();
    loop {
        // Twice the room each time, so that all of it takes linear time.
        let room = length.max(rest.len()).saturating_add(256);
        decoded.resize(length.saturating_add(room).min(max_bytes), 0);
        let (status, taken, made) = decompress(&mut state, rest, decoded, length, flags);
        rest = rest.get(taken..).unwrap_or_default();
        length = length.saturating_add(made);
        match status {
            TINFLStatus::Done => {
                decoded.truncate(length);
                return Ok(rest);
            }
            TINFLStatus::HasMoreOutput if length < max_bytes => {}
            TINFLStatus::HasMoreOutput => return Err(UnreadReason::OverCap),
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
                return Err(UnreadReason::Truncated);
            }
            _ => return Err(UnreadReason::Malformed),
        }
    }
}

/// The CRC-32 of RFC 1952.
fn checksum(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            let shifted = sum >> 1;
            if sum & 1 == 1 { shifted ^ POLYNOMIAL } else { shifted }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made by Python's `gzip` and `zlib`: "hello hello hello" in each form.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcbH\xcd\xc9\xc9W\xc8@\x90\0\x80\x88\xf9\xe5\x11\0\0\0";
    const ZLIB: &[u8] = b"x\x9c\xcbH\xcd\xc9\xc9W\xc8@\x90\0:.\x06}";
    const BARE: &[u8] = b"\xcbH\xcd\xc9\xc9W\xc8@\x90\0";
    const HELLO: &[u8] = b"hello hello hello";

    #[test]
    fn each_form_is_decoded() {
        assert_eq!(Encoding::Gzip.decode(GZIP, 99).as_deref(), Ok(HELLO));
        assert_eq!(Encoding::Gzip.decode(GZIP, 17).as_deref(), Ok(HELLO));
        assert_eq!(Encoding::Deflate.decode(ZLIB, 99).as_deref(), Ok(HELLO));
        assert_eq!(Encoding::Deflate.decode(BARE, 99).as_deref(), Ok(HELLO));
        let twice = [GZIP, GZIP, b"\0\0"].concat();
        assert_eq!(Encoding::Gzip.decode(&twice, 99), Ok([HELLO, HELLO].concat()));
        let named =
            [&GZIP[..3], b"\x1e\0\0\0\0\x02\x03\x02\0xxname\0note\0cc", &GZIP[10..]].concat();
        assert_eq!(Encoding::Gzip.decode(&named, 99).as_deref(), Ok(HELLO));
    }

    #[test]
    fn what_is_cut_damaged_or_foreign_is_refused() {
        for length in 0..GZIP.len() {
            let decoded = Encoding::Gzip.decode(&GZIP[..length], 99);
            assert_eq!(decoded, Err(UnreadReason::Truncated), "{length}");
        }
        for length in 0..BARE.len() {
            let decoded = Encoding::Deflate.decode(&BARE[..length], 99);
            assert_eq!(decoded, Err(UnreadReason::Truncated), "{length}");
        }
        let mut damaged = GZIP.to_vec();
        damaged[21] ^= 1;
        assert_eq!(Encoding::Gzip.decode(&damaged, 99), Err(UnreadReason::Malformed));
        assert_eq!(Encoding::Gzip.decode(b"{}", 99), Err(UnreadReason::Malformed));
        assert_eq!(Encoding::Deflate.decode(b"\xff{}", 99), Err(UnreadReason::Malformed));
    }

    #[test]
    fn a_bomb_is_over_the_cap() {
        // 100 000 zeros in 132 bytes, by Python's `gzip`.
        let mut bomb =
            b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc11\x01\0\0\0\xc2\xa0\xf5Om\r\x0f\xa0".to_vec();
        bomb.extend([0; 96]);
        bomb.extend(b"\x80W\x03}\x95\x11\xd4\xa0\x86\x01\0");
        assert_eq!(bomb.len(), 132);
        assert_eq!(Encoding::Gzip.decode(&bomb, 100_000).map(|zeros| zeros.len()), Ok(100_000));
        assert_eq!(Encoding::Gzip.decode(&bomb, 99_999), Err(UnreadReason::OverCap));
        let many = GZIP.repeat(MAX_MEMBERS + 1);
        assert_eq!(Encoding::Gzip.decode(&many, 1 << 20), Err(UnreadReason::OverCap));
    }

    #[test]
    fn names_are_known_or_not_read() {
        assert_eq!(Encoding::from_name(b""), Ok(None));
        assert_eq!(Encoding::from_name(b" Identity "), Ok(None));
        assert_eq!(Encoding::from_name(b"X-GZIP"), Ok(Some(Encoding::Gzip)));
        assert_eq!(Encoding::from_name(b"deflate"), Ok(Some(Encoding::Deflate)));
        for other in [&b"br"[..], b"gzip, gzip", b"\xff"] {
            assert_eq!(Encoding::from_name(other), Err(UnreadReason::Compressed), "{other:?}");
        }
    }

    #[test]
    fn a_checksum_is_that_of_the_standard() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }
}
