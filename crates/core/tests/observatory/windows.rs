//! Panes: what comes late, early or never.

use tidegate_core::observatory::{Delta, References, Settings};
use tidegate_core::pane::bound;

use crate::fixture::{NOON, bins, delta, dropped, feed, requests, rows, state, with_profile};

#[test]
fn panes_leave_the_window_and_totals_stay() {
    let settings = with_profile();
    let mut state = state(NOON, &[rows("m", &[0.5])], &settings);
    feed(&mut state, NOON + 60.0, &[rows("m", &[1.5])], &settings);
    state.tick(NOON + 299.9, &settings);
    assert_eq!(bins(&state, "m", "x"), [1, 1, 0, 0], "five panes of a minute");
    state.tick(NOON + 300.0, &settings);
    assert_eq!(bins(&state, "m", "x"), [0, 1, 0, 0]);
    state.tick(NOON + 3600.0, &settings);
    assert_eq!(bins(&state, "m", "x"), [0; 4]);
    assert_eq!(requests(&state), 2);
    assert_eq!(dropped(&state, bound::PANES), 0, "growing old is not being dropped");
    let series = &state.snapshot(NOON + 3600.0, &settings).models[0].series;
    assert_eq!(series.iter().map(|point| point.requests).sum::<u64>(), 0);
}

#[test]
fn what_comes_too_late_counts_in_the_totals_alone() {
    let settings = with_profile();
    let mut state = state(NOON, &[rows("m", &[0.5])], &settings);
    let late = delta(NOON - 300.0, &[rows("m", &[1.5, 1.5])], state.references(), &settings);
    let raw = delta(NOON - 300.0, &[rows("m", &[1.5])], &References::default(), &settings);
    state.apply(late, &settings);
    state.apply(raw, &settings);
    state.tick(NOON, &settings);
    assert_eq!(bins(&state, "m", "x"), [1, 0, 0, 0]);
    assert_eq!((requests(&state), dropped(&state, bound::PANES)), (3, 3));
}

#[test]
fn a_clock_that_runs_ahead_does_not_push_out_the_window() {
    let settings = with_profile();
    let mut state = state(NOON, &[rows("m", &[0.5])], &settings);
    let next = delta(NOON + 60.0, &[rows("m", &[1.5])], state.references(), &settings);
    let far = delta(NOON + 1e9, &[rows("m", &[2.5])], state.references(), &settings);
    state.apply(next, &settings);
    state.apply(far, &settings);
    state.tick(NOON, &settings);
    assert_eq!(bins(&state, "m", "x"), [1, 1, 0, 0]);
    assert_eq!((requests(&state), dropped(&state, bound::PANES)), (3, 1));
}

#[test]
fn a_time_that_is_none_counts_in_the_totals_alone() {
    let settings = with_profile();
    let mut state = state(NOON, &[rows("m", &[0.5])], &settings);
    for at_seconds in [-1.0, f64::NAN, f64::INFINITY] {
        let odd = delta(at_seconds, &[rows("m", &[1.5])], state.references(), &settings);
        state.apply(odd, &settings);
        state.tick(at_seconds, &settings);
    }
    assert_eq!(bins(&state, "m", "x"), [1, 0, 0, 0]);
    assert_eq!((requests(&state), dropped(&state, bound::PANES)), (4, 3));
}

#[test]
fn a_change_of_the_panes_length_keeps_the_counts() {
    let minutes = with_profile();
    let mut state = state(NOON, &[rows("m", &[0.5])], &minutes);
    feed(&mut state, NOON + 60.0, &[rows("m", &[1.5])], &minutes);
    let on_minutes = delta(NOON + 61.0, &[rows("m", &[2.5])], state.references(), &minutes);

    let longer = Settings { pane_seconds: 600, ..with_profile() };
    state.apply(on_minutes, &longer);
    state.tick(NOON + 62.0, &longer);
    assert_eq!(bins(&state, "m", "x"), [1, 1, 1, 0]);
    let series = &state.snapshot(NOON + 62.0, &longer).models[0].series;
    let requests: Vec<u64> = series.iter().map(|point| point.requests).collect();
    assert_eq!(requests, [0, 0, 0, 0, 3]);
}

#[test]
fn a_pane_of_no_length_is_one_of_a_second() {
    let settings = Settings { pane_seconds: 0, panes: 0, ..with_profile() };
    let mut state = state(NOON, &[rows("m", &[0.5])], &settings);
    assert_eq!(state.snapshot(NOON + 0.9, &settings).models[0].series.len(), 1);
    feed(&mut state, NOON + 1.0, &[rows("m", &[1.5])], &settings);
    assert_eq!(bins(&state, "m", "x"), [0, 1, 0, 0]);
}

#[test]
fn a_delta_that_nobody_takes_keeps_the_newest_panes() {
    let settings = with_profile();
    let mut state = state(NOON, &[rows("m", &[0.5])], &settings);
    let mut mailbox = Delta::default();
    let minutes = 200;
    for minute in 0..minutes {
        let at_seconds = NOON + 60.0 * f64::from(minute);
        let one = delta(at_seconds, &[rows("m", &[1.5])], state.references(), &settings);
        mailbox.merge(one);
    }
    assert!(mailbox.encode().len() < 10_000);
    state.apply(mailbox, &settings);
    assert_eq!((requests(&state), dropped(&state, bound::PANES)), (201, 80));
    state.tick(NOON + 60.0 * f64::from(minutes - 1), &settings);
    assert_eq!(bins(&state, "m", "x"), [0, 5, 0, 0]);
}

#[test]
fn a_false_alarm_budget_lowers_the_level_that_drift_is_judged_at() {
    use tidegate_stats::FalseAlarmBudget;
    let budget = FalseAlarmBudget { count: 1.0, days: 30.0 };
    let settings = Settings { false_alarms: Some(budget), ..with_profile() };
    let level = settings.decision(1).alpha;
    assert!(level > 0.0 && level < 1e-4, "{level}");
    assert!(settings.decision(10).alpha < level / 9.0);
    assert_eq!(with_profile().decision(1).alpha, 0.05);
    let senseless = FalseAlarmBudget { count: -1.0, days: 30.0 };
    let settings = Settings { false_alarms: Some(senseless), ..with_profile() };
    assert_eq!(settings.decision(1).alpha, f64::MIN_POSITIVE);
}
