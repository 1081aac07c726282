//! Orders are those of the standard library's stable sort.

use proptest::prelude::*;
use tidegate_stats::order::{ascending, descending, sort_by};

proptest! {
    #[test]
    fn items_are_sorted_as_by_the_standard_library(
        keys in prop::collection::vec(0_u8..20, 0..200),
    ) {
        let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
        let mut expected = items.clone();
        expected.sort_by_key(|(key, _)| *key);
        sort_by(&mut items, |(one, _), (other, _)| one.cmp(other));
        prop_assert_eq!(items, expected);
    }

    #[test]
    fn places_are_those_of_a_stable_sort(
        values in prop::collection::vec(
            prop_oneof![prop::num::f64::ANY, (-3_i8..3).prop_map(f64::from)],
            0..200,
        ),
    ) {
        let mut expected: Vec<usize> = (0..values.len()).collect();
        expected.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
        prop_assert_eq!(ascending(&values), expected.clone());
        expected.sort();
        expected.sort_by(|one, other| values[*other].total_cmp(&values[*one]));
        prop_assert_eq!(descending(&values), expected);
    }
}
