//! CRC-32C (Castagnoli), as event files have it.

/// Of RFC 3720, reflected.
const POLYNOMIAL: u32 = 0x82f6_3b78;

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

/// The checksum of bytes.
fn crc_32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        let index = (crc ^ u32::from(*byte)) & 0xff;
        (crc >> 8) ^ TABLE[index as usize]
    };
    !bytes.iter().fold(!0, step)
}

/// The checksum as `TFRecord` masks it, so that the checksum of data that hold one is no trap.
pub(super) fn masked(bytes: &[u8]) -> u32 {
    crc_32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_rfc_says() {
        // RFC 3720, B.4.
        assert_eq!(crc_32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc_32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc_32c(b"123456789"), 0xe306_9283);
    }
}
