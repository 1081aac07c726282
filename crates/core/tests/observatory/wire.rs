//! Encodings: what goes in comes out, and nothing that comes in does harm.

use proptest::collection::vec;
use proptest::prelude::*;
use tidegate_core::event::{FeatureColumn, Inference, Stage, StageLatency, Value};
use tidegate_core::metric::{families, prometheus_text};
use tidegate_core::observatory::{DecodeError, Delta, References, Settings, State};

use crate::exposition;
use crate::fixture::{
    NOON, assigned, bins, delta, feed, inference, learn, rows, state, with_profile,
};

fn request() -> Inference {
    Inference {
        predictions: vec![Value::Category("cat".into())],
        confidences: vec![0.8],
        assignments: vec![assigned("a-or-b", "control")],
        ..rows("m", &[0.5, 3.5])
    }
}

fn raw() -> Delta {
    delta(NOON, &[request(), request()], &References::default(), &with_profile())
}

fn counted() -> State {
    state(NOON, &[request(), request()], &with_profile())
}

#[test]
fn what_is_encoded_is_decoded() {
    assert_eq!(Delta::decode(&raw().encode()), Ok(raw()));
    assert_eq!(State::decode(&counted().encode()), Ok(counted()));
    let waiting = state(NOON, &[request()], &learn(100));
    assert_eq!(State::decode(&waiting.encode()), Ok(waiting));
}

#[test]
fn a_successor_goes_on_where_the_leader_was() {
    let settings = learn(3);
    let mut leader = state(NOON, &[rows("m", &[1.0, 2.0])], &settings);
    let mut successor = State::decode(&leader.encode()).unwrap();
    for state in [&mut leader, &mut successor] {
        feed(state, NOON + 1.0, &[rows("m", &[3.0, 4.0])], &settings);
    }
    assert!(leader.references().get("m").is_some());
    assert_eq!(leader, successor);
}

#[test]
fn other_versions_and_damage_are_refused() {
    assert_eq!(State::decode(&[]), Err(DecodeError::Malformed));
    let mut bytes = counted().encode();
    let version = bytes[0];
    assert_eq!(State::decode(&[version]), Err(DecodeError::Malformed));
    bytes.push(0);
    assert_eq!(State::decode(&bytes), Err(DecodeError::Malformed));
    bytes[0] = 200;
    assert_eq!(State::decode(&bytes), Err(DecodeError::Version(200)));
    let says = DecodeError::Version(200).to_string();
    assert_eq!(says, format!("encoded by another version of Tidegate (200, not {version})"));
}

/// An hour of three models of twenty features, two thousand rows a minute of each.
#[test]
fn the_state_of_an_hour_stays_below_300_kilobytes() {
    let settings = Settings { panes: 60, ..learn(2000) };
    let spread = |row: u32, column: u32| f64::from((row * 7919 + column * 104_729) % 10_007);
    let body = |column: u32| FeatureColumn {
        name: format!("feature_{column:02}"),
        values: (0..2000).map(|row| Value::Number(spread(row, column))).collect(),
    };
    let wide = Inference { features: (0..20).map(body).collect(), ..inference("") };
    let timed = |call: u32| Inference {
        latency: vec![StageLatency { stage: Stage::Total, seconds: spread(call, 0) * 1e-5 }],
        ..inference("")
    };
    let mut state = State::default();
    for pane in 0..61 {
        let calls = (0..200).map(timed).chain([wide.clone()]);
        let of = |model: &str, call: Inference| Inference { model_name: model.into(), ..call };
        let calls: Vec<Inference> = calls
            .flat_map(|call| ["iris", "wine", "boston"].map(|model| of(model, call.clone())))
            .collect();
        feed(&mut state, NOON + 60.0 * f64::from(pane), &calls, &settings);
    }
    let bytes = state.encode();
    assert_eq!(bins(&state, "iris", "feature_00").iter().sum::<u64>(), 60 * 2000);
    assert!((100_000..300_000).contains(&bytes.len()), "{} bytes", bytes.len());
    assert_eq!(State::decode(&bytes), Ok(state));
}

/// What a leader does with what it read.
fn use_up(state: &mut State, settings: &Settings) {
    state.tick(NOON, settings);
    let snapshot = state.snapshot(NOON, settings);
    let _ = state.profile("m");
    exposition::read(&prometheus_text(&families(state, &snapshot)));
}

/// Bytes with some of them replaced.
fn damaged(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let places = vec((0..bytes.len(), any::<u8>()), 1..4);
    places.prop_map(move |places| {
        let mut bytes = bytes.clone();
        for (place, byte) in places {
            bytes[place] = byte;
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..300)) {
        let body = [&[1], &bytes[..]].concat();
        let _ = (Delta::decode(&body), State::decode(&body), References::decode(&body));
    }

    #[test]
    fn a_damaged_delta_does_no_harm(bytes in damaged(raw().encode())) {
        if let Ok(delta) = Delta::decode(&bytes) {
            let settings = with_profile();
            let mut mailbox = raw();
            mailbox.merge(delta.clone());
            let mut state = counted();
            state.apply(delta, &settings);
            state.apply(mailbox, &settings);
            use_up(&mut state, &settings);
        }
    }

    #[test]
    fn a_damaged_state_does_no_harm(bytes in damaged(counted().encode())) {
        if let Ok(mut state) = State::decode(&bytes) {
            let settings = with_profile();
            state.apply(raw(), &settings);
            use_up(&mut state, &settings);
        }
    }
}
