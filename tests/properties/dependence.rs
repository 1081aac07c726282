//! Laws of the dependence of rows.

use proptest::prelude::*;
use tidegate_stats::dependence::{self, Dependence};

proptest! {
    #[test]
    fn only_the_order_of_values_counts_and_time_may_run_backwards(
        values in prop::collection::vec(-1e6..1e6_f64, 4..200),
        share in 0.0..1.0_f64,
    ) {
        let block = 1 + (share * (values.len() / 2 - 1) as f64) as usize;
        let found: Dependence = dependence::of_ordered_numbers(&values, block).unwrap();
        prop_assert!(found.inflation >= 0.0 && found.inflation.is_finite());
        prop_assert!((-1.0..=1.0).contains(&found.neighbours));
        prop_assert!(found.rows_per_independent() >= 1.0);
        let scaled: Vec<f64> = values.iter().map(|value| 3.0 * value + 1e3).collect();
        prop_assert_eq!(dependence::of_ordered_numbers(&scaled, block).unwrap(), found);
        let backwards: Vec<f64> = values.into_iter().rev().collect();
        let other = dependence::of_ordered_numbers(&backwards, block).unwrap();
        prop_assert!((found.inflation - other.inflation).abs() <= 1e-12 * found.inflation);
        prop_assert!((found.neighbours - other.neighbours).abs() <= 1e-12);
    }

    #[test]
    fn names_of_categories_do_not_count(
        codes in prop::collection::vec(0..5_u32, 4..200),
        share in 0.0..1.0_f64,
    ) {
        let block = 1 + (share * (codes.len() / 2 - 1) as f64) as usize;
        let found = dependence::of_ordered_categories(&codes, block).unwrap();
        prop_assert!(found.inflation >= 0.0 && found.rows_per_independent() >= 1.0);
        let renamed: Vec<u32> = codes.iter().map(|code| u32::MAX - 7 * code).collect();
        prop_assert_eq!(dependence::of_ordered_categories(&renamed, block).unwrap(), found);
    }

    #[test]
    fn rows_that_come_twice_say_as_much_as_once(
        values in prop::collection::vec(0..1000_u32, 40..100),
    ) {
        let twice: Vec<u32> = values.iter().flat_map(|value| [*value; 2]).collect();
        let (once, twice) = (dependence::of_ordered_categories(&values, 1).unwrap(), dependence::of_ordered_categories(&twice, 2).unwrap());
        // But for the blocks that begin between the two.
        prop_assert!(once.inflation == 1.0 && twice.inflation > 1.4, "{:?}", twice);
    }
}
