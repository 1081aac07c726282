//! Requests, settings and references to test with.

use tidegate_core::event::{
    Assignment, FeatureColumn, Inference, Stage, StageLatency, Status, Value,
};
use tidegate_core::observatory::{
    Delta, ModelSettings, ReferenceSettings, References, Settings, State,
};
use tidegate_core::profile::{ColumnProfile, ColumnSummary, Profile, SCHEMA};
use tidegate_core::report::ColumnCounts;
use tidegate_core::snapshot::ColumnRole;

/// The start of a pane of 60 seconds.
pub const NOON: f64 = 1_790_000_040.0;

/// A request without a body that could be read.
pub fn inference(model_name: &str) -> Inference {
    Inference {
        prediction_id: None,
        model_name: model_name.into(),
        model_version: "1".into(),
        status: Status::Success,
        error: None,
        batch_size: None,
        latency: vec![StageLatency { stage: Stage::Total, seconds: 0.02 }],
        features: vec![],
        predictions: vec![],
        confidences: vec![],
        assignments: vec![],
        unread: vec![],
        generation: None,
    }
}

/// A request of rows of one feature, `x`.
pub fn rows(model_name: &str, x: &[f64]) -> Inference {
    let values = x.iter().map(|x| Value::Number(*x)).collect();
    Inference {
        batch_size: Some(x.len() as u64),
        features: vec![FeatureColumn { name: "x".into(), values }],
        ..inference(model_name)
    }
}

pub fn assigned(experiment: &str, variant: &str) -> Assignment {
    Assignment { experiment: experiment.into(), variant: variant.into(), unit: None }
}

/// Settings for every model.
pub fn settings(reference: ReferenceSettings) -> Settings {
    let models = vec![ModelSettings { reference, ..ModelSettings::default() }];
    Settings { models, panes: 5, ..Settings::default() }
}

pub fn learn(samples: u64) -> Settings {
    settings(ReferenceSettings::Learn { samples })
}

/// A reference of `x` on four bins of 25, and of `color` on two names and the rest.
pub fn profile() -> Profile {
    let counts = ColumnCounts { count: 100, missing: 0 };
    let column = |name: &str, role, summary| ColumnProfile {
        name: name.into(),
        role,
        counts,
        summary,
        rows_per_independent: None,
        sketches: tidegate_core::profile::Sketches::default(),
    };
    let numbers = |edges: [f64; 3]| ColumnSummary::Numeric {
        min: Some(0.0),
        max: Some(4.0),
        mean: Some(2.0),
        standard_deviation: Some(1.0),
        infinite: 0,
        edges: edges.into(),
        bins: vec![25; 4],
    };
    let names = |names: [&str; 2]| ColumnSummary::Categorical {
        names: names.map(String::from).into(),
        bins: vec![60, 30],
        other: 10,
    };
    Profile {
        schema: SCHEMA.into(),
        rows: 100,
        columns: vec![
            column("x", ColumnRole::Feature, numbers([1.0, 2.0, 3.0])),
            column("color", ColumnRole::Feature, names(["red", "blue"])),
            column("prediction", ColumnRole::Prediction, names(["cat", "dog"])),
            column("confidence", ColumnRole::Confidence, numbers([0.5, 0.75, 0.9])),
        ],
    }
}

pub fn with_profile() -> Settings {
    settings(ReferenceSettings::Profile(profile()))
}

/// What one worker makes of requests at a time.
pub fn delta(
    at_seconds: f64,
    inferences: &[Inference],
    references: &References,
    settings: &Settings,
) -> Delta {
    let mut delta = Delta::default();
    for inference in inferences {
        delta.record(at_seconds, inference, references, settings);
    }
    delta
}

/// The state after requests at a time.
pub fn state(at_seconds: f64, inferences: &[Inference], settings: &Settings) -> State {
    let mut state = State::default();
    feed(&mut state, at_seconds, inferences, settings);
    state
}

/// Records, applies and ticks.
pub fn feed(state: &mut State, at_seconds: f64, inferences: &[Inference], settings: &Settings) {
    let delta = delta(at_seconds, inferences, state.references(), settings);
    state.apply(delta, settings);
    state.tick(at_seconds, settings);
}

/// Requests of all models, versions and statuses.
pub fn requests(state: &State) -> u64 {
    state.totals().map(|(_, totals)| totals.requests()).sum()
}

/// What was dropped under a bound.
pub fn dropped(state: &State, bound: &str) -> u64 {
    let snapshot = state.snapshot(NOON, &Settings::default());
    let found = snapshot.dropped.iter().find(|it| it.bound == bound);
    found.map_or(0, |it| it.count)
}

/// The counts of a column in the window.
pub fn bins(state: &State, model_name: &str, column: &str) -> Vec<u64> {
    let profile = state.profile(model_name).expect("the model has a reference");
    let column = profile.columns.into_iter().find(|it| it.name == column).unwrap();
    match column.summary {
        ColumnSummary::Numeric { bins, .. } => bins,
        ColumnSummary::Categorical { bins, other, .. } => [bins, vec![other]].concat(),
    }
}
