//! The rows as requests to an observatory.

use tidegate_core::event::{FeatureColumn, Inference, Status, Value};
use tidegate_core::observatory::{Delta, ModelSettings, ReferenceSettings, Settings, State};
use tidegate_core::table::{Column, Table};
use tidegate_stats::FalseAlarmBudget;

use crate::FALSE_ALARMS;
use crate::chunks::{begins, is_drift};

/// Panes of the sliding window, and so looks at it until all its rows are new.
const PANES: u32 = 10;
const PANE_SECONDS: u32 = 60;
/// A whole multiple of a pane, in seconds since 1970.
const START: f64 = 1_800_000_000.0;

/// Rows at which the observatory begins to say that a column has drifted.
pub(crate) fn alarms(table: &Table, reference_rows: usize, chunk_rows: usize) -> Vec<u64> {
    let reference = ReferenceSettings::Learn { samples: reference_rows as u64 };
    let pane_rows = chunk_rows.div_ceil(PANES as usize);
    let replay_seconds = table.rows().div_ceil(pane_rows) as f64 * f64::from(PANE_SECONDS);
    // A window that slides is looked at again and again: a budget says what that may cost.
    let days = FALSE_ALARMS.recip() * replay_seconds / 86_400.0;
    let settings = Settings {
        false_alarms: Some(FalseAlarmBudget { count: 1.0, days }),
        pane_seconds: PANE_SECONDS,
        panes: PANES,
        models: vec![ModelSettings { reference, ..ModelSettings::default() }],
        ..Settings::default()
    };
    let mut state = State::default();
    let mut looks = Vec::new();
    for (pane, from) in (0..table.rows()).step_by(pane_rows).enumerate() {
        let to = (from + pane_rows).min(table.rows());
        let at = START + pane as f64 * f64::from(PANE_SECONDS);
        let mut delta = Delta::default();
        delta.record(at, &request(table, from, to), state.references(), &settings);
        state.apply(delta, &settings);
        state.tick(at, &settings);
        // Before the window is full of rows after the reference it holds few of them.
        let is_full = from >= reference_rows + chunk_rows;
        let snapshot = state.snapshot(at, &settings);
        let drifted = snapshot.models.iter().flat_map(|model| &model.columns);
        let drifted = drifted.into_iter().any(|it| is_drift(&it.report));
        looks.push((is_full && drifted, to as u64 - 1));
    }
    begins(looks.iter().map(|(drifted, _)| *drifted)).map(|look| looks[look].1).collect()
}

/// The rows from one to another as one request.
fn request(table: &Table, from: usize, to: usize) -> Inference {
    let values = |column: &Column| -> Vec<Value> {
        let value = |row: usize| match column {
            Column::Numeric(values) if values[row].is_finite() => Value::Number(values[row]),
            Column::Numeric(_) => Value::Missing,
            Column::Categorical { codes, levels } => levels
                .get(codes[row] as usize)
                .map_or(Value::Missing, |level| Value::Category(level.clone())),
        };
        (from..to).map(value).collect()
    };
    let columns = table.columns();
    Inference {
        prediction_id: None,
        model_name: "replayed".into(),
        model_version: "1".into(),
        status: Status::Success,
        error: None,
        batch_size: Some((to - from) as u64),
        latency: Vec::new(),
        features: columns
            .map(|(name, column)| FeatureColumn { name: name.into(), values: values(column) })
            .collect(),
        predictions: Vec::new(),
        confidences: Vec::new(),
        assignments: Vec::new(),
        unread: Vec::new(),
        generation: None,
    }
}
