//! References that come at run time: fetched, or pinned out of the traffic.

use tidegate_core::observatory::{Delta, Origin, ReferenceSettings, References, Settings, State};
use tidegate_core::profile::Profile;

use crate::fixture::{NOON, bins, delta, dropped, feed, learn, profile, rows, settings, state};

fn ramp(from: i32, to: i32) -> Vec<f64> {
    (from..to).map(f64::from).collect()
}

fn origin(state: &State) -> Option<(Origin, u64)> {
    state.references().get("m").map(|reference| (reference.origin(), reference.rows()))
}

fn pin(state: &mut State, settings: &Settings) {
    let mut pin = Delta::default();
    pin.pin("m");
    pin.pin("no such model");
    state.apply(Delta::decode(&pin.encode()).unwrap(), settings);
    state.tick(NOON, settings);
}

/// Another profile of the same columns.
fn other() -> Profile {
    Profile { rows: 90, ..profile() }
}

#[test]
fn a_window_that_is_pinned_is_the_reference_from_then_on() {
    let settings = learn(100);
    let mut state = state(NOON, &[rows("m", &ramp(0, 199))], &settings);
    pin(&mut state, &settings);
    assert_eq!(origin(&state), Some((Origin::Learned, 100)), "99 rows are too few");
    feed(&mut state, NOON, &[rows("m", &ramp(150, 200))], &settings);
    let before = bins(&state, "m", "x");
    pin(&mut state, &settings);
    assert_eq!(origin(&state), Some((Origin::Pinned, 149)));
    assert_eq!(state.references().get("m").unwrap().columns()[0].bins, before);
    assert_eq!(bins(&state, "m", "x"), [0; 10], "what is in it is not counted against it");
    feed(&mut state, NOON, &[rows("m", &ramp(0, 200))], &settings);
    assert_eq!(origin(&state), Some((Origin::Pinned, 149)), "nothing is learned over it");
    assert_eq!(bins(&state, "m", "x").iter().sum::<u64>(), 200);
    assert_eq!(dropped(&state, "reference"), 0);
}

#[test]
fn a_pinned_window_stands_until_another_reference_is_given() {
    let given = settings(ReferenceSettings::Profile(profile()));
    let mut state = state(NOON, &[rows("m", &[1.5; 120])], &given);
    pin(&mut state, &given);
    state.tick(NOON + 1.0, &given);
    assert_eq!(origin(&state), Some((Origin::Pinned, 120)));
    state.tick(NOON + 2.0, &settings(ReferenceSettings::Profile(other())));
    assert_eq!(origin(&state), Some((Origin::Given, 90)));
}

#[test]
fn a_fetched_reference_counts_until_a_changed_one_comes() {
    let fetched = settings(ReferenceSettings::Kept);
    let mut state = state(NOON, &[rows("m", &[1.5; 40])], &fetched);
    assert_eq!(origin(&state), None);
    assert!(state.encode().len() < 4_000, "rows do not wait for what may never come");
    state.give_reference("m", &profile(), &fetched);
    state.give_reference("a model to come", &profile(), &fetched);
    state.tick(NOON, &fetched);
    assert_eq!(origin(&state), Some((Origin::Given, 100)));
    assert!(state.references().get("a model to come").is_some());
    feed(&mut state, NOON, &[rows("m", &[1.5; 120])], &fetched);
    assert_eq!(bins(&state, "m", "x").iter().sum::<u64>(), 120);

    state.give_reference("m", &profile(), &fetched);
    assert_eq!(bins(&state, "m", "x").iter().sum::<u64>(), 120, "the same again");
    pin(&mut state, &fetched);
    state.give_reference("m", &profile(), &fetched);
    assert_eq!(origin(&state), Some((Origin::Pinned, 120)), "it was given before the pin");
    state.give_reference("m", &other(), &fetched);
    assert_eq!(origin(&state), Some((Origin::Given, 90)));
    // What was counted against the one before is told, not misread.
    let late = delta(NOON, &[rows("m", &[1.5; 7])], &References::default(), &fetched);
    state.apply(late, &fetched);
    assert_eq!(bins(&state, "m", "x").iter().sum::<u64>(), 0);
}
