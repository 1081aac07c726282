//! Any cut of a stream into deltas, applied in any order, gives the same state to the byte.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use tidegate_core::event::{
    ErrorKind, FeatureColumn, Generation, Inference, Side, Stage, StageLatency, Status, Unread,
    UnreadReason, Value,
};
use tidegate_core::observatory::{Delta, References, Settings, State};

use crate::fixture::{
    NOON, assigned, bins, delta, inference, learn, requests, rows, state, with_profile,
};

fn status() -> impl Strategy<Value = Status> {
    select(vec![Status::Success, Status::ClientError, Status::ServerError, Status::Aborted])
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![9 => (-1.0..5.0).prop_map(Value::Number), 1 => Just(Value::Missing)]
}

fn category() -> impl Strategy<Value = Value> {
    prop_oneof![
        9 => select(vec!["red", "blue", "green", "cat", "dog"])
            .prop_map(|name| Value::Category(name.into())),
        1 => Just(Value::Missing),
    ]
}

fn generation() -> impl Strategy<Value = Generation> {
    let count = || option::of(0_u64..5000);
    (count(), count(), count(), option::of(0.0..9.0), option::of(0.0..9.0)).prop_map(
        |(input_tokens, output_tokens, chunks, first_chunk_seconds, chunks_seconds)| Generation {
            input_tokens,
            output_tokens,
            chunks,
            first_chunk_seconds,
            chunks_seconds,
            ..Generation::default()
        },
    )
}

prop_compose! {
    fn request()(
        model in select(vec!["iris", "wine"]),
        version in select(vec!["1", "2"]),
        status in status(),
        seconds in 0.0..200.0,
        x in vec(number(), 0..4),
        color in option::of(vec(category(), 0..4)),
        predictions in vec(category(), 0..3),
        confidences in vec(0.0..=1.0, 0..3),
        variant in select(vec!["control", "treatment"]),
        unread in any::<bool>(),
        error in option::of(select(vec![ErrorKind::Timeout, ErrorKind::Internal])),
        generation in option::of(generation()),
    ) -> Inference {
        let mut features = vec![FeatureColumn { name: "x".into(), values: x.clone() }];
        features.extend(color.map(|values| FeatureColumn { name: "color".into(), values }));
        let over_cap = Unread { side: Side::Response, reason: UnreadReason::OverCap };
        Inference {
            model_version: version.into(),
            status,
            error,
            generation,
            batch_size: Some(x.len() as u64),
            latency: vec![StageLatency { stage: Stage::Total, seconds }],
            features,
            predictions,
            confidences,
            assignments: vec![assigned("a-or-b", variant)],
            unread: if unread { vec![over_cap] } else { vec![] },
            ..inference(model)
        }
    }
}

/// A request, when it ended, which worker saw it, and whether that worker knew the references.
fn stream() -> impl Strategy<Value = Vec<(Inference, f64, usize, bool)>> {
    vec((request(), 0.0..200.0, 0..4_usize, any::<bool>()), 0..60)
}

/// A state that has seen both models, and so has their references.
fn start(settings: &Settings) -> State {
    state(NOON, &[inference("iris"), inference("wine")], settings)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_partition_in_any_order_gives_the_same_state(
        stream in stream(),
        order in Just([0_usize, 1, 2, 3]).prop_shuffle(),
        hand_over_early in any::<bool>(),
    ) {
        let settings = with_profile();
        let end = NOON + 230.0;
        let (mut whole, mut parts) = (start(&settings), start(&settings));

        let mut one = Delta::default();
        let mut workers = vec![Delta::default(); 4];
        for (inference, offset, worker, knows) in &stream {
            let references = if *knows { parts.references() } else { &References::default() };
            workers[*worker].record(NOON + offset, inference, references, &settings);
            one.record(NOON + offset, inference, whole.references(), &settings);
        }
        whole.apply(one, &settings);
        whole.tick(end, &settings);

        let mut mailbox = Delta::default();
        for index in order {
            let delta = core::mem::take(&mut workers[index]);
            let delta = Delta::decode(&delta.encode()).unwrap();
            if hand_over_early {
                parts.apply(delta, &settings);
                parts.tick(NOON + 200.0, &settings);
            } else {
                mailbox.merge(delta);
            }
        }
        parts.apply(mailbox, &settings);
        parts.tick(end, &settings);

        prop_assert_eq!(requests(&parts), 2 + stream.len() as u64);
        prop_assert_eq!(&parts, &whole);
        prop_assert_eq!(parts.encode(), whole.encode());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn each_row_is_in_the_reference_or_in_the_window(
        batches in vec((vec(0.0..1.0, 0..8), any::<bool>(), any::<bool>()), 0..30),
    ) {
        let settings = learn(20);
        let mut state = State::default();
        let mut late = Delta::default();
        for (batch, merge, is_late) in &batches {
            let request = [rows("iris", batch)];
            let mut delta = delta(NOON, &request, state.references(), &settings);
            if *is_late {
                late.merge(delta);
                continue;
            }
            if *merge {
                delta.merge(core::mem::take(&mut late));
            }
            state.apply(delta, &settings);
            state.tick(NOON, &settings);
        }
        state.apply(late, &settings);
        state.tick(NOON, &settings);

        let sent: usize = batches.iter().map(|(batch, ..)| batch.len()).sum();
        prop_assert_eq!(requests(&state), batches.len() as u64);
        let Some(reference) = state.references().get("iris") else {
            prop_assert!(sent < 20);
            return Ok(());
        };
        prop_assert_eq!(reference.rows(), 20);
        prop_assert_eq!(reference.columns()[0].bins.iter().sum::<u64>(), 20);
        prop_assert_eq!(bins(&state, "iris", "x").iter().sum::<u64>(), sent as u64 - 20);
    }
}

#[test]
fn merging_nothing_changes_nothing() {
    let settings = with_profile();
    let mut delta = delta(NOON, &[inference("iris")], &References::default(), &settings);
    let before = delta.clone();
    delta.merge(Delta::default());
    assert_eq!(delta, before);
    assert!(Delta::default().is_empty());
    assert!(!delta.is_empty());
}
