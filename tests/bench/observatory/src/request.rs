//! The request of the target: 20 numeric features and a prediction.

use tidegate_core::event::{self, Event};
use tidegate_core::observatory::{Observatory, ObservatoryOptions};

/// The time of the first request, in seconds since 1970: the start of a minute.
pub const START_SECONDS: f64 = 1_790_000_040.0;

/// Rows that the reference is learned from.
const LEARNED: u32 = 1000;

/// One request as an event. Values, class and latency differ by `index`.
#[must_use]
pub fn inference(index: u32) -> Event {
    let feature = |column: u32| {
        let value = f64::from((index * 31 + column * 17) % 1000) / 10.0;
        format!(r#""feature_{column:02}": {value}"#)
    };
    let features: Vec<String> = (0..20).map(feature).collect();
    let class = ["setosa", "versicolor", "virginica"][index as usize % 3];
    let seconds = 0.005 + f64::from(index % 50) / 10_000.0;
    let body = format!(
        r#"{{"type": "inference", "model_name": "iris", "model_version": "1", "predictions": ["{class}"],
            "confidences": [0.9], "features": {{{}}},
            "latency_seconds": {{"total": {seconds}, "inference": {}}}}}"#,
        features.join(", "),
        seconds / 2.0
    );
    let mut read = event::read(body.replace('\n', " ").as_bytes());
    assert!(read.refused.is_empty(), "{:?}", read.refused);
    read.events.remove(0).event
}

/// An observatory whose reference of the requests is ready.
#[must_use]
pub fn observatory() -> Observatory {
    let options = format!(r#"{{"models": [{{"name": "iris", "learn_samples": {LEARNED}}}]}}"#);
    let settings = ObservatoryOptions::settings_from_json(&options).unwrap_or_default();
    let mut observatory = Observatory::new(settings);
    for index in 0..LEARNED {
        observatory.observe(START_SECONDS, &inference(index));
    }
    observatory.tick(START_SECONDS);
    assert!(observatory.state().references().get("iris").is_some());
    observatory
}
