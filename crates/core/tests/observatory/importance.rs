//! What explanations say of a model: how much features matter, and whether that changed.

use proptest::collection::vec;
use proptest::prelude::*;
use tidegate_core::event::{Event, Explanation};
use tidegate_core::importance::REFERENCE_ROWS;
use tidegate_core::observatory::{Delta, Observatory, References, Settings, State};
use tidegate_core::pane::{LIMITS, bound};
use tidegate_core::snapshot::{ModelImportanceSnapshot, ReferenceStatus};
use tidegate_stats::Verdict;

use crate::fixture::{NOON, dropped};

fn explanation(at: f64, model: &str, attributions: &[(&str, f64)]) -> Event {
    Event::Explanation(Explanation {
        at: Some(at),
        model_name: model.into(),
        model_version: None,
        attributions: attributions.iter().map(|(name, it)| ((*name).to_owned(), *it)).collect(),
    })
}

/// Explanations of which `strong` adds about 2 and `weak` about 0.2, with either sign.
fn rows(from: f64, count: usize, strong: &str, weak: &str) -> Vec<Event> {
    let row = |index: usize| {
        let wave = (index % 7) as f64 / 100.0;
        let sign = if index.is_multiple_of(2) { 1.0 } else { -1.0 };
        let attributions = [(strong, sign * (2.0 + wave)), (weak, sign * (0.2 - wave))];
        explanation(from + index as f64, "iris", &attributions)
    };
    (0..count).map(row).collect()
}

fn after(events: &[Event]) -> Observatory {
    let mut observatory = Observatory::new(Settings::default());
    for event in events {
        observatory.observe(NOON, event);
    }
    observatory.tick(NOON + 1000.0);
    observatory
}

fn iris(observatory: &Observatory) -> ModelImportanceSnapshot {
    observatory.snapshot().importances.remove(0)
}

#[test]
fn features_are_ranked_by_their_mean_magnitude() {
    let observatory = after(&[
        explanation(NOON, "iris", &[("a", 0.1), ("b", -3.0)]),
        explanation(NOON + 1.0, "iris", &[("a", -0.3), ("c", 0.5)]),
    ]);
    let iris = iris(&observatory);
    assert_eq!((iris.explanations, iris.current_rows), (2, 2));
    assert_eq!(iris.reference, ReferenceStatus::Learning { rows: 2, wanted: 200 });
    assert_eq!(iris.order, None);
    let shown: Vec<_> =
        iris.features.iter().map(|it| (&*it.feature_name, it.importance, it.rank)).collect();
    // Means of |3| and nothing, nothing and |0.5|, |0.1| and |0.3|.
    assert_eq!(shown, [("b", 1.5, 1.0), ("c", 0.25, 2.0), ("a", 0.2, 3.0)]);
    let text = observatory.prometheus_text();
    for line in [
        r#"feature_importance_score_bucket{model_name="iris",feature_name="a",le="0.1"} 1"#,
        r#"feature_importance_score_sum{model_name="iris",feature_name="a"} 0.4"#,
        r#"feature_importance_score_count{model_name="iris",feature_name="b"} 1"#,
        r#"feature_importance_rank{model_name="iris",feature_name="c"} 2.0"#,
    ] {
        assert!(text.lines().any(|own| own == line), "{line} is not in\n{text}");
    }
}

#[test]
fn the_newest_explanations_are_held_against_the_oldest() {
    let mut events = rows(NOON, 260, "length", "width");
    let same = iris(&after(&events));
    assert_eq!(same.reference, ReferenceStatus::Ready { rows: 200 });
    assert_eq!(same.current_rows, 60);
    assert_eq!(same.order.unwrap().verdict, Verdict::NoDrift);

    events.extend(rows(NOON + 300.0, 200, "width", "length"));
    let turned = after(&events);
    let order = iris(&turned).order.unwrap();
    assert_eq!((order.verdict, order.kendall), (Verdict::Drift, Some(-1.0)));
    let changes: Vec<_> = iris(&turned)
        .features
        .into_iter()
        .map(|it| (it.feature_name, it.rank, it.reference.unwrap().rank_change))
        .collect();
    assert_eq!(changes, [("width".into(), 1.0, -1.0), ("length".into(), 2.0, 1.0)]);
    let text = turned.prometheus_text();
    let line = r#"feature_importance_drift_detected{model_name="iris"} 1"#;
    assert!(text.lines().any(|own| own == line), "{text}");
}

#[test]
fn models_and_features_without_end_meet_a_bound() {
    let mut state = State::default();
    let settings = Settings::default();
    for block in 0..10 {
        let mut delta = Delta::default();
        for index in 0..100 {
            let (model, feature) = (format!("m{index}"), format!("f{block}-{index}"));
            for event in [
                explanation(NOON, &model, &[("x", 1.0)]),
                explanation(NOON, "m0", &[(&feature, 1.0)]),
            ] {
                delta.observe(NOON, &event, &References::default(), &settings);
            }
        }
        state.apply(delta, &settings);
        state.tick(NOON, &settings);
    }
    assert_eq!(state.importances().iter().count(), LIMITS.models);
    let (_, first) = state.importances().iter().next().unwrap();
    assert_eq!(first.magnitudes.len(), LIMITS.attributions);
    assert_eq!(dropped(&state, bound::EXPLANATIONS), 10 * (100 - LIMITS.models as u64));
    assert!(dropped(&state, bound::ATTRIBUTIONS) >= 1000 - 10 * LIMITS.attributions as u64);
    assert!(state.encode().len() < 300_000, "{}", state.encode().len());
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let attribution = (prop::sample::select(&["a", "b", "c", "d"][..]), -3.0..3.0_f64);
    let row = (0..400_u32, prop::sample::select(&["iris", "wine"][..]), vec(attribution, 1..4));
    let event = row.prop_map(|(offset, model, attributions)| {
        explanation(NOON + f64::from(offset), model, &attributions)
    });
    vec(event, 0..(3 * REFERENCE_ROWS))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_split_in_any_order_gives_the_same_importances(
        events in events(),
        workers in vec(0..3_usize, 3 * REFERENCE_ROWS),
        order in Just([0_usize, 1, 2]).prop_shuffle(),
        tick_between in any::<bool>(),
    ) {
        let settings = Settings::default();
        let now = NOON + 1000.0;
        let (mut whole, mut parts) = (State::default(), State::default());
        let mut one = Delta::default();
        let mut split = [Delta::default(), Delta::default(), Delta::default()];
        for (event, worker) in events.iter().zip(workers) {
            one.observe(now, event, &References::default(), &settings);
            split[worker].observe(now, event, &References::default(), &settings);
        }
        whole.apply(one, &settings);
        for index in order {
            let delta = core::mem::take(&mut split[index]);
            parts.apply(Delta::decode(&delta.encode()).unwrap(), &settings);
            if tick_between {
                parts.tick(now, &settings);
            }
        }
        whole.tick(now, &settings);
        parts.tick(now, &settings);
        prop_assert_eq!(whole.snapshot(now, &settings), parts.snapshot(now, &settings));
        prop_assert_eq!(whole.encode(), parts.encode());
    }
}

#[test]
fn importances_that_were_given_are_the_reference() {
    let shown = |given: &str| {
        let options = format!(r#"{{"models": [{{"reference_importances": {given}}}]}}"#);
        let settings =
            tidegate_core::observatory::ObservatoryOptions::settings_from_json(&options)?;
        let mut observatory = tidegate_core::observatory::Observatory::new(settings);
        for row in 0..40 {
            let json = format!(
                r#"{{"type": "explanation", "at": {}, "model_name": "m", "attributions": {{"a": 3, "b": -2, "c": 1}}}}"#,
                NOON + f64::from(row)
            );
            let read = tidegate_core::event::read(json.as_bytes());
            read.events.iter().for_each(|it| observatory.observe(NOON, &it.event));
        }
        observatory.tick(NOON + 60.0);
        Ok::<_, tidegate_core::observatory::OptionsError>(
            observatory.snapshot().importances.remove(0),
        )
    };
    let same = shown(r#"{"a": 0.5, "b": 0.3, "c": 0.1}"#).unwrap();
    let order = same.order.unwrap();
    assert_eq!(
        (order.verdict, order.ndcg, order.kendall),
        (Verdict::NoDrift, Some(1.0), Some(1.0))
    );
    let other = shown(r#"{"d": 9, "c": 1, "b": 0.1}"#).unwrap();
    assert_eq!(other.order.unwrap().verdict, Verdict::Drift);
    let gone = other.features.iter().find(|feature| feature.feature_name == "d").unwrap();
    let reference = gone.reference.unwrap();
    assert_eq!((gone.rank, reference.rank, reference.rank_change), (4.0, 1.0, 3.0));
    assert!(shown(r#"{"a": -1}"#).unwrap_err().to_string().contains("reference_importances"));
}
