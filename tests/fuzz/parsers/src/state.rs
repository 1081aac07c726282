//! What workers and leaders leave each other, as it may be damaged, or written by another version.

use std::sync::LazyLock;

use tidegate_core::event;
use tidegate_core::observatory::{
    Delta, ModelSettings, ReferenceSettings, References, Settings, State,
};

const EVENTS: &[u8] = br#"
{"type":"inference","model_name":"m","prediction_id":"p","predictions":["a"],"confidences":[0.5],"features":{"x":1.5,"c":"k"}}
{"type":"inference","model_name":"m","predictions":[2.5],"features":{"x":null},"variants":{"e":"v"},"unit":"u"}
{"type":"label","prediction_id":"p","label":"a"}
{"type":"conversion","experiment":"e","unit":"u","value":2}
{"type":"feature_retrieval","feature_set":"f","source":"s","duration_seconds":0.1,"cache_hit":true}
{"type":"explanation","model_name":"m","attributions":{"x":0.5}}
{"type":"training_step","job_id":"j","step":1,"loss":0.5,"samples":8,"duration_seconds":0.1}
"#;

fn settings() -> Settings {
    let reference = ReferenceSettings::Learn { samples: 1 };
    let model = ModelSettings { reference, ..ModelSettings::default() };
    Settings { models: vec![model], ..Settings::default() }
}

/// Encoded, with something of every kind in it.
static WHOLE: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let settings = settings();
    let mut delta = Delta::default();
    let mut state = State::default();
    for positioned in event::read(EVENTS).events {
        delta.observe(1_790_000_000.0, &positioned.event, state.references(), &settings);
    }
    let encoded = delta.encode();
    state.apply(delta, &settings);
    state.tick(1_790_000_001.0, &settings);
    [encoded, state.encode(), state.references().encode()]
});

/// Reads the input as it is, and as damage of what is whole: places and bytes to put there.
pub(crate) fn state(input: &[u8]) {
    read(input);
    for whole in WHOLE.iter() {
        let mut damaged = whole.clone();
        for patch in input.chunks_exact(3) {
            let [low, high, byte] = patch else { continue };
            let place = usize::from(u16::from_le_bytes([*low, *high])) % damaged.len().max(1);
            if let Some(found) = damaged.get_mut(place) {
                *found = *byte;
            }
        }
        damaged.truncate(damaged.len().saturating_sub(input.len() % 3));
        read(&damaged);
    }
}

/// What is read can be used.
fn read(bytes: &[u8]) {
    let settings = settings();
    let _ = References::decode(bytes);
    let delta = Delta::decode(bytes);
    if let Ok(mut state) = State::decode(bytes) {
        if let Ok(delta) = delta.clone() {
            state.apply(delta, &settings);
        }
        state.tick(1_790_000_060.0, &settings);
        let snapshot = state.snapshot(1_790_000_060.0, &settings);
        assert!(serde_json::to_string(&snapshot).is_ok());
        assert!(State::decode(&state.encode()).is_ok());
    }
    if let Ok(delta) = delta {
        let mut merged = Delta::default();
        merged.merge(delta.clone());
        merged.merge(delta);
        let mut state = State::default();
        state.apply(merged, &settings);
        state.tick(1_790_000_001.0, &settings);
    }
}
