//! Laws of what the statistics stand on.

use proptest::prelude::*;
use tidegate_stats::num::{self, Sum};
use tidegate_stats::special::{
    chi_square_point, chi_square_tail, lower_beta_ratio, normal_point, normal_tail,
    upper_gamma_ratio,
};
use tidegate_stats::{
    Moments, QuantileHistogram, chi_square, cramer_von_mises, g_test, jensen_shannon,
    kullback_leibler, psi,
};

fn near(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs()).max(f64::MIN_POSITIVE)
}

/// Two samples over the same categories, none of them empty.
fn two_counts() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
    (2..12_usize).prop_flat_map(|bins| {
        let side = || prop::collection::vec(1..500_u64, bins);
        (side(), side())
    })
}

proptest! {
    #[test]
    fn functions_undo_each_other(x in -0.9..20.0_f64, angle in -3.1..3.1_f64) {
        prop_assert!(near(num::exp_m1(num::ln_1p(x)), x, 1e-14));
        prop_assert!(near(num::ln_1p(num::exp_m1(x)), x, 1e-14));
        prop_assert!(near(num::erf(x) + num::erfc(x), 1.0, 1e-15));
        prop_assert!(near(num::erf(-x), -num::erf(x), 0.0));
        let (sine, cosine) = (num::sin(angle), num::cos(angle));
        prop_assert!(near(sine * sine + cosine * cosine, 1.0, 1e-15));
        prop_assert!((num::atan2(sine, cosine) - angle).abs() < 1e-15);
    }

    #[test]
    fn gamma_grows_by_its_argument(x in 0.01..200.0_f64) {
        let step = num::ln_gamma(x + 1.0) - num::ln_gamma(x);
        prop_assert!((step - num::ln(x)).abs() < 1e-12 * (1.0 + num::ln_gamma(x).abs()));
    }

    #[test]
    fn roundings_are_next_to_the_number(x in -1e9..1e9_f64) {
        prop_assert_eq!(num::ceil(x), -num::floor(-x));
        prop_assert!((0.0..1.0).contains(&(num::ceil(x) - x)));
        let nearest = num::round_ties_even(x);
        prop_assert!((nearest - x).abs() <= 0.5 && nearest == num::floor(nearest));
    }

    #[test]
    fn sums_of_whole_numbers_are_exact(
        terms in prop::collection::vec(-(1_i64 << 52)..(1_i64 << 52), 0..60), cut in 0..60_usize,
    ) {
        let (left, right) = terms.split_at(cut.min(terms.len()));
        let (mut first, mut second) = (Sum::default(), Sum::default());
        left.iter().for_each(|term| first.add(*term as f64));
        right.iter().for_each(|term| second.add(*term as f64));
        first.merge(second);
        let exact: i128 = terms.iter().map(|term| i128::from(*term)).sum();
        prop_assert_eq!(first.value(), exact as f64);
    }

    #[test]
    fn moments_move_and_scale_with_their_values(
        values in prop::collection::vec(-100.0..100.0_f64, 1..40),
        by in -50.0..50.0_f64,
        power in prop::sample::select(vec![-700, -420, -3, 0, 5, 420, 700]),
    ) {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.push(*value));
        let moved: Moments = values.iter().map(|value| value + by).collect();
        prop_assert!((moved.mean() - moments.mean() - by).abs() < 1e-11);
        let deviation = moments.standard_deviation();
        prop_assert!((moved.standard_deviation() - deviation).abs() < 1e-6);
        let factor = num::scale_by_power_of_two(1.0, power);
        let scaled: Moments = values.iter().map(|value| value * factor).collect();
        prop_assert!(near(scaled.standard_deviation(), deviation * factor, 1e-9));
        // A power of two, in which the squares are in range.
        prop_assert_eq!(num::scale_by_power_of_two(scaled.unit(), -power.signum() * 600),
            if scaled.unit() == 1.0 { num::scale_by_power_of_two(1.0, -power.signum() * 600) } else { 1.0 });
        let again = Moments::of_summary(
            scaled.count(), scaled.mean(), scaled.standard_deviation(), [scaled.min(), scaled.max()],
        );
        prop_assert!(near(again.standard_deviation(), scaled.standard_deviation(), 1e-14));
        prop_assert_eq!((again.count(), again.mean()), (scaled.count(), scaled.mean()));
    }

    #[test]
    fn a_value_counted_often_is_as_many_values(
        values in prop::collection::vec((0.0..1e6_f64, 0..9_u64), 0..20),
    ) {
        let (mut at_once, mut one_by_one) =
            (QuantileHistogram::default(), QuantileHistogram::default());
        for &(value, times) in &values {
            at_once.record_n(value, times);
            (0..times).for_each(|_| one_by_one.record(value));
        }
        prop_assert_eq!(&at_once, &one_by_one);
        prop_assert_eq!(at_once.count(), values.iter().map(|(_, times)| times).sum::<u64>());
    }

    #[test]
    fn tails_fall_and_points_are_where_they_were_asked(
        a in 0.05..500.0_f64, x in 0.0..800.0_f64, more in 0.0..50.0_f64, tail in 1e-200..0.9999_f64,
    ) {
        let at = upper_gamma_ratio(a, x).unwrap();
        prop_assert!((0.0..=1.0).contains(&at));
        prop_assert!(upper_gamma_ratio(a, x + more).unwrap() <= at * (1.0 + 1e-12));
        prop_assert!(upper_gamma_ratio(a + 1.0, x).unwrap() >= at * (1.0 - 1e-12));
        prop_assert_eq!(chi_square_tail(2.0 * x, 2.0 * a), Ok(at));
        let point = chi_square_point(tail, a).unwrap();
        prop_assert!(near(chi_square_tail(point, a).unwrap(), tail, 1e-9), "{a} {tail:e}");
        prop_assert!(near(normal_tail(normal_point(tail).unwrap()), tail, 1e-9), "{tail:e}");
    }

    #[test]
    fn both_sides_of_the_beta_distribution_are_all_of_it(
        a in 0.05..300.0_f64, b in 0.05..300.0_f64, x in 0.0..=1.0_f64,
    ) {
        let below = lower_beta_ratio(a, b, x).unwrap();
        let above = lower_beta_ratio(b, a, 1.0 - x).unwrap();
        prop_assert!((0.0..=1.0).contains(&below) && (below + above - 1.0).abs() < 1e-10);
    }

    #[test]
    fn large_gaps_are_less_probable(n in 1..1000_u64, m in 1..1000_u64, t in 0.0..20.0_f64) {
        let p_value = |t| cramer_von_mises::asymptotic_p_value(n, m, t);
        prop_assert!((0.0..=1.0).contains(&p_value(t)));
        prop_assert!(p_value(t + 0.1) <= p_value(t) * (1.0 + 1e-9));
        prop_assert_eq!(p_value(t), cramer_von_mises::asymptotic_p_value(m, n, t));
    }

    #[test]
    fn tests_of_a_table_know_no_sides_and_grow_with_the_rows((reference, current) in two_counts()) {
        let pearson = |a: &[u64], b: &[u64]| chi_square::contingency(a, b).unwrap();
        let likelihood = |a: &[u64], b: &[u64]| g_test::likelihood_ratio(a, b).unwrap();
        let three_times = |counts: &[u64]| counts.iter().map(|n| 3 * n).collect::<Vec<_>>();
        let (more_reference, more_current) = (three_times(&reference), three_times(&current));
        let (one, back) = (pearson(&reference, &current), pearson(&current, &reference));
        let more = pearson(&more_reference, &more_current);
        prop_assert!(near(one.statistic, back.statistic, 1e-9));
        prop_assert!((more.statistic - 3.0 * one.statistic).abs() <= 1e-9 * more.statistic);
        prop_assert!((more.cramers_v - one.cramers_v).abs() <= 1e-9);
        let (one, back) = (likelihood(&reference, &current), likelihood(&current, &reference));
        let more = likelihood(&more_reference, &more_current);
        prop_assert!((one.statistic - back.statistic).abs() <= 1e-9 * (1.0 + one.statistic));
        prop_assert!((more.statistic - 3.0 * one.statistic).abs() <= 1e-9 * (1.0 + more.statistic));
        prop_assert!((0.0..=1.0).contains(&one.p_value) && one.df == reference.len() as u64 - 1);
    }

    #[test]
    fn classic_forms_are_ours_but_for_their_shares((reference, current) in two_counts()) {
        let decision = tidegate_stats::Decision::default();
        let factor = 1.0 + reference.len() as f64 * psi::SMOOTHING;
        let ours = psi::two_sample(&reference, &current, &decision).unwrap().effect;
        let classic = psi::classic(&reference, &current).unwrap();
        prop_assert!((classic - ours * factor).abs() <= 1e-12 * (1.0 + classic));
        let ours = kullback_leibler::two_sample(&reference, &current, &decision).unwrap().effect;
        let classic = kullback_leibler::classic(&reference, &current).unwrap();
        prop_assert!((classic - ours * factor).abs() <= 1e-12 * (1.0 + classic));
    }

    #[test]
    fn forms_of_the_jensen_shannon_divergence_agree(distance in 0.0..=1.0_f64) {
        let nats = jensen_shannon::divergence_nats_from_distance(distance);
        let bits = jensen_shannon::divergence_bits_from_distance(distance);
        let distance_nats = jensen_shannon::distance_nats_from_distance(distance);
        prop_assert!(near(jensen_shannon::distance_from_divergence_nats(nats), distance, 1e-15));
        prop_assert!(near(nats, bits * core::f64::consts::LN_2, 1e-15));
        prop_assert!(near(distance_nats * distance_nats, nats, 1e-15));
    }
}
