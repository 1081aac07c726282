//! A feature store: how it answers, how old and how sound its values are, and whether they drifted.

use proptest::collection::vec;
use proptest::prelude::*;
use tidegate_core::event::{Event, FeatureRetrieval, FeatureRow, Value};
use tidegate_core::observatory::{
    Delta, FeatureSetSettings, Observatory, ReferenceSettings, References, Settings, State,
};
use tidegate_core::pane::{LIMITS, OTHER, bound};
use tidegate_core::report::Distribution;
use tidegate_core::snapshot::{FeatureSetSnapshot, ReferenceStatus};
use tidegate_stats::Verdict;

use crate::fixture::{NOON, dropped, profile};

fn retrieval(at: f64, set: &str, source: &str, seconds: f64, cache_hit: Option<bool>) -> Event {
    Event::FeatureRetrieval(FeatureRetrieval {
        at: Some(at),
        feature_set: set.into(),
        source: source.into(),
        duration_seconds: seconds,
        cache_hit,
    })
}

fn row(at: f64, set: &str, values: &[(&str, Value)], ages: &[(&str, f64)]) -> Event {
    Event::FeatureRow(FeatureRow {
        at: Some(at),
        feature_set: set.into(),
        values: values.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect(),
        timestamps: ages.iter().map(|(name, age)| ((*name).to_owned(), at - age)).collect(),
    })
}

fn settings(reference: ReferenceSettings) -> Settings {
    let max_age_seconds = Some(600.0);
    let set = FeatureSetSettings { name: None, reference, max_age_seconds };
    Settings { feature_sets: vec![set], panes: 5, ..Settings::default() }
}

fn after(events: &[Event], settings: Settings) -> Observatory {
    let mut observatory = Observatory::new(settings);
    for event in events {
        observatory.observe(NOON, event);
    }
    observatory.tick(NOON + 10.0);
    observatory
}

fn user(observatory: &Observatory) -> FeatureSetSnapshot {
    let sets = observatory.snapshot().feature_sets;
    sets.into_iter().find(|set| set.feature_set == "user").unwrap()
}

fn has(observatory: &Observatory, lines: &[&str]) {
    let text = observatory.prometheus_text();
    for line in lines {
        assert!(text.lines().any(|own| own == *line), "{line} is not in\n{text}");
    }
}

#[test]
fn retrievals_are_timed_by_source_and_the_cache_is_rated_where_there_is_one() {
    let observatory = after(
        &[
            retrieval(NOON, "user", "redis", 0.002, Some(true)),
            retrieval(NOON, "user", "redis", 0.004, Some(true)),
            retrieval(NOON, "user", "postgres", 0.2, Some(false)),
            retrieval(NOON, "user", "file", 0.2, None),
            retrieval(NOON, "item", "redis", 0.2, None),
        ],
        settings(ReferenceSettings::None),
    );
    has(
        &observatory,
        &[
            r#"feature_retrieval_duration_seconds_bucket{feature_set="user",source="redis",le="0.0025"} 1"#,
            r#"feature_retrieval_duration_seconds_sum{feature_set="user",source="redis"} 0.006"#,
            r#"feature_retrieval_duration_seconds_count{feature_set="user",source="postgres"} 1"#,
            r#"feature_cache_hit_rate{feature_set="user"} 0.6666666666666666"#,
        ],
    );
    assert!(!observatory.prometheus_text().contains("hit_rate{feature_set=\"item\""));
    assert_eq!(user(&observatory).cache_lookups, 3);
}

#[test]
fn ages_are_at_the_time_of_the_row_and_held_against_the_objective() {
    let (thirty, paris) = (Value::Number(30.0), Value::Category("Paris".into()));
    let values = [("age", thirty), ("city", paris)];
    let missing = [("age", Value::Missing), ("city", Value::Missing)];
    let observatory = after(
        &[
            row(NOON, "user", &values, &[("age", 60.0), ("city", 10.0)]),
            row(NOON + 5.0, "user", &values, &[("age", 600.0), ("city", -20.0)]),
            row(NOON + 5.0, "user", &missing, &[("age", 900.0)]),
            row(NOON + 5.0, "user", &values[..1], &[]),
        ],
        settings(ReferenceSettings::None),
    );
    let fresh = &user(&observatory).freshness;
    assert_eq!((fresh[0].feature_name.as_str(), fresh[0].values), ("age", 3));
    assert_eq!((fresh[0].mean_seconds, fresh[0].oldest_seconds), (520.0, 900.0));
    assert_eq!(fresh[0].stale_share, Some(1.0 / 3.0));
    assert_eq!((fresh[1].mean_seconds, fresh[1].stale_share), (5.0, Some(0.0)));
    has(
        &observatory,
        &[
            r#"feature_freshness_seconds{feature_set="user",feature_name="age"} 520.0"#,
            r#"feature_oldest_seconds{feature_set="user",feature_name="city"} 10.0"#,
            r#"feature_stale_ratio{feature_set="user",feature_name="city"} 0.0"#,
            r#"feature_null_rate{feature_name="age",feature_set="user"} 0.25"#,
            r#"feature_null_rate{feature_name="city",feature_set="user"} 0.5"#,
        ],
    );
}

#[test]
fn rows_are_held_against_a_reference_given_or_learned() {
    // On bins of 25 between 0, 1, 2, 3 and 4 the quartiles are 1 and 3, and the fences −2 and 6.
    let of = |x: f64| row(NOON + 1.0, "user", &[("x", Value::Number(x))], &[]);
    let events: Vec<Event> = (0..100)
        .map(|index| {
            of(if index < 90 {
                3.5
            } else if index < 95 {
                5.0
            } else {
                7.0
            })
        })
        .collect();
    let observatory = after(&events, settings(ReferenceSettings::Profile(profile())));
    let user = user(&observatory);
    assert_eq!((user.reference, user.rows), (ReferenceStatus::Ready { rows: 100 }, 100));
    let x = &user.columns[0];
    assert_eq!((x.report.name.as_str(), x.report.verdict), ("x", Verdict::Drift));
    assert_eq!((x.out_of_range_rate, x.outlier_rate), (Some(0.1), Some(0.05)));
    has(
        &observatory,
        &[
            r#"feature_drift_detected{feature_name="x",feature_set="user"} 1"#,
            r#"feature_out_of_range_rate{feature_name="x",feature_set="user"} 0.1"#,
            r#"feature_outlier_rate{feature_name="x",feature_set="user"} 0.05"#,
        ],
    );

    let learned = after(&events, settings(ReferenceSettings::Learn { samples: 60 }));
    let user = self::user(&learned);
    assert_eq!((user.reference, user.rows), (ReferenceStatus::Ready { rows: 60 }, 40));
    let Distribution::Bins { current, .. } = &user.columns[0].report.distribution else {
        panic!("numbers")
    };
    assert_eq!(current.iter().sum::<u64>(), 40);
    // All of the reference is 3.5.
    assert_eq!(user.columns[0].outlier_rate, Some(0.25));
}

#[test]
fn what_left_the_window_is_forgotten_and_retrievals_stay() {
    let mut observatory = after(
        &[
            retrieval(NOON, "user", "redis", 0.002, Some(true)),
            row(NOON, "user", &[("x", Value::Number(1.0))], &[("x", 3.0)]),
        ],
        settings(ReferenceSettings::None),
    );
    observatory.tick(NOON + 301.0);
    let user = user(&observatory);
    assert_eq!((user.cache_hit_rate, user.freshness.len(), user.rows), (None, 0, 0));
    assert_eq!(user.retrievals[0].seconds.count, 1);
}

#[test]
fn sets_sources_and_features_without_end_meet_a_bound() {
    let settings = settings(ReferenceSettings::None);
    let mut state = State::default();
    for block in 0..4 {
        let mut delta = Delta::default();
        for index in 0..300 {
            let name = format!("{block}-{index}");
            for event in [
                retrieval(NOON, &name, "redis", 0.1, Some(true)),
                retrieval(NOON, "0-0", &name, 0.1, None),
                row(NOON, "0-0", &[(&name, Value::Number(1.0))], &[(&name, 1.0)]),
                row(NOON, &name, &[("x", Value::Number(1.0))], &[("x", 1.0)]),
            ] {
                delta.observe(NOON, &event, &References::default(), &settings);
            }
        }
        state.apply(delta, &settings);
        state.tick(NOON, &settings);
    }
    let names: Vec<&str> = state.feature_sets().map(|(name, _)| name).collect();
    assert_eq!(names.len(), LIMITS.feature_sets + 1);
    assert!(names.contains(&OTHER));
    let retrieved = |(_, counts): (&str, &tidegate_core::observatory::FeatureSetCounts)| {
        counts.retrievals.values().map(|it| it.summary().count).sum::<u64>()
    };
    assert_eq!(state.feature_sets().map(retrieved).sum::<u64>(), 2 * 4 * 300);
    let snapshot = state.snapshot(NOON, &settings);
    assert!(snapshot.feature_sets.iter().all(|set| set.columns.len() <= LIMITS.columns));
    assert!(snapshot.feature_sets.iter().all(|set| set.freshness.len() <= LIMITS.columns));
    for bound in [bound::FEATURE_SETS, bound::FEATURE_SOURCES, bound::COLUMNS] {
        assert!(dropped(&state, bound) > 0, "{bound}");
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let set = prop::sample::select(&["user", "item"][..]);
    let name = prop::sample::select(&["x", "color", "new"][..]);
    let value = prop_oneof![
        (-9.0..9.0).prop_map(Value::Number),
        Just(Value::Category("red".into())),
        Just(Value::Missing),
    ];
    let event = (set, vec((name, value, 0.0..2000.0), 1..4), 0.0..400.0, any::<bool>());
    let event = event.prop_map(|(set, cells, offset, is_row)| {
        let at = NOON + offset;
        if is_row {
            let ages: Vec<_> = cells.iter().map(|(name, _, age)| (*name, *age)).collect();
            let values: Vec<_> =
                cells.iter().map(|(name, value, _)| (*name, value.clone())).collect();
            row(at, set, &values, &ages)
        } else {
            let hit = (cells.len() > 1).then_some(cells.len() > 2);
            retrieval(at, set, cells[0].0, cells[0].2 / 1000.0, hit)
        }
    });
    vec(event, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_split_in_any_order_gives_the_same_feature_sets(
        events in events(),
        workers in vec(0..3_usize, 120),
        order in Just([0_usize, 1, 2]).prop_shuffle(),
        tick_between in any::<bool>(),
    ) {
        let settings = settings(ReferenceSettings::Profile(profile()));
        let now = NOON + 401.0;
        let (mut whole, mut parts) = (State::default(), State::default());
        let mut one = Delta::default();
        let mut split = [Delta::default(), Delta::default(), Delta::default()];
        for (event, worker) in events.iter().zip(workers) {
            one.observe(now, event, &References::default(), &settings);
            split[worker].observe(now, event, &References::default(), &settings);
        }
        whole.apply(one, &settings);
        let mut mailbox = Delta::default();
        for index in order {
            let delta = core::mem::take(&mut split[index]);
            mailbox.merge(Delta::decode(&delta.encode()).unwrap());
            if tick_between {
                parts.apply(core::mem::take(&mut mailbox), &settings);
            }
        }
        parts.apply(mailbox, &settings);
        whole.tick(now, &settings);
        parts.tick(now, &settings);
        prop_assert_eq!(whole.snapshot(now, &settings), parts.snapshot(now, &settings));
        prop_assert_eq!(whole.encode(), parts.encode());
    }
}
