//! States that are long: many labelled predictions, or many units of an experiment. Node encodes and ticks them in
//! WebAssembly.

use std::cell::RefCell;

use tidegate_core::event;
use tidegate_core::observatory::{Observatory, ObservatoryOptions};

use crate::request::START_SECONDS;

/// Labelled predictions of each version: as many as its windows keep.
const LABELLED: u32 = 1000;

thread_local! {
    static HELD: RefCell<Observatory> = RefCell::default();
}

fn observe(observatory: &mut Observatory, bodies: impl Iterator<Item = String>) {
    for (index, body) in bodies.enumerate() {
        let read = event::read(body.as_bytes());
        read.events.iter().for_each(|it| observatory.observe(START_SECONDS, &it.event));
        if index % 2000 == 1999 {
            observatory.tick(START_SECONDS);
        }
    }
    observatory.tick(START_SECONDS);
}

/// An observatory of so many model versions, eight a model, each with as many labelled predictions as are kept.
#[must_use]
pub fn labelled(versions: u32) -> Observatory {
    let mut observatory = Observatory::default();
    let events = (0..versions * LABELLED).flat_map(|index| {
        let (model, version) = (index % versions / 8, index % 8);
        let class = ["setosa", "virginica"][index as usize % 3 % 2];
        let (id, share) = (format!("0b6f1f6c-{index:012}"), f64::from(index % 500) / 1000.0 + 0.5);
        [
            format!(
                r#"{{"type": "inference", "model_name": "iris {model}", "model_version": "{version}", "prediction_id": "{id}", "predictions": ["{class}"], "confidences": [{share}]}}"#
            ),
            format!(r#"{{"type": "label", "prediction_id": "{id}", "label": "setosa"}}"#),
        ]
    });
    observe(&mut observatory, events);
    observatory
}

/// An observatory of an experiment with so many units, of which each third converted.
#[must_use]
pub fn units(units: u32) -> Observatory {
    let options = r#"{"experiments": [{"name": "known", "variants": [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}]}]}"#;
    let settings = ObservatoryOptions::settings_from_json(options).unwrap_or_default();
    let mut observatory = Observatory::new(settings);
    let events = (0..units).flat_map(|unit| {
        let variant = ["a", "b"][unit as usize % 2];
        let given = format!(
            r#"{{"type": "inference", "model_name": "iris", "predictions": ["a"], "unit": "u{unit}", "variants": {{"known": "{variant}"}}}}"#
        );
        let conversion = format!(
            r#"{{"type": "conversion", "experiment": "known", "unit": "u{unit}", "value": 1.5}}"#
        );
        [Some(given), (unit % 3 == 0).then_some(conversion)].into_iter().flatten()
    });
    observe(&mut observatory, events);
    observatory
}

/// Prepares a state of so many labelled versions.
#[unsafe(no_mangle)]
pub extern "C" fn prepare_labelled(versions: u32) {
    HELD.with_borrow_mut(|held| *held = labelled(versions));
}

/// Prepares a state of so many units.
#[unsafe(no_mangle)]
pub extern "C" fn prepare_units(count: u32) {
    HELD.with_borrow_mut(|held| *held = units(count));
}

/// Encodes the state; returns how long that is, in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn encode() -> usize {
    HELD.with_borrow(|held| held.state().encode().len())
}

/// A tick in which nothing came; returns the alerts that changed.
#[unsafe(no_mangle)]
pub extern "C" fn tick_state() -> usize {
    HELD.with_borrow_mut(|held| held.tick(START_SECONDS + 1.0).len())
}
