//! The tick of the target: 100 columns and 60 panes. Node calls it in WebAssembly.

use std::cell::RefCell;
use std::fmt::Write;

use tidegate_core::event;
use tidegate_core::observatory::{Observatory, ObservatoryOptions};

use crate::request::START_SECONDS;

const PANES: u32 = 60;
const ROWS_A_PANE: u32 = 20;

thread_local! {
    static HELD: RefCell<(Observatory, f64)> = RefCell::new((Observatory::default(), 0.0));
}

fn body(columns: usize, row: u32) -> String {
    let mut body =
        String::from(r#"{"type": "inference", "model_name": "wide", "predictions": ["a"], "#);
    body += r#""latency_seconds": {"total": 0.01}, "features": {"#;
    for column in 0..columns {
        let comma = if column == 0 { "" } else { ", " };
        let value = f64::from((row * 37 + column as u32 * 11) % 997);
        // Writing to a string does not fail.
        let _ = write!(body, r#"{comma}"column_{column:03}": {value}"#);
    }
    body + "}}"
}

/// Fills the window of a model with so many columns.
#[must_use]
pub fn filled(columns: usize) -> (Observatory, f64) {
    let options = r#"{"models": [{"learn_samples": 600}]}"#;
    let settings = ObservatoryOptions::settings_from_json(options).unwrap_or_default();
    let mut observatory = Observatory::new(settings);
    let mut now = START_SECONDS;
    for pane in 0..PANES {
        for row in 0..ROWS_A_PANE {
            let read = event::read(body(columns, pane * ROWS_A_PANE + row).as_bytes());
            read.events.iter().for_each(|it| observatory.observe(now + 1.0, &it.event));
        }
        observatory.tick(now + 2.0);
        now += 60.0;
    }
    (observatory, now - 58.0)
}

/// Prepares an observatory with so many columns.
#[unsafe(no_mangle)]
pub extern "C" fn prepare(columns: usize) {
    HELD.with_borrow_mut(|held| *held = filled(columns));
}

/// One more request, and a tick one second later; returns the alerts that changed.
#[unsafe(no_mangle)]
pub extern "C" fn tick() -> usize {
    HELD.with_borrow_mut(|(observatory, now)| {
        *now += 0.001;
        observatory.tick(*now).len()
    })
}
