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
    fn the_order_within_batches_says_nothing_and_batches_of_one_row_are_a_series(
        values in prop::collection::vec(-20..20_i32, 4..120),
        cuts in prop::collection::vec(1..12_usize, 120),
        share in 0.0..1.0_f64,
    ) {
        let block = 1 + (share * (values.len() / 2 - 1) as f64) as usize;
        let mut left = values.len();
        let cut = |size: usize| { let size = size.min(left); left -= size; size };
        let batches: Vec<usize> = cuts.into_iter().map(cut).filter(|size| *size > 0).collect();
        let numbers: Vec<f64> = values.iter().copied().map(f64::from).collect();
        let codes: Vec<u32> = values.iter().map(|value| value.unsigned_abs() % 4).collect();
        let (mut sorted, mut sorted_codes) = (numbers.clone(), codes.clone());
        let mut from = 0;
        for size in &batches {
            sorted[from..from + size].sort_by(f64::total_cmp);
            sorted_codes[from..from + size].sort_unstable();
            from += size;
        }
        let found: Dependence = dependence::of_batched_numbers(&numbers, &batches, block).unwrap();
        prop_assert_eq!(dependence::of_batched_numbers(&sorted, &batches, block).unwrap(), found);
        let of_codes = dependence::of_batched_categories(&codes, &batches, block).unwrap();
        prop_assert_eq!(dependence::of_batched_categories(&sorted_codes, &batches, block).unwrap(), of_codes);
        for found in [found, of_codes] {
            prop_assert!(found.inflation >= 0.0 && found.batch_inflation >= 0.0);
            prop_assert!((-1.0..=1.0).contains(&found.neighbours));
            prop_assert!(found.within_batches <= 1.0 && (0.0..=1.0).contains(&found.batch_p_value));
            let most = found.rows_per_independent();
            prop_assert!(most >= 1.0 && most.is_finite());
            prop_assert!(found.neighbour_deviations.abs() <= (batches.len() as f64).sqrt() + 1e-9);
        }
        let ones = vec![1; numbers.len()];
        prop_assert_eq!(
            dependence::of_batched_numbers(&numbers, &ones, block).unwrap(),
            dependence::of_ordered_numbers(&numbers, block).unwrap()
        );
        prop_assert_eq!(
            dependence::of_batched_categories(&codes, &ones, block).unwrap(),
            dependence::of_ordered_categories(&codes, block).unwrap()
        );
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
