//! What a state shows at one moment.

mod business;
mod drift;
mod estimates;
mod experiments;
mod feature_sets;
mod importance;
mod quality;
mod serving;
mod training;

pub use self::training::snapshot as training_snapshot;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tidegate_stats::Decision;

use crate::observatory::settings::{ReferenceSettings, Settings};
use crate::observatory::state::{ModelState, State, oldest_pane};
use crate::order;
use crate::pane::{PaneStart, VersionTotals};
use crate::snapshot::{
    ClassCount, DroppedCount, ErrorCount, LatencySnapshot, ModelSnapshot, ReferenceStatus, SCHEMA,
    SeriesPoint, Snapshot, StatusCount, UnreadCount, VersionSnapshot, WindowSnapshot,
};

impl State {
    /// All that is known at a time (seconds since 1970), with the drift of each column.
    #[must_use]
    pub fn snapshot(&self, at_seconds: f64, settings: &Settings) -> Snapshot {
        let panes = window_panes(at_seconds, settings);
        let decision = settings.decision(self.references.families());
        let models = self.models.iter().map(|(name, model)| {
            self.model((name, model), (&panes, at_seconds), settings, &decision)
        });
        let feature_sets = feature_sets::of_state(self, settings, &panes, &decision);
        let dropped = self.dropped.iter();
        Snapshot {
            schema: SCHEMA.to_string(),
            at_seconds,
            models: models.collect(),
            experiments: settings
                .experiments
                .iter()
                .map(|it| experiments::snapshot(self, it, (at_seconds, settings)))
                .collect(),
            training: training::runs(self),
            feedback: self.feedback.counts(),
            importances: importance::of_models(self, settings, &decision),
            feature_sets,
            business: business::of_state(self, at_seconds, settings),
            alerts: Vec::new(),
            alerts_turned_away: 0,
            decisions: Vec::new(),
            mergeable: None,
            dropped: dropped
                .map(|(bound, count)| DroppedCount { bound: bound.to_string(), count })
                .collect(),
        }
    }

    fn model(
        &self,
        (name, model): (&str, &ModelState),
        (panes, at_seconds): (&[PaneStart], f64),
        settings: &Settings,
        decision: &Decision,
    ) -> ModelSnapshot {
        let reference = self.references.get(name);
        let unread = model.totals.unread.iter();
        let largest_batch = settings.model(name).and_then(|settings| settings.max_batch_size);
        ModelSnapshot {
            model_name: name.to_string(),
            versions: model.totals.versions.iter().map(|it| version(it, largest_batch)).collect(),
            unread: unread
                .map(|((side, reason), count)| UnreadCount {
                    side: *side,
                    reason: *reason,
                    count: *count,
                })
                .collect(),
            serving: serving::of_model((name, model), self, panes, at_seconds, settings),
            latency_change: serving::latency_change(
                model.traffic.iter().map(|(pane, traffic)| (*pane, traffic.level)),
                at_seconds,
                settings,
            ),
            quality: quality::of_model(name, self, settings),
            cohorts: quality::cohorts(name, self, settings),
            label_lag: quality::label_lag(name, self),
            reference: match (reference, settings.reference(name)) {
                (Some(reference), _) => ReferenceStatus::Ready { rows: reference.rows() },
                (None, ReferenceSettings::Learn { samples }) => {
                    ReferenceStatus::Learning { rows: model.table.waiting.rows(), wanted: *samples }
                }
                (None, _) => ReferenceStatus::None,
            },
            window: window(model, panes, settings),
            columns: drift::columns(&model.table.window, reference, panes, decision),
            series: panes.iter().map(|pane| point(model, *pane, settings)).collect(),
        }
    }
}

/// The panes of the window at a time, oldest first.
fn window_panes(at_seconds: f64, settings: &Settings) -> Vec<PaneStart> {
    let Some(now) = PaneStart::holding(at_seconds, settings.pane_seconds) else {
        return Vec::new();
    };
    let oldest = oldest_pane(now, settings);
    (0..settings.panes.max(1)).map(|index| oldest.later(index, settings.pane_seconds)).collect()
}

fn version(
    (name, totals): (&String, &VersionTotals),
    largest_batch: Option<u64>,
) -> VersionSnapshot {
    let batch_size = totals.batch_size.summary();
    let requests = totals.requests.iter();
    let errors = totals.errors.iter();
    let latency = totals.latency.iter();
    let classes: Vec<(&String, &u64)> = totals.classes.iter().collect();
    // Names are in order where counts are equal.
    let weights = classes.iter().map(|(_, count)| u128::from(**count));
    let by_count = order::largest(weights, classes.len()).into_iter().map(|index| classes[index]);
    VersionSnapshot {
        version: name.clone(),
        requests: requests
            .map(|(status, count)| StatusCount { status: *status, count: *count })
            .collect(),
        errors: errors.map(|(kind, count)| ErrorCount { kind: *kind, count: *count }).collect(),
        latency: latency
            .map(|(stage, seconds)| LatencySnapshot { stage: *stage, seconds: seconds.summary() })
            .collect(),
        batch_size,
        batch_utilization: largest_batch
            .filter(|largest| *largest > 0 && batch_size.count > 0)
            .map(|largest| batch_size.sum / batch_size.count as f64 / largest as f64),
        predictions: by_count
            .map(|(class, count)| ClassCount { class: class.clone(), count: *count })
            .collect(),
        confidence: totals.confidence.summary(),
        generation: serving::generation(&totals.generation),
    }
}

fn window(model: &ModelState, panes: &[PaneStart], settings: &Settings) -> WindowSnapshot {
    let seconds = |pane: &PaneStart| pane.seconds() as f64;
    let end = |pane: &PaneStart| pane.later(1, settings.pane_seconds).seconds() as f64;
    WindowSnapshot {
        from_seconds: panes.first().map_or(0.0, seconds),
        to_seconds: panes.last().map_or(0.0, end),
        rows: model.table.window.rows(),
    }
}

fn point(model: &ModelState, pane: PaneStart, settings: &Settings) -> SeriesPoint {
    let traffic = model.traffic.get(&pane);
    let length = f64::from(settings.pane_seconds.max(1));
    let quantile = |q| traffic.and_then(|traffic| traffic.latency.quantile(q));
    SeriesPoint {
        at_seconds: pane.seconds() as f64,
        seconds: length,
        requests: traffic.map_or(0, |traffic| traffic.requests),
        errors: traffic.map_or(0, |traffic| traffic.errors),
        p50_seconds: quantile(0.5),
        p99_seconds: quantile(0.99),
        in_flight: traffic.map_or(0.0, |it| it.in_flight_seconds() / length),
        output_tokens: traffic.map_or(0, |it| it.output_tokens),
    }
}
