//! Base64 (RFC 4648). Written with the standard alphabet and padded; read in both alphabets, padded or
//! not.

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as text.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| chunk.get(index).map_or(0, |byte| u32::from(*byte));
        let group = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4 {
            let digit = (group >> (18 - 6 * place)) as usize & 63;
            text.push(if place <= chunk.len() { char::from(ALPHABET[digit]) } else { '=' });
        }
    }
    text
}

/// The bytes of a text that is base64 to its end; `None` if it is not.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let is_whole = match digits.len() % 4 {
        0 => padding == 0,
        1 => false,
        rest => padding == 0 || rest + padding == 4,
    };
    let known = digits.bytes().all(|character| digit(character).is_some());
    (is_whole && known).then(|| decode_prefix(digits, usize::MAX))
}

/// Decodes up to `max_bytes`, and stops at the first character of no alphabet.
#[must_use]
pub fn decode_prefix(text: &str, max_bytes: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut pending = 0_u32;
    let mut pending_bits = 0_u32;
    for digit in text.bytes().map_while(digit) {
        pending = (pending << 6) | digit;
        pending_bits = pending_bits.saturating_add(6);
        if pending_bits >= 8 {
            pending_bits = pending_bits.saturating_sub(8);
            if bytes.len() == max_bytes {
                break;
            }
            let [.., byte] = (pending >> pending_bits).to_be_bytes();
            bytes.push(byte);
        }
    }
    bytes
}

fn digit(character: u8) -> Option<u32> {
    let value = match character {
        b'A'..=b'Z' => character.wrapping_sub(b'A'),
        b'a'..=b'z' => character.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => character.wrapping_sub(b'0').wrapping_add(52),
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (bytes, text) in [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v")] {
            assert_eq!((encode(bytes).as_str(), decode(text).as_deref()), (text, Some(bytes)));
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
    }

    #[test]
    fn what_is_not_base64_to_its_end_is_refused() {
        for text in ["Z", "Zm9v!", "Zg=", "Zg===", "Zm9v=", "Zm8==", "=", "Zg==Zg=="] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode("Zg").as_deref(), Some(&b"f"[..]), "padding may be left out");
    }

    #[test]
    fn rfc_4648_vectors() {
        let vectors = [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg", "foob"),
            ("Zm9vYmFy", "foobar"),
        ];
        for (encoded, decoded) in vectors {
            assert_eq!(decode_prefix(encoded, 99), decoded.as_bytes(), "{encoded}");
        }
        assert_eq!(decode_prefix("-_+/", 99), [0xfb, 0xff, 0xbf]);
        assert_eq!(decode_prefix("Zm9vYmFy", 4), b"foob");
        assert_eq!(decode_prefix("Zm9v!YmFy", 99), b"foo");
    }
}
