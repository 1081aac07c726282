//! The plugin's config: JSON in, a checked [`Config`] or every problem at once out.
//!
//! The readers are written by hand because serde's derive stops at the first error; an operator
//! who rolls out a config wants all of them, each with its place.

mod access_log;
mod alert;
mod document;
mod experiment;
mod fallback;
mod feedback;
mod field;
mod given;
mod model;
mod remediation;
mod remote;
#[cfg(feature = "schema")]
pub mod schema;
mod webhook;

use serde_json::Value;
use tidegate_core::alert::Rule;
use tidegate_core::quality::ChangeDetector;
use tidegate_core::remediation::Policies;
use tidegate_stats::{FalseAlarmBudget, Watch};

pub use self::access_log::AccessLog;
pub use self::experiment::{Conversion, ConversionValue, Experiment, Forced, Unit, Variant};
pub use self::fallback::{Fallback, FallbackReply};
pub use self::feedback::{Feedback, Secret};
pub use self::field::Problem;
use self::field::{Field, Problems};
pub use self::given::{FromBefore, Importances};
pub(crate) use self::given::{calibration, importances};
pub use self::model::{Capture, Model, PathMatch, Reference};
pub use self::remote::Remote;
pub use self::webhook::{Webhook, WebhookFormat};

const MAX_MODELS: usize = 64;
/// How often the state is written, if nothing is said, in seconds.
const STATE_PERIOD_SECONDS: f64 = 60.0;
const MAX_EXPERIMENTS: usize = 16;
const MAX_CORS_ORIGINS: usize = 16;
const MAX_WEBHOOKS: usize = 8;
/// At this level a model that does not drift alarms half of the time: there the budget's level ends.
const HIGHEST_LEVEL: f64 = 0.5;

const CONFIG_FIELDS: &[&str] = &[
    "instance",
    "models",
    "experiments",
    "windows",
    "false_alarms",
    "error_detector",
    "level_detector",
    "gen_ai_metrics",
    "alerts",
    "remediation",
    "feedback",
    "webhooks",
    "access_log",
    "state",
    "admin",
];
const WINDOWS_FIELDS: &[&str] = &["pane_seconds", "panes"];
const FALSE_ALARMS_FIELDS: &[&str] = &["count", "days"];
const ADMIN_FIELDS: &[&str] = &["path", "token", "cors_origins"];

/// A config that has been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Separates the shared data of several plugins in one proxy.
    pub instance: String,
    /// What is observed; the longest match wins.
    pub models: Vec<Model>,
    /// What each unit is assigned to.
    pub experiments: Vec<Experiment>,
    /// The sliding window that drift is computed on.
    pub windows: Windows,
    /// How many false alarms of drift are accepted.
    pub false_alarms: Option<FalseAlarmBudget>,
    /// What looks for changes in the stream of a model's errors; `None` for what is usual.
    pub error_detector: Option<ChangeDetector>,
    /// What looks for changes of levels from pane to pane; `None` for what is usual.
    pub level_detector: Option<ChangeDetector>,
    /// Whether what generates text is told under OpenTelemetry's names too.
    pub gen_ai_metrics: bool,
    /// When somebody is to be called.
    pub alerts: Vec<Rule>,
    /// What is done about alerts.
    pub remediation: Policies,
    /// Labels that come back with a token; no token is issued or taken when `None`.
    pub feedback: Option<Feedback>,
    /// Who is told of alerts and decisions.
    pub webhooks: Vec<Webhook>,
    /// What of each request the gateway's access log can show; nothing when `None`.
    pub access_log: Option<AccessLog>,
    /// Where the state lies between two starts of the gateway; nowhere when `None`.
    pub state: Option<Remote>,
    /// The admin API; off when `None`.
    pub admin: Option<Admin>,
}

/// The sliding window: so many panes of so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Length of a pane, in seconds.
    pub pane_seconds: u32,
    /// Panes in the window.
    pub panes: u32,
}

impl Default for Windows {
    fn default() -> Self {
        Self { pane_seconds: 60, panes: 60 }
    }
}

/// The admin API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// What its paths begin with; begins with a slash and does not end with one.
    pub path: String,
    /// The bearer token.
    pub token: Secret,
    /// Origins of pages that may call it; `*` for any.
    pub cors_origins: Vec<String>,
}

impl Config {
    /// Reads a config. No bytes at all are the empty config, which observes every path that a
    /// known protocol recognises and has no admin API.
    ///
    /// # Errors
    /// Every problem: repeated keys first, then the others in the order in which the config is read.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let problems = Problems::default();
        let value = if bytes.trim_ascii().is_empty() {
            Value::Object(serde_json::Map::new())
        } else {
            document::read(bytes, &problems).map_err(|problem| vec![problem])?
        };
        let config = read_config(&Field::root(&value, &problems));
        let problems = problems.into_inner();
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }
}

fn read_config(field: &Field) -> Option<Config> {
    let object = field.object(CONFIG_FIELDS)?;
    let instance = object.optional("instance").map_or(Some("default".into()), |field| {
        let instance = field.name(64)?;
        if instance.contains('/') {
            field.problem("expected a name without slashes");
        }
        Some(instance)
    });
    let models = object
        .optional("models")
        .map_or_else(model::by_protocol, |field| model::read_models(&field.items(MAX_MODELS)));
    let experiments = object
        .optional("experiments")
        .map_or_else(Vec::new, |field| experiment::read_experiments(&field.items(MAX_EXPERIMENTS)));
    let windows = object.optional("windows").map_or(Some(Windows::default()), |f| read_windows(&f));
    let false_alarms = object
        .optional("false_alarms")
        .map(|field| read_false_alarms(&field, windows.unwrap_or_default()));
    let error_detector = object.optional("error_detector").and_then(|f| read_detector(&f));
    let level_detector = object.optional("level_detector").and_then(|f| read_detector(&f));
    let gen_ai_metrics = object.optional("gen_ai_metrics").map_or(Some(false), |f| f.flag());
    let targets = remediation::Targets { experiments: &experiments, models: &models };
    let alerts = object
        .optional("alerts")
        .map_or_else(Vec::new, |field| alert::read_alerts(&field, &targets));
    let remediation = object
        .optional("remediation")
        .map_or_else(|| Some(Policies::default()), |field| remediation::read_remediation(&field));
    let feedback =
        object.optional("feedback").map(|field| feedback::read_feedback(&field, &models));
    let webhooks = object
        .optional("webhooks")
        .map_or_else(Vec::new, |field| webhook::read_webhooks(&field.items(MAX_WEBHOOKS)));
    let access_log = object.optional("access_log").map(|field| access_log::read_access_log(&field));
    let state =
        object.optional("state").map(|field| remote::read_remote(&field, STATE_PERIOD_SECONDS));
    let admin = object.optional("admin").map(|field| read_admin(&field, &models));
    Some(Config {
        instance: instance?,
        models,
        experiments,
        windows: windows?,
        false_alarms: match false_alarms {
            Some(budget) => Some(budget?),
            None => None,
        },
        error_detector,
        level_detector,
        gen_ai_metrics: gen_ai_metrics?,
        alerts,
        remediation: remediation?,
        feedback: match feedback {
            Some(feedback) => Some(feedback?),
            None => None,
        },
        webhooks,
        access_log: match access_log {
            Some(access_log) => Some(access_log?),
            None => None,
        },
        state: match state {
            Some(state) => Some(state?),
            None => None,
        },
        admin: match admin {
            Some(admin) => Some(admin?),
            None => None,
        },
    })
}

fn read_windows(field: &Field) -> Option<Windows> {
    let object = field.object(WINDOWS_FIELDS)?;
    let Windows { pane_seconds, panes } = Windows::default();
    let pane_seconds =
        object.optional("pane_seconds").map_or(Some(pane_seconds), |f| f.whole_u32(1..=86_400));
    let panes = object.optional("panes").map_or(Some(panes), |f| f.whole_u32(1..=240));
    Some(Windows { pane_seconds: pane_seconds?, panes: panes? })
}

fn read_false_alarms(field: &Field, windows: Windows) -> Option<FalseAlarmBudget> {
    let object = field.object(FALSE_ALARMS_FIELDS)?;
    let count = object.required("count").and_then(|field| field.number(0.001..=1e6));
    let days = object.required("days").and_then(|field| field.number(0.001..=36_500.0));
    let budget = FalseAlarmBudget { count: count?, days: days? };
    let level = |families| {
        let window_seconds = f64::from(windows.pane_seconds) * f64::from(windows.panes);
        budget.level(&Watch { window_seconds, look_seconds: 1.0, families })
    };
    // Few models have the highest level, many the lowest.
    if !level(1).is_ok_and(|level| level < HIGHEST_LEVEL) || level(MAX_MODELS as u64).is_err() {
        field.problem("expected fewer alarms or more days: no level of a test gives so many");
    }
    Some(budget)
}

fn read_detector(field: &Field) -> Option<ChangeDetector> {
    let word = field.text()?;
    let detector = ChangeDetector::ALL.into_iter().find(|it| it.as_str() == word);
    if detector.is_none() {
        field.problem("expected `adwin`, `hddm_a` or `page_hinkley`");
    }
    detector
}

fn read_admin(field: &Field, models: &[Model]) -> Option<Admin> {
    let object = field.object(ADMIN_FIELDS)?;
    let path_field = object.optional("path");
    let path = path_field.as_ref().map_or(Some("/.tidegate".into()), |field| {
        let path = field.name(256)?;
        let absolute = path.len() > 1 && path.starts_with('/') && !path.ends_with('/');
        if !absolute || path.contains(['?', '#']) {
            field.problem("expected a path such as `/.tidegate`, without a slash at its end");
        }
        Some(path)
    });
    if let Some(hidden) = path.as_deref().and_then(|path| model::hidden_by(path, models)) {
        path_field.as_ref().unwrap_or(field).problem(format!(
            "the admin API would answer requests to `{hidden}`, where models are asked; give it \
             another path"
        ));
    }
    let token = object.required("token").and_then(|field| read_token(&field));
    let cors_origins = object.optional("cors_origins").map_or_else(Vec::new, |field| {
        let origins = field.items(MAX_CORS_ORIGINS);
        origins.iter().filter_map(read_origin).collect()
    });
    Some(Admin { path: path?, token: token?, cors_origins })
}

/// A token that a header can carry: nothing of it may be taken for the space around it.
fn read_token(field: &Field) -> Option<Secret> {
    let token = feedback::read_secret(field)?;
    if !token.0.bytes().all(|byte| byte.is_ascii_graphic()) {
        field.problem("expected ASCII letters, digits and signs without spaces");
    }
    Some(token)
}

fn read_origin(field: &Field) -> Option<String> {
    let origin = field.name(256)?;
    let scheme_and_host = origin.split_once("://").is_some_and(|(scheme, host)| {
        !scheme.is_empty() && !host.is_empty() && !host.contains(['/', ' ', ','])
    });
    if origin != "*" && origin != "null" && !scheme_and_host {
        field.problem(
            "expected an origin such as `https://ops.example.com`, without a path, or `*`",
        );
    }
    Some(origin)
}
