//! What models are worth: told by anybody, counted exactly, held against what is normal.

use tidegate_core::event;
use tidegate_core::observatory::{Observatory, ObservatoryOptions};
use tidegate_core::pane::{LIMITS, OTHER, bound};
use tidegate_core::snapshot::BusinessMetricSnapshot;
use tidegate_stats::experiment::GuardrailVerdict;

use crate::fixture::NOON;

fn observatory(options: &str) -> Observatory {
    Observatory::new(ObservatoryOptions::settings_from_json(options).unwrap())
}

fn tell(observatory: &mut Observatory, at: f64, name: &str, value: f64) {
    let event = format!(
        r#"{{"type": "business_metric", "at": {at}, "model_name": "ranker", "model_version": "3", "name": "{name}", "value": {value}}}"#
    );
    let read = event::read(event.as_bytes());
    assert!(read.refused.is_empty(), "{:?}", read.refused);
    observatory.observe(NOON, &read.events[0].event);
}

fn metric(observatory: &Observatory, name: &str) -> BusinessMetricSnapshot {
    observatory.snapshot().business.into_iter().find(|it| it.metric == name).unwrap()
}

const OPTIONS: &str = r#"{"panes": 60, "quality_min_samples": 20, "alerts": [
        {"name": "revenue", "when": "model_business_metric{metric=\"revenue\"} < 5"},
        {"name": "loss", "when": "model_performance_degradation{metric=\"click_through\"} > 0.1"}],
    "models": [{"name": "ranker", "baseline": {"click_through": 0.5, "revenue": 4}}]}"#;

#[test]
fn a_metric_has_a_count_a_sum_and_a_mean_of_the_window() {
    let mut observatory = observatory(OPTIONS);
    for minute in 0..90 {
        let at = NOON + f64::from(minute) * 60.0;
        tell(&mut observatory, at, "revenue", if minute < 30 { 100.0 } else { 2.5 });
        tell(&mut observatory, at, "click_through", f64::from(u8::from(minute % 5 < 2)));
        observatory.tick(at + 59.0);
    }
    let revenue = metric(&observatory, "revenue");
    assert_eq!((revenue.count, revenue.sum), (90, 3150.0));
    assert_eq!((revenue.window.count, revenue.window.sum), (60, 150.0));
    assert_eq!((revenue.window.missing, revenue.window.mean), (0, Some(2.5)));
    assert_eq!(revenue.window.interval, Some([2.5, 2.5]));
    assert!((revenue.degradation.unwrap().degradation - 0.375).abs() < 1e-12);
    let clicks = metric(&observatory, "click_through");
    assert_eq!(clicks.window.mean, Some(0.4));
    // By hand: 0.4 ± 1.96 · √(60/59 · 0.24 / 60).
    let [lower, upper] = clicks.window.interval.unwrap();
    assert!(
        (lower - 0.274_993).abs() < 1e-5 && (upper - 0.525_007).abs() < 1e-5,
        "{lower} {upper}"
    );
    let firing: Vec<_> = observatory.alerts().iter().map(|it| it.name.clone()).collect();
    assert_eq!(firing, ["revenue", "loss"]);
    let text = observatory.prometheus_text();
    let labels = r#"{model_name="ranker",model_version="3",metric="revenue"}"#;
    for (name, value) in [
        ("model_business_events_total", "90"),
        ("model_business_value", "3150.0"),
        ("model_business_metric", "2.5"),
        ("model_business_window_events", "60"),
        ("model_business_window_value", "150.0"),
    ] {
        assert!(text.contains(&format!("{name}{labels} {value}\n")), "{name}: {text}");
    }
    let degradation =
        r#"model_performance_degradation{model_name="ranker",metric="click_through"} 0.19999"#;
    assert!(text.contains(degradation), "{text}");
    assert!(observatory.openmetrics_text().contains("model_business_metric{"));
}

#[test]
fn too_few_values_have_no_mean_and_alarm_nobody() {
    let mut observatory = observatory(OPTIONS);
    (0..19).for_each(|_| tell(&mut observatory, NOON, "revenue", 1.0));
    observatory.tick(NOON + 1.0);
    let revenue = metric(&observatory, "revenue");
    assert_eq!((revenue.window.missing, revenue.window.mean, revenue.window.sum), (1, None, 19.0));
    assert!(!observatory.prometheus_text().contains("model_business_metric{"));
    let states: Vec<_> = observatory.alerts().iter().map(|it| it.state.as_str()).collect();
    assert_eq!(states, ["insufficient_data", "no_data"]);
}

#[test]
fn a_mean_that_moves_is_seen_by_each_detector() {
    for detector in ["page_hinkley", "adwin", "hddm_a"] {
        let mut observatory = observatory(&format!(
            r#"{{"panes": 120, "pane_seconds": 60, "level_detector": "{detector}", "alerts": []}}"#
        ));
        for minute in 0..100 {
            let at = NOON + f64::from(minute) * 60.0;
            for value in 0..20 {
                let off = f64::from((minute * 37 + value * 11) % 21) / 20.0;
                let level = if minute < 60 { 10.0 } else { 8.0 };
                tell(&mut observatory, at, "satisfaction", level + off);
            }
            observatory.tick(at + 59.0);
        }
        let change = metric(&observatory, "satisfaction").change.unwrap();
        assert_eq!(change.changes, 1, "{detector}: {change:?}");
        let minute = (change.at_seconds.unwrap() - NOON) / 60.0;
        assert!((60.0..96.0).contains(&minute), "{detector}: {minute}");
        assert!(change.after.unwrap() < 9.0 && change.before.unwrap() > 9.5, "{change:?}");
    }
}

#[test]
fn metrics_beyond_the_bound_count_as_one() {
    let mut observatory = observatory("{}");
    for name in 0..LIMITS.business_metrics + 10 {
        tell(&mut observatory, NOON, &format!("m{name:04}"), 1.0);
    }
    observatory.tick(NOON + 1.0);
    let business = observatory.snapshot().business;
    assert_eq!(business.len(), LIMITS.business_metrics + 1);
    let other = business.iter().find(|it| it.metric == OTHER).unwrap();
    assert_eq!((other.model_name.as_str(), other.count), (OTHER, 10));
    let dropped = observatory.snapshot().dropped;
    let dropped = dropped.iter().find(|it| it.bound == bound::BUSINESS_METRICS).unwrap();
    assert_eq!(dropped.count, 10);
}

#[test]
fn what_is_wrong_with_a_value_is_said() {
    for (fields, told) in [
        (r#""model_name": "", "name": "revenue", "value": 1"#, "`model_name` must not be empty"),
        (r#""model_name": "m", "name": "", "value": 1"#, "`name` must not be empty"),
        (r#""model_name": "m", "name": "revenue", "value": 1e13"#, "within 1e12"),
        (r#""model_name": "m", "name": "revenue", "value": "NaN""#, "invalid type"),
        (r#""model_name": "m", "metric": "revenue", "value": 1"#, "unknown field `metric`"),
    ] {
        let read = event::read(format!(r#"{{"type": "business_metric", {fields}}}"#).as_bytes());
        assert!(read.refused[0].reason.contains(told), "{:?}", read.refused);
    }
}

const GUARDED: &str = r#"{"panes": 60, "experiments": [{"name": "ranking",
    "variants": [{"name": "control", "weight": 0.5}, {"name": "treatment", "weight": 0.5}],
    "guardrails": [{"metric": "satisfaction", "model_name": "ranker",
        "versions": {"control": "3", "treatment": "4"}, "margin": 0.1},
        {"metric": "waiting", "model_name": "ranker", "harm": "increase",
        "versions": {"control": "3", "treatment": "4"}}]}],
    "alerts": [{"name": "harm", "when": "ab_test_guardrail_p_value{guarded=\"satisfaction\"} < 0.01",
        "actions": ["rollback:ranking/treatment"]}]}"#;

fn tell_version(observatory: &mut Observatory, version: &str, name: &str, value: f64) {
    let event = format!(
        r#"{{"type": "business_metric", "model_name": "ranker", "model_version": "{version}", "name": "{name}", "value": {value}}}"#
    );
    observatory.observe(NOON, &event::read(event.as_bytes()).events[0].event);
}

#[test]
fn a_variant_that_harms_a_business_metric_beyond_its_margin_is_taken_back() {
    let mut observatory = observatory(GUARDED);
    let guards = |observatory: &Observatory| {
        let snapshot = observatory.snapshot();
        snapshot.experiments[0].variants[1].effect.clone().unwrap().business
    };
    // Satisfaction falls by 0.4 of about 4, where 0.1 is borne; nobody waits longer.
    for round in 0..400 {
        let noise = f64::from(round % 5 - 2) / 4.0;
        tell_version(&mut observatory, "3", "satisfaction", 4.0 + noise);
        tell_version(&mut observatory, "4", "satisfaction", 3.6 + noise);
        tell_version(&mut observatory, "3", "waiting", 10.0 + noise);
        tell_version(&mut observatory, "4", "waiting", 8.0 + noise);
        if round == 98 {
            observatory.tick(NOON + 1.0);
            assert!(guards(&observatory).iter().all(|it| it.guardrail.is_none()), "99 are too few");
        }
    }
    observatory.tick(NOON + 2.0);
    let found = guards(&observatory);
    assert_eq!([&found[0].metric, &found[1].metric], ["satisfaction", "waiting"]);
    let [satisfaction, waiting] = [0, 1].map(|at| found[at].guardrail.unwrap());
    assert!(
        (satisfaction.harm - 0.4).abs() < 1e-9 && satisfaction.verdict == GuardrailVerdict::Harmed
    );
    assert!((waiting.harm + 2.0).abs() < 1e-9 && waiting.verdict == GuardrailVerdict::Safe);
    let text = observatory.prometheus_text();
    let labels = r#"{test_name="ranking",variant="treatment",guarded="satisfaction"}"#;
    assert!(text.contains(&format!("ab_test_guardrail_p_value{labels} ")), "{text}");
    let decided = observatory.snapshot().decisions;
    assert_eq!(decided[0].action, "rollback:ranking/treatment");
}

#[test]
fn a_guardrail_that_cannot_be_is_refused() {
    for (from, to, says) in [
        ("\"satisfaction\", \"model", "\"latency\", \"model", "guarded by themselves"),
        ("\"margin\": 0.1", "\"margin\": -1", "a margin from 0"),
        ("{\"control\": \"3\", \"treatment\": \"4\"}, \"m", "{\"control\": \"3\"}, \"m", "another"),
        ("\"treatment\": \"4\"}, \"m", "\"other\": \"4\"}, \"m", "that the experiment has not"),
    ] {
        let refused = ObservatoryOptions::settings_from_json(&GUARDED.replacen(from, to, 1));
        assert!(refused.unwrap_err().to_string().contains(says), "{says}");
    }
}
