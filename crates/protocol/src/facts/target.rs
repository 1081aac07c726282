//! Which model is asked, as far as a path and headers say.

use alloc::string::String;

use crate::protocol::Protocol;
use crate::wire::json::lossy;

/// Longest model name or version that is kept, in bytes; the rest is cut off.
pub(crate) const MAX_NAME_BYTES: usize = 256;

/// The model that a request asks, as far as its path says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Model name; `None` where the path leaves it to the deployment.
    pub model_name: Option<String>,
    /// Version or version label.
    pub model_version: Option<String>,
}

/// A header of SageMaker's that names one of the models of an endpoint.
const TARGET_MODEL: &str = "x-amzn-sagemaker-target-model";

/// Its header that asks for a variant of the endpoint.
const TARGET_VARIANT: &str = "x-amzn-sagemaker-target-variant";

/// Its header of the response, that says which variant answered.
const INVOKED_VARIANT: &str = "x-amzn-invoked-production-variant";

/// Ray Serve's header that names one of the models of a deployment.
const MULTIPLEXED_MODEL: &str = "serve_multiplexed_model_id";

/// Seldon Core's header that names one of the models or pipelines behind it.
const SELDON_MODEL: &str = "seldon-model";

impl Target {
    /// Adds what the request's headers say, where the path says nothing.
    pub fn read_request_headers<'h>(
        &mut self,
        protocol: Protocol,
        get: impl Fn(&str) -> Option<&'h [u8]>,
    ) {
        let (model, version) = match protocol {
            Protocol::Sagemaker => (TARGET_MODEL, Some(TARGET_VARIANT)),
            Protocol::Custom => (MULTIPLEXED_MODEL, None),
            Protocol::OpenInference => (SELDON_MODEL, None),
            _ => return,
        };
        let read = |name: &str| text(get(name)?);
        self.model_name = self.model_name.take().or_else(|| read(model));
        self.model_version = self.model_version.take().or_else(|| read(version?));
    }

    /// Takes from the response's headers what answered.
    pub fn read_response_headers<'h>(
        &mut self,
        protocol: Protocol,
        get: impl Fn(&str) -> Option<&'h [u8]>,
    ) {
        if protocol == Protocol::Sagemaker {
            let answered = get(INVOKED_VARIANT).and_then(text);
            self.model_version = answered.or(self.model_version.take());
        }
    }
}

/// A header's value as a name.
fn text(value: &[u8]) -> Option<String> {
    let value = value.trim_ascii();
    (!value.is_empty()).then(|| lossy(value, MAX_NAME_BYTES).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_name_what_a_path_does_not() {
        let get = |name: &str| -> Option<&'static [u8]> {
            match name {
                TARGET_MODEL => Some(b" churn.tar.gz"),
                TARGET_VARIANT => Some(b"blue"),
                INVOKED_VARIANT => Some(b"green"),
                _ => None,
            }
        };
        let mut target = Target::default();
        target.read_request_headers(Protocol::Mlflow, get);
        assert_eq!(target, Target::default());
        target.read_request_headers(Protocol::Sagemaker, get);
        let name = Some("churn.tar.gz".into());
        let version = Some("blue".into());
        assert_eq!(target, Target { model_name: name.clone(), model_version: version });
        target.read_response_headers(Protocol::Sagemaker, get);
        assert_eq!(target, Target { model_name: name, model_version: Some("green".into()) });
        let mut target = Target::default();
        let seldon = |name: &str| (name == SELDON_MODEL).then_some(&b"iris.pipeline"[..]);
        target.read_request_headers(Protocol::OpenInference, seldon);
        assert_eq!(target.model_name.as_deref(), Some("iris.pipeline"));
        let mut named = Target { model_name: Some("a".into()), model_version: None };
        named.read_request_headers(Protocol::Sagemaker, get);
        assert_eq!(named.model_name.as_deref(), Some("a"));
    }
}
