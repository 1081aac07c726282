//! What follows from an answer: an explanation at once, and the truth some days of the market later.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Admin, Telling};
use crate::Error;
use crate::elec2::{CLASSES, FEATURE_NAMES, Row};
use crate::model::Model;
use crate::server::MODEL_NAME;

/// The truth comes so much later: at 120 half-hours a second, twelve days.
const LABEL_DELAY: Duration = Duration::from_secs(5);
/// One answer in so many never gets to know it.
const UNLABELLED_EVERY: usize = 10;
const TELL_EVERY: Duration = Duration::from_millis(500);

/// An answer of the gateway, and what was asked.
#[derive(Debug)]
pub struct Answered {
    /// What a feature store had to say of the request.
    pub retrieval: Vec<Value>,
    /// Whether the user ordered something.
    pub led_to_order: bool,
    /// The first row, counted from the start of the traffic.
    pub first_row: usize,
    /// The rows.
    pub rows: Vec<Row>,
    /// `x-tidegate-prediction`, where the answer carried one.
    pub token: Option<String>,
    /// The version that answered.
    pub version: String,
    /// The predicted classes.
    pub predicted: Vec<Value>,
}

/// Tells of answers until there are no more. A gateway that does not take them is told of the next ones, and its reason is printed.
///
/// # Errors
/// When there is no model to explain.
pub fn tell_of_answers(
    gateway: SocketAddr,
    admin: &Admin,
    answers: &Receiver<Answered>,
) -> Result<(), Error> {
    let explained = Model::load("v1")?;
    let mut telling = Telling::new(gateway, admin);
    let mut labels: VecDeque<(Instant, Value)> = VecDeque::new();
    let mut events = Vec::new();
    let mut next_telling = Instant::now() + TELL_EVERY;
    loop {
        match answers.recv_timeout(next_telling.saturating_duration_since(Instant::now())) {
            Ok(answered) => {
                if answered.version == explained.version {
                    events.extend(
                        answered.rows.iter().filter_map(|row| explanation(&explained, row)),
                    );
                }
                events.push(json!({
                    "type": "business_metric", "model_name": MODEL_NAME, "model_version": answered.version,
                    "name": "orders", "value": u8::from(answered.led_to_order),
                }));
                labels
                    .extend(label_of(&answered).map(|label| (Instant::now() + LABEL_DELAY, label)));
                events.extend(answered.retrieval);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if Instant::now() >= next_telling {
            next_telling += TELL_EVERY;
            let due = labels.partition_point(|(due, _)| *due <= Instant::now());
            let due: Vec<Value> = labels.drain(..due).map(|(_, label)| label).collect();
            let told = telling.events(&std::mem::take(&mut events));
            if let Err(reason) = told.and_then(|()| telling.labels(&due)) {
                eprintln!("not told: {reason}");
            }
        }
    }
}

fn label_of(answered: &Answered) -> Option<Value> {
    let token = answered.token.as_ref()?;
    if answered.first_row.is_multiple_of(UNLABELLED_EVERY) {
        return None;
    }
    let truth: Vec<&str> =
        answered.rows.iter().map(|row| CLASSES[usize::from(row.is_up)]).collect();
    Some(json!({ "prediction": token, "predicted": answered.predicted, "label": truth }))
}

fn explanation(model: &Model, row: &Row) -> Option<Value> {
    let attributions = model.attributions(&row.features)?;
    let attributions: serde_json::Map<String, Value> = FEATURE_NAMES
        .iter()
        .zip(attributions)
        .map(|(name, attribution)| (name.to_string(), json!(attribution)))
        .collect();
    Some(json!({
        "type": "explanation", "model_name": MODEL_NAME, "model_version": model.version,
        "attributions": attributions,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elec2;

    #[test]
    fn most_answers_get_to_know_the_truth() {
        let rows = elec2::rows().unwrap()[..2].to_vec();
        let answered = |first_row| Answered {
            retrieval: Vec::new(),
            led_to_order: false,
            first_row,
            rows: rows.clone(),
            token: Some("t".into()),
            version: "1".into(),
            predicted: vec![json!("UP"), json!("DOWN")],
        };
        let label = label_of(&answered(3)).unwrap();
        assert_eq!(
            label,
            json!({ "prediction": "t", "predicted": ["UP", "DOWN"], "label": ["UP", "UP"] })
        );
        assert_eq!(label_of(&answered(10)), None);
    }

    #[test]
    fn an_explanation_adds_up_to_the_log_odds() {
        let model = Model::load("v1").unwrap();
        let rows = elec2::rows().unwrap();
        let log_odds = |row: &Row| {
            let [down, up] = model.predict_proba(&row.features);
            libm::log(up / down)
        };
        let sum = |row: &Row| model.attributions(&row.features).unwrap().iter().sum::<f64>();
        let (first, other) = (&rows[0], &rows[20_000]);
        assert!((sum(first) - sum(other) - (log_odds(first) - log_odds(other))).abs() < 1e-9);
        assert!(Model::load("v2").unwrap().attributions(&first.features).is_none());
    }
}
