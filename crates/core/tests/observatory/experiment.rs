//! Conversions of units: whose they are, and what they say of the variants.

use proptest::collection::vec;
use proptest::prelude::*;
use tidegate_core::event::{Conversion, Event, ObservedInference};
use tidegate_core::experiment::variant_of;
use tidegate_core::observatory::{
    Delta, ExperimentSettings, Observatory, ObservatoryOptions, References, Settings, State,
};
use tidegate_core::pane::{LIMITS, bound};
use tidegate_core::snapshot::{ExperimentSnapshot, VariantSnapshot};
use tidegate_stats::experiment::{GuardrailVerdict, Proportion, two_proportions};

use crate::fixture::{NOON, dropped};

const DAY: f64 = 86_400.0;
const VARIANTS: [&str; 2] = ["control", "treatment"];

fn settings() -> Settings {
    let variants = VARIANTS.map(|name| (name.to_owned(), 0.5)).into();
    let experiments = vec![ExperimentSettings {
        name: "a-or-b".into(),
        variants,
        ..ExperimentSettings::default()
    }];
    Settings { experiments, ..Settings::default() }
}

fn variant(unit: &str) -> &'static str {
    VARIANTS[variant_of("a-or-b", unit, [0.5, 0.5]).unwrap()]
}

fn request(at: f64, unit: &str, variant: &str, seconds: f64, status: &str) -> Event {
    let json = format!(
        r#"{{"at": {at}, "model_name": "iris", "status": "{status}", "unit": "{unit}",
            "latency_seconds": {{"total": {seconds}}}, "variants": {{"a-or-b": "{variant}"}}}}"#
    );
    Event::Inference(serde_json::from_str::<ObservedInference>(&json).unwrap())
}

fn exposure(at: f64, unit: &str) -> Event {
    request(at, unit, variant(unit), 0.02, "success")
}

fn conversion(at: f64, unit: &str, value: Option<f64>) -> Event {
    let (experiment, unit) = ("a-or-b".into(), unit.into());
    Event::Conversion(Conversion { at: Some(at), experiment, unit, value })
}

fn after(events: &[Event]) -> Observatory {
    let mut observatory = Observatory::new(settings());
    for event in events {
        observatory.observe(NOON, event);
    }
    observatory.tick(NOON + 10.0);
    observatory
}

fn experiment(observatory: &Observatory) -> ExperimentSnapshot {
    observatory.snapshot().experiments.remove(0)
}

fn of<'s>(experiment: &'s ExperimentSnapshot, name: &str) -> &'s VariantSnapshot {
    experiment.variants.iter().find(|variant| variant.name == name).unwrap()
}

#[test]
fn a_conversion_is_of_the_variant_that_its_unit_was_given_whoever_gave_it() {
    let mut observatory = Observatory::new(settings());
    // Another's dice, not the hash of the unit.
    let given = |unit: usize| VARIANTS[usize::from(unit.is_multiple_of(3))];
    for unit in 0..300 {
        let name = format!("u{unit}");
        observatory.observe(NOON, &request(NOON, &name, given(unit), 0.02, "success"));
        if unit % 2 == 0 {
            observatory.tick(NOON + 1.0);
        }
        observatory.observe(NOON + 2.0, &conversion(NOON + 2.0, &name, None));
    }
    observatory.tick(NOON + 3.0);
    let text = observatory.prometheus_text();
    for (name, count) in [("control", 200), ("treatment", 100)] {
        assert_eq!(of(&experiment(&observatory), name).conversions, count);
        let line = format!(
            "ab_test_conversions_total{{test_name=\"a-or-b\",variant=\"{name}\"}} {count}\n"
        );
        assert!(text.contains(&line), "{text}");
    }
}

#[test]
fn the_units_of_a_failing_treatment_get_control_until_it_comes_back() {
    let options = r#"{
        "experiments": [{"name": "a-or-b", "variants": [
            {"name": "control", "weight": 0.5}, {"name": "treatment", "weight": 0.5}]}],
        "alerts": [{"name": "errors", "actions": ["rollback:a-or-b/treatment"],
            "when": "ab_test_errors_total{variant=\"treatment\"} > 10"}],
        "remediation": {"rollback": {"ramp_after_seconds": 60, "ramp": [0.2], "hold_seconds": 60}}
    }"#;
    let mut observatory =
        Observatory::new(ObservatoryOptions::settings_from_json(options).unwrap());
    let treated = |observatory: &Observatory| {
        let units = (0..1000).map(|unit| format!("u{unit}"));
        units.filter(|it| observatory.variant_of("a-or-b", it) == Some("treatment")).count()
    };
    assert_eq!(observatory.variant_of("a-or-b", "u1"), Some(variant("u1")));
    let all = treated(&observatory);
    assert!((450..550).contains(&all), "{all}");
    for unit in 0..11 {
        let event = request(NOON, &format!("u{unit}"), "treatment", 0.02, "server_error");
        observatory.observe(NOON, &event);
    }
    observatory.tick(NOON + 1.0);
    assert_eq!(treated(&observatory), 0);
    let directive = &observatory.directives().variants[0];
    assert_eq!((directive.variant.as_str(), directive.share_kept), ("treatment", 0.0));
    let snapshot = observatory.snapshot();
    assert_eq!(snapshot.decisions[0].to, "rolled_back");
    // Their shares are no longer those of the weights, and nothing is made of them.
    assert_eq!(snapshot.experiments[0].sample_ratio_p_value, None);
}

#[test]
fn a_unit_converts_once_within_the_window_after_it_was_given_its_variant() {
    let mut events = Vec::new();
    for unit in ["twice", "before", "late", "never"] {
        events.extend([exposure(NOON, unit), exposure(NOON + 5.0, unit)]);
    }
    events.extend([
        conversion(NOON + 1.0, "twice", Some(5.0)),
        conversion(NOON + 2.0, "twice", Some(7.0)),
        conversion(NOON - 1.0, "before", None),
        conversion(NOON + 8.0 * DAY, "late", None),
        conversion(NOON, "unexposed", None),
    ]);
    let observatory = after(&events);
    let experiment = experiment(&observatory);
    let sum = |of: fn(&VariantSnapshot) -> u64| experiment.variants.iter().map(of).sum::<u64>();
    assert_eq!((sum(|it| it.requests), sum(|it| it.units), sum(|it| it.conversions)), (8, 4, 1));
    let units = of(&experiment, variant("twice")).units;
    assert_eq!(of(&experiment, variant("twice")).value_mean, Some(5.0 / units as f64));
    let text = observatory.prometheus_text();
    let total = |line: &str| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap();
    let totals = text.lines().filter(|it| it.starts_with("ab_test_conversions_total{"));
    assert_eq!(totals.map(total).sum::<u64>(), 5);
}

#[test]
fn a_unit_that_was_given_two_variants_counts_for_none() {
    let events = [
        request(NOON, "u", "control", 0.1, "success"),
        request(NOON, "u", "treatment", 0.1, "success"),
    ];
    let experiment = experiment(&after(&events));
    assert_eq!((experiment.mixed_units, experiment.variants[0].units), (1, 0));
}

#[test]
fn variants_are_compared_with_the_control() {
    let mut events = Vec::new();
    let mut counts = [Proportion { successes: 0, trials: 0 }; 2];
    for index in 0..2000 {
        let unit = format!("u{index}");
        let place = usize::from(variant(&unit) == "treatment");
        let (seconds, status) = if place == 0 { (0.02, "success") } else { (0.2, "server_error") };
        let jitter = f64::from(index % 5) / 1000.0;
        events.push(request(NOON, &unit, variant(&unit), seconds + jitter, status));
        // One in ten, and one in four.
        let converts = index % [10, 4][place] == 0;
        counts[place].trials += 1;
        counts[place].successes += u64::from(converts);
        if converts {
            events.push(conversion(NOON + 1.0, &unit, Some(f64::from(index % 3))));
        }
    }
    let observatory = after(&events);
    let experiment = experiment(&observatory);
    assert!(experiment.sample_ratio_p_value.unwrap() > 0.01);
    assert_eq!(of(&experiment, "control").effect, None);
    let effect = of(&experiment, "treatment").effect.as_ref().unwrap();
    assert_eq!(effect.rate, two_proportions(counts[0], counts[1], 0.05).ok());
    assert!(effect.rate_always_valid.unwrap().comparison.p_value < 1e-6);
    assert!(effect.rate_posterior.unwrap().chance_to_win > 0.999);
    assert!(effect.value.unwrap().difference.interval.lower > 0.0);
    assert_eq!(effect.latency.unwrap().verdict, GuardrailVerdict::Harmed);
    assert!((effect.latency.unwrap().harm - 0.18).abs() < 1e-3);
    assert_eq!(effect.errors.unwrap().verdict, GuardrailVerdict::Harmed);
    let text = observatory.prometheus_text();
    for family in ["lift", "p_value", "chance_to_win", "expected_loss"] {
        let start = format!(r#"ab_test_{family}{{test_name="a-or-b",variant="treatment"}} "#);
        assert!(text.lines().any(|line| line.starts_with(&start)), "{start} is not in\n{text}");
    }
    assert!(text.contains(r#"ab_test_sample_ratio_p_value{test_name="a-or-b"} "#));
}

#[test]
fn a_split_that_was_not_planned_is_an_alarm() {
    let given = |index: usize| if index.is_multiple_of(3) { "control" } else { "treatment" };
    let events: Vec<Event> = (0..900)
        .map(|index| request(NOON, &format!("u{index}"), given(index), 0.1, "success"))
        .collect();
    assert!(experiment(&after(&events)).sample_ratio_p_value.unwrap() < 1e-6);
    assert_eq!(experiment(&after(&events[..90])).sample_ratio_p_value, None);
}

#[test]
fn units_without_end_are_sampled_and_conversions_of_nothing_counted() {
    let settings = settings();
    let more = LIMITS.units + 1000;
    let (mut state, mut backward) = (State::default(), State::default());
    for (state, is_backward) in [(&mut state, false), (&mut backward, true)] {
        let mut delta = Delta::default();
        for index in 0..more {
            let unit = format!("u{}", if is_backward { more - index } else { index + 1 });
            let event = conversion(NOON, &unit, None);
            delta.observe(NOON, &event, &References::default(), &settings);
        }
        let (experiment, unit) = ("no-such".into(), "u".into());
        let stray = Event::Conversion(Conversion { at: None, experiment, unit, value: None });
        delta.observe(NOON, &stray, &References::default(), &settings);
        state.apply(delta, &settings);
        state.tick(NOON, &settings);
    }
    assert_eq!((dropped(&state, bound::UNITS), dropped(&state, bound::CONVERSIONS)), (1000, 1));
    assert_eq!(state.encode(), backward.encode());
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let unit = (0..150_u8).prop_map(|unit| format!("u{unit}"));
    let value = prop::option::of(0.0..10.0_f64);
    let event = (unit, 0..3_u8, 0.0..(9.0 * DAY), value, any::<bool>());
    let event = event.prop_map(|(unit, kind, offset, value, is_fast)| match kind {
        0 => conversion(NOON + offset, &unit, value),
        1 if unit == "u7" => request(NOON + offset, &unit, "treatment", 0.3, "aborted"),
        _ => {
            let seconds = if is_fast { 0.01 } else { 0.3 };
            request(NOON + offset, &unit, variant(&unit), seconds, "success")
        }
    });
    vec(event, 0..900)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_split_in_any_order_gives_the_same_experiment(
        events in events(),
        workers in vec(0..3_usize, 900),
        order in Just([0_usize, 1, 2]).prop_shuffle(),
    ) {
        let settings = settings();
        let now = NOON + 10.0 * DAY;
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
            parts.tick(now, &settings);
        }
        whole.tick(now, &settings);
        parts.tick(now, &settings);
        let (whole, parts) = (whole.snapshot(now, &settings), parts.snapshot(now, &settings));
        prop_assert_eq!(whole.experiments, parts.experiments);
    }
}

#[test]
fn a_rollback_ends_what_is_said_of_the_units_shares() {
    let mut settings = settings();
    let events: Vec<Event> = (0..400)
        .map(|index| request(NOON, &format!("u{index}"), "control", 0.02, "success"))
        .collect();
    let take = |state: &mut State, events: &[Event], settings: &Settings| {
        let mut delta = Delta::default();
        for event in events {
            delta.observe(NOON, event, &References::default(), settings);
        }
        state.apply(delta, settings);
        state.snapshot(NOON + 1.0, settings).experiments.remove(0)
    };
    let mut state = State::default();
    let seen = take(&mut state, &events, &settings);
    assert!(seen.sample_ratio_p_value.unwrap() < 1e-6, "all of them got one variant");

    settings.experiments[0].redirected = true;
    let seen = take(&mut state, &[conversion(NOON + 0.5, "u1", None)], &settings);
    assert_eq!(seen.sample_ratio_p_value, None);
    let conversions = |variant: &str| {
        let mut totals = state.experiments().filter(|(_, name, _)| *name == variant);
        totals.next().map_or(0, |(_, _, totals)| totals.conversions)
    };
    let told = ["control", "treatment", "other"].map(conversions);
    assert_eq!(told, [0, 0, 1], "its hash says nothing");
    assert_eq!(of(&seen, "control").conversions, 1, "of the variant that the unit was given");
}

/// Requests of 400 units with their labels, worths and what they were worth before.
#[test]
fn worth_is_compared_without_what_was_foreseeable_and_quality_is_guarded() {
    let options = r#"{"experiments": [{"name": "e", "variants":
        [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}]}]}"#;
    let settings = ObservatoryOptions::settings_from_json(options).unwrap();
    let mut observatory = Observatory::new(settings);
    let mut tell = |event: String| {
        let read = tidegate_core::event::read(event.as_bytes());
        assert!(read.refused.is_empty(), "{:?}", read.refused);
        read.events.iter().for_each(|it| observatory.observe(NOON, &it.event));
    };
    for unit in 0..400_u32 {
        let is_treated = unit % 2 == 1;
        let variant = if is_treated { "b" } else { "a" };
        // What a unit was worth differs by up to 100, and what the variant adds is 2.
        let before = f64::from(unit / 2 * 37 % 101);
        let worth = before + f64::from(unit / 2 % 3) + if is_treated { 2.0 } else { 0.0 };
        let label = if is_treated && unit % 3 != 0 { "no" } else { "yes" };
        tell(format!(
            r#"{{"type": "inference", "model_name": "m", "prediction_id": "p{unit}", "predictions": ["yes"],
                "variants": {{"e": "{variant}"}}, "unit": "u{unit}"}}"#
        ).replace('\n', " "));
        tell(format!(r#"{{"type": "label", "prediction_id": "p{unit}", "label": "{label}"}}"#));
        tell(format!(
            r#"{{"type": "experiment_unit", "experiment": "e", "unit": "u{unit}", "value_before": {before}}}"#
        ));
        tell(format!(
            r#"{{"type": "conversion", "experiment": "e", "unit": "u{unit}", "value": {worth}}}"#
        ));
    }
    observatory.tick(NOON + 1.0);
    let snapshot = observatory.snapshot();
    let [control, treated] = snapshot.experiments[0].variants.as_slice() else { panic!() };
    assert_eq!((control.labelled, control.accuracy), (200, Some(1.0)));
    assert!((treated.accuracy.unwrap() - 67.0 / 200.0).abs() < 1e-12, "{treated:?}");
    let effect = treated.effect.as_ref().unwrap();
    let (plain, cuped) = (effect.value.unwrap(), effect.value_cuped.unwrap());
    assert!(plain.p_value > 0.05 && cuped.p_value < 1e-9, "{plain:?} {cuped:?}");
    assert!((cuped.difference.value - 2.0).abs() < 1e-9);
    assert!(effect.variance_reduction_ratio.unwrap() > 0.99);
    assert!(effect.quality.unwrap().harmed_p_value < 1e-9);
    let text = observatory.prometheus_text();
    for line in [
        r#"ab_test_guardrail_p_value{test_name="e",variant="b",guarded="quality"}"#,
        r#"ab_test_accuracy{test_name="e",variant="a"} 1"#,
        r#"ab_test_value_p_value{test_name="e",variant="b"}"#,
        r#"ab_test_value_lift{test_name="e",variant="b"}"#,
    ] {
        assert!(text.contains(line), "{line}");
    }
}
