use super::Population;
use crate::fnv::fnv1a;

/// The place of the variant that a unit gets, of variants with such weights, which sum to 1; `None`
/// without variants.
///
/// The hash is GrowthBook's second version, seeded with the experiment's name, so every gateway and
/// every SDK of GrowthBook gives a unit the same variant, with nothing stored.
///
/// ```
/// use tidegate_core::experiment::variant_of;
/// assert_eq!(variant_of("iris-v1-vs-v2", "u1", [0.0, 1.0]), Some(1));
/// assert_eq!(variant_of("iris-v1-vs-v2", "u1", []), None);
/// ```
#[must_use]
pub fn variant_of(
    experiment: &str,
    unit: &str,
    weights: impl IntoIterator<Item = f64>,
) -> Option<usize> {
    Population::default().place_of(experiment, unit, weights).map(|(index, _)| index)
}

/// What a unit is known by: FNV-1a of 64 bits, mixed so that all bits depend on all of the text.
#[must_use]
pub fn unit_hash(unit: &str) -> u64 {
    let hash = fnv1a(unit.bytes());
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
