//! The families and their text.

use tidegate_core::event::{
    FeatureColumn, Inference, Side, Stage, StageLatency, Status, Unread, UnreadReason, Value,
};
use tidegate_core::metric::{Family, Kind, families, prometheus_text};
use tidegate_core::observatory::{ExperimentSettings, Settings, State};

use crate::exposition::{self, Line};
use crate::fixture::{NOON, assigned, feed, inference, rows, state, with_profile};

fn text(state: &State, settings: &Settings) -> String {
    prometheus_text(&families(state, &state.snapshot(NOON, settings)))
}

/// The lines of one metric, without its HELP and TYPE.
fn lines(text: &str, metric: &str) -> Vec<String> {
    let of = |line: &&str| {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        let base = name.trim_end_matches("_bucket").trim_end_matches("_sum");
        name == metric || base.trim_end_matches("_count") == metric
    };
    text.lines().filter(of).map(String::from).collect()
}

fn busy() -> Inference {
    let stage = |stage, seconds| StageLatency { stage, seconds };
    Inference {
        latency: vec![stage(Stage::Total, 0.02), stage(Stage::Inference, 0.01)],
        predictions: vec![Value::Category("cat".into()), Value::Number(3.0), Value::Number(0.5)],
        confidences: vec![0.97, 0.4],
        assignments: vec![assigned("a-or-b", "treatment")],
        unread: vec![Unread { side: Side::Request, reason: UnreadReason::TooDeep }],
        ..rows("iris", &[0.5, 1.5])
    }
}

#[test]
fn totals_have_the_names_and_labels_of_the_field() {
    let settings = Settings::default();
    let failed = Inference { status: Status::ServerError, ..inference("iris") };
    let text = text(&state(NOON, &[busy(), busy(), failed], &settings), &settings);
    exposition::read(&text);
    for expected in [
        r#"inference_requests_total{model_name="iris",version="1",status="success"} 2"#,
        r#"inference_requests_total{model_name="iris",version="1",status="server_error"} 1"#,
        r#"inference_latency_seconds_bucket{model_name="iris",version="1",stage="total",le="0.01"} 0"#,
        r#"inference_latency_seconds_bucket{model_name="iris",version="1",stage="total",le="0.025"} 3"#,
        r#"inference_latency_seconds_sum{model_name="iris",version="1",stage="total"} 0.06"#,
        r#"inference_latency_seconds_count{model_name="iris",version="1",stage="total"} 3"#,
        r#"inference_latency_seconds_bucket{model_name="iris",version="1",stage="inference",le="0.01"} 2"#,
        r#"inference_batch_size_sum{model_name="iris",version="1"} 4.0"#,
        r#"model_predictions_total{model_name="iris",model_version="1",predicted_class="cat"} 2"#,
        r#"model_predictions_total{model_name="iris",model_version="1",predicted_class="3"} 2"#,
        r#"model_prediction_confidence_bucket{model_name="iris",model_version="1",le="0.5"} 2"#,
        r#"model_prediction_confidence_bucket{model_name="iris",model_version="1",le="0.99"} 4"#,
        r#"model_prediction_confidence_bucket{model_name="iris",model_version="1",le="+Inf"} 4"#,
        r#"model_prediction_confidence_sum{model_name="iris",model_version="1"} 2.74"#,
        r#"ab_test_requests_total{test_name="a-or-b",variant="treatment"} 2"#,
        r#"ab_test_latency_seconds_count{test_name="a-or-b",variant="treatment"} 2"#,
        r#"tidegate_unread_bodies_total{model_name="iris",side="request",reason="too_deep"} 2"#,
        r#"feature_null_rate{feature_name="x",model_name="iris"} 0.0"#,
        r#"tidegate_window_rows{model_name="iris"} 6"#,
    ] {
        assert!(text.lines().any(|line| line == expected), "{expected}\n{text}");
    }
    assert_eq!(lines(&text, "model_predictions_total").len(), 2, "0.5 is no class");
}

#[test]
fn what_is_not_known_is_absent() {
    let settings = with_profile();
    assert_eq!(text(&State::default(), &settings), "");

    let few = state(NOON, &[rows("iris", &[0.5])], &settings);
    let text = text(&few, &settings);
    let metrics = exposition::read(&text);
    assert!(!metrics.contains_key("feature_drift_detected"), "one row is too little\n{text}");
    assert!(!metrics.contains_key("prediction_drift_score"), "no prediction was seen");
    assert!(!metrics.contains_key("inference_batch_utilization_ratio"));
    assert!(!text.contains("NaN"));
}

#[test]
fn batches_are_measured_against_the_largest() {
    let mut settings = with_profile();
    settings.models[0].max_batch_size = Some(8);
    let text =
        text(&state(NOON, &[rows("m", &[1.0; 4]), rows("m", &[1.0; 2])], &settings), &settings);
    let expected = r#"inference_batch_utilization_ratio{model_name="m",version="1"} 0.375"#;
    assert_eq!(lines(&text, "inference_batch_utilization_ratio"), [expected]);
}

#[test]
fn drift_is_scored_by_feature_and_model() {
    let settings = with_profile();
    let even: Vec<f64> = (0..400).map(|row| f64::from(row % 4) + 0.5).collect();
    let mut state = state(NOON, &[rows("iris", &even)], &settings);
    let labels = r#"{feature_name="x",model_name="iris"}"#;
    let first = text(&state, &settings);
    assert_eq!(lines(&first, "feature_drift_score"), [format!("feature_drift_score{labels} 0.0")]);
    assert_eq!(
        lines(&first, "feature_drift_p_value"),
        [format!("feature_drift_p_value{labels} 1.0")]
    );
    assert_eq!(
        lines(&first, "feature_drift_detected"),
        [format!("feature_drift_detected{labels} 0")]
    );

    feed(&mut state, NOON, &[rows("iris", &[3.5; 400])], &settings);
    let second = text(&state, &settings);
    assert_eq!(
        lines(&second, "feature_drift_detected"),
        [format!("feature_drift_detected{labels} 1")]
    );
}

#[test]
fn a_feature_named_prediction_is_not_the_prediction() {
    let settings = with_profile();
    let confusing = Inference {
        features: vec![FeatureColumn {
            name: "prediction".into(),
            values: vec![Value::Number(1.0)],
        }],
        predictions: vec![Value::Category("cat".into())],
        ..inference("iris")
    };
    let text = text(&state(NOON, &[confusing], &settings), &settings);
    exposition::read(&text);
    assert!(lines(&text, "feature_null_rate").len() >= 2);
    assert_eq!(lines(&text, "prediction_drift_score").len(), 1);
}

#[test]
fn label_values_are_escaped_and_read_back() {
    let name = "a\\b\"c\nd{e=\"f\"} é 1";
    let settings = Settings::default();
    let text = text(&state(NOON, &[inference(name)], &settings), &settings);
    let metrics = exposition::read(&text);
    let Line { labels, .. } = &metrics["inference_requests_total"].samples[0];
    assert_eq!(labels["model_name"], name);
}

#[test]
fn the_text_is_in_one_order() {
    let experiment = ExperimentSettings {
        name: "a-or-b".into(),
        variants: vec![("treatment".into(), 0.5), ("control".into(), 0.5)],
        ..ExperimentSettings::default()
    };
    let settings = Settings { experiments: vec![experiment], ..with_profile() };
    let names = ["wine", "iris", "boston"];
    let requests = |order: [usize; 3]| {
        order.map(|index| Inference { model_name: names[index].into(), ..busy() })
    };
    let one = text(&state(NOON, &requests([0, 1, 2]), &settings), &settings);
    let other = text(&state(NOON, &requests([2, 0, 1]), &settings), &settings);
    assert_eq!(one, other);
    let metrics = exposition::read(&one);
    assert!(metrics.len() >= 10, "{:?}", metrics.keys());
}

#[test]
fn a_host_adds_families_of_its_own() {
    let mut info = Family::new("tidegate_info", Kind::Gauge, "One line,\nand a \\.");
    info.push_count(&[("version", "1.0.0")], 1);
    info.push_measure(&[("version", "absent")], f64::NAN);
    let mut bare = Family::new("tidegate_up", Kind::Gauge, "Up.");
    bare.push_measure(&[], 1e-300);
    assert_eq!(
        prometheus_text(&[info, bare]),
        "# HELP tidegate_info One line,\\nand a \\\\.\n# TYPE tidegate_info gauge\n\
         tidegate_info{version=\"1.0.0\"} 1\n\
         # HELP tidegate_up Up.\n# TYPE tidegate_up gauge\ntidegate_up 1e-300\n"
    );
}
