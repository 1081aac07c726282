//! `remediation` of the config, and what the actions of its alerts may name.

use tidegate_core::alert::Action;
use tidegate_core::remediation::{CircuitPolicy, Policies, RetrainPolicy, RollbackPolicy};

use tidegate_protocol::Protocol;

use super::field::Field;
use super::{Experiment, Model};

pub(super) const REMEDIATION_FIELDS: &[&str] = &["dry_run", "rollback", "circuit", "retrain"];
pub(super) const ROLLBACK_FIELDS: &[&str] =
    &["ramp_after_seconds", "ramp", "hold_seconds", "attempts"];
pub(super) const CIRCUIT_FIELDS: &[&str] = &[
    "open_seconds",
    "max_open_seconds",
    "probe_share",
    "probes",
    "max_failure_share",
    "max_probe_seconds",
];
pub(super) const RETRAIN_FIELDS: &[&str] = &["cool_down_seconds", "attempts", "budget_seconds"];

const MAX_SECONDS: f64 = 366.0 * 86_400.0;
const MAX_STEPS: usize = 32;
const MIN_SHARE: f64 = 0.0001;
const MAX_SHARE: f64 = 0.9999;

/// What an action may be about.
pub(super) struct Targets<'c> {
    pub(super) experiments: &'c [Experiment],
    pub(super) models: &'c [Model],
}

impl Targets<'_> {
    /// What is wrong with the target of an action, in a sentence.
    pub(super) fn fault(&self, action: &Action) -> Option<String> {
        match action {
            Action::Rollback { experiment, variant } => {
                let Some(own) = self.experiments.iter().find(|own| own.name == *experiment) else {
                    return Some(format!("no experiment is called `{experiment}`"));
                };
                match own.variants.iter().position(|own| own.name == *variant) {
                    None => Some(format!("`{experiment}` has no variant `{variant}`")),
                    Some(0) => Some(format!(
                        "`{variant}` is the first variant of `{experiment}`, which the units of the \
                         others get"
                    )),
                    Some(_) => None,
                }
            }
            Action::Circuit { model_name } => {
                let holds_back = |model: &Model| match &model.name {
                    Some(name) => name == model_name,
                    None => may_name_model_in_path(model.protocol),
                };
                (!self.models.iter().any(holds_back)).then(|| {
                    format!(
                        "no model is called `{model_name}`; one that only bodies name must have an entry \
                         with its `name`, for a circuit holds requests back before their bodies come"
                    )
                })
            }
            Action::Retrain { model_name } => {
                // An entry without a name is for whatever models the wire names.
                let is_known =
                    |model: &Model| model.name.as_ref().is_none_or(|name| name == model_name);
                let is_known = self.models.iter().any(is_known);
                (!is_known).then(|| format!("no model is called `{model_name}`"))
            }
        }
    }
}

/// Whether a request may say which model it asks before its body comes.
const fn may_name_model_in_path(protocol: Protocol) -> bool {
    match protocol {
        Protocol::OpenInference
        | Protocol::KserveV1
        | Protocol::Mlflow
        | Protocol::Sagemaker
        | Protocol::Torchserve => true,
        Protocol::Seldon
        | Protocol::Openai
        | Protocol::Anthropic
        | Protocol::HuggingFace
        | Protocol::OpenInferenceGrpc
        | Protocol::TensorflowServingGrpc
        | Protocol::Custom => false,
    }
}

pub(super) fn read_remediation(field: &Field) -> Option<Policies> {
    let object = field.object(REMEDIATION_FIELDS)?;
    let dry_run = object.optional("dry_run").map_or(Some(false), |field| field.flag());
    let rollback = object
        .optional("rollback")
        .map_or_else(|| Some(RollbackPolicy::default()), |field| read_rollback(&field));
    let circuit = object
        .optional("circuit")
        .map_or_else(|| Some(CircuitPolicy::default()), |field| read_circuit(&field));
    let retrain = object
        .optional("retrain")
        .map_or_else(|| Some(RetrainPolicy::default()), |field| read_retrain(&field));
    Some(Policies { rollback: rollback?, circuit: circuit?, retrain: retrain?, dry_run: dry_run? })
}

fn read_rollback(field: &Field) -> Option<RollbackPolicy> {
    let object = field.object(ROLLBACK_FIELDS)?;
    let default = RollbackPolicy::default();
    let ramp_after_seconds = match object.optional("ramp_after_seconds") {
        Some(field) => field.number(0.0..=MAX_SECONDS).map(Some),
        None => Some(default.ramp_after_seconds),
    };
    let ramp = object.optional("ramp").map_or(Some(default.ramp), |field| read_ramp(&field));
    let hold_seconds = object
        .optional("hold_seconds")
        .map_or(Some(default.hold_seconds), |field| field.number(1.0..=MAX_SECONDS));
    let attempts = object
        .optional("attempts")
        .map_or(Some(default.attempts), |field| field.whole_u32(0..=1_000));
    Some(RollbackPolicy {
        ramp_after_seconds: ramp_after_seconds?,
        ramp: ramp?,
        hold_seconds: hold_seconds?,
        attempts: attempts?,
    })
}

fn read_ramp(field: &Field) -> Option<Vec<f64>> {
    let items = field.items(MAX_STEPS);
    if items.is_empty() {
        field.problem("expected at least one share");
    }
    let mut ramp: Vec<f64> = Vec::new();
    for item in &items {
        let share = item.number(MIN_SHARE..=MAX_SHARE)?;
        if ramp.last().is_some_and(|last| *last >= share) {
            item.problem("each share must be larger than the one before");
        }
        ramp.push(share);
    }
    Some(ramp)
}

fn read_circuit(field: &Field) -> Option<CircuitPolicy> {
    let object = field.object(CIRCUIT_FIELDS)?;
    let default = CircuitPolicy::default();
    let seconds = |name, default| {
        object.optional(name).map_or(Some(default), |field| field.number(1.0..=MAX_SECONDS))
    };
    let open_seconds = seconds("open_seconds", default.open_seconds);
    let max_open_seconds = seconds("max_open_seconds", default.max_open_seconds);
    let probe_share = object
        .optional("probe_share")
        .map_or(Some(default.probe_share), |field| field.number(MIN_SHARE..=1.0));
    let probes =
        object.optional("probes").map_or(Some(default.probes), |field| field.whole(1..=1_000_000));
    let max_failure_share = object
        .optional("max_failure_share")
        .map_or(Some(default.max_failure_share), |field| field.number(0.0..=MAX_SHARE));
    let max_probe_seconds = seconds("max_probe_seconds", default.max_probe_seconds);
    let policy = CircuitPolicy {
        open_seconds: open_seconds?,
        max_open_seconds: max_open_seconds?,
        probe_share: probe_share?,
        probes: probes?,
        max_failure_share: max_failure_share?,
        max_probe_seconds: max_probe_seconds?,
    };
    if policy.max_open_seconds < policy.open_seconds {
        let field = object.optional("max_open_seconds").or(object.optional("open_seconds"));
        if let Some(field) = field {
            field.problem("`max_open_seconds` must not be less than `open_seconds`");
        }
    }
    Some(policy)
}

fn read_retrain(field: &Field) -> Option<RetrainPolicy> {
    let object = field.object(RETRAIN_FIELDS)?;
    let default = RetrainPolicy::default();
    let seconds = |name, default| {
        object.optional(name).map_or(Some(default), |field| field.number(1.0..=MAX_SECONDS))
    };
    let cool_down_seconds = seconds("cool_down_seconds", default.cool_down_seconds);
    let attempts = object
        .optional("attempts")
        .map_or(Some(default.attempts), |field| field.whole_u32(0..=1_000));
    let budget_seconds = seconds("budget_seconds", default.budget_seconds);
    Some(RetrainPolicy {
        cool_down_seconds: cool_down_seconds?,
        attempts: attempts?,
        budget_seconds: budget_seconds?,
    })
}
