//! The part of a snapshot that compares variants.

use alloc::vec;
use alloc::vec::Vec;
use tidegate_stats::experiment::Proportion;

use super::serving;
use crate::experiment::{
    Arm, BusinessGuardrail, BusinessHarm, Effect, Units, effect, sample_ratio_p_value, unit_hash,
};
use crate::observatory::settings::{ExperimentSettings, Settings};
use crate::observatory::state::State;
use crate::pane::VariantTotals;
use crate::snapshot::{ExperimentSnapshot, VariantSnapshot};

/// One experiment at a time, in seconds since 1970.
pub(super) fn snapshot(
    state: &State,
    settings: &ExperimentSettings,
    (at_seconds, all): (f64, &Settings),
) -> ExperimentSnapshot {
    let nothing = Units::default();
    let units = state.units.get(&settings.name).unwrap_or(&nothing);
    let names: Vec<u64> = settings.variants.iter().map(|(name, _)| unit_hash(name)).collect();
    let totals: Vec<VariantTotals> = settings
        .variants
        .iter()
        .map(|(name, _)| state.experiments.get(&settings.name, name).cloned().unwrap_or_default())
        .collect();
    let mut arms = arms(units, &names, &totals, all.conversion_window_seconds);
    for (arm, (variant, _)) in arms.iter_mut().zip(&settings.variants) {
        let [labelled, wrong] = state.feedback.of_variant(&settings.name, variant);
        arm.wrong = Proportion { successes: wrong, trials: labelled };
    }
    let exposed: Vec<u64> = arms.iter().map(|arm| arm.units.trials).collect();
    let weights: Vec<f64> = settings.variants.iter().map(|(_, weight)| *weight).collect();
    let variants = settings.variants.iter().zip(&totals).zip(&arms).enumerate();
    ExperimentSnapshot {
        name: settings.name.clone(),
        sample_ratio_p_value: sample_ratio_p_value(&exposed, &weights)
            .filter(|_| !settings.redirected),
        mixed_units: units.mixed(),
        variants: variants
            .map(|(index, (((name, weight), totals), arm))| VariantSnapshot {
                name: name.clone(),
                weight: *weight,
                requests: totals.requests,
                errors: totals.errors,
                latency_seconds: totals.latency.summary(),
                latency_change: serving::latency_change(
                    totals.panes.iter().map(|(pane, level)| (*pane, *level)),
                    at_seconds,
                    all,
                ),
                units: arm.units.trials,
                conversions: arm.units.successes,
                conversion_rate: (arm.units.trials > 0)
                    .then(|| arm.units.successes as f64 / arm.units.trials as f64),
                labelled: arm.wrong.trials,
                accuracy: (arm.wrong.trials > 0)
                    .then(|| 1.0 - arm.wrong.successes as f64 / arm.wrong.trials as f64),
                value_mean: (arm.values.count() > 0).then_some(arm.values.mean()),
                effect: arms.first().filter(|_| index > 0).map(|control| Effect {
                    business: harms(state, settings, name),
                    ..effect(control, arm)
                }),
            })
            .collect(),
    }
}

/// What the guardrails on business metrics say of a variant.
fn harms(state: &State, settings: &ExperimentSettings, variant: &str) -> Vec<BusinessHarm> {
    let Some((control, _)) = settings.variants.first() else { return Vec::new() };
    let harm = |guardrail: &BusinessGuardrail| BusinessHarm {
        metric: guardrail.metric.clone(),
        guardrail: guardrail.judge(&state.business, [control, variant]),
    };
    settings.guardrails.iter().map(harm).collect()
}

fn arms(units: &Units, names: &[u64], totals: &[VariantTotals], window_seconds: f64) -> Vec<Arm> {
    let mut arms = vec![Arm::default(); names.len()];
    let tells_values = units.outcomes(window_seconds).any(|outcome| outcome.value.is_some());
    // By their hashes, so that the sums are the same whoever came first.
    for outcome in units.outcomes(window_seconds) {
        let place = names.iter().position(|name| *name == outcome.variant);
        let Some(arm) = place.and_then(|place| arms.get_mut(place)) else { continue };
        arm.units.trials += 1;
        arm.units.successes += u64::from(outcome.converted);
        if tells_values {
            let value = outcome.value.unwrap_or(0.0);
            arm.values.push(value);
            // Values beyond ±1e100 are left out here.
            let _ = arm.covariates.push(value, outcome.before);
        }
    }
    for (arm, totals) in arms.iter_mut().zip(totals) {
        arm.errors = Proportion { successes: totals.errors, trials: totals.requests };
        arm.latency = totals.latency_summary();
    }
    arms
}
