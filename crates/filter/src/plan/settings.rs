//! What the observatory needs of a config.

use tidegate_core::experiment::Population;
use tidegate_core::feedback::FeedbackSettings;
use tidegate_core::observatory::{ExperimentSettings, ModelSettings, ReferenceSettings, Settings};
use tidegate_protocol::Protocol;

use crate::config::{Config, Experiment, FromBefore, Model, Reference};

/// Predictions that the gateway itself remembers until their label comes. Few, for all of them are written
/// to shared data at each tick.
const RECENT_PREDICTIONS: usize = 2_000;

/// Entries of one name share theirs.
pub(crate) fn settings(config: &Config) -> Settings {
    let mut models: Vec<ModelSettings> = Vec::new();
    for model in &config.models {
        match models.iter_mut().find(|settings| settings.name == model.name) {
            Some(settings) => complete(settings, model),
            None => {
                let mut settings = ModelSettings { name: model.name.clone(), ..Default::default() };
                complete(&mut settings, model);
                models.push(settings);
            }
        }
    }
    let experiments = config.experiments.iter().map(|experiment| ExperimentSettings {
        name: experiment.name.clone(),
        variants: experiment.variants.iter().map(|v| (v.name.clone(), v.weight)).collect(),
        population: population(experiment),
        guardrails: experiment.guardrails.clone(),
        redirected: false,
    });
    Settings {
        pane_seconds: config.windows.pane_seconds,
        panes: config.windows.panes,
        models,
        experiments: experiments.collect(),
        false_alarms: config.false_alarms,
        error_detector: config.error_detector,
        level_detector: config.level_detector,
        gen_ai_metrics: config.gen_ai_metrics,
        alerts: config.alerts.clone(),
        feedback: feedback_settings(config),
        ..Settings::default()
    }
}

/// Who is counted: testers are not, whoever tells of them.
fn population(experiment: &Experiment) -> Population {
    let mut population = experiment.population.clone();
    population.excluded.extend(experiment.forced.units.iter().map(|(unit, _)| unit.clone()));
    population
}

fn feedback_settings(config: &Config) -> FeedbackSettings {
    let default = FeedbackSettings::default();
    let lifetime = config.feedback.as_ref().map(|feedback| feedback.lifetime_seconds);
    FeedbackSettings {
        capacity: RECENT_PREDICTIONS,
        retention_seconds: lifetime.unwrap_or(default.retention_seconds),
        by_token: lifetime.is_some()
            || config.models.iter().any(|model| model.protocol == Protocol::Seldon),
        ..default
    }
}

/// Entries of one name share their settings.
fn complete(settings: &mut ModelSettings, model: &Model) {
    settings.max_batch_size = settings.max_batch_size.or(model.max_batch_size);
    settings.max_concurrency = settings.max_concurrency.or(model.max_concurrency);
    for baseline in &model.baseline {
        if settings.baseline.iter().all(|(metric, _)| *metric != baseline.0) {
            settings.baseline.push(baseline.clone());
        }
    }
    match &model.reference {
        Some(Reference::Learn { samples }) => {
            settings.reference = ReferenceSettings::Learn { samples: *samples };
        }
        Some(Reference::Profile(profile)) => {
            settings.reference = ReferenceSettings::Profile(profile.as_ref().clone());
        }
        Some(Reference::Fetch(_)) => settings.reference = ReferenceSettings::Kept,
        None => {}
    }
    if let Some(FromBefore::Values(calibration)) = &model.labelled_reference {
        settings.calibration = Some(calibration.clone());
    }
    if let Some(FromBefore::Values(importances)) = &model.reference_importances {
        settings.importances.clone_from(importances);
    }
}
