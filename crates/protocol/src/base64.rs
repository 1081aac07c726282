//! Base64 (RFC 4648), both alphabets, padded or not.

use alloc::vec::Vec;

/// Decodes up to `max_bytes`, and stops at the first character of no alphabet.
pub(crate) fn decode(text: &str, max_bytes: usize) -> Vec<u8> {
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
            assert_eq!(decode(encoded, 99), decoded.as_bytes(), "{encoded}");
        }
        assert_eq!(decode("-_+/", 99), [0xfb, 0xff, 0xbf]);
        assert_eq!(decode("Zm9vYmFy", 4), b"foob");
        assert_eq!(decode("Zm9v!YmFy", 99), b"foo");
    }
}
