//! How good predictions probably are before their labels come, beside how good they were.

use tidegate_core::event;
use tidegate_core::observatory::{Observatory, ObservatoryOptions};
use tidegate_core::snapshot::{CalibrationSource, CohortSnapshot, QualitySnapshot};

use crate::fixture::NOON;

const DAY: f64 = 86_400.0;

fn observatory(options: &str) -> Observatory {
    Observatory::new(ObservatoryOptions::settings_from_json(options).unwrap())
}

fn observe(observatory: &mut Observatory, event: &str) {
    let read = event::read(event.replace('\n', " ").as_bytes());
    assert!(read.refused.is_empty(), "{event}: {:?}", read.refused);
    read.events.iter().for_each(|it| observatory.observe(NOON, &it.event));
}

/// 400 predictions of a day: of every ten, six that are `sure` and four that are unsure. Of the sure ones a share
/// of `right` is; the others are right every second time.
fn predict(observatory: &mut Observatory, day: u32, sure: u32, labels: Option<u32>) {
    let classes = ["good", "bad"];
    for row in 0..400_u32 {
        let is_sure = row % 10 < sure;
        let said = classes[(row / 10 % 2) as usize];
        let confidence = if is_sure { 0.95 } else { 0.75 };
        let at = NOON + f64::from(day) * DAY + f64::from(row);
        observe(
            observatory,
            &format!(
                r#"{{"type": "inference", "at": {at}, "model_name": "m", "model_version": "1",
                    "prediction_id": "{day}-{row}", "predictions": ["{said}"], "confidences": [{confidence}]}}"#
            ),
        );
        let Some(right_of_ten) = labels else { continue };
        let right = if is_sure { row / 20 % 10 < right_of_ten } else { (row / 20 + row) % 2 == 0 };
        let label = if right { said } else { classes[1 - (row / 10 % 2) as usize] };
        observe(
            observatory,
            &format!(
                r#"{{"type": "label", "at": {at}, "prediction_id": "{day}-{row}", "label": "{label}"}}"#
            ),
        );
    }
}

fn shown(observatory: &mut Observatory, day: u32) -> (QualitySnapshot, Vec<CohortSnapshot>) {
    observatory.tick(NOON + f64::from(day + 1) * DAY - 60_000.0);
    let model = observatory.snapshot().models.remove(0);
    (model.quality[0].clone(), model.cohorts)
}

#[test]
fn without_labels_the_estimate_follows_how_sure_the_model_is() {
    let mut observatory = observatory(r#"{"quality_window": 400}"#);
    predict(&mut observatory, 0, 6, Some(7));
    let (quality, cohorts) = shown(&mut observatory, 0);
    let calibration = quality.calibration.unwrap();
    assert_eq!((calibration.source, calibration.rows), (CalibrationSource::Feedback, 400));
    // Six tenths are right seven times of ten, the rest every second time.
    assert_eq!(cohorts[0].accuracy, Some(0.62));
    let estimated = cohorts[0].estimated.unwrap();
    assert!((estimated.accuracy.unwrap() - 0.62).abs() < 1e-9, "{estimated:?}");
    assert!((estimated.f1.unwrap() - cohorts[0].f1.unwrap()).abs() < 0.01);
    assert!((estimated.roc_auc.unwrap() - cohorts[0].roc_auc.unwrap()).abs() < 0.01);

    // A day later it is sure of two tenths only, and no label has come yet.
    predict(&mut observatory, 1, 2, None);
    let (quality, cohorts) = shown(&mut observatory, 1);
    assert_eq!((cohorts[1].accuracy, cohorts[1].labelled), (None, 0));
    let estimated = cohorts[1].estimated.unwrap();
    assert!((estimated.accuracy.unwrap() - 0.54).abs() < 1e-9, "{estimated:?}");
    let [lower, upper] = estimated.accuracy_interval.unwrap();
    assert!(lower < 0.54 && upper > 0.54 && upper < 0.62);
    let newest = quality.estimated.unwrap();
    assert_eq!((newest.figures, newest.from_seconds), (estimated, cohorts[1].at_seconds));
    let text = observatory.prometheus_text();
    let line = "model_estimated_accuracy{model_name=\"m\",model_version=\"1\"} 0.54";
    assert!(text.contains(line), "{text}");
}

#[test]
fn when_the_same_confidence_means_less_only_the_labels_show_it() {
    let mut observatory = observatory(r#"{"quality_window": 400}"#);
    predict(&mut observatory, 0, 6, Some(7));
    predict(&mut observatory, 1, 6, Some(4));
    let (_, cohorts) = shown(&mut observatory, 1);
    let estimated = cohorts[1].estimated.unwrap().accuracy.unwrap();
    assert!((estimated - 0.62).abs() < 1e-9, "{estimated}");
    assert_eq!(cohorts[1].accuracy, Some(0.44));
}

#[test]
fn a_labelled_reference_takes_the_place_of_the_first_labels() {
    let (mut labels, mut said, mut sure) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..200 {
        labels.push(if row % 4 == 0 { "bad" } else { "good" });
        said.push("good");
        sure.push(0.95);
    }
    let options = format!(
        r#"{{"models": [{{"name": "m", "labelled_reference":
            {{"labels": {labels:?}, "predictions": {said:?}, "confidences": {sure:?}}}}}]}}"#
    );
    let mut observatory = observatory(&options);
    predict(&mut observatory, 0, 10, None);
    let (quality, cohorts) = shown(&mut observatory, 0);
    let calibration = quality.calibration.unwrap();
    assert_eq!((calibration.source, calibration.rows), (CalibrationSource::Reference, 200));
    assert_eq!((calibration.from_seconds, quality.missing), (None, 100));
    // A score of "good" is calibrated to three of four, whichever class is called.
    assert!(cohorts[0].estimated.unwrap().accuracy.is_some());
    for wrong in [
        r#"{"labels": ["a"], "predictions": ["a"], "confidences": []}"#,
        r#"{"labels": ["a"], "predictions": ["a"], "confidences": [2]}"#,
        r#"{"labels": [null], "predictions": ["a"], "confidences": [0.5]}"#,
        r#"{"labels": [], "predictions": [], "confidences": []}"#,
    ] {
        let options = format!(r#"{{"models": [{{"labelled_reference": {wrong}}}]}}"#);
        let error = ObservatoryOptions::settings_from_json(&options).unwrap_err().to_string();
        assert!(error.contains("labelled_reference"), "{error}");
    }
}

#[test]
fn before_enough_labels_there_is_no_estimate_and_alerts_know_it() {
    let mut observatory = observatory(
        r#"{"alerts": [{"name": "estimated", "when": "model_estimated_accuracy < 0.7"}]}"#,
    );
    predict(&mut observatory, 0, 6, None);
    let (quality, cohorts) = shown(&mut observatory, 0);
    assert_eq!((quality.calibration, quality.estimated), (None, None));
    assert_eq!(cohorts[0].estimated, None);
    let state = observatory.alerts()[0].state.as_str();
    assert_eq!(state, "insufficient_data");
}

#[test]
fn labels_that_refute_the_estimate_are_a_metric_and_an_alert() {
    let options = r#"{"quality_window": 400, "alerts": [{"name": "refuted", "when": "model_estimate_refuted == 1"}]}"#;
    let mut observatory = observatory(options);
    predict(&mut observatory, 0, 6, Some(7));
    shown(&mut observatory, 0);
    let line = |value: u32| {
        format!("model_estimate_refuted{{model_name=\"m\",model_version=\"1\"}} {value}")
    };
    let has = |observatory: &Observatory, line: &str| {
        observatory.prometheus_text().lines().any(|own| own == line)
    };
    assert!(has(&observatory, &line(0)), "{}", observatory.prometheus_text());
    assert_eq!(observatory.alerts(), []);
    // As sure as ever, and wrong.
    predict(&mut observatory, 1, 6, Some(0));
    shown(&mut observatory, 1);
    assert!(has(&observatory, &line(1)));
    assert_eq!(observatory.alerts()[0].state.as_str(), "firing");
}
