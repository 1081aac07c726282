//! Events of a client that invents names, classes, categories, ids, jobs and units without end.

use tidegate_core::event;
use tidegate_core::observatory::{Observatory, ObservatoryOptions};

use crate::request::START_SECONDS;

/// Events between two ticks, which are a second apart.
const EVENTS_A_TICK: u64 = 5_000;
/// Seconds between two ticks, so that the panes of the window are filled too.
const TICK_SECONDS: f64 = 30.0;

/// One event; every name in it is new, or would be if it were let in.
fn event(index: u64) -> String {
    // Latencies and sizes of every magnitude, to fill the buckets of the histograms: from 2^-30 seconds on, 64 to
    // the power of two.
    let step = index * 7919 % 4096;
    let seconds = f64::from_bits(((1023 - 30) << 52) + (step << 46));
    let tokens = index * 104_729 % 1_000_000;
    let round = index / 10;
    let model = if index % 20 < 10 { format!("m{}", round % 40) } else { format!("n{index}") };
    match index % 10 {
        0 | 5 => format!(
            r#"{{"type": "inference", "model_name": "{model}", "model_version": "v{}",
                "prediction_id": "p{index}", "predictions": ["class{index}"], "confidences": [{}],
                "batch_size": {tokens}, "features": {{"x{}": {index}, "y{}": "category{index}"}},
                "latency_seconds": {{"total": {seconds}, "inference": {seconds}}},
                "variants": {{"e{}": "w{round}"}}, "unit": "u{index}",
                "generation": {{"input_tokens": {tokens}, "output_tokens": {tokens}, "chunks": 9,
                    "first_chunk_seconds": {seconds}, "chunks_seconds": {seconds}}}}}"#,
            round / 40 % 12,
            (index % 1000) as f64 / 1000.0,
            round % 700,
            round % 701,
            round % 40,
        ),
        1 => {
            format!(r#"{{"type": "label", "prediction_id": "q{index}", "label": "class{index}"}}"#)
        }
        2 => {
            format!(r#"{{"type": "label", "prediction_id": "p{}", "label": "{index}"}}"#, index - 2)
        }
        3 => format!(
            r#"{{"type": "conversion", "experiment": "known", "unit": "u{index}", "value": {seconds}}}"#
        ),
        4 => format!(
            r#"{{"type": "feature_retrieval", "feature_set": "s{}", "source": "o{round}",
                "duration_seconds": {seconds}, "cache_hit": true}}"#,
            round % 40
        ),
        6 => {
            // Eight new columns each.
            let names = (round / 40 * 8..).take(8).map(|name| name % 5600);
            let values: Vec<String> = names.map(|name| format!(r#""x{name}": {index}"#)).collect();
            format!(
                r#"{{"type": "feature_row", "feature_set": "s{}", "values": {{{}, "y": "c{index}"}}}}"#,
                round % 40,
                values.join(", ")
            )
        }
        7 => format!(
            r#"{{"type": "training_step", "job_id": "j{}", "step": {index}, "loss": {seconds},
                "duration_seconds": {seconds}, "gpu_utilization": {{"{round}": 0.5}}}}"#,
            round % 40
        ),
        8 => format!(
            r#"{{"type": "training_epoch", "job_id": "j{}", "epoch": {index}, "loss": {seconds}}}"#,
            round % 40
        ),
        _ => format!(
            r#"{{"type": "explanation", "model_name": "{model}",
                "attributions": {{"x{round}": {seconds}, "y{index}": 1}}}}"#
        ),
    }
}

/// An observatory after so many events, with the default alerts.
#[must_use]
pub fn observatory(events: u64) -> Observatory {
    let options = r#"{"models": [{"learn_samples": 1000000}], "feature_sets": [{"learn_samples": 300}],
        "experiments": [{"name": "known", "variants": [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}]}]}"#;
    let settings = ObservatoryOptions::settings_from_json(options).unwrap_or_default();
    let mut observatory = Observatory::new(settings);
    let mut now = START_SECONDS;
    for first in (0..events).step_by(EVENTS_A_TICK as usize) {
        for index in first..events.min(first + EVENTS_A_TICK) {
            let read = event::read(event(index).replace('\n', " ").as_bytes());
            read.events.iter().for_each(|it| observatory.observe(now, &it.event));
        }
        now += TICK_SECONDS;
        observatory.tick(now);
    }
    observatory
}
