//! What confidences mean.

use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::settings::Settings;
use crate::feedback::{Answer, JudgedRow, Ledger};
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
                let fingerprint = if enough { fingerprint(rows) } else { 0 };
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

/// Whether rows are as they were. They are many and looked at in each tick, so eight bytes are taken at once.
fn fingerprint(rows: &[JudgedRow]) -> u64 {
    let mut words = Words(rows.len() as u64);
    for row in rows {
        words.add(row.at_seconds.to_bits());
        words.add_text(&row.id);
        words.add(row.confidence.map_or(u64::MAX, f64::to_bits));
        for answer in [&row.prediction, &row.label] {
            match answer {
                Answer::Number(number) => words.add(number.to_bits()),
                Answer::Class(name) => words.add_text(name),
            }
        }
    }
    words.0
}

/// A hash of words: each is mixed in by a rotation and an odd factor, 2^64 over the golden ratio.
struct Words(u64);

impl Words {
    const fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn add_text(&mut self, text: &str) {
        let (chunks, rest) = text.as_bytes().as_chunks();
        chunks.iter().for_each(|chunk| self.add(u64::from_le_bytes(*chunk)));
        let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        // The length tells a text from a longer one, and from a number.
        self.add(last ^ (text.len() as u64) << 56);
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_fingerprint_tells_rows_apart_by_each_of_their_fields() {
        let row = JudgedRow {
            at_seconds: 1.0,
            id: "a prediction".into(),
            prediction: Answer::Class("a".into()),
            confidence: Some(0.5),
            label: Answer::Number(1.0),
        };
        let changed = [
            JudgedRow { at_seconds: 2.0, ..row.clone() },
            JudgedRow { id: "a predictioN".into(), ..row.clone() },
            JudgedRow { id: "b prediction".into(), ..row.clone() },
            JudgedRow { id: "a predictio".into(), ..row.clone() },
            JudgedRow { prediction: Answer::Class("b".into()), ..row.clone() },
            JudgedRow { prediction: Answer::Number(1.0), ..row.clone() },
            JudgedRow { confidence: None, ..row.clone() },
            JudgedRow { label: Answer::Number(2.0), ..row.clone() },
        ];
        let mut all = changed.map(|row| fingerprint(&[row])).to_vec();
        all.extend([fingerprint(&[]), fingerprint(core::slice::from_ref(&row))]);
        all.push(fingerprint(&[row.clone(), row]));
        let told_apart: BTreeSet<u64> = all.iter().copied().collect();
        assert_eq!(told_apart.len(), all.len());
    }
}
