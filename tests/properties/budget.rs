//! Whether a false-alarm budget is kept, and not wasted.

use proptest::prelude::*;
use tidegate_stats::multiple::benjamini_hochberg;
use tidegate_stats::{Decision, FalseAlarmBudget, Watch, chi_square, num};

use crate::calibration::Random;

proptest! {
    #[test]
    fn a_level_falls_with_the_looks_and_uses_no_more_than_its_budget(
        count in 0.01..100.0_f64,
        days in 0.1..1000.0_f64,
        window in 1.0..1e6_f64,
        part in 1e-4..2.0_f64,
        families in 1_u64..100_000,
    ) {
        let budget = FalseAlarmBudget { count, days };
        let watch = Watch { window_seconds: window, look_seconds: window * part, families };
        let level = budget.level(&watch).unwrap();
        prop_assert!(level > 0.0 && level <= 0.5);
        let used = level * watch.effective_looks_a_day(level).unwrap() * days * families as f64;
        prop_assert!(used <= count * (1.0 + 1e-9), "{used} of {count}");
        prop_assert!(level == 0.5 || used >= count * (1.0 - 1e-9), "{used} of {count}");
        let more = Watch { families: families * 2, ..watch };
        prop_assert!(budget.level(&more).unwrap() <= level);
        // Each test must not be stricter than if no two looks had a row in common.
        let apart = count / days / (86_400.0 / watch.look_seconds) / families as f64;
        prop_assert!(level >= apart.min(0.5) * (1.0 - 1e-9));
    }

    #[test]
    fn a_run_length_shares_the_budget_among_detectors(
        count in 0.01..100.0_f64, days in 0.1..1000.0_f64, detectors in 1_u64..1000,
    ) {
        let budget = FalseAlarmBudget { count, days };
        let length = budget.run_length(detectors, 1440.0).unwrap();
        let alarms = detectors as f64 * 1440.0 * days / length;
        prop_assert!((alarms / count - 1.0).abs() < 1e-12);
    }
}

const PANES: usize = 20;
const COLUMNS: usize = 5;
const BINS: usize = 8;
const LOOKS: u32 = 12_000;

/// How many alarms begin over sliding windows of five columns, none of which drifts.
fn alarms(seed: u64, level: f64) -> u32 {
    let mut random = Random(seed);
    let mut pane = || -> Vec<[u64; BINS]> {
        let mut counts = vec![[0; BINS]; COLUMNS];
        for column in &mut counts {
            for _ in 0..20 {
                column[(random.uniform() * BINS as f64) as usize] += 1;
            }
        }
        counts
    };
    let reference = [125_000_u64; BINS];
    let mut panes: Vec<_> = (0..PANES).map(|_| pane()).collect();
    let (mut begun, mut alarming) = (0, false);
    for look in 0..LOOKS as usize {
        panes[look % PANES] = pane();
        let p_values: Vec<f64> = (0..COLUMNS)
            .map(|column| {
                let mut window = [0; BINS];
                for pane in &panes {
                    for (sum, count) in window.iter_mut().zip(pane[column]) {
                        *sum += count;
                    }
                }
                let test = chi_square::two_sample(&reference, &window, &Decision::default());
                test.unwrap().p_value.unwrap()
            })
            .collect();
        let adjusted = benjamini_hochberg(&p_values).unwrap();
        let alarms = adjusted.iter().any(|p| *p <= level);
        begun += u32::from(alarms && !alarming);
        alarming = alarms;
    }
    begun
}

#[test]
fn over_sliding_windows_the_budget_is_kept_and_not_wasted() {
    // A look a minute, at twenty of them together: 12,000 looks are 8.3 days.
    let days = f64::from(LOOKS) / 1440.0;
    let watch = Watch { window_seconds: 60.0 * PANES as f64, look_seconds: 60.0, families: 1 };
    for count in [20.0, 60.0] {
        let level = FalseAlarmBudget { count, days }.level(&watch).unwrap();
        let begun = f64::from(alarms(41, level));
        let chance = 3.0 * num::sqrt(count);
        assert!(begun <= count + chance, "{begun} of {count}");
        assert!(begun >= 0.5 * count - chance, "{begun} of {count}: the budget is wasted");
    }
}
