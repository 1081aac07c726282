//! A config, compiled once so that requests only look things up.

pub(crate) mod settings;

use std::rc::Rc;

use tidegate_core::observatory::Settings;
use tidegate_protocol::Target;

use crate::config::{AccessLog, Admin, Config, Experiment, Feedback, Model, PathMatch};
use crate::host::path::without_query;
use crate::shared_data::keys::Keys;

/// A compiled config.
#[derive(Debug)]
pub struct Plan {
    /// Separates the shared data of several plugins in one proxy.
    pub(crate) instance: String,
    /// Names of the shared data.
    pub(crate) keys: Keys,
    /// In the order in which they are tried.
    pub(crate) models: Vec<Model>,
    pub(crate) experiments: Vec<Experiment>,
    /// Whether a variant may be chosen by header.
    pub(crate) has_testers: bool,
    pub(crate) feedback: Option<Feedback>,
    pub(crate) access_log: Option<AccessLog>,
    pub(crate) admin: Option<Admin>,
    /// What the observatory is asked.
    pub(crate) settings: Rc<Settings>,
}

impl Plan {
    /// Compiles a config.
    pub fn new(config: Config, settings: Rc<Settings>) -> Self {
        let mut models: Vec<Model> = Vec::new();
        for model in config.models {
            // Of two protocols at one prefix the first in the config is asked first.
            let precedence = model.paths.precedence();
            let before = models.partition_point(|other| other.paths.precedence() >= precedence);
            models.insert(before, model);
        }
        Self {
            keys: Keys::new(&config.instance),
            instance: config.instance,
            models,
            has_testers: config.experiments.iter().any(|it| it.forced.secret.is_some()),
            experiments: config.experiments,
            feedback: config.feedback,
            access_log: config.access_log,
            admin: config.admin,
            settings,
        }
    }

    /// The entry that a request belongs to and the model that it asks; `None` when it is no
    /// inference.
    pub(crate) fn target(&self, method: &[u8], path: &[u8]) -> Option<(usize, Target)> {
        let without_query = without_query(path);
        let matching =
            self.models.iter().enumerate().filter(|(_, m)| m.paths.matches(without_query));
        matching.into_iter().find_map(|(index, model)| {
            let target = model.protocol.target(method, path);
            let is_exact = matches!(model.paths, PathMatch::Exact(_));
            let target = target.or_else(|| (is_exact && method == b"POST").then(Target::default));
            Some((index, target?))
        })
    }
    /// The entry whose server a request tells what was true.
    pub(crate) fn takes_feedback(&self, method: &[u8], path: &[u8]) -> Option<usize> {
        let without_query = without_query(path);
        self.models.iter().position(|model| {
            let is_near = |path: &PathMatch| path.is_beside(without_query);
            model.protocol.takes_feedback(method, path) && is_near(&model.paths)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(config: &str) -> Plan {
        Plan::new(Config::parse(config.as_bytes()).unwrap(), Rc::default())
    }

    fn check(plan: &Plan, path: &str, expected: Option<(&str, Option<&str>)>) {
        let found = plan.target(b"POST", path.as_bytes());
        let found =
            found.map(|(index, target)| (plan.models[index].name.clone(), target.model_name));
        let expected = expected.map(|(name, model)| {
            (Some(name.to_string()).filter(|n| !n.is_empty()), model.map(String::from))
        });
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn exact_paths_beat_longer_prefixes_beat_shorter_ones() {
        let plan = plan(
            r#"{"models": [
                {"match": {"path_prefix": "/"}, "protocol": "open_inference", "name": "any"},
                {"match": {"path_prefix": "/v2/models/iris"}, "protocol": "open_inference", "name": "iris"},
                {"match": {"path": "/v2/models/iris-2/infer"}, "protocol": "open_inference", "name": "two"},
                {"match": {"path": "/score"}, "protocol": "kserve_v1", "name": "score"}
            ]}"#,
        );
        check(&plan, "/v2/models/wine/infer", Some(("any", Some("wine"))));
        check(&plan, "/v2/models/iris-1/infer?x=1", Some(("iris", Some("iris-1"))));
        check(&plan, "/v2/models/iris-2/infer?x=1", Some(("two", Some("iris-2"))));
        check(&plan, "/score?x=1", Some(("score", None)));
        check(&plan, "/v2/models/iris/ready", None);
        check(&plan, "/v1/models/iris:predict", None);
        assert_eq!(plan.target(b"GET", b"/score"), None);
    }

    #[test]
    fn an_empty_config_observes_what_protocols_recognise() {
        let plan = plan("");
        check(&plan, "/v2/models/iris/infer", Some(("", Some("iris"))));
        check(&plan, "/v1/models/iris:predict", Some(("", Some("iris"))));
        check(&plan, "/checkout", None);
    }
}
