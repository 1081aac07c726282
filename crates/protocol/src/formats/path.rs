//! Which model a path asks, for each protocol.

use alloc::string::String;
use alloc::vec::Vec;

use crate::facts::{MAX_NAME_BYTES, Target};

/// `/v2/models/{model}[/versions/{version}]/{verb}`, and `/v2/models/{verb}`.
pub(crate) fn open_inference(method: &[u8], path: &[u8]) -> Option<Target> {
    let rest = after_marker(method, path, b"/v2/models/")?;
    let mut segments = rest.split(|&byte| byte == b'/');
    let (model, version, verb) = match [(); 5].map(|()| segments.next()) {
        [Some(verb), None, ..] => (None, None, verb),
        [Some(model), Some(verb), None, ..] => (Some(model), None, verb),
        [Some(model), Some(b"versions"), Some(version), Some(verb), None] => {
            (Some(model), Some(version), verb)
        }
        _ => return None,
    };
    let verbs: [&[u8]; 5] =
        [b"infer", b"infer_stream", b"generate", b"generate_stream", b"explain"];
    verbs.contains(&verb).then(|| Target {
        model_name: model.and_then(decode),
        model_version: version.and_then(decode),
    })
}

/// `/v1/models/{model}[/versions/{version}|/labels/{label}]:{verb}`; the colon may stand in a segment
/// of its own, and the model may be absent. TensorFlow Serving ignores case, so this does too.
pub(crate) fn kserve_v1(method: &[u8], path: &[u8]) -> Option<Target> {
    let rest = after_marker(method, path, b"/v1/models")?;
    let colon = rest.iter().rposition(|&byte| byte == b':')?;
    let (resource, verb) = (rest.get(..colon)?, rest.get(colon..)?);
    let verbs: [&[u8]; 4] = [b":predict", b":explain", b":classify", b":regress"];
    if !verbs.iter().any(|known| known.eq_ignore_ascii_case(verb)) {
        return None;
    }
    if resource.first().is_some_and(|&byte| byte != b'/') {
        return None;
    }
    let segments: Vec<&[u8]> = resource
        .split(|&byte| byte == b'/')
        .filter(|segment| !segment.is_empty())
        .take(4)
        .collect();
    let (model, version) = match segments.as_slice() {
        [] => (None, None),
        [model] => (Some(model), None),
        [model, kind, version]
            if kind.eq_ignore_ascii_case(b"versions") || kind.eq_ignore_ascii_case(b"labels") =>
        {
            (Some(model), Some(version))
        }
        _ => return None,
    };
    Some(Target {
        model_name: model.and_then(|segment| decode(segment)),
        model_version: version.and_then(|segment| decode(segment)),
    })
}

/// A path that ends so, whatever stands before it: gateways and clouds put these below prefixes of theirs.
pub(crate) fn ends_with(method: &[u8], path: &[u8], ends: &[&str]) -> Option<Target> {
    if method != b"POST" {
        return None;
    }
    let path = path.split(|&byte| byte == b'?' || byte == b'#').next()?;
    ends.iter().any(|end| path.ends_with(end.as_bytes())).then(Target::default)
}

/// `/invocations`, of the model that a cloud names before it: `/serving-endpoints/{model}`,
/// `/model/{model}/{version}`, `/endpoints/{model}`; `/models/{model}/invoke` of several models in one server.
pub(crate) fn invocations(method: &[u8], path: &[u8]) -> Option<Target> {
    let segments = segments(method, path)?;
    let named = |model: &[u8], version: Option<&[u8]>| Target {
        model_name: decode(model),
        model_version: version.and_then(decode),
    };
    Some(match segments.as_slice() {
        [.., b"serving-endpoints" | b"endpoints" | b"model", model, b"invocations"]
        | [.., b"models", model, b"invoke"] => named(model, None),
        [.., b"model", model, version, b"invocations"] => named(model, Some(version)),
        [.., b"invocations"] => Target::default(),
        _ => return None,
    })
}

/// `/predictions/{model}[/{version}]`, `/explanations/...`, `/wfpredict/{workflow}`, `/{model}[/{version}]/predict`,
/// `/invocations` and `/models/{model}/invoke`, and its paths of KServe's two protocols.
pub(crate) fn torchserve(method: &[u8], path: &[u8]) -> Option<Target> {
    let segments = segments(method, path)?;
    let named = |model: &[u8], version: Option<&[u8]>| Target {
        model_name: decode(model),
        model_version: version.and_then(decode),
    };
    Some(match segments.as_slice() {
        [.., b"predictions" | b"explanations" | b"wfpredict", model] => named(model, None),
        [.., b"predictions" | b"explanations", model, version] => named(model, Some(version)),
        [model, b"predict"] | [.., b"models", model, b"invoke"] => named(model, None),
        [model, version, b"predict"] => named(model, Some(version)),
        [b"invocations"] => {
            Target { model_name: parameter(path, b"model_name"), model_version: None }
        }
        _ => return kserve_v1(method, path).or_else(|| open_inference(method, path)),
    })
}

/// The value of a parameter of the query string.
fn parameter(path: &[u8], name: &[u8]) -> Option<String> {
    let query = path.splitn(2, |&byte| byte == b'?').nth(1)?;
    let mut pairs = query.split(|&byte| b"&#".contains(&byte));
    pairs.find_map(|pair| decode(pair.strip_prefix(name)?.strip_prefix(b"=")?))
}

/// The endpoints of Hugging Face's servers; text generation inference also answers at the root.
pub(crate) fn hugging_face(method: &[u8], path: &[u8]) -> Option<Target> {
    let is_root = method == b"POST" && matches!(path, [b'/'] | [b'/', b'?', ..]);
    if is_root { Some(Target::default()) } else { ends_with(method, path, HUGGING_FACE) }
}

/// The segments of a POST's path, without the query string.
fn segments<'a>(method: &[u8], path: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    if method != b"POST" {
        return None;
    }
    let path = path.split(|&byte| byte == b'?' || byte == b'#').next()?;
    // A path of many empty segments is no model's.
    let segments = path.split(|&byte| byte == b'/').filter(|segment| !segment.is_empty());
    Some(segments.take(32).collect())
}

/// The endpoints of Seldon Core that ask a model.
pub(crate) const SELDON: &[&str] = &["/api/v1.0/predictions", "/api/v0.1/predictions"];

/// The endpoints of Seldon Core that take feedback.
pub(crate) const SELDON_FEEDBACK: &[&str] =
    &["/api/v1.0/feedback", "/api/v0.1/feedback", "/send-feedback"];

/// The methods of the Open Inference Protocol that ask a model.
pub(crate) const OPEN_INFERENCE_GRPC: &[&str] = &[
    "/inference.GRPCInferenceService/ModelInfer",
    "/inference.GRPCInferenceService/ModelStreamInfer",
];

/// The methods of TensorFlow Serving that ask a model.
pub(crate) const TENSORFLOW_SERVING_GRPC: &[&str] = &[
    "/tensorflow.serving.PredictionService/Predict",
    "/tensorflow.serving.PredictionService/Classify",
    "/tensorflow.serving.PredictionService/Regress",
    "/tensorflow.serving.PredictionService/MultiInference",
];

/// The endpoints of OpenAI that ask a model.
pub(crate) const OPENAI: &[&str] =
    &["/chat/completions", "/completions", "/embeddings", "/responses", "/rerank", "/v1/ranking"];

/// The endpoint of Anthropic that asks a model.
pub(crate) const ANTHROPIC: &[&str] = &["/v1/messages"];

/// The endpoints of Hugging Face's servers that ask a model.
pub(crate) const HUGGING_FACE: &[&str] = &[
    "/invocations",
    "/generate",
    "/generate_stream",
    "/predict",
    "/rerank",
    "/embed",
    "/embed_all",
    "/embed_sparse",
    "/similarity",
    "/chat/completions",
    "/completions",
    "/embeddings",
];

/// What follows `marker` in the path of a POST. A gateway may serve a protocol below a prefix.
fn after_marker<'a>(method: &[u8], path: &'a [u8], marker: &[u8]) -> Option<&'a [u8]> {
    if method != b"POST" {
        return None;
    }
    let path = path.split(|&byte| byte == b'?' || byte == b'#').next()?;
    if let Some(rest) = path.strip_prefix(marker) {
        return Some(rest);
    }
    let start = path.windows(marker.len()).position(|part| part.eq_ignore_ascii_case(marker))?;
    path.get(start.checked_add(marker.len())?..)
}

/// Percent-decodes a segment. A stray `%` stays; bytes that are not UTF-8 become U+FFFD.
fn decode(segment: &[u8]) -> Option<String> {
    // Nearly all are plain text.
    if segment.len() <= MAX_NAME_BYTES
        && !segment.contains(&b'%')
        && let Ok(text) = core::str::from_utf8(segment)
    {
        return (!text.is_empty()).then(|| text.into());
    }
    let mut bytes = Vec::new();
    let mut rest = segment;
    while let Some((&first, after)) = rest.split_first() {
        if bytes.len() == MAX_NAME_BYTES {
            break;
        }
        let escaped = match (first, after) {
            (b'%', [high, low, tail @ ..]) => hex(*high).zip(hex(*low)).map(|pair| (pair, tail)),
            _ => None,
        };
        match escaped {
            Some(((high, low), tail)) => {
                bytes.push((high << 4) | low);
                rest = tail;
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Reader = fn(&[u8], &[u8]) -> Option<Target>;

    fn check(read: Reader, path: &str, expected: Option<(Option<&str>, Option<&str>)>) {
        let expected = expected.map(|(name, version)| Target {
            model_name: name.map(String::from),
            model_version: version.map(String::from),
        });
        assert_eq!(read(b"POST", path.as_bytes()), expected, "{path}");
    }

    #[test]
    fn open_inference_paths() {
        let check = |path, expected| check(open_inference, path, expected);
        check("/v2/models/iris/infer", Some((Some("iris"), None)));
        check("/v2/models/iris/infer?x=/v2/models/other/infer", Some((Some("iris"), None)));
        check("/v2/models/sum/versions/v1.2.3/infer", Some((Some("sum"), Some("v1.2.3"))));
        check("/v2/models/llm/generate_stream", Some((Some("llm"), None)));
        check("/v2/models/infer", Some((None, None)));
        check("/team/a/v2/models/iris/infer", Some((Some("iris"), None)));
        check("/v2/models/a%2Fb%20c%zz%/infer", Some((Some("a/b c%zz%"), None)));
        check("/v2/models/%ff/infer", Some((Some("\u{fffd}"), None)));
        for other in [
            "",
            "/",
            "/v2",
            "/v2/health/ready",
            "/v2/models/iris",
            "/v2/models/iris/ready",
            "/v2/models/iris/versions/1",
            "/v2/models/iris/versions/1/stats",
            "/v2/models/iris/infer/more",
            "/v2/repository/index",
            "/v1/models/iris:predict",
        ] {
            check(other, None);
        }
    }

    #[test]
    fn kserve_v1_paths() {
        let check = |path, expected| check(kserve_v1, path, expected);
        check("/v1/models/iris:predict", Some((Some("iris"), None)));
        check("/v1/models/M/versions/123:predict", Some((Some("M"), Some("123"))));
        check("/v1/models/M/labels/canary:Classify", Some((Some("M"), Some("canary"))));
        check("/V1/Models/m:regress?debug=1", Some((Some("m"), None)));
        check("/v1/models/m/:predict", Some((Some("m"), None)));
        check("/v1/models/:predict", Some((None, None)));
        check("/v1/models:predict", Some((None, None)));
        check("/v1/models/a%3Ab:predict", Some((Some("a:b"), None)));
        for other in [
            "/v1/models",
            "/v1/models/m",
            "/v1/models/m/metadata",
            "/v1/models/m/versions/1",
            "/v1/models/m:status",
            "/v1/models/m/a/b/c:predict",
            "/v1/modelsX:predict",
            "/v2/models/m/infer",
        ] {
            check(other, None);
        }
    }

    #[test]
    fn invocations_are_named_by_their_cloud() {
        let check = |path, expected| check(invocations, path, expected);
        check("/invocations?x=1", Some((None, None)));
        check("/serving-endpoints/churn/invocations", Some((Some("churn"), None)));
        check("/model/churn/Production/invocations", Some((Some("churn"), Some("Production"))));
        check("/models/a%20b/invoke", Some((Some("a b"), None)));
        check("/ping", None);
    }

    #[test]
    fn torchserve_paths() {
        let check = |path, expected| check(torchserve, path, expected);
        check("/predictions/resnet", Some((Some("resnet"), None)));
        check("/predictions/resnet/2.0", Some((Some("resnet"), Some("2.0"))));
        check("/explanations/resnet", Some((Some("resnet"), None)));
        check("/resnet/2.0/predict", Some((Some("resnet"), Some("2.0"))));
        check("/v1/models/m:predict", Some((Some("m"), None)));
        check("/v2/models/m/infer", Some((Some("m"), None)));
        check("/models", None);
        check("/invocations?a=1&model_name=a%20b", Some((Some("a b"), None)));
    }

    #[test]
    fn endpoints_may_stand_below_a_prefix() {
        let is_one = |path: &str, ends| ends_with(b"POST", path.as_bytes(), ends).is_some();
        assert!(is_one("/openai/deployments/x/chat/completions?api-version=1", OPENAI));
        assert!(is_one("/seldon/ns/name/api/v1.0/predictions", SELDON));
        assert!(is_one("/inference.GRPCInferenceService/ModelInfer", OPEN_INFERENCE_GRPC));
        assert!(!is_one("/inference.GRPCInferenceService/ModelReady", OPEN_INFERENCE_GRPC));
        assert!(!is_one("/v1/messages/count_tokens", ANTHROPIC));
        assert!(!is_one("/v1/models", OPENAI));
        assert!(is_one("/openai/responses?api-version=1", OPENAI));
        assert!(is_one("/rerank", OPENAI));
        assert!(hugging_face(b"POST", b"/?x").is_some());
        assert!(hugging_face(b"POST", b"/other/").is_none());
    }

    #[test]
    fn only_a_post_asks_a_model() {
        assert_eq!(open_inference(b"GET", b"/v2/models/iris/infer"), None);
        assert_eq!(kserve_v1(b"OPTIONS", b"/v1/models/iris:predict"), None);
    }

    #[test]
    fn a_long_name_is_cut() {
        let path = format!("/v2/models/{}/infer", "a".repeat(10_000));
        let target = open_inference(b"POST", path.as_bytes()).unwrap();
        assert_eq!(target.model_name.unwrap().len(), MAX_NAME_BYTES);
    }
}
