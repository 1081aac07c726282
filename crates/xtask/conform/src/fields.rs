//! The facts of an exchange by the names that a corpus gives them.

use serde_json::{Map, Value, json};
use tidegate_protocol::{
    ClassScores, FeatureColumn, GenerationFacts, RequestFacts, Value as Cell, batch_size,
    model_name, model_version,
};

use crate::exchange::Exchange;

/// The fact of that name; `None` for a name that no fact has. What is unknown is `null`.
pub(crate) fn value(field: &str, exchange: &Exchange) -> Option<Value> {
    let none = RequestFacts::default();
    let request = exchange.request.as_ref().unwrap_or(&none);
    let response = &exchange.response;
    let target = exchange.target.clone().unwrap_or_default();
    let generation = response.generation.as_ref();
    let scores = response.scores.as_ref();
    let probabilities = scores.filter(|scores| scores.are_probabilities);
    let feedback = exchange.feedback.as_ref();
    let error = response.error.as_ref();
    let stream = response.stream.as_ref();
    let tokens = |of: fn(&GenerationFacts) -> Option<u64>| json!(generation.and_then(of));
    Some(match field {
        "operation" => json!(feedback.map(|_| "feedback")),
        "truth" => json!(feedback.and_then(|facts| known(&facts.truths))),
        "reward" => json!(feedback.and_then(|facts| facts.reward)),
        "records" => json!(feedback.and_then(|facts| facts.records)),
        "join_id" => json!(feedback.and_then(|facts| facts.join_id.as_ref())),
        "inference" => json!(exchange.target.is_some()),
        "model" => json!(model_name(&target, request, response)),
        "request_model" => json!(request.model_name),
        "version" => json!(model_version(&target, request, response)),
        "signature" => json!(request.signature),
        "image" => json!(response.served_by),
        "request_id" => json!(request.request_id),
        "response_id" => json!(response.response_id),
        "batch" => json!(batch_size(exchange.request.as_ref(), response)),
        "features" => json!(request.features.len()),
        "feature_names" => {
            let mut names: Vec<&str> =
                request.features.iter().map(|column| field_name(&column.name)).collect();
            names.dedup();
            json!(names)
        }
        "rows" => rows(&request.features),
        "row0" => rows(&request.features).get(0).cloned().unwrap_or_default(),
        "shape" => json!(known(&response.output_shape)),
        "predictions" => json!(known(&response.predictions)),
        "label" if feedback.is_some() => {
            json!(feedback.and_then(|facts| facts.truths.first()?.first()))
        }
        "label" | "top_label" => json!(response.predictions.first()),
        "score" => json!(scores.and_then(|scores| scores.scores.first())),
        "probabilities" => probabilities.map_or(Value::Null, by_class),
        "probability_rows" => json!(probabilities.map(|scores| score_rows(scores).count())),
        "classes" => json!(scores.map(|scores| scores.classes.len())),
        "class_names" => json!(scores.map(|scores| &scores.classes)),
        "argmax" => json!(scores.map(|scores| score_rows(scores).map(best).collect::<Vec<_>>())),
        "max_prob" => json!(known(&response.confidences)),
        "nonfinite" => json!(response.non_finite),
        "error" => json!(error.map(|error| &error.message)),
        "error_type" => json!(error.and_then(|error| error.kind.as_ref())),
        "error_code" => json!(error.and_then(|error| error.code.as_ref())),
        "stream_error" => json!(stream.and(error).map(|error| &error.message)),
        "events" => json!(stream.map(|stream| stream.messages)),
        "done_marker" => json!(stream.map(|stream| stream.has_end_mark)),
        "stream" => json!(stream.is_some() || request.asks_stream == Some(true)),
        "tokens_in" => tokens(GenerationFacts::input_tokens),
        "tokens_out" => tokens(|facts| facts.output_tokens),
        "tokens_cached" => tokens(|facts| facts.cached_tokens),
        "tokens_cache_creation" => tokens(|facts| facts.cache_creation_tokens),
        "tokens_reasoning" => tokens(|facts| facts.reasoning_tokens),
        "finish" => json!(generation.map(|facts| {
            facts.finish_reasons.iter().map(|(_, reason)| reason).collect::<Vec<_>>()
        })),
        "response_status" => json!(generation.and_then(|facts| facts.status.as_ref())),
        "logprobs" => json!(generation.is_some_and(|facts| facts.has_log_probabilities)),
        "unread" => json!(exchange.unread.first().map(|reason| reason.as_str())),
        _ => return None,
    })
}

/// A list that has anything.
fn known<T>(list: &[T]) -> Option<&[T]> {
    Some(list).filter(|list| !list.is_empty())
}

/// The name on the wire of a column that may be one element of a list: `signal` of `signal[3]`.
fn field_name(column: &str) -> &str {
    match column.strip_suffix(']').and_then(|name| name.rsplit_once('[')) {
        Some((name, index)) if index.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => column,
    }
}

/// Features row by row; nothing, where columns have no common length.
fn rows(features: &[FeatureColumn]) -> Value {
    let length = features.first().map_or(0, |column| column.values.len());
    if features.iter().any(|column| column.values.len() != length) {
        return Value::Null;
    }
    let row = |index: usize| -> Vec<&Cell> {
        features.iter().filter_map(|column| column.values.get(index)).collect()
    };
    json!((0..length).map(row).collect::<Vec<_>>())
}

fn score_rows(scores: &ClassScores) -> impl Iterator<Item = &[f64]> {
    scores.scores.chunks(scores.classes.len().max(1))
}

fn best(row: &[f64]) -> usize {
    let mut best = 0;
    for (index, score) in row.iter().enumerate() {
        if row.get(best).is_some_and(|highest| score > highest) {
            best = index;
        }
    }
    best
}

/// The probabilities of one row by class; of several, a list of such.
fn by_class(scores: &ClassScores) -> Value {
    let rows: Vec<Value> = score_rows(scores)
        .map(|row| {
            let pairs = scores.classes.iter().cloned().zip(row.iter().map(|score| json!(score)));
            Value::Object(pairs.collect::<Map<_, _>>())
        })
        .collect();
    match rows.as_slice() {
        [only] => only.clone(),
        _ => Value::Array(rows),
    }
}

/// Whether a fact is as wanted: a number may be a class of that name, and one value a list of it.
pub(crate) fn is_same(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::Array(wanted), Value::Array(got)) => {
            wanted.len() == got.len() && wanted.iter().zip(got).all(|(w, g)| is_same(w, g))
        }
        (Value::Object(wanted), Value::Object(got)) => {
            wanted.len() == got.len()
                && wanted.iter().all(|(key, w)| got.get(key).is_some_and(|g| is_same(w, g)))
        }
        (wanted, Value::Array(got)) if !wanted.is_null() && !wanted.is_object() => {
            matches!(got.as_slice(), [only] if is_same(wanted, only))
        }
        (Value::Number(wanted), Value::Number(got)) => wanted.as_f64() == got.as_f64(),
        (Value::Number(number), Value::String(class))
        | (Value::String(class), Value::Number(number)) => {
            class.parse().is_ok_and(|class: f64| Some(class) == number.as_f64())
        }
        (Value::Bool(flag), Value::String(class)) => class == if *flag { "true" } else { "false" },
        (wanted, got) => wanted == got,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_may_be_wanted_as_its_number() {
        let same = |wanted: Value, got: Value| is_same(&wanted, &got);
        assert!(same(json!([1, 0]), json!(["1", "0"])));
        assert!(same(json!(3), json!(3.0)));
        assert!(same(json!("a"), json!(["a"])));
        assert!(!same(json!(null), json!(0)));
        assert!(!same(json!([1]), json!([1, 2])));
        assert!(!same(json!({"a": 1}), json!({"a": 1, "b": 2})));
    }
}
