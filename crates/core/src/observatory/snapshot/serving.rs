//! The part of a snapshot that is about how a model is served: rates, latency and requests in flight.

use crate::observatory::settings::Settings;
use crate::observatory::state::{ModelState, State};
use crate::pane::{GenerationTotals, LatencyLevel, PaneStart, Traffic};
use crate::quality::{self, LatencyChange};
use crate::snapshot::{GenerationSnapshot, ServingSnapshot, WindowQuantiles};

/// The panes of the window up to a time, as one.
///
/// The span is the window, or the part of it since counting began: since the first tick, or the oldest
/// pane with traffic where events are older than that.
pub(super) fn of_model(
    (name, model): (&str, &ModelState),
    state: &State,
    panes: &[PaneStart],
    at_seconds: f64,
    settings: &Settings,
) -> Option<ServingSnapshot> {
    let (first, last) = (panes.first()?, panes.last()?);
    let in_window = || model.traffic.iter().filter(|(pane, _)| (first..=last).contains(pane));
    let oldest = in_window().next()?.0.seconds() as f64;
    let began = state.since_seconds().unwrap_or(oldest).min(oldest);
    let seconds = at_seconds - began.max(first.seconds() as f64);
    if seconds < 1.0 {
        return None;
    }
    let mut sum = Traffic::default();
    in_window().for_each(|(_, traffic)| sum.merge(traffic));
    let of_pane = |(pane, traffic): (&PaneStart, &Traffic)| {
        let length = f64::from(settings.pane_seconds.max(1));
        traffic.in_flight_seconds() / (at_seconds - pane.seconds() as f64).clamp(1.0, length)
    };
    let in_flight = sum.in_flight_seconds() / seconds;
    let in_flight_peak = in_window().map(of_pane).fold(in_flight, f64::max);
    let most =
        settings.model(name).and_then(|model| model.max_concurrency).filter(|most| *most > 0);
    let over_most = |in_flight: f64| most.map(|most| in_flight / most as f64);
    let a_second = |count: u64| count as f64 / seconds;
    let quantile = |q| sum.latency.quantile(q);
    Some(ServingSnapshot {
        seconds,
        requests_per_second: a_second(sum.requests),
        rows_per_second: a_second(sum.rows),
        input_tokens_per_second: a_second(sum.input_tokens),
        output_tokens_per_second: a_second(sum.output_tokens),
        error_rate: (sum.requests > 0).then(|| sum.errors as f64 / sum.requests as f64),
        latency_seconds: WindowQuantiles {
            p50: quantile(0.5),
            p95: quantile(0.95),
            p99: quantile(0.99),
            p999: quantile(0.999),
        },
        in_flight,
        in_flight_peak,
        saturation: over_most(in_flight),
        saturation_peak: over_most(in_flight_peak),
    })
}

/// Changes in the level of the latency over the panes that are over.
pub(super) fn latency_change(
    panes: impl Iterator<Item = (PaneStart, LatencyLevel)>,
    at_seconds: f64,
    settings: &Settings,
) -> Option<LatencyChange> {
    let is_over =
        |pane: PaneStart| pane.later(1, settings.pane_seconds).seconds() as f64 <= at_seconds;
    quality::latency_change(panes.filter(|(pane, _)| is_over(*pane)), settings.level_detector)
}

/// What one version generated; `None` where it told nothing.
pub(super) fn generation(totals: &GenerationTotals) -> Option<GenerationSnapshot> {
    (!totals.is_empty()).then(|| GenerationSnapshot {
        input_tokens: totals.input_tokens.summary(),
        output_tokens: totals.output_tokens.summary(),
        cached_tokens: totals.cached_tokens,
        cache_creation_tokens: totals.cache_creation_tokens,
        reasoning_tokens: totals.reasoning_tokens,
        first_chunk_seconds: totals.first_chunk.summary(),
        chunk_gap_seconds: totals.chunk_gap.summary(),
        tokens_per_second: totals.tokens_per_second.summary(),
    })
}
