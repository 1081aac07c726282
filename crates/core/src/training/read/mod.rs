//! Reads the logs that trainers write: TensorBoard event files, Hugging Face's `trainer_state.json`,
//! Lightning's `metrics.csv` and others like it, and JSON lines.
//!
//! What a column, tag or key means is told by the words in its name: `train/loss`, `val_loss`,
//! `epoch_accuracy`, `grad_norm`. Names that say nothing are passed over.

mod crc;
mod csv;
mod json;
mod log;
mod name;
mod protobuf;
mod tfevents;

use alloc::string::String;
use core::fmt;

pub use log::TrainingLog;

/// Why a log was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogError {
    /// Nothing in it is known: not one of the formats, or no name that says what it is.
    NothingKnown,
    /// A record of an event file is damaged, at this byte.
    Damaged(usize),
    /// Not the JSON that it should be.
    Json(String),
}

impl LogError {
    /// The kind's name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NothingKnown => "NothingKnown",
            Self::Damaged(_) => "Damaged",
            Self::Json(_) => "NotJson",
        }
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingKnown => f.write_str(
                "no training log: expected a TensorBoard event file, trainer_state.json, a CSV with a column \
                 such as `train_loss`, or JSON lines",
            ),
            Self::Damaged(at) => {
                write!(f, "the event file is damaged at byte {at}: a checksum does not match")
            }
            Self::Json(what) => write!(f, "not JSON: {what}"),
        }
    }
}

impl core::error::Error for LogError {}

impl TrainingLog {
    /// Adds what a file holds, whichever of the formats it is in.
    ///
    /// `is_validation`: whether its losses and accuracies are of the validation data, where their names do
    /// not say so: TensorBoard keeps those in a folder of their own.
    ///
    /// An event file that was cut short, as one is while the run goes on, is read as far as it goes.
    ///
    /// # Errors
    /// [`LogError`]. What was read before stays.
    pub fn add(&mut self, bytes: &[u8], is_validation: bool) -> Result<(), LogError> {
        let before = self.understood;
        let text = bytes.trim_ascii_start();
        if tfevents::is_one(bytes) {
            tfevents::add(self, bytes, is_validation)?;
        } else if text.starts_with(b"{") || text.starts_with(b"[") {
            json::add(self, text, is_validation)?;
        } else {
            csv::add(self, bytes, is_validation);
        }
        if self.understood == before { Err(LogError::NothingKnown) } else { Ok(()) }
    }
}
