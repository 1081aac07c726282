//! Experiments: which events are of a unit.

use alloc::string::String;

use super::settings::Settings;
use crate::event::{Conversion, ExperimentUnit, InferenceRef};
use crate::experiment::{Units, unit_hash};
use crate::pane::{Dropped, ExperimentTotals, OTHER, SortedMap, bound};

/// Units by experiment: of those in the settings only, so that no client can make more.
pub(super) type UnitsByExperiment = SortedMap<String, Units>;

/// Counts the units that a request gave a variant to.
pub(super) fn expose(
    units: &mut UnitsByExperiment,
    at_seconds: f64,
    inference: &InferenceRef<'_>,
    settings: &Settings,
    dropped: &mut Dropped,
) {
    for given in inference.assignments {
        if let Some(unit) = given.unit
            && at_seconds.is_finite()
            && settings.experiment(&given.experiment).is_some()
        {
            units.entry(&given.experiment).expose(unit, at_seconds, &given.variant, dropped);
        }
    }
}

/// Counts a conversion: of its unit, and in the totals of the variant that its unit was `given`, where that is
/// known; else of the one that its unit hashes to, or of [`OTHER`] where units were given others.
pub(super) fn convert(
    (units, totals): (&mut UnitsByExperiment, &mut ExperimentTotals),
    at_seconds: f64,
    (conversion, given): (&Conversion, Option<&str>),
    settings: &Settings,
    dropped: &mut Dropped,
) {
    let name = conversion.experiment.as_str();
    let found = settings.experiment(name).and_then(|experiment| {
        if given.is_some() {
            return given;
        }
        let weights = experiment.variants.iter().map(|(_, weight)| *weight);
        let (place, _) = experiment.population.place_of(name, &conversion.unit, weights)?;
        let (variant, _) = experiment.variants.get(place)?;
        Some(if experiment.redirected { OTHER } else { variant })
    });
    let Some(variant) = found.filter(|_| at_seconds.is_finite()) else {
        return dropped.add(bound::CONVERSIONS, 1);
    };
    totals.record_conversion((name, variant), dropped);
    let unit = unit_hash(&conversion.unit);
    units.entry(name).convert(unit, at_seconds, conversion.value, dropped);
}

/// The variant that the unit of a conversion was seen to be given, if it was one.
pub(super) fn given<'s>(
    seen: &UnitsByExperiment,
    conversion: &Conversion,
    settings: &'s Settings,
) -> Option<&'s str> {
    let units = seen.get(&conversion.experiment)?;
    let hash = units.variant_of(unit_hash(&conversion.unit))?;
    let variants = &settings.experiment(&conversion.experiment)?.variants;
    variants.iter().map(|(name, _)| name.as_str()).find(|name| unit_hash(name) == hash)
}

/// Keeps what a unit was worth before.
pub(super) fn know(
    units: &mut UnitsByExperiment,
    unit: &ExperimentUnit,
    settings: &Settings,
    dropped: &mut Dropped,
) {
    if settings.experiment(&unit.experiment).is_none() {
        return dropped.add(bound::CONVERSIONS, 1);
    }
    units.entry(&unit.experiment).know(unit_hash(&unit.unit), unit.value_before, dropped);
}

/// Adds what others saw.
pub(super) fn merge(own: &mut UnitsByExperiment, other: UnitsByExperiment, dropped: &mut Dropped) {
    for (name, units) in other {
        own.entry(&name).merge(units, dropped);
    }
}
