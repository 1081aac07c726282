//! How a model is served: errors, tokens, rates and requests in flight.

use tidegate_core::alert::{AlertState, Transition, default_rules};
use tidegate_core::event::{self, ErrorKind, Generation, Inference, Stage, StageLatency, Status};
use tidegate_core::metric::{families, gen_ai_families, openmetrics_text, prometheus_text};
use tidegate_core::observatory::{ExperimentSettings, ModelSettings, Observatory, Settings, State};
use tidegate_core::snapshot::{ModelSnapshot, ServingSnapshot};

use crate::exposition;
use crate::fixture::{NOON, delta, inference, rows, state};

fn took(seconds: f64) -> Inference {
    Inference { latency: vec![StageLatency { stage: Stage::Total, seconds }], ..inference("m") }
}

fn generated(seconds: f64, said: Generation) -> Inference {
    Inference { generation: Some(said), ..took(seconds) }
}

fn model(state: &State, at_seconds: f64, settings: &Settings) -> ModelSnapshot {
    state.snapshot(at_seconds, settings).models.remove(0)
}

fn serving(state: &State, at_seconds: f64, settings: &Settings) -> ServingSnapshot {
    model(state, at_seconds, settings).serving.unwrap()
}

/// A state that has counted since noon.
fn after(ended: &[(f64, Inference)], until: f64, settings: &Settings) -> State {
    let mut state = State::default();
    state.tick(NOON, settings);
    for (offset, inference) in ended {
        let one = core::slice::from_ref(inference);
        state.apply(delta(NOON + offset, one, state.references(), settings), settings);
    }
    state.tick(NOON + until, settings);
    state
}

#[test]
fn requests_in_flight_are_their_time_over_the_window() {
    let mut settings = Settings { models: vec![ModelSettings::default()], ..Settings::default() };
    settings.models[0].max_concurrency = Some(4);
    // Two at once from 10 to 40; one of them goes on to 100, in the next pane.
    let ended = [(40.0, took(30.0)), (100.0, took(90.0))];
    let state = after(&ended, 120.0, &settings);
    let found = serving(&state, NOON + 120.0, &settings);
    assert_eq!(found.seconds, 120.0);
    assert_eq!((found.in_flight, found.saturation), (1.0, Some(0.25)));
    // 30 + 50 seconds in the first minute, 40 in the second.
    assert_eq!(found.in_flight_peak, 80.0 / 60.0);
    assert_eq!(found.saturation_peak, Some(80.0 / 60.0 / 4.0));
    assert_eq!(found.requests_per_second, 2.0 / 120.0);
    let series = model(&state, NOON + 120.0, &settings).series;
    let in_flight: Vec<f64> = series.iter().rev().take(3).map(|point| point.in_flight).collect();
    assert_eq!(in_flight, [0.0, 40.0 / 60.0, 80.0 / 60.0]);
}

#[test]
fn rates_are_over_the_window_once_it_is_full() {
    let settings = Settings { pane_seconds: 10, panes: 6, ..Settings::default() };
    let ended: Vec<(f64, Inference)> =
        (0..200).map(|index| (f64::from(index), rows("m", &[1.0; 3]))).collect();
    let state = after(&ended, 199.0, &settings);
    let found = serving(&state, NOON + 200.0, &settings);
    // The window is the present pane and the five before it: from 150 on.
    assert_eq!(found.seconds, 50.0);
    assert_eq!((found.requests_per_second, found.rows_per_second), (1.0, 3.0));
    assert_eq!(found.error_rate, Some(0.0));
    let p99 = found.latency_seconds.p99.unwrap();
    assert!((p99 / 0.02 - 1.0).abs() <= 1.0 / 64.0, "{p99}");
}

#[test]
fn without_a_span_of_time_there_are_no_rates() {
    let settings = Settings::default();
    let state = after(&[(0.2, took(0.1))], 0.5, &settings);
    assert_eq!(model(&state, NOON + 0.5, &settings).serving, None);
    assert_eq!(serving(&state, NOON + 10.0, &settings).in_flight_peak, 0.01);
}

#[test]
fn errors_are_counted_by_why() {
    let failed = |status, error| Inference { status, error, ..inference("m") };
    let all = [
        failed(Status::ServerError, Some(ErrorKind::Timeout)),
        failed(Status::ServerError, Some(ErrorKind::Timeout)),
        failed(Status::ClientError, None),
        failed(Status::Aborted, None),
        failed(Status::Success, Some(ErrorKind::Model)),
    ];
    let settings = Settings::default();
    let state = state(NOON, &all, &settings);
    let errors = &model(&state, NOON, &settings).versions[0].errors;
    let counts: Vec<(&str, u64)> = errors.iter().map(|it| (it.kind.as_str(), it.count)).collect();
    assert_eq!(counts, [("timeout", 2), ("client_left", 1), ("unspecified", 1)]);
}

#[test]
fn what_generation_tells_is_counted_and_what_it_does_not_is_absent() {
    let streamed = Generation {
        input_tokens: Some(1000),
        output_tokens: Some(200),
        cached_tokens: Some(800),
        reasoning_tokens: Some(50),
        chunks: Some(101),
        first_chunk_seconds: Some(0.2),
        chunks_seconds: Some(2.0),
        ..Generation::default()
    };
    let whole = Generation { output_tokens: Some(10), ..Generation::default() };
    let settings = Settings::default();
    let requests = [generated(2.5, streamed), generated(0.1, whole), took(0.1)];
    let state = after(&requests.map(|it| (50.0, it)), 100.0, &settings);
    let found = model(&state, NOON + 100.0, &settings).versions[0].generation.unwrap();
    assert_eq!((found.input_tokens.count, found.input_tokens.sum), (1, 1000.0));
    assert_eq!((found.output_tokens.count, found.output_tokens.sum), (2, 210.0));
    assert_eq!((found.cached_tokens, found.reasoning_tokens), (800, 50));
    assert_eq!(found.first_chunk_seconds.sum, 0.2);
    assert_eq!((found.chunk_gap_seconds.count, found.chunk_gap_seconds.sum), (1, 0.02));
    assert_eq!(found.tokens_per_second.sum, 80.0 + 100.0);
    let rates = serving(&state, NOON + 100.0, &settings);
    assert_eq!((rates.input_tokens_per_second, rates.output_tokens_per_second), (10.0, 2.1));

    let snapshot = state.snapshot(NOON + 100.0, &settings);
    let text = prometheus_text(&families(&state, &snapshot));
    exposition::read(&text);
    for expected in [
        r#"inference_tokens_total{model_name="m",version="1",type="input"} 1000"#,
        r#"inference_tokens_total{model_name="m",version="1",type="cached"} 800"#,
        r#"inference_first_chunk_seconds_bucket{model_name="m",version="1",le="0.1"} 0"#,
        r#"inference_first_chunk_seconds_bucket{model_name="m",version="1",le="0.25"} 1"#,
        r#"inference_chunk_gap_seconds_sum{model_name="m",version="1"} 0.02"#,
        r#"inference_output_tokens_per_second_count{model_name="m",version="1"} 2"#,
        r#"inference_throughput_tokens_per_second{model_name="m",type="output"} 2.1"#,
        r#"inference_throughput_requests_per_second{model_name="m"} 0.03"#,
    ] {
        assert!(text.lines().any(|line| line == expected), "{expected}\n{text}");
    }
    assert!(
        !text.contains("cache_creation")
            && !text.contains("inference_saturation")
            && !text.contains("rows_per_second"),
        "{text}"
    );
}

#[test]
fn opentelemetry_has_names_of_its_own_for_the_same() {
    let said = Generation {
        input_tokens: Some(100),
        output_tokens: Some(7),
        first_chunk_seconds: Some(0.05),
        ..Generation::default()
    };
    let versions = ["1", "2"]
        .map(|version| Inference { model_version: version.into(), ..generated(0.5, said.clone()) });
    let plain = Inference { model_name: "iris".into(), ..took(0.1) };
    let all = [versions.to_vec(), vec![plain]].concat();
    let state = state(NOON, &all, &Settings::default());
    let text = prometheus_text(&gen_ai_families(&state));
    exposition::read(&text);
    for expected in [
        r#"gen_ai_client_token_usage_sum{gen_ai_request_model="m",gen_ai_token_type="input"} 200.0"#,
        r#"gen_ai_client_token_usage_count{gen_ai_request_model="m",gen_ai_token_type="output"} 2"#,
        r#"gen_ai_server_time_to_first_token_seconds_sum{gen_ai_request_model="m"} 0.1"#,
        r#"gen_ai_server_request_duration_seconds_count{gen_ai_request_model="m"} 2"#,
    ] {
        assert!(text.lines().any(|line| line == expected), "{expected}\n{text}");
    }
    assert!(!text.contains("iris"), "it generates no text");
    let shown = |settings| {
        let mut observatory = Observatory::new(settings);
        let body =
            br#"{"type": "inference", "model_name": "m", "generation": {"input_tokens": 5}}"#;
        for read in event::read(body).events {
            observatory.observe(NOON, &read.event);
        }
        observatory.tick(NOON);
        observatory.prometheus_text()
    };
    assert!(!shown(Settings::default()).contains("gen_ai"));
    assert!(shown(Settings { gen_ai_metrics: true, ..Settings::default() }).contains("gen_ai"));
}

#[test]
fn openmetrics_says_the_same_and_when_counting_began() {
    let settings = Settings::default();
    let failed = Inference { status: Status::ServerError, ..inference("m") };
    let state = after(&[(50.0, rows("m", &[1.0])), (60.0, failed)], 100.0, &settings);
    let all = families(&state, &state.snapshot(NOON + 100.0, &settings));
    let (plain, open) = (prometheus_text(&all), openmetrics_text(&all));
    let samples = |text: &str| -> Vec<String> {
        let is_sample = |line: &&str| !line.starts_with('#') && !line.contains("_created");
        text.lines().filter(is_sample).map(String::from).collect()
    };
    assert_eq!(samples(&plain), samples(&open));
    let created: Vec<&str> = open.lines().filter(|line| line.contains("_created")).collect();
    let counters = plain.lines().filter(|line| {
        let name = line.split(['{', ' ']).next().unwrap();
        name.ends_with("_total") || name.ends_with("_count")
    });
    assert_eq!(created.len(), counters.count());
    assert!(created.iter().all(|line| line.ends_with(&format!(" {NOON:?}"))), "{created:?}");
}

#[test]
fn a_change_of_latency_is_told_by_model_and_by_variant_and_alarms() {
    let variants = vec![("control".into(), 0.5), ("treatment".into(), 0.5)];
    let experiment =
        ExperimentSettings { name: "e".into(), variants, ..ExperimentSettings::default() };
    let alerts = default_rules().unwrap();
    let settings = Settings { experiments: vec![experiment], alerts, ..Settings::default() };
    let mut observatory = Observatory::new(settings);
    let mut alarmed = None;
    for minute in 0..55_u32 {
        for request in 0..40_u32 {
            let at = NOON + f64::from(minute) * 60.0 + f64::from(request);
            let (variant, slow) = match request % 2 {
                0 => ("control", 1.0),
                _ => ("treatment", if minute < 40 { 1.0 } else { 2.0 }),
            };
            let seconds = slow * (0.1 + f64::from((minute * 7 + request * 13) % 11) / 1000.0);
            let event = format!(
                r#"{{"type": "inference", "model_name": "m", "latency_seconds": {{"total": {seconds}}},
                    "variants": {{"e": "{variant}"}}}}"#
            );
            let read = event::read(event.replace('\n', " ").as_bytes());
            read.events.iter().for_each(|it| observatory.observe(at, &it.event));
        }
        let changed = observatory.tick(NOON + f64::from(minute + 1) * 60.0);
        let fires = |it: &Transition| {
            it.alert.name == "latency_change" && it.alert.state == AlertState::Firing
        };
        if changed.iter().any(fires) && alarmed.is_none() {
            alarmed = Some(minute);
        }
    }
    assert!(alarmed.is_some_and(|minute| (40..44).contains(&minute)), "{alarmed:?}");
    let snapshot = observatory.snapshot();
    let change = snapshot.models[0].latency_change.unwrap();
    assert!(change.after_seconds.unwrap() > 1.3 * change.before_seconds.unwrap(), "{change:?}");
    let of_variants: Vec<u64> = snapshot.experiments[0]
        .variants
        .iter()
        .map(|it| it.latency_change.unwrap().changes)
        .collect();
    assert_eq!(of_variants, [0, 1]);
    let text = observatory.prometheus_text();
    assert!(text.contains("inference_latency_changes{model_name=\"m\"} 1\n"), "{text}");
    assert!(text.contains("ab_test_latency_changes{test_name=\"e\",variant=\"treatment\"} 1\n"));
}

#[test]
fn one_object_holds_all_and_is_held_against_rules() {
    let mut observatory = Observatory::new(Settings::default());
    observatory.tick(NOON);
    for request in 0..100 {
        let status = if request % 10 == 0 { "server_error" } else { "success" };
        let event = format!(
            r#"{{"type": "inference", "model_name": "m", "status": "{status}", "latency_seconds": {{"total": 2}}}}"#
        );
        let read = event::read(event.as_bytes());
        read.events.iter().for_each(|it| observatory.observe(NOON + 50.0, &it.event));
    }
    observatory.tick(NOON + 100.0);
    let metrics = observatory.ml_metrics();
    assert_eq!(metrics.to_prometheus(), observatory.prometheus_text());
    assert_eq!(metrics.to_openmetrics(), observatory.openmetrics_text());
    let json: serde_json::Value = serde_json::from_str(&metrics.to_json()).unwrap();
    assert_eq!(json["models"][0]["serving"]["error_rate"], 0.1);

    let checked = metrics.alert_check(&default_rules().unwrap());
    let state =
        |name: &str| checked.iter().find(|it| it.name == name).map(|it| (it.state, it.value));
    assert_eq!(state("errors"), Some((AlertState::Firing, Some(0.1))), "{checked:?}");
    // All are in the bucket from 1 to 2.5 seconds.
    let (latency, value) = state("latency").unwrap();
    assert_eq!(latency, AlertState::Firing);
    assert!((1.0..=2.5).contains(&value.unwrap()), "{value:?}");
    assert_eq!(state("accuracy").unwrap().0, AlertState::NoData);
    assert_eq!(observatory.alerts(), [], "what is checked leaves no trace");
}

#[test]
fn quantiles_of_each_stage_are_told() {
    let stages = [(Stage::Total, 0.5), (Stage::Inference, 0.25)];
    let latency = stages.map(|(stage, seconds)| StageLatency { stage, seconds }).into();
    let settings = Settings::default();
    let state = state(NOON, &[Inference { latency, ..inference("m") }], &settings);
    let text = prometheus_text(&families(&state, &state.snapshot(NOON, &settings)));
    let quantiles = exposition::read(&text).remove("inference_latency_percentile_seconds").unwrap();
    assert_eq!(quantiles.samples.len(), 8);
    let p999 = |stage: &str| {
        let found = |line: &&exposition::Line| {
            line.labels["stage"] == stage && line.labels["percentile"] == "99.9"
        };
        quantiles.samples.iter().find(found).unwrap().value
    };
    assert!((p999("total") / 0.5 - 1.0).abs() <= 1.0 / 64.0);
    assert!((p999("inference") / 0.25 - 1.0).abs() <= 1.0 / 64.0);
}
