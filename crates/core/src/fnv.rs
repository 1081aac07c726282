//! FNV-1a of 64 bits (Fowler, Noll and Vo): whether bytes are the same as before, in a number that is the same on
//! every host. It is no signature: who wants two texts with one hash can have them.

/// The hash of some bytes.
///
/// ```
/// use tidegate_core::fnv::fnv1a;
///
/// assert_eq!(fnv1a(*b"foobar"), 0x8594_4171_f739_67e8);
/// assert_eq!(fnv1a([]), 0xcbf2_9ce4_8422_2325);
/// ```
#[must_use]
pub fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
