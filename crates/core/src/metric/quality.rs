//! Families of predictions whose truth is known.

use alloc::vec::Vec;

use tidegate_stats::Verdict;

use super::family::{Family, Kind};
use crate::quality::{ClassFigures, EstimatedFigures, Figures};
use crate::snapshot::Snapshot;

/// A figure of a whole model: its family, what it says, and where it is.
type Figure = (&'static str, &'static str, fn(&Figures) -> Option<f64>);

const FIGURES: [Figure; 13] = [
    ("model_accuracy", "Share of the newest labelled predictions that was right.", |it| {
        it.accuracy
    }),
    ("model_f1", "Mean over the classes of the harmonic mean of precision and recall.", |it| it.f1),
    ("model_matthews_correlation", "Correlation of predicted and true classes.", |it| {
        it.matthews_correlation
    }),
    ("model_roc_auc", "Area under the ROC curve.", |it| it.roc_auc),
    ("model_average_precision", "Area under the precision-recall curve.", |it| {
        it.average_precision
    }),
    ("model_log_loss_nats", "Mean negative log-likelihood of the truth.", |it| it.log_loss),
    ("model_brier_score", "Mean squared error of the confidences.", |it| it.brier),
    (
        "model_calibration_error",
        "How far confidences are from how often the model is right.",
        |it| it.calibration_error,
    ),
    ("model_mean_absolute_error", "Mean size of a regression's errors.", |it| it.mae),
    ("model_root_mean_squared_error", "Root of the mean square of a regression's errors.", |it| {
        it.rmse
    }),
    (
        "model_mean_absolute_percentage_error",
        "Mean size of a regression's errors, as a share.",
        |it| it.mape,
    ),
    ("model_r2", "Share of the variance that a regression explains.", |it| it.r2),
    (
        "model_labelled_predictions",
        "Labelled predictions that the figures are computed on.",
        |it| Some(it.rows as f64),
    ),
];

/// A figure of one class.
type OfClass = (&'static str, &'static str, fn(&ClassFigures) -> Option<f64>);

const OF_CLASSES: [OfClass; 3] = [
    ("model_precision", "Of those predicted to be of a class, the share that was.", |it| {
        it.precision
    }),
    ("model_recall", "Of those that were of a class, the share that was predicted.", |it| {
        it.recall
    }),
    ("model_class_f1", "Harmonic mean of a class's precision and recall.", |it| it.f1),
];

pub(super) fn families(snapshot: &Snapshot) -> Vec<Family> {
    let mut families: Vec<Family> =
        FIGURES.iter().map(|(name, help, of)| figure(snapshot, name, help, *of)).collect();
    families
        .extend(OF_CLASSES.iter().map(|(name, help, of)| of_classes(snapshot, name, help, *of)));
    families.extend(ESTIMATED.iter().map(|(name, help, of)| estimated(snapshot, name, help, *of)));
    families.push(refuted(snapshot));
    families.push(missing(snapshot));
    families.push(degradation(snapshot));
    families.push(changes(snapshot));
    families.push(labels(snapshot));
    families.extend(tokens(snapshot));
    families.push(completeness(snapshot));
    families
}

fn figure(
    snapshot: &Snapshot,
    name: &'static str,
    help: &'static str,
    of: fn(&Figures) -> Option<f64>,
) -> Family {
    let mut family = Family::new(name, Kind::Gauge, help);
    for model in &snapshot.models {
        for quality in &model.quality {
            let labels = [("model_name", &*model.model_name), ("model_version", &*quality.version)];
            match &quality.figures {
                Some(figures) => {
                    if let Some(value) = of(figures) {
                        family.push_measure(&labels, value);
                    }
                }
                None => family.withhold(&labels),
            }
        }
    }
    family
}

/// A figure that is estimated without labels.
type Estimated = (&'static str, &'static str, fn(&EstimatedFigures) -> Option<f64>);

const ESTIMATED: [Estimated; 4] = [
    (
        "model_estimated_accuracy",
        "Share of the newest predictions that is probably right, labelled or not.",
        |it| it.accuracy,
    ),
    ("model_estimated_f1", "What model_f1 of the newest predictions probably is.", |it| it.f1),
    (
        "model_estimated_roc_auc",
        "What model_roc_auc of the newest predictions probably is.",
        |it| it.roc_auc,
    ),
    (
        "model_estimated_average_precision",
        "What model_average_precision of the newest predictions probably is.",
        |it| it.average_precision,
    ),
];

fn estimated(
    snapshot: &Snapshot,
    name: &'static str,
    help: &'static str,
    of: fn(&EstimatedFigures) -> Option<f64>,
) -> Family {
    let mut family = Family::new(name, Kind::Gauge, help);
    for model in &snapshot.models {
        for quality in &model.quality {
            let labels = [("model_name", &*model.model_name), ("model_version", &*quality.version)];
            match &quality.estimated {
                Some(estimated) => {
                    if let Some(value) = of(&estimated.figures) {
                        family.push_measure(&labels, value);
                    }
                }
                None => family.withhold(&labels),
            }
        }
    }
    family
}

/// Whether labels disagree with the estimates that follow from how sure the model is.
fn refuted(snapshot: &Snapshot) -> Family {
    let mut family = Family::new(
        "model_estimate_refuted",
        Kind::Gauge,
        "1 if labels disagree with the estimated accuracy of the same predictions, 0 if not.",
    );
    for model in &snapshot.models {
        for quality in &model.quality {
            let labels = [("model_name", &*model.model_name), ("model_version", &*quality.version)];
            match &quality.estimate_check {
                Some(check) => {
                    family.push_count(&labels, u64::from(check.verdict == Verdict::Drift));
                }
                None if quality.estimated.is_some() => family.withhold(&labels),
                None => {}
            }
        }
    }
    family
}

fn of_classes(
    snapshot: &Snapshot,
    name: &'static str,
    help: &'static str,
    of: fn(&ClassFigures) -> Option<f64>,
) -> Family {
    let mut family = Family::new(name, Kind::Gauge, help);
    for model in &snapshot.models {
        for quality in &model.quality {
            for class in quality.figures.iter().flat_map(|figures| &figures.classes) {
                let labels = [
                    ("model_name", &*model.model_name),
                    ("model_version", &*quality.version),
                    ("class", &*class.class),
                ];
                if let Some(value) = of(class) {
                    family.push_measure(&labels, value);
                }
            }
        }
    }
    family
}

fn missing(snapshot: &Snapshot) -> Family {
    let mut family = Family::new(
        "model_labels_missing",
        Kind::Gauge,
        "Labelled predictions that are missing before figures are told.",
    );
    for model in &snapshot.models {
        for quality in &model.quality {
            let labels = [("model_name", &*model.model_name), ("model_version", &*quality.version)];
            family.push_count(&labels, quality.missing);
        }
    }
    family
}

fn degradation(snapshot: &Snapshot) -> Family {
    let mut family = Family::new(
        "model_performance_degradation",
        Kind::Gauge,
        "By which share of its baseline a figure is worse; negative where it is better.",
    );
    for model in &snapshot.models {
        // Of several versions the newest by name: the label set has no version.
        let newest = model.quality.iter().rev().find(|quality| quality.figures.is_some());
        for one in newest.iter().flat_map(|quality| &quality.degradation) {
            let labels = [("model_name", &*model.model_name), ("metric", &*one.metric)];
            family.push_measure(&labels, one.degradation);
        }
    }
    business_degradation(snapshot, &mut family);
    family
}

/// Of several versions the newest by name, too; where a figure has the name, that is meant.
fn business_degradation(snapshot: &Snapshot, family: &mut Family) {
    for metric in snapshot.business.iter().rev() {
        let Some(one) = &metric.degradation else { continue };
        let labels = [("model_name", &*metric.model_name), ("metric", &*metric.metric)];
        let is_told = family.samples.iter().any(|sample| {
            let pairs = sample.labels.iter().zip(labels);
            pairs.into_iter().all(|((name, value), own)| (*name, value.as_str()) == own)
        });
        if !is_told {
            family.push_measure(&labels, one.degradation);
        }
    }
}

fn changes(snapshot: &Snapshot) -> Family {
    let mut family = Family::new(
        "model_error_changes",
        Kind::Gauge,
        "Changes in the stream of errors of the newest labelled predictions.",
    );
    for model in &snapshot.models {
        for quality in &model.quality {
            let labels = [("model_name", &*model.model_name), ("model_version", &*quality.version)];
            if let Some(change) = quality.error_change {
                family.push_count(&labels, change.changes);
            }
        }
    }
    family
}

fn labels(snapshot: &Snapshot) -> Family {
    let mut family =
        Family::new("model_labels_total", Kind::Counter, "Labels, by what became of them.");
    let counts = snapshot.feedback;
    for (outcome, count) in [
        ("joined", counts.joined),
        ("duplicate", counts.duplicate),
        ("contradicting", counts.contradicting),
        ("late", counts.late),
        ("unknown", counts.unknown),
    ] {
        if count > 0 {
            family.push_count(&[("outcome", outcome)], count);
        }
    }
    family
}

/// Tokens that responses carried, what became of those that came back, and of what they brought.
fn tokens(snapshot: &Snapshot) -> [Family; 3] {
    let counter = |name, help| Family::new(name, Kind::Counter, help);
    let mut issued = counter("tidegate_tokens_total", "Responses that carried a signed token.");
    let mut told =
        counter("tidegate_feedback_total", "Labels told by token, by what became of them.");
    let mut differing = counter(
        "tidegate_feedback_contradictions_total",
        "Predictions that came back with their label and differ from what was recorded.",
    );
    let tokens = snapshot.feedback.tokens;
    if tokens.issued > 0 {
        issued.push_count(&[], tokens.issued);
    }
    for (result, count) in [
        ("accepted", tokens.accepted),
        ("malformed", tokens.malformed),
        ("forged", tokens.forged),
        ("expired", tokens.expired),
    ] {
        if count > 0 {
            told.push_count(&[("result", result)], count);
        }
    }
    if snapshot.feedback.contradicting_echoes > 0 {
        differing.push_count(&[], snapshot.feedback.contradicting_echoes);
    }
    [issued, told, differing]
}

fn completeness(snapshot: &Snapshot) -> Family {
    let mut family = Family::new(
        "model_label_completeness",
        Kind::Gauge,
        "Share of the predictions of the kept days whose truth is known.",
    );
    for model in &snapshot.models {
        let sum = |of: fn(&crate::snapshot::CohortSnapshot) -> u64| {
            model.cohorts.iter().map(of).fold(0, u64::saturating_add)
        };
        let (predictions, labelled) = (sum(|it| it.predictions), sum(|it| it.labelled));
        if predictions > 0 {
            let share = (labelled as f64 / predictions as f64).min(1.0);
            family.push_measure(&[("model_name", &model.model_name)], share);
        }
    }
    family
}
