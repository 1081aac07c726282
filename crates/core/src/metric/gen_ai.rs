//! The names that OpenTelemetry's conventions give to what generates text: the same counts again, for
//! dashboards that are made for those names.

use alloc::vec::Vec;

use super::family::{Family, Kind};
use crate::event::Stage;
use crate::observatory::State;
use crate::pane::{
    FIRST_CHUNK_SECONDS_BUCKETS, Histogram, LATENCY_SECONDS_BUCKETS, TOKEN_BUCKETS, VersionTotals,
};

/// A histogram: its family, what it says, its type of token, where it is, and its buckets.
type Renamed = (
    &'static str,
    &'static str,
    Option<&'static str>,
    fn(&VersionTotals) -> Option<&Histogram>,
    &'static [f64],
);

const TOKENS: (&str, &str) = ("gen_ai_client_token_usage", "Tokens of a request, by type.");

/// The conventions' dots are underscores in Prometheus, and a name ends in its unit.
const RENAMED: [Renamed; 4] = [
    (
        "gen_ai_server_request_duration_seconds",
        "Total latency of a request for generated text.",
        None,
        |it| it.latency.get(&Stage::Total).map(|latency| &latency.histogram),
        LATENCY_SECONDS_BUCKETS,
    ),
    (
        "gen_ai_server_time_to_first_token_seconds",
        "Time from a request's first byte to the first chunk of its answer.",
        None,
        |it| Some(&it.generation.first_chunk.histogram),
        FIRST_CHUNK_SECONDS_BUCKETS,
    ),
    (
        TOKENS.0,
        TOKENS.1,
        Some("input"),
        |it| Some(&it.generation.input_tokens.histogram),
        TOKEN_BUCKETS,
    ),
    (
        TOKENS.0,
        TOKENS.1,
        Some("output"),
        |it| Some(&it.generation.output_tokens.histogram),
        TOKEN_BUCKETS,
    ),
];

/// What models that generate text did, under OpenTelemetry's names; versions together, for the
/// conventions have none.
#[must_use]
pub fn gen_ai_families(state: &State) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for (name, help, token_type, of, buckets) in RENAMED {
        if families.last().is_none_or(|family| family.name != name) {
            families.push(Family::new(name, Kind::Histogram, help));
        }
        let Some(family) = families.last_mut() else { continue };
        for (model, totals) in state.totals() {
            let mut sum = Histogram::default();
            for version in totals.versions.values().filter(|it| !it.generation.is_empty()) {
                of(version).into_iter().for_each(|histogram| sum.merge(histogram));
            }
            let token_type = token_type.map(|it| ("gen_ai_token_type", it));
            let labels = [Some(("gen_ai_request_model", model)), token_type];
            let labels: Vec<(&'static str, &str)> = labels.into_iter().flatten().collect();
            family.push_histogram(&labels, &sum, buckets);
        }
    }
    families
}
