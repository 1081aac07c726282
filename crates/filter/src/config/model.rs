//! `models` of the config.

use tidegate_core::profile::Profile;
use tidegate_core::quality::Calibration;
use tidegate_protocol::{Limits, Naming, Pointer, Pointers, Protocol};

use super::fallback::{self, Fallback};
use super::field::{Field, Object};
use super::given::{self, FromBefore, Importances, MAX_FEATURE_NAMES};
use super::remote::{self, HOURLY_SECONDS, Remote};

pub(super) const MODEL_FIELDS: &[&str] = &[
    "match",
    "protocol",
    "name",
    "version",
    "capture",
    "pointers",
    "feature_names",
    "classes",
    "max_batch_size",
    "max_concurrency",
    "baseline",
    "reference",
    "labelled_reference",
    "reference_importances",
    "fallback",
];
pub(super) const MATCH_FIELDS: &[&str] = &["path_prefix", "path"];
pub(super) const POINTERS_FIELDS: &[&str] =
    &["features", "predictions", "confidences", "model", "batch"];
pub(super) const CAPTURE_FIELDS: &[&str] = &["features", "predictions", "max_body_bytes"];
pub(super) const REFERENCE_FIELDS: &[&str] = &["learn", "profile", "fetch"];
pub(super) const LEARN_FIELDS: &[&str] = &["samples"];

const MAX_NAME_BYTES: usize = 256;
const MAX_CLASSES: usize = 1024;
const MAX_BASELINES: usize = 32;
const MAX_BODY_BYTES: u64 = 16 << 20;

/// One entry of `models`: which requests it is about, and how to read them.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The paths that it is about.
    pub paths: PathMatch,
    /// The wire format.
    pub protocol: Protocol,
    /// The model's name, whatever the wire says.
    pub name: Option<String>,
    /// The model's version, whatever the wire says.
    pub version: Option<String>,
    /// What is read of bodies.
    pub capture: Capture,
    /// Where bodies keep what matters, of a model whose protocol is `custom`.
    pub pointers: Option<Pointers>,
    /// Names of the features that the wire leaves unnamed, by position.
    pub feature_names: Vec<String>,
    /// Names of the classes that the wire numbers.
    pub classes: Vec<String>,
    /// Rows that the model takes at once.
    pub max_batch_size: Option<u64>,
    /// Requests that the model server works on at once.
    pub max_concurrency: Option<u64>,
    /// What is normal: names of metrics, such as `accuracy`, and their values.
    pub baseline: Vec<(String, f64)>,
    /// What drift is measured against.
    pub reference: Option<Reference>,
    /// What its confidences mean, as labelled predictions from before show it.
    pub labelled_reference: Option<FromBefore<Calibration>>,
    /// How much each feature mattered when it was made.
    pub reference_importances: Option<FromBefore<Importances>>,
    /// What requests get while its circuit is open; 503 when `None`.
    pub fallback: Option<Fallback>,
}

impl Model {
    /// The names that the wire leaves out.
    pub(crate) fn naming(&self) -> Naming<'_> {
        Naming {
            feature_names: &self.feature_names,
            classes: &self.classes,
            pointers: self.pointers.as_ref(),
        }
    }

    /// How much of one body is kept.
    pub(crate) fn limits(&self) -> Limits {
        Limits { max_body_bytes: self.capture.max_body_bytes, ..Limits::default() }
    }
}

/// Which paths, without their query string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathMatch {
    /// This path alone. Every POST to it is an inference, whatever the protocol calls its paths.
    Exact(String),
    /// Paths that begin so; the protocol decides which of them are inferences.
    Prefix(String),
}

impl PathMatch {
    /// Whether a path, without its query string, is meant.
    pub fn matches(&self, path: &[u8]) -> bool {
        match self {
            Self::Exact(exact) => path == exact.as_bytes(),
            Self::Prefix(prefix) => path.starts_with(prefix.as_bytes()),
        }
    }

    /// Whether a path, without its query string, is meant, or has the same folder.
    pub(crate) fn is_beside(&self, path: &[u8]) -> bool {
        let (Self::Exact(own) | Self::Prefix(own)) = self;
        self.matches(path) || folder(own.as_bytes()) == folder(path)
    }

    /// What is tried first: exact paths, then longer prefixes.
    pub(crate) fn precedence(&self) -> (bool, usize) {
        match self {
            Self::Exact(path) => (true, path.len()),
            Self::Prefix(path) => (false, path.len()),
        }
    }
}

/// A path up to its last slash.
fn folder(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|&byte| byte == b'/').unwrap_or_default();
    path.get(..slash).unwrap_or_default()
}

/// What is read of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capture {
    /// Whether request bodies are read.
    pub features: bool,
    /// Whether response bodies are read.
    pub predictions: bool,
    /// Larger bodies are not read.
    pub max_body_bytes: usize,
}

impl Default for Capture {
    fn default() -> Self {
        Self { features: true, predictions: true, max_body_bytes: 1 << 20 }
    }
}

/// What drift is measured against.
#[derive(Debug, Clone, PartialEq)]
pub enum Reference {
    /// The first so many rows of live traffic.
    Learn {
        /// Rows.
        samples: u64,
    },
    /// A profile made elsewhere.
    Profile(Box<Profile>),
    /// A profile that lies elsewhere.
    Fetch(Remote),
}

/// The entries that stand in for a missing `models`: whatever a protocol recognises by its path.
pub(super) fn by_protocol() -> Vec<Model> {
    let model = |protocol| Model {
        paths: PathMatch::Prefix("/".into()),
        protocol,
        name: None,
        version: None,
        capture: Capture::default(),
        pointers: None,
        feature_names: Vec::new(),
        classes: Vec::new(),
        max_batch_size: None,
        max_concurrency: None,
        baseline: Vec::new(),
        reference: None,
        labelled_reference: None,
        reference_importances: None,
        fallback: None,
    };
    Protocol::ALL.into_iter().filter(|protocol| protocol.has_own_paths()).map(model).collect()
}

/// A path at which models are asked and which lies at or below `path`. Below the roots of the
/// protocols any path is one.
pub(super) fn hidden_by<'a>(path: &'a str, models: &'a [Model]) -> Option<&'a str> {
    const ROOTS: [&str; 2] = ["/v1/models", "/v2/models"];
    let is_within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let paths = models.iter().map(|model| match &model.paths {
        PathMatch::Exact(path) | PathMatch::Prefix(path) => path.as_str(),
    });
    let hidden = paths.chain(ROOTS).find(|asked| is_within(asked, path));
    hidden.or_else(|| ROOTS.iter().any(|root| is_within(path, root)).then_some(path))
}

type IsGiven = fn(&Model) -> bool;

/// What one of the entries of a name may have, for all of them.
const GIVEN_ONCE: [(&str, IsGiven); 3] = [
    ("reference", |model| model.reference.is_some()),
    ("labelled reference", |model| model.labelled_reference.is_some()),
    ("reference of importances", |model| model.reference_importances.is_some()),
];

pub(super) fn read_models(fields: &[Field]) -> Vec<Model> {
    let mut models: Vec<Model> = Vec::new();
    for field in fields {
        let Some(model) = read_model(field) else { continue };
        let shadowed =
            |other: &Model| other.paths == model.paths && other.protocol == model.protocol;
        if models.iter().any(shadowed) {
            field.problem("another model has the same match and protocol");
        }
        for (what, is_given) in GIVEN_ONCE {
            let has_too = |other: &Model| other.name == model.name && is_given(other);
            if is_given(&model) && models.iter().any(has_too) {
                field.problem(match &model.name {
                    Some(name) => format!("another entry has the {what} of `{name}`"),
                    None => format!(
                        "another entry without a `name` has a {what}; give this one a `name`"
                    ),
                });
            }
        }
        models.push(model);
    }
    models
}

fn read_model(field: &Field) -> Option<Model> {
    let object = field.object(MODEL_FIELDS)?;
    let name_of = |field: Field| field.name(MAX_NAME_BYTES);
    let names_of = |field: Field, max| field.distinct_names(max, MAX_NAME_BYTES);
    let paths = object.required("match").and_then(|field| read_match(&field));
    let protocol = object.required("protocol").and_then(|field| read_protocol(&field));
    let name = object.optional("name").and_then(name_of);
    let version = object.optional("version").and_then(name_of);
    let capture = object.optional("capture").map(|field| read_capture(&field)).unwrap_or_default();
    let pointers_field = object.optional("pointers");
    let pointers = pointers_field.as_ref().map(read_pointers);
    match (protocol, &pointers_field) {
        (Some(Protocol::Custom), None) => {
            field.problem("the protocol `custom` needs `pointers`: where bodies keep what matters");
        }
        (Some(other), Some(field)) if other != Protocol::Custom => {
            field.problem("only the protocol `custom` reads by pointers");
        }
        _ => {}
    }
    let feature_names = object.optional("feature_names");
    let feature_names = feature_names.map(|f| names_of(f, MAX_FEATURE_NAMES)).unwrap_or_default();
    let classes = object.optional("classes").map(|f| names_of(f, MAX_CLASSES)).unwrap_or_default();
    let max_batch_size = object.optional("max_batch_size").and_then(|f| f.whole(1..=1_000_000));
    let max_concurrency = object.optional("max_concurrency").and_then(|f| f.whole(1..=1_000_000));
    let baseline = object.optional("baseline").map(|f| read_baseline(&f)).unwrap_or_default();
    let reference_field = object.optional("reference");
    let reference = reference_field.as_ref().and_then(read_reference);
    let labelled_field = object.optional("labelled_reference");
    let labelled_reference = labelled_field.as_ref().and_then(given::read_labelled_reference);
    let importances_field = object.optional("reference_importances");
    let reference_importances = importances_field.as_ref().and_then(given::read_importances);
    for (is_fetched, field) in [
        (matches!(reference, Some(Reference::Fetch(_))), &reference_field),
        (matches!(labelled_reference, Some(FromBefore::Fetch(_))), &labelled_field),
        (matches!(reference_importances, Some(FromBefore::Fetch(_))), &importances_field),
    ] {
        if let (true, None, Some(field)) = (is_fetched, &name, field) {
            let what = "a reference that is fetched is that of one model: give the entry a `name`";
            field.problem(what);
        }
    }
    let fallback = object.optional("fallback").and_then(|field| fallback::read_fallback(&field));
    Some(Model {
        paths: paths?,
        protocol: protocol?,
        name,
        version,
        capture,
        pointers,
        feature_names,
        classes,
        max_batch_size,
        max_concurrency,
        baseline,
        reference,
        labelled_reference,
        reference_importances,
        fallback,
    })
}

/// What is normal, by metric. What follows is a share of it, so it cannot be 0.
fn read_baseline(field: &Field) -> Vec<(String, f64)> {
    let members = field.members(MAX_BASELINES);
    let baseline = |(name, field): &(String, Field)| {
        let value = field.number(-1e12..=1e12)?;
        if value == 0.0 {
            field.problem("a baseline of 0 has no share that could be lost");
        }
        Some((name.clone(), value))
    };
    members.iter().filter_map(baseline).collect()
}

fn read_match(field: &Field) -> Option<PathMatch> {
    read_paths(&field.object(MATCH_FIELDS)?)
}

pub(super) fn read_paths(object: &Object) -> Option<PathMatch> {
    let (kind, field) = object.one_of(MATCH_FIELDS)?;
    let path = field.name(1024)?;
    if !path.starts_with('/') || path.contains(['?', '#']) {
        field.problem("expected a path that begins with `/`, without a query string");
    }
    Some(if kind == "path" { PathMatch::Exact(path) } else { PathMatch::Prefix(path) })
}

fn read_protocol(field: &Field) -> Option<Protocol> {
    let name = field.text()?;
    let protocol = Protocol::from_name(name);
    if protocol.is_none() {
        let known = Protocol::ALL.map(Protocol::name).join(", ");
        field.problem(format!("unknown protocol `{name}`; known: {known}"));
    }
    protocol
}

fn read_pointers(field: &Field) -> Pointers {
    let Some(object) = field.object(POINTERS_FIELDS) else { return Pointers::default() };
    let read = |name| {
        let field = object.optional(name)?;
        let pointer = Pointer::parse(field.text()?);
        if pointer.is_none() {
            field
                .problem("expected a JSON pointer of at most 16 steps, such as `/outputs/0/label`");
        }
        pointer
    };
    let [features, predictions, confidences, model, batch] =
        ["features", "predictions", "confidences", "model", "batch"].map(read);
    Pointers { features, predictions, confidences, model, batch }
}

fn read_capture(field: &Field) -> Capture {
    let mut capture = Capture::default();
    let Some(object) = field.object(CAPTURE_FIELDS) else { return capture };
    if let Some(features) = object.optional("features").and_then(|field| field.flag()) {
        capture.features = features;
    }
    if let Some(predictions) = object.optional("predictions").and_then(|field| field.flag()) {
        capture.predictions = predictions;
    }
    let max_body_bytes =
        object.optional("max_body_bytes").and_then(|f| f.whole(1..=MAX_BODY_BYTES));
    if let Some(bytes) = max_body_bytes.and_then(|bytes| usize::try_from(bytes).ok()) {
        capture.max_body_bytes = bytes;
    }
    capture
}

fn read_reference(field: &Field) -> Option<Reference> {
    let object = field.object(REFERENCE_FIELDS)?;
    let (kind, field) = object.one_of(REFERENCE_FIELDS)?;
    match kind {
        "profile" => return read_profile(&field),
        "fetch" => return remote::read_remote(&field, HOURLY_SECONDS).map(Reference::Fetch),
        _ => {}
    }
    let samples = field.object(LEARN_FIELDS)?.required("samples")?.whole(100..=1_000_000)?;
    Some(Reference::Learn { samples })
}

fn read_profile(field: &Field) -> Option<Reference> {
    match Profile::from_json(&field.document()) {
        Ok(profile) => Some(Reference::Profile(Box::new(profile))),
        Err(error) => {
            field.problem_of_document(&error.to_string());
            None
        }
    }
}
