//! MurmurHash3 for 64-bit machines, 128 bits wide: the hash by which DataSketches tells items apart.

/// The seed that its sketches share.
const SEED: u64 = 9001;

const FIRST: u64 = 0x87c3_7b91_1142_53d5;
const SECOND: u64 = 0x4cf5_ad43_2745_937f;

/// Both halves of the hash of some bytes.
///
/// # References
/// Appleby, MurmurHash3, in the public domain. Oracle: the coupons of `datasketches.hll_sketch`.
pub(super) fn hash(bytes: &[u8]) -> [u64; 2] {
    let (mut one, mut two) = (SEED, SEED);
    let (blocks, rest) = bytes.as_chunks::<16>();
    for block in blocks {
        let [low, high] = halves(block);
        one = (one ^ stir_first(low)).rotate_left(27).wrapping_add(two);
        one = one.wrapping_mul(5).wrapping_add(0x52dc_e729);
        two = (two ^ stir_second(high)).rotate_left(31).wrapping_add(one);
        two = two.wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    // Absent bytes are zeros, and stirring zero gives zero.
    let mut last = [0; 16];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let [low, high] = halves(&last);
    one ^= stir_first(low);
    two ^= stir_second(high);

    one ^= bytes.len() as u64;
    two ^= bytes.len() as u64;
    one = one.wrapping_add(two);
    two = two.wrapping_add(one);
    one = finish(one);
    two = finish(two);
    one = one.wrapping_add(two);
    [one, two.wrapping_add(one)]
}

const fn halves(block: &[u8; 16]) -> [u64; 2] {
    let both = u128::from_le_bytes(*block);
    [both as u64, (both >> 64) as u64]
}

const fn stir_first(bits: u64) -> u64 {
    bits.wrapping_mul(FIRST).rotate_left(31).wrapping_mul(SECOND)
}

const fn stir_second(bits: u64) -> u64 {
    bits.wrapping_mul(SECOND).rotate_left(33).wrapping_mul(FIRST)
}

const fn finish(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_up_to_two_blocks_has_its_own_hash() {
        let bytes: [u8; 33] = core::array::from_fn(|index| index as u8);
        let mut hashes: alloc::vec::Vec<_> = (0..=33).map(|len| hash(&bytes[..len])).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 34);
    }
}
