//! Configs: what is read, and every way in which one is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use tidegate_filter::config::{
    Capture, Config, ConversionValue, PathMatch, Reference, Unit, Windows,
};
use tidegate_protocol::Protocol;
use tidegate_stats::experiment::Harm;

/// The problems of a config, as `pointer: message`.
fn problems(config: &str) -> Vec<String> {
    let problems = Config::parse(config.as_bytes()).unwrap_err();
    problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect()
}

/// The problems of a config with one model that has this field too.
fn model_problems(field: &str) -> Vec<String> {
    problems(&format!(
        r#"{{"models": [{{"match": {{"path": "/x"}}, "protocol": "open_inference", {field}}}]}}"#
    ))
}

#[test]
fn a_full_config_is_read() {
    let config = Config::parse(
        br#"{
        "instance": "team-a",
        "models": [{
            "match": {"path_prefix": "/v2/models/"}, "protocol": "open_inference",
            "name": "iris", "version": "1",
            "capture": {"features": true, "predictions": false, "max_body_bytes": 65536.0},
            "feature_names": ["sepal_length", "sepal_width"], "classes": ["setosa", "versicolor"],
            "max_batch_size": 32, "baseline": {"accuracy": 0.93}, "reference": {"learn": {"samples": 10000}}
        }],
        "experiments": [{"name": "iris-v1-vs-v2", "unit": {"header": "X-User-Id"},
            "variants": [{"name": "control", "weight": 0.9}, {"name": "treatment", "weight": 0.1}],
            "seed": "s", "hash_version": 1, "coverage": 0.5, "namespace": {"name": "n", "range": [0.25, 1]},
            "exclude_units": ["probe"], "forced": {"secret": "qa", "units": {"alice": "treatment"}},
            "conversion": {"match": {"path": "/checkout", "method": "POST"}, "value": {"header": "X-Amount"}}}],
        "windows": {"pane_seconds": 10, "panes": 30},
        "false_alarms": {"count": 1, "days": 30},
        "feedback": {"secret": "now", "previous_secret": "before", "lifetime_days": 7, "models": ["iris"]},
        "admin": {"path": "/ops", "token": "t", "cors_origins": ["http://localhost:5173"]}
    }"#,
    )
    .unwrap();
    let model = &config.models[0];
    assert_eq!(config.instance, "team-a");
    assert_eq!(model.paths, PathMatch::Prefix("/v2/models/".into()));
    assert_eq!(model.protocol, Protocol::OpenInference);
    assert_eq!((model.name.as_deref(), model.version.as_deref()), (Some("iris"), Some("1")));
    let capture = Capture { features: true, predictions: false, max_body_bytes: 65536 };
    assert_eq!(model.capture, capture);
    assert_eq!(model.feature_names, ["sepal_length", "sepal_width"]);
    assert_eq!(model.classes, ["setosa", "versicolor"]);
    assert_eq!(model.max_batch_size, Some(32));
    assert_eq!(model.baseline, [("accuracy".to_owned(), 0.93)]);
    assert_eq!(model.reference, Some(Reference::Learn { samples: 10_000 }));
    let experiment = &config.experiments[0];
    assert_eq!(experiment.unit, Unit::Header("x-user-id".into()));
    assert_eq!(experiment.variants[1].weight, 0.1);
    let population = &experiment.population;
    assert_eq!((population.seed.as_deref(), population.coverage), (Some("s"), 0.5));
    assert_eq!(population.namespace, Some(("n".into(), [0.25, 1.0].into())));
    assert_eq!(population.excluded, ["probe"]);
    assert_eq!(experiment.forced.units, [("alice".into(), "treatment".into())]);
    let conversion = experiment.conversion.as_ref().unwrap();
    assert_eq!(conversion.paths, PathMatch::Exact("/checkout".into()));
    assert_eq!(conversion.method.as_deref(), Some("POST"));
    assert_eq!(conversion.value, Some(ConversionValue::Header("x-amount".into())));
    assert_eq!(config.windows, Windows { pane_seconds: 10, panes: 30 });
    let budget = config.false_alarms.unwrap();
    assert_eq!((budget.count, budget.days), (1.0, 30.0));
    let feedback = config.feedback.unwrap();
    assert_eq!(
        (feedback.lifetime_seconds, feedback.models),
        (604_800.0, Some(vec!["iris".into()]))
    );
    let admin = config.admin.unwrap();
    assert_eq!(admin.path, "/ops");
    assert_eq!(admin.cors_origins, ["http://localhost:5173"]);
}

#[test]
fn each_field_of_an_experiment_tells_what_it_expects() {
    let refused = |field: &str| {
        let problems = problems(&format!(
            r#"{{"experiments": [{{"name": "e", "unit": {{"header": "u"}}, "variants":
                [{{"name": "a", "weight": 0.5}}, {{"name": "b", "weight": 0.5}}], {field}}}]}}"#
        ));
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].clone()
    };
    for (field, told) in [
        (r#""hash_version": 3"#, "hash_version: expected a whole number from 1 to 2, found 3"),
        (r#""coverage": 1.5"#, "coverage: expected a number from 0 to 1, found 1.5"),
        (r#""namespace": {"name": "n", "range": [0.5, 0.5]}"#, "namespace/range: expected where"),
        (r#""exclude_units": ["x", "x"]"#, "exclude_units/1: `x` is in the list already"),
        (r#""forced": {"units": {"x": "c"}}"#, "forced/units/x: no variant is called `c`"),
        (r#""forced": {"secret": 7}"#, "forced/secret: expected a string of 1 to 4096 bytes"),
        (
            r#""conversion": {"match": {"method": "POST"}}"#,
            "conversion/match: expected exactly one",
        ),
        (r#""conversion": {"match": {"path": "x"}}"#, "conversion/match/path: expected a path"),
        (r#""conversion": {"match": {"path": "/x"}, "value": {}}"#, "conversion/value: expected"),
    ] {
        let refused = refused(field);
        assert!(refused.starts_with(&format!("/experiments/0/{told}")), "{refused}");
    }
}

#[test]
fn a_budget_that_makes_no_level_is_told_by_its_place() {
    let budget = |count: f64, days: f64| {
        format!(r#"{{"false_alarms": {{"count": {count}, "days": {days}}}}}"#)
    };
    for (count, days) in [(1.0, 30.0), (0.001, 36_500.0), (1e6, 36_500.0)] {
        assert!(Config::parse(budget(count, days).as_bytes()).is_ok(), "{count} in {days} days");
    }
    // More alarms than looks.
    assert_eq!(
        problems(&budget(1e6, 0.001)),
        ["/false_alarms: expected fewer alarms or more days: no level of a test gives so many"]
    );
}

#[test]
fn alert_rules_are_read_and_a_bad_one_is_told_by_its_place() {
    let config = Config::parse(
        br#"{"alerts": [{"name": "accuracy", "when": "model_accuracy < 0.85", "for_seconds": 120,
                         "severity": "critical", "actions": ["rollback:iris-v1-vs-v2/treatment"]}],
             "experiments": [{"name": "iris-v1-vs-v2", "unit": {"header": "x-user-id"},
                 "variants": [{"name": "control", "weight": 0.5}, {"name": "treatment", "weight": 0.5}]}]}"#,
    )
    .unwrap();
    assert_eq!(config.alerts[0].document.for_seconds, 120.0);
    assert_eq!(config.alerts[0].document.actions.len(), 1);
    assert!(Config::parse(br#"{"alerts": "default"}"#).unwrap().alerts.len() >= 8);
    assert_eq!(
        problems(
            r#"{"alerts": [{"name": "a", "when": "model_accuracy <"},
                           {"name": "b", "when": "x > 1", "severity": "bad", "for": 3}]}"#
        ),
        [
            "/alerts/0/when: at character 17: the text ends where a metric or a number should stand",
            "/alerts/1/for: unknown field `for`; known here: name, when, for_seconds, \
             keep_firing_seconds, resolve_when, severity, summary, actions",
            "/alerts/1/severity: expected `info`, `warning` or `critical`",
        ]
    );
    assert_eq!(
        problems(r#"{"alerts": "all"}"#),
        ["/alerts: expected a list of rules, or `default`"]
    );
    let twice = r#"{"name": "a", "when": "x > 1"}"#;
    assert_eq!(
        problems(&format!("{{\"alerts\": [{twice}, {twice}]}}")),
        ["/alerts/1: another alert is called `a`"]
    );
    assert_eq!(
        model_problems(r#""baseline": {"accuracy": 0}"#),
        ["/models/0/baseline/accuracy: a baseline of 0 has no share that could be lost"]
    );
}

#[test]
fn an_empty_config_observes_every_protocol_and_answers_no_one() {
    for empty in ["", " \n", "{}"] {
        let config = Config::parse(empty.as_bytes()).unwrap();
        let protocols: Vec<_> = config.models.iter().map(|model| model.protocol).collect();
        assert_eq!(
            protocols,
            [
                Protocol::OpenInference,
                Protocol::KserveV1,
                Protocol::Seldon,
                Protocol::Openai,
                Protocol::Anthropic,
                Protocol::OpenInferenceGrpc,
                Protocol::TensorflowServingGrpc
            ]
        );
        assert_eq!(config.instance, "default");
        assert_eq!(config.windows, Windows { pane_seconds: 60, panes: 60 });
        assert_eq!((config.admin, config.experiments), (None, vec![]));
    }
    assert_eq!(Config::parse(br#"{"models": []}"#).unwrap().models, []);
}

#[test]
fn every_problem_is_told_at_once_with_its_place() {
    let found = problems(
        r#"{
        "model": [],
        "models": [
            {"match": {"path": "v2"}, "protocol": "grpc", "name": ""},
            {"protocol": 7, "match": {}, "a/b~c": 1, "capture": {"max_body_bytes": 0}}
        ],
        "experiments": [{"name": "a b", "unit": {"header": "x", "cookie": "y"},
            "variants": [{"name": "a", "weight": 0.5}, {"name": "a", "weight": 0.4}]}],
        "windows": {"panes": 1.5, "pane_seconds": "60"},
        "admin": {"path": "/ops/", "cors_origins": ["localhost"]}
    }"#,
    );
    assert_eq!(
        found,
        [
            "/model: unknown field `model`; did you mean `models`?",
            "/models/0/match/path: expected a path that begins with `/`, without a query string",
            "/models/0/protocol: unknown protocol `grpc`; known: open_inference, kserve_v1, mlflow, \
             sagemaker, seldon, torchserve, openai, anthropic, hugging_face, open_inference_grpc, \
             tensorflow_serving_grpc, custom",
            "/models/0/name: expected 1 to 256 bytes of text without control characters",
            "/models/1/a~1b~0c: unknown field `a/b~c`; known here: match, protocol, name, version, \
             capture, pointers, feature_names, classes, max_batch_size, max_concurrency, \
             baseline, reference, labelled_reference, reference_importances, fallback",
            "/models/1/match: expected exactly one of path_prefix, path",
            "/models/1/protocol: expected a string, found 7",
            "/models/1/capture/max_body_bytes: expected a whole number from 1 to 16777216, found 0",
            "/experiments/0/name: expected letters, digits, `-`, `_` and `.` only: it goes into a header",
            "/experiments/0/unit: expected exactly one of header, cookie, query",
            "/experiments/0/variants/1: another variant is called `a`",
            "/experiments/0/variants: the weights must sum to 1, they sum to 0.9",
            "/windows/pane_seconds: expected a whole number from 1 to 86400, found a string",
            "/windows/panes: expected a whole number from 1 to 240, found 1.5",
            "/admin/path: expected a path such as `/.tidegate`, without a slash at its end",
            "/admin: `token` is missing",
            "/admin/cors_origins/0: expected an origin such as `https://ops.example.com`, without a \
             path, or `*`",
        ]
    );
}

#[test]
fn what_is_not_an_object_is_refused() {
    for (config, expected) in [
        ("[]", ": expected an object, found a list"),
        ("null", ": expected an object, found null"),
        (r#"{"admin": null}"#, "/admin: expected an object, found null"),
        (r#"{"models": {}}"#, "/models: expected a list, found an object"),
    ] {
        assert_eq!(problems(config), [expected]);
    }
    let [problem] = &problems("{\"models\": [}")[..] else { panic!("one problem") };
    assert!(problem.starts_with(": not JSON: "), "{problem}");
    assert!(problems("{\"instance\": \"\u{1}\"}")[0].starts_with(": not JSON"));
    assert!(!Config::parse(b"\xff").unwrap_err().is_empty());
}

#[test]
fn the_admin_api_hides_no_model() {
    let config = |path: &str, model: &str| {
        format!(
            r#"{{"models": [{{"match": {{"path_prefix": "{model}"}}, "protocol": "open_inference"}}],
                "admin": {{"token": "t", "path": "{path}"}}}}"#
        )
    };
    for (path, model, hidden) in [
        ("/v2", "/", "/v2/models"),
        ("/v1/models", "/", "/v1/models"),
        ("/v2/models/iris", "/v2/models/", "/v2/models/iris"),
        ("/score", "/score", "/score"),
        ("/ml", "/ml/score/", "/ml/score/"),
    ] {
        let expected = format!(
            "/admin/path: the admin API would answer requests to `{hidden}`, where models are \
             asked; give it another path"
        );
        assert_eq!(problems(&config(path, model)), [expected]);
    }
    for (path, model) in
        [("/ops", "/"), ("/ops", "/ops-models/"), ("/ml/ops", "/ml"), ("/v2x", "/v2")]
    {
        assert!(Config::parse(config(path, model).as_bytes()).is_ok(), "{path} {model}");
    }
    let default = r#"{"models": [{"match": {"path": "/.tidegate/x"}, "protocol": "kserve_v1"}],
        "admin": {"token": "t"}}"#;
    assert!(problems(default)[0].starts_with("/admin: the admin API would answer"));
}

#[test]
fn a_token_is_one_that_a_header_can_carry() {
    for token in [" ", "a b", " a", "a ", "\u{e9}"] {
        assert_eq!(
            problems(&format!(r#"{{"admin": {{"token": "{token}"}}}}"#)),
            ["/admin/token: expected ASCII letters, digits and signs without spaces"]
        );
    }
    assert!(Config::parse(br#"{"admin": {"token": "aZ09-._~+/="}}"#).is_ok());
    // What stands in a secret's place may be one.
    let said = format!("{:?}", problems(r#"{"admin": {"token": ["hunter2"]}}"#));
    assert!(said.contains("/admin/token") && !said.contains("hunter2"), "{said}");
    let config = Config::parse(br#"{"admin": {"token": "hunter2"}}"#);
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn keys_are_given_once() {
    let found = problems(
        r#"{
        "instance": "a", "windows": {"panes": 5, "panes": 6}, "instance": "b",
        "models": [{"match": {"path": "/x", "path": "/y", "a/b": [{"c": 1, "c": {"d": 2}}]},
            "protocol": "open_inference"}],
        "admin": {"token": "t", "t\u006fken": 7}
    }"#,
    );
    assert_eq!(
        found[..5],
        [
            "/windows/panes: `panes` is given twice",
            "/instance: `instance` is given twice",
            "/models/0/match/path: `path` is given twice",
            "/models/0/match/a~1b/0/c: `c` is given twice",
            "/admin/token: `token` is given twice",
        ]
    );
    assert!(found[5].starts_with("/models/0/match/a~1b: unknown field"), "{found:?}");
    assert_eq!(found.len(), 6);
}

#[test]
fn names_are_given_once() {
    assert_eq!(
        model_problems(r#""feature_names": ["a", "b", "a"], "classes": ["x", "x"]"#),
        [
            "/models/0/feature_names/2: `a` is in the list already",
            "/models/0/classes/1: `x` is in the list already"
        ]
    );
    let model = r#"{"match": {"path": "/x"}, "protocol": "open_inference"}"#;
    assert_eq!(
        problems(&format!(r#"{{"models": [{model}, {model}]}}"#)),
        ["/models/1: another model has the same match and protocol"]
    );
    let experiment = r#"{"name": "e", "unit": {"query": "u"},
        "variants": [{"name": "a", "weight": 0}, {"name": "b", "weight": 1}]}"#;
    assert_eq!(
        problems(&format!(r#"{{"experiments": [{experiment}, {experiment}]}}"#)),
        ["/experiments/1: another experiment is called `e`"]
    );
}

#[test]
fn one_entry_of_a_name_has_the_reference() {
    let model = |path: &str, name: &str| {
        format!(
            r#"{{"match": {{"path": "{path}"}}, "protocol": "open_inference", {name}
                "reference": {{"learn": {{"samples": 100}}}}}}"#
        )
    };
    let both = |a: &str, b: &str| {
        Config::parse(
            format!(r#"{{"models": [{}, {}]}}"#, model("/a", a), model("/b", b)).as_bytes(),
        )
    };
    assert!(both(r#""name": "a","#, r#""name": "b","#).is_ok());
    for name in ["", r#""name": "a","#] {
        let [problem] = &both(name, name).unwrap_err()[..] else { panic!("one problem") };
        assert_eq!(problem.pointer, "/models/1");
        assert!(problem.message.contains("reference"), "{problem}");
    }
}

#[test]
fn weights_are_finite_shares() {
    let variants = |weights: &str| {
        let variants: Vec<_> = weights
            .split(' ')
            .enumerate()
            .map(|(index, weight)| format!(r#"{{"name": "v{index}", "weight": {weight}}}"#))
            .collect();
        let variants = variants.join(",");
        let unit = r#"{"cookie": "u"}"#;
        Config::parse(
            format!(
                r#"{{"experiments": [{{"name": "e", "unit": {unit}, "variants": [{variants}]}}]}}"#
            )
            .as_bytes(),
        )
    };
    for accepted in ["0.5 0.5", "0 1", "0.1 0.2 0.7", "0.3333333333 0.3333333333 0.3333333334"] {
        assert!(variants(accepted).is_ok(), "{accepted}");
    }
    for refused in ["1", "0.5 0.6", "-0.5 1", "0.5 0.4999", "0.5 \"0.5\"", "0.5 null"] {
        assert_eq!(variants(refused).unwrap_err().len(), 1, "{refused}");
    }
}

#[test]
fn a_profile_is_checked() {
    assert_eq!(
        model_problems(
            r#""reference": {"profile": {"schema": "tidegate.profile/9", "rows": 0, "columns": []}}"#
        ),
        [
            "/models/0/reference/profile: tidegate.profile/9 is of a version that this Tidegate does not \
          read: update it"
        ]
    );
    let [problem] =
        &model_problems(r#""reference": {"profile": {"schema": "tidegate.profile/1", "rows": 0}}"#)
            [..]
    else {
        panic!("one problem")
    };
    assert!(problem.starts_with("/models/0/reference/profile: not a profile: missing field"));
    assert_eq!(
        model_problems(r#""reference": {"learn": {"sample": 5}}"#),
        [
            "/models/0/reference/learn/sample: unknown field `sample`; did you mean `samples`?",
            "/models/0/reference/learn: `samples` is missing"
        ]
    );
}

#[test]
fn lists_are_bounded() {
    let items = vec!["0"; 1_000_000].join(",");
    for (field, problem) in [
        ("models", "/models: at most 64 items, found 1000000"),
        ("experiments", "/experiments: at most 16 items, found 1000000"),
    ] {
        let found = problems(&format!(r#"{{"{field}": [{items}]}}"#));
        assert_eq!(found[0], problem);
        assert!(found.len() < 100);
    }
}

#[test]
fn pointers_belong_to_the_custom_protocol() {
    let model = |protocol: &str, pointers: &str| {
        let config = format!(
            r#"{{"models": [{{"match": {{"path": "/x"}}, "protocol": "{protocol}"{pointers}}}]}}"#
        );
        Config::parse(config.as_bytes()).map_or_else(|_| problems(&config), |_| vec![])
    };
    let none: [&str; 0] = [];
    assert_eq!(model("custom", r#", "pointers": {"features": "/a/0/b~1c", "model": ""}"#), none);
    assert_eq!(
        model("custom", ""),
        ["/models/0: the protocol `custom` needs `pointers`: where bodies keep what matters"]
    );
    assert_eq!(
        model("openai", r#", "pointers": {}"#),
        ["/models/0/pointers: only the protocol `custom` reads by pointers"]
    );
    assert_eq!(
        model("custom", r#", "pointers": {"features": "a"}"#),
        ["/models/0/pointers/features: expected a JSON pointer of at most 16 steps, such as \
          `/outputs/0/label`"]
    );
}

#[test]
fn business_metrics_are_guardrails_with_the_direction_and_the_margin_of_their_harm() {
    let parse = |guardrail: &str| {
        Config::parse(
            format!(
                r#"{{"experiments": [{{"name": "e", "unit": {{"cookie": "u"}}, "guardrails": [{guardrail}],
                    "variants": [{{"name": "a", "weight": 0.5}}, {{"name": "b", "weight": 0.5}}]}}]}}"#
            )
            .as_bytes(),
        )
    };
    let given = r#""metric": "waiting", "model_name": "m", "versions": {"a": "1", "b": "2"}"#;
    let config = parse(&format!(r#"{{{given}, "harm": "increase", "margin": 0.5}}"#)).unwrap();
    let guardrail = &config.experiments[0].guardrails[0];
    assert_eq!((guardrail.harm, guardrail.margin), (Harm::Increase, 0.5));
    assert_eq!(guardrail.versions["b"], "2");
    let config = parse(&format!("{{{given}}}")).unwrap();
    assert_eq!(config.experiments[0].guardrails[0].harm, Harm::Decrease);
    for (guardrail, told) in [
        (format!(r#"{{{given}, "harm": "more"}}"#), "/harm: expected increase or decrease"),
        (format!(r#"{{{given}, "margin": -1}}"#), "/margin: expected a number from 0"),
        (given.replace("waiting", "errors"), ": a guardrail may not be of latency, errors"),
        (given.replace("\"b\"", "\"c\""), ": a guardrail names a variant in versions that"),
        (given.replace(", \"b\": \"2\"", ""), ": a guardrail needs versions of the first"),
    ] {
        let guardrail =
            if guardrail.starts_with('{') { guardrail } else { format!("{{{guardrail}}}") };
        let [problem] = &parse(&guardrail).unwrap_err()[..] else { panic!("one problem") };
        let problem = problem.to_string();
        assert!(problem.starts_with(&format!("/experiments/0/guardrails/0{told}")), "{problem}");
    }
}
