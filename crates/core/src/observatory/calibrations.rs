//! What confidences mean.

use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::settings::Settings;
use super::wire;
use crate::feedback::Ledger;
use crate::fnv::fnv1a;
use crate::pane::SortedMap;
use crate::quality::Calibration;
use crate::snapshot::CalibrationSource;

/// Calibrations by model and version, learned from the oldest labelled predictions as of the last tick.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Calibrations(SortedMap<String, SortedMap<String, Learned>>);

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Learned {
    /// Of the rows that it was learned from.
    fingerprint: u64,
    calibration: Option<Calibration>,
}

impl Calibrations {
    /// Learns again where other predictions are the oldest than before.
    pub fn update(&mut self, ledger: &Ledger, settings: &Settings) {
        let min_samples = settings.feedback.min_samples.max(1);
        for (model, versions) in self.0.iter_mut() {
            let feedback = ledger.model(model);
            versions
                .retain(|version, _| feedback.is_some_and(|it| it.oldest.contains_key(version)));
        }
        self.0.retain(|_, versions| !versions.is_empty());
        for (model, feedback) in ledger.models() {
            if given(model, settings).is_some() {
                self.0.remove(model);
                continue;
            }
            for (version, window) in feedback.oldest.iter() {
                let rows = window.rows();
                let enough = rows.len() >= min_samples;
                let fingerprint = if enough { fnv1a(wire::encode(rows)) } else { 0 };
                let held = self.0.entry(model).entry(version);
                if held.fingerprint != fingerprint {
                    let found = Calibration::of_rows(if enough { rows } else { &[] });
                    let calibration = found.filter(|it| it.rows >= min_samples as u64);
                    *held = Learned { fingerprint, calibration };
                }
            }
        }
    }

    /// The calibration that is in force, and where it comes from.
    pub fn in_force<'s>(
        &'s self,
        (model, version): (&str, &str),
        settings: &'s Settings,
    ) -> Option<(CalibrationSource, &'s Calibration)> {
        let learned = || {
            let calibration = self.0.get(model)?.get(version)?.calibration.as_ref()?;
            Some((CalibrationSource::Feedback, calibration))
        };
        given(model, settings).map(|it| (CalibrationSource::Reference, it)).or_else(learned)
    }
}

/// The calibration that the settings hold.
fn given<'s>(model: &str, settings: &'s Settings) -> Option<&'s Calibration> {
    settings.model(model)?.calibration.as_ref()
}
