use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::de::{Deserializer, Error, SeqAccess, Visitor, value};
use serde::{Deserialize, Serialize};

use super::{
    Assignment, Columns, ErrorKind, FeatureColumn, Fields, Generation, Inference, InferenceRef,
    Stage, StageLatency, Status, Unread, Value, is_measure,
};
use crate::experiment::unit_hash;

/// The version of a model that tells none.
const UNKNOWN: &str = "unknown";

/// A request to a model, as a client or a server of it tells: an [`Inference`] in the words of JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ObservedInference {
    /// When it ended, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// Model name.
    pub model_name: String,
    /// Model version; `unknown` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_version: Option<String>,
    /// What a late label finds the prediction by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction_id: Option<String>,
    /// How it ended; if left out, as its `error` says, or else `success`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorKind>,
    /// Rows in the request; as many as there are predictions, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<u64>,
    /// Predicted class or number of each row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predictions: Vec<Value>,
    /// Confidence of each row's prediction, in `[0, 1]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confidences: Vec<f64>,
    /// By feature name, the value; or a list of one value a row.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub features: Fields<Cells>,
    /// By stage, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_seconds: Option<LatencySeconds>,
    /// By experiment, the variant that the request was given.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub variants: Fields<String>,
    /// The unit that experiments are about: a user, say. It is kept as a hash only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What a model that generates text said of its work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<Box<Generation>>,
    /// Why a part of the request or response could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

impl ObservedInference {
    /// The same words for a request that was seen to end at a time, in seconds since 1970. Units are not
    /// in them.
    #[must_use]
    pub fn of(inference: &Inference, at: f64) -> Self {
        let seconds = |stage| inference.stage_seconds(stage);
        let column = |column: &FeatureColumn| (column.name.clone(), Cells(column.values.clone()));
        let given = |given: &Assignment| (given.experiment.clone(), given.variant.clone());
        Self {
            at: Some(at),
            model_name: inference.model_name.clone(),
            model_version: Some(inference.model_version.clone()),
            prediction_id: inference.prediction_id.clone(),
            status: Some(inference.status),
            error: inference.error,
            batch_size: inference.batch_size,
            predictions: inference.predictions.clone(),
            confidences: inference.confidences.clone(),
            features: inference.features.iter().map(column).collect(),
            latency_seconds: Some(LatencySeconds {
                total: seconds(Stage::Total),
                upstream: seconds(Stage::Upstream),
                preprocessing: seconds(Stage::Preprocessing),
                inference: seconds(Stage::Inference),
                postprocessing: seconds(Stage::Postprocessing),
                gateway: seconds(Stage::Gateway),
            }),
            variants: inference.assignments.iter().map(given).collect(),
            unit: None,
            generation: inference.generation.clone().map(Box::new),
            unread: inference.unread.clone(),
        }
    }

    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.model_name.is_empty() {
            Some("`model_name` must not be empty")
        } else if self.prediction_id.as_ref().is_some_and(String::is_empty) {
            Some("`prediction_id` must not be empty; leave it out instead")
        } else if !self.confidences.iter().all(|share| (0.0..=1.0).contains(share)) {
            Some("`confidences` must be between 0 and 1")
        } else if !self.latency().all(|latency| is_measure(latency.seconds)) {
            Some("`latency_seconds` must be numbers from 0 on")
        } else if !self.generation.as_deref().is_none_or(Generation::is_measured) {
            Some("seconds of `generation` must be numbers from 0 on")
        } else if self.error.is_some() && self.status == Some(Status::Success) {
            Some("a success has no `error`")
        } else {
            None
        }
    }

    /// The request as the observatory counts it, borrowed. Only variants are copied.
    pub fn with_borrowed<R>(&self, with: impl FnOnce(&InferenceRef<'_>) -> R) -> R {
        let mut latency = [StageLatency { stage: Stage::Total, seconds: 0.0 }; Stage::COUNT];
        let told = self.latency().zip(&mut latency).map(|(told, place)| *place = told).count();
        let given = |(experiment, variant): (&str, &String)| Assignment {
            experiment: experiment.into(),
            variant: variant.clone(),
            unit: self.unit.as_deref().map(unit_hash),
        };
        let assignments: Vec<Assignment> = self.variants.iter().map(given).collect();
        let rows = (self.predictions.len() as u64, self.features.values().map(Cells::len).max());
        with(&InferenceRef {
            prediction_id: self.prediction_id.as_deref(),
            model_name: &self.model_name,
            model_version: self.model_version.as_deref().unwrap_or(UNKNOWN),
            status: self.status.or(self.error.map(ErrorKind::status)).unwrap_or(Status::Success),
            error: self.error,
            batch_size: match (self.batch_size, rows) {
                (Some(rows), _) => Some(rows),
                (None, (0, rows)) => rows,
                (None, (rows, _)) => Some(rows),
            },
            latency: latency.get(..told).unwrap_or_default(),
            features: Columns::Told(&self.features),
            predictions: &self.predictions,
            confidences: &self.confidences,
            assignments: &assignments,
            unread: &self.unread,
            generation: self.generation.as_deref(),
        })
    }

    /// The request as the observatory counts it.
    #[must_use]
    pub fn to_inference(&self) -> Inference {
        let column = |(name, cells): (&str, &Cells)| FeatureColumn {
            name: name.into(),
            values: cells.0.clone(),
        };
        self.with_borrowed(|it| Inference {
            prediction_id: self.prediction_id.clone(),
            model_name: self.model_name.clone(),
            model_version: it.model_version.into(),
            status: it.status,
            error: it.error,
            batch_size: it.batch_size,
            latency: it.latency.into(),
            features: self.features.iter().map(column).collect(),
            predictions: self.predictions.clone(),
            confidences: self.confidences.clone(),
            assignments: it.assignments.into(),
            unread: self.unread.clone(),
            generation: it.generation.cloned(),
        })
    }

    fn latency(&self) -> impl Iterator<Item = StageLatency> {
        let told = self.latency_seconds.unwrap_or_default();
        let stages = [
            (Stage::Total, told.total),
            (Stage::Upstream, told.upstream),
            (Stage::Preprocessing, told.preprocessing),
            (Stage::Inference, told.inference),
            (Stage::Postprocessing, told.postprocessing),
            (Stage::Gateway, told.gateway),
        ];
        let measured = |(stage, seconds): (Stage, Option<f64>)| {
            seconds.map(|seconds| StageLatency { stage, seconds })
        };
        stages.into_iter().filter_map(measured)
    }
}

/// Seconds spent in each stage, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "seconds by stage, such as {\"total\": 0.2}")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LatencySeconds {
    /// From the first byte of the request to the last of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<f64>,
    /// In the model server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<f64>,
    /// Before the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<f64>,
    /// In the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inference: Option<f64>,
    /// After the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postprocessing: Option<f64>,
    /// At the gateway itself: the total without the upstream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<f64>,
}

/// The values of one feature, one a row; in JSON a single one may stand without its list.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells(pub Vec<Value>);

impl Cells {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

impl Serialize for Cells {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            all => all.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Cells;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, text, true, false, null or a list of them")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Cells, A::Error> {
                Vec::deserialize(value::SeqAccessDeserializer::new(list)).map(Cells)
            }

            fn visit_unit<E: Error>(self) -> Result<Cells, E> {
                one(value::UnitDeserializer::new())
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Cells, E> {
                one(value::BoolDeserializer::new(value))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Cells, E> {
                one(value::F64Deserializer::new(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Cells, E> {
                one(value::U64Deserializer::new(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Cells, E> {
                one(value::I64Deserializer::new(value))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Cells, E> {
                one(value::StrDeserializer::new(value))
            }
        }

        fn one<'de, D: Deserializer<'de>>(value: D) -> Result<Cells, D::Error> {
            Value::deserialize(value).map(|value| Cells(Vec::from([value])))
        }

        deserializer.deserialize_any(OneOrMore)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Cells {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Cells".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<Value>();
        schemars::json_schema!({ "anyOf": [value, { "type": "array", "items": value }] })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn read(json: &str) -> ObservedInference {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_row_and_a_batch_become_columns() {
        let row = read(
            r#"{"model_name": "iris", "predictions": ["setosa"], "confidences": [0.93],
                "features": {"length": 5.1, "color": null, "new": true},
                "latency_seconds": {"total": 0.012, "inference": 0.008},
                "variants": {"v1-vs-v2": "treatment"}}"#,
        );
        assert_eq!(row.fault(), None);
        let inference = row.to_inference();
        assert_eq!((inference.batch_size, inference.model_version.as_str()), (Some(1), "unknown"));
        assert_eq!(inference.features[0].values, [Value::Number(5.1)]);
        assert_eq!(inference.features[1].values, [Value::Missing]);
        assert_eq!(inference.features[2].values, [Value::Category("true".into())]);
        assert_eq!(inference.stage_seconds(Stage::Inference), Some(0.008));
        assert_eq!(inference.assignments[0].variant, "treatment");

        let batch = read(r#"{"model_name": "iris", "features": {"length": [5.1, null, "NaN"]}}"#);
        assert_eq!(batch.to_inference().batch_size, Some(3));
        let values = vec![Value::Number(5.1), Value::Missing, Value::Missing];
        assert_eq!(batch.to_inference().features[0].values, values);
        assert_eq!(read(r#"{"model_name": "iris"}"#).to_inference().batch_size, None);
    }

    #[test]
    fn an_error_says_how_the_request_ended() {
        let failed = read(r#"{"model_name": "m", "error": "too_many_requests"}"#).to_inference();
        assert_eq!(failed.status, Status::ClientError);
        assert_eq!(failed.borrowed().error_kind(), Some(ErrorKind::TooManyRequests));
        let aborted = read(r#"{"model_name": "m", "status": "aborted"}"#).to_inference();
        assert_eq!(aborted.borrowed().error_kind(), Some(ErrorKind::ClientLeft));
        assert_eq!(read(r#"{"model_name": "m"}"#).to_inference().borrowed().error_kind(), None);
    }

    #[test]
    fn what_is_out_of_range_has_a_fault() {
        for (json, word) in [
            (r#"{"model_name": ""}"#, "model_name"),
            (r#"{"model_name": "m", "prediction_id": ""}"#, "prediction_id"),
            (r#"{"model_name": "m", "confidences": [1.01]}"#, "confidences"),
            (r#"{"model_name": "m", "latency_seconds": {"total": -1}}"#, "latency_seconds"),
            (r#"{"model_name": "m", "generation": {"first_chunk_seconds": -1}}"#, "generation"),
            (r#"{"model_name": "m", "status": "success", "error": "timeout"}"#, "error"),
        ] {
            assert!(read(json).fault().unwrap().contains(word), "{json}");
        }
    }

    #[test]
    fn writing_and_reading_gives_the_same() {
        let event = read(r#"{"model_name": "iris", "features": {"a": 1, "b": ["x", null]}}"#);
        assert_eq!(read(&serde_json::to_string(&event).unwrap()), event);
    }
}
