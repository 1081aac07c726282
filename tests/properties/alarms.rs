//! Laws of run lengths and of the judgement of alarms.

use proptest::prelude::*;
use tidegate_stats::detector::evaluation::{
    AlarmWindow, Dummy, KnownChange, evaluate, evaluate_dummy,
};
use tidegate_stats::detector::{
    Detector, Direction, Fhddm, FhddmOptions, Signal, run_length, threshold_for_run_length,
};

const LENGTH: u64 = 500;

fn directions() -> impl Strategy<Value = Direction> {
    prop::sample::select(vec![Direction::Up, Direction::Down, Direction::Both])
}

fn changes() -> impl Strategy<Value = Vec<KnownChange>> {
    prop::collection::btree_map(0..LENGTH - 50, 0..50_u64, 0..8).prop_map(|changes| {
        changes
            .into_iter()
            .map(|(start, length)| KnownChange { start, end: start + length })
            .collect()
    })
}

proptest! {
    #[test]
    fn thresholds_and_run_lengths_are_each_others_inverse(
        threshold in 0.5..40.0_f64, more in 0.1..5.0_f64, slack in 0.05..1.0_f64,
        direction in directions(),
    ) {
        let length = run_length(threshold, slack, direction).unwrap();
        prop_assert!(length > 0.0 && run_length(threshold + more, slack, direction).unwrap() > length);
        if (10.0..1e15).contains(&length) {
            let back = threshold_for_run_length(length, slack, direction).unwrap();
            prop_assert!((back - threshold).abs() < 1e-9 * threshold, "{back} for {threshold}");
        }
        // Two sums raise twice the alarms of one.
        let up = run_length(threshold, slack, Direction::Up).unwrap();
        let both = run_length(threshold, slack, Direction::Both).unwrap();
        prop_assert!((up / both - 2.0).abs() < 1e-12);
    }

    #[test]
    fn judgements_add_up(
        changes in changes(),
        alarms in prop::collection::btree_set(0..LENGTH, 0..20),
        late in 1..80_u64,
        early in 0..20_u64,
    ) {
        let window = AlarmWindow { late, early };
        let got = evaluate(alarms.iter().copied(), &changes, LENGTH, window).unwrap();
        prop_assert_eq!(got.alarm_count, alarms.len() as u64);
        prop_assert_eq!(got.change_count, changes.len() as u64);
        prop_assert!(got.false_alarm_count <= got.alarm_count);
        prop_assert!(got.caught_count <= got.change_count.min(got.alarm_count));
        let shares = [got.precision, got.recall, got.episode_recall, got.missed_ratio, got.f1];
        prop_assert!(shares.into_iter().flatten().all(|share| (0.0..=1.0).contains(&share)));
        if let Some((caught, missed)) = got.episode_recall.zip(got.missed_ratio) {
            prop_assert!((caught + missed - 1.0).abs() < 1e-15);
        }
        if let Some(delay) = got.delay {
            prop_assert!(delay >= -(early as f64) && delay <= (late + 50) as f64);
        }
        // A wider window makes no alarm false, and misses no change.
        let wider = AlarmWindow { late: late + 10, early };
        let wider = evaluate(alarms, &changes, LENGTH, wider).unwrap();
        prop_assert!(wider.false_alarm_count <= got.false_alarm_count);
    }

    #[test]
    fn dummies_are_lists_of_alarms(changes in changes(), every in 1..200_u64) {
        let window = AlarmWindow { late: 30, early: 5 };
        let dummy = |which| evaluate_dummy(which, &changes, LENGTH, window);
        let listed = (1..=LENGTH / every).map(|turn| turn * every - 1);
        prop_assert_eq!(dummy(Dummy::Every(every)), evaluate(listed, &changes, LENGTH, window));
        prop_assert_eq!(dummy(Dummy::Always), dummy(Dummy::Every(1)));
        let never = dummy(Dummy::Never).unwrap();
        prop_assert_eq!((never.alarm_count, never.caught_count, never.precision), (0, 0, None));
    }

    #[test]
    fn bits_that_stay_right_raise_no_alarm_of_fhddm(warm_up in 0..300_usize) {
        let mut detector = Fhddm::try_new(FhddmOptions::default()).unwrap();
        for _ in 0..warm_up {
            prop_assert_eq!(detector.push(0.0), Ok(Signal::None));
        }
        prop_assert!(detector.push(f64::NAN).is_err());
    }
}
