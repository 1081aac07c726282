//! Trains the logistic regression again, by gradient descent, twice: at a rate that learns, and at one that is far too high.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Admin, Telling};
use crate::elec2::{FEATURE_NAMES, Row};

/// Rows that are learned from, as the served models did; those up to [`VALIDATION_ROWS`] are held out.
const TRAINING_ROWS: usize = 13_440;
const VALIDATION_ROWS: usize = 17_424;
const BATCH: usize = 480;
const EPOCHS: u64 = 30;
const EPOCH_EVERY: Duration = Duration::from_secs(3);
/// A name and a learning rate each.
const RUNS: [(&str, f64); 2] = [("elec2-rate-0.02", 0.02), ("elec2-rate-100", 100.0)];

const WIDTH: usize = FEATURE_NAMES.len();
/// Features, and 1 for the intercept.
type Inputs = [f64; WIDTH + 1];

/// Trains until all epochs are done, or it is to stop, and tells of every step. A gateway that does not listen stops it.
pub fn train(gateway: SocketAddr, admin: &Admin, rows: &[Row], stop: &AtomicBool) {
    let examples = examples(rows);
    let (training, validation) = examples.split_at(TRAINING_ROWS.min(examples.len()));
    let mut telling = Telling::new(gateway, admin);
    let mut runs =
        RUNS.map(|(job_id, rate)| Run { job_id, rate, weights: [0.0; WIDTH + 1], step: 0 });
    for epoch in 1..=EPOCHS {
        let due = Instant::now() + EPOCH_EVERY;
        for run in &mut runs {
            if let Err(reason) = telling.events(&run.epoch(epoch, training, validation)) {
                eprintln!("training is not told: {reason}");
                return;
            }
        }
        while Instant::now() < due {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

struct Example {
    inputs: Inputs,
    is_up: bool,
}

/// The rows with their features in standard deviations of the training rows.
fn examples(rows: &[Row]) -> Vec<Example> {
    let learned = &rows[..TRAINING_ROWS.min(rows.len())];
    let mean_of =
        |of: &dyn Fn(&Row) -> f64| learned.iter().map(of).sum::<f64>() / learned.len() as f64;
    let scales: Vec<(f64, f64)> = (0..WIDTH)
        .map(|i| {
            let mean = mean_of(&|row| row.features[i]);
            let variance = mean_of(&|row| (row.features[i] - mean) * (row.features[i] - mean));
            (mean, if variance > 1e-12 { variance.sqrt() } else { 1.0 })
        })
        .collect();
    let inputs = |row: &Row| {
        let mut inputs = [1.0; WIDTH + 1];
        for (i, (mean, deviation)) in scales.iter().enumerate() {
            inputs[i] = (row.features[i] - mean) / deviation;
        }
        inputs
    };
    let held_out = rows.iter().take(VALIDATION_ROWS).skip(learned.len());
    shuffled(learned)
        .chain(held_out)
        .map(|row| Example { inputs: inputs(row), is_up: row.is_up })
        .collect()
}

/// Each row once, far from those that were its neighbours: seasons in their order would pull a step this way and that.
fn shuffled(rows: &[Row]) -> impl Iterator<Item = &Row> {
    // A prime that divides no number of rows here, so that the walk meets each of them.
    const STRIDE: usize = 7_919;
    (0..rows.len()).map(|i| &rows[i * STRIDE % rows.len()])
}

struct Run {
    job_id: &'static str,
    rate: f64,
    weights: Inputs,
    step: u64,
}

impl Run {
    /// Goes once through the training rows, and says how each step and the whole went.
    fn epoch(&mut self, epoch: u64, training: &[Example], validation: &[Example]) -> Vec<Value> {
        let started = Instant::now();
        let job_id = self.job_id;
        let mut events = Vec::new();
        for batch in training.chunks(BATCH) {
            let started = Instant::now();
            let (loss, gradient) = self.loss_and_gradient(batch);
            for (weight, slope) in self.weights.iter_mut().zip(gradient) {
                *weight -= self.rate * slope;
            }
            self.step += 1;
            events.push(json!({
                "type": "training_step", "job_id": job_id, "step": self.step, "loss": loss,
                "grad_norm": gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt(),
                "learning_rate": self.rate, "samples": batch.len(),
                "duration_seconds": started.elapsed().as_secs_f64(),
            }));
        }
        let (loss, accuracy) = self.judge(training);
        let (validation_loss, validation_accuracy) = self.judge(validation);
        events.push(json!({
            "type": "training_epoch", "job_id": job_id, "epoch": epoch,
            "loss": loss, "accuracy": accuracy,
            "validation_loss": validation_loss, "validation_accuracy": validation_accuracy,
            "duration_seconds": started.elapsed().as_secs_f64(),
        }));
        events
    }

    fn loss_and_gradient(&self, batch: &[Example]) -> (f64, Inputs) {
        let share = 1.0 / batch.len() as f64;
        let (mut loss, mut gradient) = (0.0, [0.0; WIDTH + 1]);
        for example in batch {
            let log_odds = self.log_odds(example);
            loss += share * log_loss(log_odds, example.is_up);
            let up = 1.0 / (1.0 + libm::exp(-log_odds));
            let error = up - f64::from(u8::from(example.is_up));
            for (slope, input) in gradient.iter_mut().zip(example.inputs) {
                *slope += share * error * input;
            }
        }
        (loss, gradient)
    }

    /// The mean loss, and the share that was right.
    fn judge(&self, examples: &[Example]) -> (f64, f64) {
        let share = 1.0 / examples.len().max(1) as f64;
        examples.iter().fold((0.0, 0.0), |(loss, right), example| {
            let log_odds = self.log_odds(example);
            let is_right = (log_odds > 0.0) == example.is_up;
            (
                loss + share * log_loss(log_odds, example.is_up),
                right + share * f64::from(u8::from(is_right)),
            )
        })
    }

    fn log_odds(&self, example: &Example) -> f64 {
        self.weights.iter().zip(example.inputs).map(|(weight, input)| weight * input).sum()
    }
}

/// `−ln` of the probability of what was true.
fn log_loss(log_odds: f64, is_up: bool) -> f64 {
    let against = if is_up { -log_odds } else { log_odds };
    against.max(0.0) + libm::log1p(libm::exp(-against.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elec2;

    fn eight_epochs_at(rate: f64) -> (Vec<Value>, Value) {
        let examples = examples(&elec2::rows().unwrap());
        let (training, validation) = examples.split_at(TRAINING_ROWS);
        let mut run = Run { job_id: "j", rate, weights: [0.0; WIDTH + 1], step: 0 };
        let mut events =
            (1..=8).flat_map(|epoch| run.epoch(epoch, training, validation)).collect::<Vec<_>>();
        let last = events.pop().unwrap();
        (events, last)
    }

    #[test]
    fn a_fair_rate_learns_what_the_served_model_knows() {
        let (events, last) = eight_epochs_at(0.3);
        // Before the first step both classes are as likely.
        assert!((events[0]["loss"].as_f64().unwrap() - libm::log(2.0)).abs() < 1e-12);
        // The served model, trained to the end, is right in 0.8247 and 0.757.
        for (name, served) in [("accuracy", 0.8247), ("validation_accuracy", 0.757)] {
            assert!((last[name].as_f64().unwrap() - served).abs() < 0.03, "{last}");
        }
    }

    #[test]
    fn a_rate_far_too_high_does_not() {
        let (_, last) = eight_epochs_at(100.0);
        assert!(last["loss"].as_f64().unwrap() > 1.0, "{last}");
    }
}
