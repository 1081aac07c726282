//! Data sets with a known drift: it is found, nothing is found before it, and both dummies do worse.
//!
//! `cargo test -p tidegate-replay -- --nocapture` prints the tables.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use tidegate_replay::{Asked, Watched, read, render, replay, table_of};

fn watched(file: &str, asked: &Asked) -> Vec<Watched> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let watched = replay(&read(&folder.join(file)).unwrap(), asked).unwrap();
    println!("{file}, drift at {:?}\n{}", asked.drift_at, render(&watched));
    watched
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).into()).collect()
}

/// Both watchers of the inputs catch the one change within so many rows, without a false alarm; the dummies cannot.
fn assert_found(watched: &[Watched], most_delay: f64) {
    for one in watched.iter().filter(|one| one.of == "inputs") {
        let found = &one.evaluation;
        assert_eq!((found.caught_count, found.false_alarm_count), (1, 0), "{one:?}");
        assert!(found.delay.unwrap() <= most_delay, "{one:?}");
    }
    let dummy = |name: &str| &watched.iter().find(|one| one.name == name).unwrap().evaluation;
    assert!(dummy("always alarms").false_alarm_count > 2);
    assert_eq!(dummy("never alarms").caught_count, 0);
}

#[test]
fn the_electricity_market_changes_when_two_states_join() {
    let asked = Asked {
        columns: columns(&["feat_1", "feat_4", "feat_5", "feat_6"]),
        reference_rows: 8_736,
        chunk_rows: 336,
        drift_at: vec![17_424],
        ..Asked::default()
    };
    assert_found(&watched("../../demo/data/elec2.csv.gz", &asked), 336.0);
}

#[test]
fn car_loans_change_half_way_through_the_analysis() {
    let asked = Asked {
        time: Some("timestamp".into()),
        label: Some("repaid".into()),
        prediction: Some("y_pred".into()),
        reference_rows: 2_000,
        chunk_rows: 250,
        drift_at: vec![4_687],
        ..Asked::default()
    };
    let watched = watched("data/car_loan.csv.gz", &asked);
    assert_found(&watched, 500.0);
    // The model's errors grow by half: that takes longer to see, and no detector cries before it.
    for one in watched.iter().filter(|one| one.of == "errors") {
        assert_eq!(one.evaluation.false_alarm_count, 0, "{one:?}");
    }
}

#[test]
fn used_cars_change_and_whole_prices_are_no_classes() {
    let asked = Asked {
        label: Some("y_true".into()),
        prediction: Some("y_pred".into()),
        reference_rows: 1_250,
        chunk_rows: 250,
        drift_at: vec![3_750],
        ..Asked::default()
    };
    let watched = watched("data/used_cars.csv.gz", &asked);
    assert_found(&watched, 250.0);
    let of_errors = watched.iter().filter(|one| one.of == "errors");
    let names: Vec<&str> = of_errors.clone().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ADWIN", "Page-Hinkley, standardised"]);
    // It is off by 837 before and by 741 after it, of prices of 4,700.
    for one in of_errors {
        assert_eq!(one.evaluation.false_alarm_count, 0, "{one:?}");
    }
}

#[test]
fn cards_go_to_other_people() {
    let asked = Asked {
        label: Some("y_true".into()),
        prediction: Some("y_pred".into()),
        reference_rows: 1_250,
        chunk_rows: 250,
        drift_at: vec![3_750],
        ..Asked::default()
    };
    let watched = watched("data/cards.csv.gz", &asked);
    assert_found(&watched, 250.0);
    // The model's errors grow from 25 to 44 in a hundred.
    for one in watched.iter().filter(|one| ["ADWIN", "HDDM-A"].contains(&one.name.as_str())) {
        let found = &one.evaluation;
        assert_eq!((found.caught_count, found.false_alarm_count), (1, 0), "{one:?}");
        assert!(found.delay.unwrap() < 250.0, "{one:?}");
    }
}

#[test]
fn flights_of_july_are_not_those_of_january() {
    let asked =
        Asked { reference_rows: 1_688, chunk_rows: 422, drift_at: vec![3_376], ..Asked::default() };
    assert_found(&watched("data/flights.csv.gz", &asked), 422.0);
}

#[test]
fn where_nothing_changes_nothing_is_found() {
    let asked = Asked {
        label: Some("class".into()),
        reference_rows: 2_000,
        chunk_rows: 500,
        ..Asked::default()
    };
    for one in watched("data/sea.csv.gz", &asked).iter().filter(|one| one.of != "nothing") {
        assert_eq!(one.evaluation.alarm_count, 0, "{one:?}");
    }
}

#[test]
fn rows_that_depend_on_each_other_alarm_no_signal() {
    // Four series of autocorrelation 0.95, that stay where they are: one is told as two categories and a rare one, and
    // one is missing where the last is high. Extremes, gaps and the rare category come in bursts.
    let mut state = 7_u64;
    let mut normal = || {
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / (1_u64 << 24) as f64
        };
        (0..12).map(|_| uniform()).sum::<f64>() - 6.0
    };
    let mut series = [0.0; 4];
    let row = |_| {
        series = series.map(|value| 0.95 * value + 0.31 * normal());
        let [one, two, three, four] = series;
        let name = if three > 2.0 {
            "rare"
        } else if three > 0.0 {
            "high"
        } else {
            "low"
        };
        let two = if four > 1.2 { String::new() } else { two.to_string() };
        format!("{one},{two},{name}")
    };
    let text = "one,two,three\n".to_owned() + &(0..10_000).map(row).collect::<Vec<_>>().join("\n");
    let asked = Asked { reference_rows: 2_000, chunk_rows: 250, ..Asked::default() };
    let watched = replay(&table_of(text.as_bytes()).unwrap(), &asked).unwrap();
    for one in watched.iter().filter(|one| one.of == "inputs") {
        assert_eq!(one.evaluation.alarm_count, 0, "{one:?}");
    }
}

#[test]
fn classes_in_other_shares_are_seen_in_what_the_model_says() {
    // Of 4000 rows three in ten are positive, then six in ten; the input tells nothing, the model is right.
    let is_positive = |row: usize| (row * 7919) % 10 < if row < 2_500 { 3 } else { 6 };
    let classes = |row: usize| if is_positive(row) { "yes" } else { "no" };
    let rows = (0..4_000).map(|row| format!("{},{1},{1}", (row * 104_729) % 997, classes(row)));
    let text = rows.fold("x,label,said".to_owned(), |text, row| text + "\n" + &row);
    let asked = Asked {
        label: Some("label".into()),
        prediction: Some("said".into()),
        reference_rows: 1_000,
        chunk_rows: 250,
        drift_at: vec![2_500],
        ..Asked::default()
    };
    let watched = replay(&table_of(text.as_bytes()).unwrap(), &asked).unwrap();
    assert_found(&watched, 250.0);
    let labels = watched.iter().find(|one| one.of == "labels").unwrap();
    assert_eq!(labels.alarms, [2_749]);
}

#[test]
fn what_cannot_be_replayed_is_said() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = read(&folder.join("data/sea.csv.gz")).unwrap();
    let says = |asked: Asked| replay(&table, &asked).unwrap_err();
    let named = |name: &str| Some(name.to_owned());
    assert!(says(Asked { label: named("x"), ..Asked::default() }).contains("`x`"));
    assert!(says(Asked { time: named("x"), ..Asked::default() }).contains("`x`"));
    assert!(says(Asked { drift_at: vec![5], ..Asked::default() }).contains("after the reference"));
    assert!(says(Asked { reference_rows: 10_000, ..Asked::default() }).contains("too few"));
    assert!(read(Path::new("/nowhere.csv")).unwrap_err().contains("nowhere.csv"));
}
