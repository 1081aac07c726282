//! Families of experiments' variants against their control.

use alloc::vec::Vec;

use super::family::{Family, Kind};
use crate::snapshot::Snapshot;

pub(super) fn families(snapshot: &Snapshot) -> Vec<Family> {
    let gauge = |name, help| Family::new(name, Kind::Gauge, help);
    let mut units = gauge("ab_test_units", "Units that were given a variant.");
    let mut rate = gauge(
        "ab_test_conversion_rate",
        "Share of a variant's units that converted within the window after they were given it.",
    );
    let mut value = gauge("ab_test_value_mean", "Mean worth of a variant's units.");
    let mut accuracy =
        gauge("ab_test_accuracy", "Share of a variant's labelled predictions that was right.");
    let mut value_lift = gauge(
        "ab_test_value_lift",
        "By which share of the control's mean worth the variant's is higher; by CUPED where units tell \
         what they were worth before.",
    );
    let mut value_p_value = gauge(
        "ab_test_value_p_value",
        "p-value of a variant's mean worth against the control's, valid at every look; by CUPED where \
         units tell what they were worth before.",
    );
    let mut lift = gauge(
        "ab_test_lift",
        "By which share of the control's conversion rate the variant's is higher.",
    );
    let mut p_value = gauge(
        "ab_test_p_value",
        "p-value of a variant's conversion rate against the control's, valid at every look.",
    );
    let mut win = gauge(
        "ab_test_chance_to_win",
        "Chance that a variant's conversion rate is higher than the control's.",
    );
    let mut loss = gauge(
        "ab_test_expected_loss",
        "Conversion rate that is lost on average by choosing the variant.",
    );
    let mut ratio = gauge(
        "ab_test_sample_ratio_p_value",
        "How likely chance alone splits the units of a test like that, valid at every look.",
    );
    let mut harmed = gauge(
        "ab_test_guardrail_p_value",
        "p-value of harm by a variant, by what is guarded; valid at every look.",
    );
    for experiment in &snapshot.experiments {
        let test = ("test_name", experiment.name.as_str());
        match experiment.sample_ratio_p_value {
            Some(p) => ratio.push_measure(&[test], p),
            None => ratio.withhold(&[test]),
        }
        for variant in &experiment.variants {
            let labels = [test, ("variant", variant.name.as_str())];
            units.push_count(&labels, variant.units);
            let measures = [
                (&mut rate, variant.conversion_rate),
                (&mut value, variant.value_mean),
                (&mut accuracy, variant.accuracy),
            ];
            for (family, measure) in measures {
                if let Some(measure) = measure {
                    family.push_measure(&labels, measure);
                }
            }
            let Some(effect) = &variant.effect else { continue };
            let always_valid = effect.rate_always_valid.map(|it| it.comparison.p_value);
            let relative = effect.rate.and_then(|it| it.lift).map(|it| it.value);
            let posterior = effect.rate_posterior;
            for (family, measure) in [
                (&mut lift, relative),
                (&mut p_value, always_valid),
                (&mut win, posterior.map(|it| it.chance_to_win)),
                (&mut loss, posterior.map(|it| it.expected_loss_current)),
            ] {
                match measure {
                    Some(measure) => family.push_measure(&labels, measure),
                    None => family.withhold(&labels),
                }
            }
            let worth = effect.value_cuped.or(effect.value);
            let worth_at_every_look = effect.value_cuped_always_valid.or(effect.value_always_valid);
            for (family, measure) in [
                (&mut value_lift, worth.and_then(|it| it.lift).map(|it| it.value)),
                (&mut value_p_value, worth_at_every_look.map(|it| it.comparison.p_value)),
            ] {
                if let Some(measure) = measure {
                    family.push_measure(&labels, measure);
                }
            }
            let by_itself = [
                ("latency", effect.latency),
                ("errors", effect.errors),
                ("quality", effect.quality),
            ];
            let business = effect.business.iter().map(|it| (it.metric.as_str(), it.guardrail));
            for (guarded, found) in by_itself.into_iter().chain(business) {
                let labels = [&labels[..], &[("guarded", guarded)]].concat();
                match found {
                    Some(found) => harmed.push_measure(&labels, found.harmed_p_value),
                    None => harmed.withhold(&labels),
                }
            }
        }
    }
    Vec::from([
        units,
        rate,
        value,
        accuracy,
        value_lift,
        value_p_value,
        lift,
        p_value,
        win,
        loss,
        ratio,
        harmed,
    ])
}
