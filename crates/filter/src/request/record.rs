//! A request as one JSON object, for the gateway's access log.

use tidegate_core::event::{Inference, ObservedInference};

use crate::config::AccessLog;

/// What the record is called, among what filters keep of a stream. In Envoy an access log shows it as
/// `%FILTER_STATE(wasm.tidegate:PLAIN)%`.
pub(crate) const NAME: &str = "tidegate";

/// The event of `v1/events` that says the same as an inference; `None` when it would be longer than is
/// wanted even without the rows.
pub(crate) fn record(inference: &Inference, at: f64, wanted: &AccessLog) -> Record {
    let mut event = ObservedInference::of(inference, at);
    if !wanted.features {
        event.features = Default::default();
    }
    let whole = written(&event);
    if whole.len() <= wanted.max_bytes {
        return Record { json: Some(whole), is_whole: true };
    }
    event.features = Default::default();
    event.predictions = Vec::new();
    event.confidences = Vec::new();
    let json = Some(written(&event)).filter(|json| json.len() <= wanted.max_bytes);
    Record { json, is_whole: false }
}

/// What is kept of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Nothing, where even the rest was too long.
    pub(crate) json: Option<String>,
    /// Whether nothing was left out for its length.
    pub(crate) is_whole: bool,
}

/// With its type, which an event is told apart by.
fn written(event: &ObservedInference) -> String {
    let json = serde_json::to_string(event).unwrap_or_default();
    match json.strip_prefix('{') {
        Some(members) => format!("{{\"type\":\"inference\",{members}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use tidegate_core::event::{Event, FeatureColumn, Status, Value, read};

    use super::*;

    fn inference() -> Inference {
        Inference {
            prediction_id: Some("p".into()),
            model_name: "iris".into(),
            model_version: "1".into(),
            status: Status::Success,
            error: None,
            batch_size: Some(1),
            latency: vec![],
            features: vec![FeatureColumn { name: "x".into(), values: vec![Value::Number(1.5)] }],
            predictions: vec![Value::Category("setosa".into())],
            confidences: vec![0.5],
            assignments: vec![],
            unread: vec![],
            generation: None,
        }
    }

    #[test]
    fn a_record_is_an_event_that_says_the_same() {
        let wanted = AccessLog { features: true, max_bytes: 1000 };
        let record = record(&inference(), 5.0, &wanted);
        let event = read(record.json.as_deref().unwrap().as_bytes()).events.remove(0).event;
        assert_eq!(event.fault(), None);
        let Event::Inference(event) = event else { panic!("{record:?}") };
        assert_eq!(event.at, Some(5.0));
        assert_eq!(event.to_inference(), inference());
    }

    #[test]
    fn rows_are_left_out_where_they_are_not_wanted_or_too_long() {
        let of = |features, max_bytes| {
            let record = record(&inference(), 5.0, &AccessLog { features, max_bytes });
            let json = record.json.unwrap_or_default();
            (record.is_whole, json.contains("\"x\""), json.contains("setosa"), !json.is_empty())
        };
        assert_eq!(of(true, 1000), (true, true, true, true));
        assert_eq!(of(false, 1000), (true, false, true, true));
        assert_eq!(of(true, 150), (false, false, false, true));
        assert_eq!(of(true, 20), (false, false, false, false));
    }
}
