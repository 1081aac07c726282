use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::scan::{items, quote_names};
use super::{Event, of_json};

/// How many events one body may hold.
pub const MAX_EVENTS: usize = 10_000;

/// What a body of events holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    /// The good events, in order.
    pub events: Vec<Positioned>,
    /// The others, in order.
    pub refused: Vec<Refused>,
}

/// An event and its place in its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Positioned {
    /// From 0; blank lines do not count.
    pub index: usize,
    /// The event.
    pub event: Event,
}

/// An event that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// Its place in the body, from 0; blank lines do not count.
    pub index: usize,
    /// Why, in a sentence.
    pub reason: String,
}

/// What is answered to whoever sent events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Taken {
    /// Events that were taken.
    pub taken: u64,
    /// The others, in order.
    pub refused: Vec<Refused>,
}

/// Reads a JSON array of events, or NDJSON: one event a line.
///
/// A bad event costs itself only: the others are kept. Numbers that are not finite may stand as Python
/// writes them, `NaN`. Events after the first [`MAX_EVENTS`] are refused together, at the first of them.
///
/// Total on any bytes, in time and memory that grow with their number only.
#[must_use]
pub fn read(body: &[u8]) -> Read {
    let mut events = Vec::new();
    let refused = read_each(body, MAX_EVENTS, |index, item| {
        events.push(Positioned { index, event: event(item)? });
        Ok(())
    });
    Read { events, refused }
}

/// Gives each item of a JSON array, or each line of NDJSON, with its place to `take`, and tells which were
/// refused. Items after the first `most` are refused together, at the first of them.
pub fn read_each(
    body: &[u8],
    most: usize,
    mut take: impl FnMut(usize, &[u8]) -> Result<(), String>,
) -> Vec<Refused> {
    let mut refused = Vec::new();
    for (index, item) in items(body).into_iter().enumerate() {
        let outcome = if index == most {
            Err(format!("more than {most} in one body; send the rest in another"))
        } else {
            take(index, item)
        };
        if let Err(reason) = outcome {
            refused.push(Refused { index, reason });
        }
        if index == most {
            break;
        }
    }
    refused
}

/// Reads one item.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn read_item<T: DeserializeOwned>(item: &[u8]) -> Result<T, String> {
    serde_json::from_slice(&quote_names(item)).map_err(|error| reason(&error))
}

/// The line is always the first, for an item has its own text.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_string()
}

fn tagged(item: &[u8]) -> Result<Event, String> {
    of_json(&quote_names(item)).map_err(|error| reason(&error))
}

fn event(item: &[u8]) -> Result<Event, String> {
    let event = tagged(item).map_err(|reason| with_field(item, reason))?;
    match event.fault() {
        Some(fault) => Err(fault.to_string()),
        None => Ok(event),
    }
}

/// What serde_json says of a number, say, where one of several names should be; and of a text that is no JSON.
const NO_NAME: &str = "expected value";

/// The reason with the field that it is about before it, where it names none: a wrong type, say.
///
/// Which field that is, is found by leaving out each in turn; for large events, which take long to read, it is not.
fn with_field(item: &[u8], reason: String) -> String {
    const MOST_BYTES: usize = 4096;
    let is_nameless =
        ["invalid ", "unknown variant ", NO_NAME].iter().any(|kind| reason.starts_with(kind));
    if !is_nameless || item.len() > MOST_BYTES {
        return reason;
    }
    let Ok(fields) = read_item::<serde_json::Map<String, serde_json::Value>>(item) else {
        return reason;
    };
    let is_to_blame = |name: &&String| {
        let others = fields.iter().filter(|(other, _)| other != name);
        let others: Vec<String> =
            others.map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
        tagged(format!("{{{}}}", others.join(",")).as_bytes()).err() != Some(reason.clone())
    };
    let names = fields.keys().filter(|name| *name != "type");
    match names.take(32).find(is_to_blame) {
        Some(name) if reason == NO_NAME => {
            format!("`{name}`: expected one of the names that it may have")
        }
        Some(name) => format!("`{name}`: {reason}"),
        None => reason,
    }
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::TrainingStep;

    #[test]
    fn a_value_of_the_wrong_type_is_told_with_its_field() {
        for (line, says) in [
            (
                r#"{"type": "label", "prediction_id": 1, "label": 2}"#,
                "`prediction_id`: invalid type: integer `1`, expected a string",
            ),
            (
                r#"{"type": "inference", "model_name": "m", "latency_seconds": 0.2}"#,
                "`latency_seconds`: invalid type: floating point `0.2`, expected seconds by stage, such as \
                 {\"total\": 0.2}",
            ),
            (
                r#"{"type": "inference", "model_name": "m", "at": "2026-11-28"}"#,
                "`at`: invalid type: string \"2026-11-28\", expected f64",
            ),
            (
                r#"{"type": "inference", "model_name": "m", "status": "failed"}"#,
                "`status`: unknown variant `failed`, expected one of `success`",
            ),
            (
                r#"{"type": "inference", "model_name": "m", "status": 1}"#,
                "`status`: expected one of the names that it may have",
            ),
            (r#"{"label": 2, "prediction_id": "a", "type": "label", "x": 1}"#, "unknown field `x`"),
            (r#"{"type": "label", "label": }"#, "expected value"),
            (r#"5"#, "invalid type: integer `5`, expected an event"),
            (r#"{"type": "label", "prediction_id": "a"}"#, "missing field `label`"),
            (r#"{"type": 1}"#, "invalid type: integer `1`"),
        ] {
            let reason = event(line.as_bytes()).unwrap_err();
            assert!(reason.starts_with(says), "{line}: {reason}");
        }
    }

    #[test]
    fn each_kind_of_event_is_read_and_written_back() {
        let body = r#"[
            {"type": "inference", "model_name": "iris", "model_version": "1", "prediction_id": "r1",
             "predictions": ["setosa"], "confidences": [0.93], "features": {"sepal_length": 5.1},
             "latency_seconds": {"total": 0.012, "inference": 0.008}, "status": "success"},
            {"type": "label", "prediction_id": "r1", "label": "setosa"},
            {"type": "conversion", "experiment": "iris-v1-vs-v2", "unit": "u42", "value": 12.5},
            {"type": "feature_retrieval", "feature_set": "user", "source": "redis",
             "duration_seconds": 0.002, "cache_hit": true},
            {"type": "feature_row", "feature_set": "user", "values": {"age": 31, "city": null},
             "timestamps": {"age": 1790000000}},
            {"type": "training_step", "job_id": "j1", "step": 10, "loss": 0.31, "grad_norm": 1.2,
             "learning_rate": 0.001, "samples": 512, "duration_seconds": 0.2,
             "data_wait_seconds": 0.05, "gpu_utilization": {"0": 0.87}},
            {"type": "training_epoch", "job_id": "j1", "epoch": 1, "loss": 0.4,
             "validation_loss": 0.5, "accuracy": 0.9, "duration_seconds": 61},
            {"type": "explanation", "model_name": "iris", "attributions": {"sepal_length": 0.4}}
        ]"#;
        let Read { events, refused } = read(body.as_bytes());
        assert_eq!(refused, []);
        assert_eq!(events.len(), 8);
        let lines: Vec<String> =
            events.iter().map(|it| serde_json::to_string(&it.event).unwrap()).collect();
        let again = read(lines.join("\n").as_bytes());
        assert_eq!(again.events, events);
    }

    #[test]
    fn each_bad_event_is_told_with_its_place_and_the_good_ones_are_kept() {
        let body = "{\"type\": \"label\", \"prediction_id\": \"a\", \"label\": 1}
            not json
            {\"type\": \"label\", \"prediction_id\": \"a\"}

            {\"type\": \"dance\"}
            {\"type\": \"label\", \"prediction_id\": \"\", \"label\": 1}
            {\"type\": \"label\", \"prediction_id\": \"a\", \"label\": 1, \"at\": 1790000000000}
            {\"type\": \"label\", \"prediction_id\": \"b\", \"label\": 2}";
        let Read { events, refused } = read(body.as_bytes());
        assert_eq!(events.iter().map(|it| it.index).collect::<Vec<_>>(), [0, 6]);
        let told: Vec<(usize, &str)> =
            refused.iter().map(|it| (it.index, it.reason.as_str())).collect();
        assert_eq!(told[0], (1, "expected ident"));
        assert_eq!(told[1], (2, "missing field `label`"));
        assert!(told[2].1.starts_with("unknown variant `dance`, expected one of `inference`"));
        assert_eq!(told[3], (4, "`prediction_id` must not be empty"));
        assert_eq!(told[4], (5, "`at` must be a time in seconds since 1970"));
    }

    #[test]
    fn a_loss_that_is_no_number_is_read_as_one() {
        for loss in ["NaN", "\"NaN\""] {
            let line =
                format!(r#"{{"type": "training_step", "job_id": "j", "step": 1, "loss": {loss}}}"#);
            let read = read(line.as_bytes());
            let Event::TrainingStep(TrainingStep { loss: Some(loss), .. }) = &read.events[0].event
            else {
                panic!("{:?}", read.refused)
            };
            assert!(loss.0.is_nan());
        }
    }

    #[test]
    fn a_body_has_a_bound() {
        let line = "{\"type\": \"label\", \"prediction_id\": \"a\", \"label\": 1}\n";
        let Read { events, refused } = read(line.repeat(MAX_EVENTS + 5).as_bytes());
        assert_eq!((events.len(), refused.len()), (MAX_EVENTS, 1));
        assert_eq!(refused[0].index, MAX_EVENTS);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(
            proptest::sample::select(b"[]{}\",:\\ \n1aN-Infity".as_slice()), 0..200,
        )) {
            let Read { events, refused } = read(&body);
            proptest::prop_assert_eq!(events.len() + refused.len(), items(&body).len());
        }
    }
}
