//! What is told or configured: events, tokens, configs, rules, profiles, tables, models, logs.

use tidegate_core::alert;
use tidegate_core::event::{self, MAX_EVENTS};
use tidegate_core::model::Model;
use tidegate_core::observatory::{Observatory, Settings, merge_snapshots_from_json};
use tidegate_core::profile::Profile;
use tidegate_core::table::csv::{CsvOptions, CsvReader};
use tidegate_core::training::read::TrainingLog;
use tidegate_filter::config::Config;
use tidegate_filter::token;
use tidegate_stats::explain::{tree_interventional, tree_path_dependent};

use crate::{draw, pieces};

/// What is taken counts, and its snapshot is JSON.
pub(crate) fn events(input: &[u8]) {
    let read = event::read(input);
    assert!(read.events.len() <= MAX_EVENTS);
    let mut observatory = Observatory::new(Settings::default());
    for positioned in read.events.iter().take(64) {
        assert_eq!(positioned.event.fault(), None);
        observatory.observe(1_790_000_000.0, &positioned.event);
    }
    observatory.tick(1_790_000_001.0);
    assert!(serde_json::to_string(&observatory.snapshot()).is_ok());
    assert!(observatory.prometheus_text().lines().all(|line| !line.ends_with(" NaN")));
}

pub(crate) fn tokens(input: &[u8]) {
    let Ok(text) = core::str::from_utf8(input) else { return };
    let now = 1_790_000_000.0;
    assert!(token::verify(text, &[b"a secret that no input knows"], now, 1e9).is_err());
}

/// A refusal has reasons, and what is taken is taken again.
pub(crate) fn config(input: &[u8]) {
    if let Err(problems) = Config::parse(input) {
        assert!(!problems.is_empty(), "a refusal without a reason");
    }
}

pub(crate) fn alerts(input: &[u8]) {
    let Ok(text) = core::str::from_utf8(input) else { return };
    if let Ok(expression) = alert::parse(text) {
        assert_eq!(alert::parse(text).as_ref(), Ok(&expression));
    }
}

pub(crate) fn profile(input: &[u8]) {
    let Ok(text) = core::str::from_utf8(input) else { return };
    if let Ok(profile) = Profile::from_json(text) {
        profile.check().unwrap();
        let json = serde_json::to_string(&profile).unwrap();
        assert_eq!(Profile::from_json(&json).as_ref(), Ok(&profile));
        let _ = profile.merge(&profile);
    }
    let _ = merge_snapshots_from_json(text);
}

/// A table reads the same in pieces.
pub(crate) fn csv(input: &[u8]) {
    let read = |pieces: &[&[u8]]| {
        let mut reader = CsvReader::new(CsvOptions::default());
        for piece in pieces {
            reader.push(piece).ok()?;
        }
        reader.finish().ok()
    };
    let table = read(&[input]);
    let in_pieces = read(&pieces(input));
    assert_eq!(table.is_some(), in_pieces.is_some());
    if let (Some(table), Some(in_pieces)) = (table, in_pieces) {
        assert_eq!(table.rows(), in_pieces.rows());
        assert!(table.columns().all(|(_, column)| column.len() == table.rows()));
    }
}

/// What is explained is finite.
pub(crate) fn models(input: &[u8]) {
    let Ok(model) = Model::read(input) else { return };
    let features = model.ensemble.features();
    if features * model.outputs() > 4096 {
        return;
    }
    let row = vec![0.5; features];
    let background = vec![f64::NAN; features];
    let explained = [
        tree_path_dependent(&model.ensemble, &row),
        tree_interventional(&model.ensemble, &row, &background),
    ];
    for found in explained.iter().flatten() {
        assert!(found.values().iter().all(|value| value.is_finite()));
    }
}

/// Event files, CSV and JSON of trainers.
pub(crate) fn training(input: &[u8]) {
    let mut log = TrainingLog::default();
    let _ = log.add(input, draw(input, 8, 2) == 0);
    let _ = log.findings();
}
