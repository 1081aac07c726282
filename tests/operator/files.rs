//! The folder itself: nothing in it is unchecked or unexplained.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::gateway;

/// The folder of an operator.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy")
}

/// Every file but the READMEs, and what checks it. Whoever adds one adds its check.
const CHECKS: &[(&str, &str)] = &[
    ("demo/envoy.yaml.template", "e2e bootstraps, kubernetes"),
    ("envoy-gateway/tidegate.yaml", "e2e bootstraps, kubernetes"),
    ("events/business.py", "e2e examples"),
    ("events/business.sh", "e2e examples"),
    ("events/explanations.py", "e2e examples"),
    ("events/explanations.sh", "e2e examples"),
    ("events/feature_store.py", "e2e examples"),
    ("events/feature_store.sh", "e2e examples"),
    ("events/labels.py", "e2e examples"),
    ("events/labels.sh", "e2e examples"),
    ("events/training.py", "e2e examples"),
    ("events/training.sh", "e2e examples"),
    ("grafana/tidegate.dashboard.json", "dashboard"),
    ("image/Dockerfile", "image"),
    ("istio/annotations.yaml", "kubernetes"),
    ("istio/envoyfilter.yaml", "e2e bootstraps, kubernetes"),
    ("istio/mesh.yaml", "kubernetes"),
    ("istio/telemetry.yaml", "kubernetes"),
    ("istio/wasmplugin.yaml", "kubernetes"),
    ("kserve/iris.yaml", "kubernetes"),
    ("actions/envoy.yaml", "e2e bootstraps"),
    ("plain/envoy.yaml", "e2e bootstraps, kubernetes"),
    ("prometheus/alerts.rules.yaml", "rules"),
    ("prometheus/kubernetes.scrape.yaml", "scrape, fleet"),
    ("prometheus/prometheus.yaml", "scrape, fleet"),
    ("prometheus/recording.rules.yaml", "rules, fleet, dashboard"),
    ("prometheus/rules.test.yaml", "rules"),
];
/// Files of this ending are held to the Rust types by `cargo xtask gen --check`.
const GENERATED: &str = ".schema.json";

/// A file of the folder.
pub fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All files of the folder, as paths from it.
pub fn all() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root()).unwrap();
                found.insert(name.to_str().unwrap().to_string());
            }
        }
    }
    found
}

#[test]
fn every_folder_explains_its_files() {
    for file in all() {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", &file));
        if name != "README.md" && !name.ends_with(GENERATED) {
            let readme = read(&format!("{folder}/README.md"));
            assert!(readme.contains(name), "{folder}/README.md says nothing of {name}");
        }
    }
}

#[test]
fn every_file_has_its_check() {
    let mut unchecked = all();
    for (file, check) in CHECKS {
        assert!(unchecked.remove(*file), "{file}, which {check} checks, is not there");
    }
    unchecked.retain(|file| !file.ends_with(GENERATED) && !file.ends_with("README.md"));
    assert!(unchecked.is_empty(), "nothing checks {unchecked:?}");
}

/// Links of the READMEs lead somewhere.
#[test]
fn links_lead_to_files() {
    for readme in all().iter().filter(|file| file.ends_with("README.md")) {
        let text = read(readme);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            let target = link.0.split('#').next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                let path = root().join(readme).parent().unwrap().join(target);
                assert!(path.exists(), "{readme} links to {target}");
            }
        }
    }
}

/// Metrics that the READMEs name are metrics that a gateway says.
#[test]
fn readmes_name_metrics_that_there_are() {
    let text = gateway::busy_metrics();
    let families: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let prefixes =
        ["inference_", "feature_", "prediction_", "gen_ai_", "model_", "ab_test_", "training_"];
    for readme in all().iter().filter(|file| file.ends_with("README.md")) {
        for code in read(readme).split('`').skip(1).step_by(2) {
            let name = code.split(['{', ' ']).next().unwrap();
            let is_metric = prefixes.iter().any(|prefix| name.starts_with(prefix))
                && name.matches('_').count() > 1
                && !name.contains(['/', '.', '*']);
            let is_label =
                ["model_name", "feature_names", "gen_ai_request_model", "gen_ai_token_type"];
            // A change shows when some panes are full, which those of this gateway are not.
            let is_late = name == "model_business_changes";
            if is_metric && !is_label.contains(&name) && name != "gen_ai_metrics" && !is_late {
                assert!(families.contains(name), "{readme} names {name}");
            }
        }
    }
}
