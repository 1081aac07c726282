//! Families of how models are served.

use alloc::vec::Vec;

use super::family::{Family, Kind};
use crate::observatory::State;
use crate::pane::Summary;
use crate::pane::{
    CHUNK_GAP_SECONDS_BUCKETS, FIRST_CHUNK_SECONDS_BUCKETS, GenerationTotals, Quantity,
    TOKENS_PER_SECOND_BUCKETS, VersionTotals,
};
use crate::quality::LatencyChange;
use crate::snapshot::{ServingSnapshot, Snapshot};

/// A quantity of generated text: its family, what it says, where it is, and its buckets.
type Generated = (&'static str, &'static str, fn(&GenerationTotals) -> &Quantity, &'static [f64]);

const GENERATED: [Generated; 3] = [
    (
        "inference_first_chunk_seconds",
        "Time from a request's first byte to the first chunk of its answer.",
        |it| &it.first_chunk,
        FIRST_CHUNK_SECONDS_BUCKETS,
    ),
    (
        "inference_chunk_gap_seconds",
        "Mean time between the chunks of an answer.",
        |it| &it.chunk_gap,
        CHUNK_GAP_SECONDS_BUCKETS,
    ),
    (
        "inference_output_tokens_per_second",
        "Output tokens of an answer over its request's total latency.",
        |it| &it.tokens_per_second,
        TOKENS_PER_SECOND_BUCKETS,
    ),
];

/// A figure of the window: its family, what it says, its label, and where it is.
type Figure = (
    &'static str,
    &'static str,
    Option<(&'static str, &'static str)>,
    fn(&ServingSnapshot) -> Option<f64>,
);

const WINDOW: [Figure; 9] = [
    (
        "inference_throughput_requests_per_second",
        "Requests that ended in the window, a second.",
        None,
        |it| Some(it.requests_per_second),
    ),
    (
        "inference_throughput_rows_per_second",
        "Rows of the requests that ended in the window, a second.",
        None,
        |it| Some(it.rows_per_second).filter(|rate| *rate > 0.0),
    ),
    (
        "inference_throughput_tokens_per_second",
        "Tokens of the requests that ended in the window, a second.",
        Some(("type", "input")),
        |it| Some(it.input_tokens_per_second).filter(|rate| *rate > 0.0),
    ),
    (
        "inference_throughput_tokens_per_second",
        "Tokens of the requests that ended in the window, a second.",
        Some(("type", "output")),
        |it| Some(it.output_tokens_per_second).filter(|rate| *rate > 0.0),
    ),
    (
        "inference_error_ratio",
        "Share of the requests that ended in the window and did not succeed.",
        None,
        |it| it.error_rate,
    ),
    (
        "inference_requests_in_flight",
        "Requests in flight, on average over the window.",
        None,
        |it| Some(it.in_flight),
    ),
    (
        "inference_requests_in_flight_peak",
        "Requests in flight, on average over the busiest pane of the window.",
        None,
        |it| Some(it.in_flight_peak),
    ),
    (
        "inference_saturation_ratio",
        "Requests in flight, on average over the window, over the most that the model server takes.",
        None,
        |it| it.saturation,
    ),
    (
        "inference_saturation_peak_ratio",
        "Requests in flight in the busiest pane over the most that the model server takes.",
        None,
        |it| it.saturation_peak,
    ),
];

type Percentile = (&'static str, fn(&Summary) -> Option<f64>);

const PERCENTILES: [Percentile; 4] =
    [("50", |it| it.p50), ("95", |it| it.p95), ("99", |it| it.p99), ("99.9", |it| it.p999)];

pub(super) fn families(state: &State, snapshot: &Snapshot) -> Vec<Family> {
    let mut families = Vec::from([errors(state), percentiles(snapshot), tokens(state)]);
    for (name, help, of, buckets) in GENERATED {
        let mut family = Family::new(name, Kind::Histogram, help);
        each_version(state, |labels, totals| {
            family.push_histogram(labels, &of(&totals.generation).histogram, buckets);
        });
        families.push(family);
    }
    for (name, help, label, of) in WINDOW {
        let is_new = families.last().is_none_or(|family| family.name != name);
        if is_new {
            families.push(Family::new(name, Kind::Gauge, help));
        }
        let Some(family) = families.last_mut() else { continue };
        for model in &snapshot.models {
            let labels = [Some(("model_name", model.model_name.as_str())), label];
            let labels: Vec<_> = labels.into_iter().flatten().collect();
            if let Some(value) = model.serving.as_ref().and_then(of) {
                family.push_measure(&labels, value);
            }
        }
    }
    families.extend(latency_changes(snapshot));
    families
}

/// Changes in the level of the latency, by model and by variant.
fn latency_changes(snapshot: &Snapshot) -> [Family; 2] {
    let [mut models, mut variants] = [
        ("inference_latency_changes", "Changes in the level of a model's latency over the window."),
        ("ab_test_latency_changes", "Changes in the level of a variant's latency over the window."),
    ]
    .map(|(name, help)| Family::new(name, Kind::Gauge, help));
    let push =
        |family: &mut Family, labels: &[(&'static str, &str)], change: Option<LatencyChange>| {
            match change {
                Some(change) => family.push_count(labels, change.changes),
                None => family.withhold(labels),
            }
        };
    for model in &snapshot.models {
        push(&mut models, &[("model_name", &model.model_name)], model.latency_change);
    }
    for experiment in &snapshot.experiments {
        for variant in &experiment.variants {
            let labels = [("test_name", &*experiment.name), ("variant", &*variant.name)];
            push(&mut variants, &labels, variant.latency_change);
        }
    }
    [models, variants]
}

fn each_version(state: &State, mut each: impl FnMut(&[(&'static str, &str)], &VersionTotals)) {
    for (model, totals) in state.totals() {
        for (version, totals) in totals.versions.iter() {
            each(&[("model_name", model), ("version", version)], totals);
        }
    }
}

fn errors(state: &State) -> Family {
    let mut family = Family::new(
        "inference_errors_total",
        Kind::Counter,
        "Inference requests that did not succeed, by why.",
    );
    each_version(state, |labels, totals| {
        for (kind, count) in totals.errors.iter() {
            family.push_count(&[labels, &[("kind", kind.as_str())]].concat(), *count);
        }
    });
    family
}

fn tokens(state: &State) -> Family {
    let mut family = Family::new(
        "inference_tokens_total",
        Kind::Counter,
        "Tokens by type; those of a cache are input tokens too, those of reasoning output tokens.",
    );
    each_version(state, |labels, totals| {
        for (kind, count) in totals.generation.tokens() {
            family.push_count(&[labels, &[("type", kind)]].concat(), count);
        }
    });
    family
}

/// Those of the fine histogram, which are nearer than what the fixed buckets tell: within 1/64.
fn percentiles(snapshot: &Snapshot) -> Family {
    let mut family = Family::new(
        "inference_latency_percentile_seconds",
        Kind::Gauge,
        "Percentile of the time that an inference request spent in a stage, since the first.",
    );
    for model in &snapshot.models {
        for version in &model.versions {
            for latency in &version.latency {
                for (percentile, of) in PERCENTILES {
                    let labels = [
                        ("model_name", &*model.model_name),
                        ("version", &*version.version),
                        ("stage", latency.stage.as_str()),
                        ("percentile", percentile),
                    ];
                    if let Some(seconds) = of(&latency.seconds) {
                        family.push_measure(&labels, seconds);
                    }
                }
            }
        }
    }
    family
}
