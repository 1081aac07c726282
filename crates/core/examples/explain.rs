//! Times TreeSHAP: `explain MODEL ROWS.csv FEATURES BACKGROUND`, as `tests/bench/explain.py` calls it.
//!
//! `BACKGROUND` is how many of the rows are the background; 0 for the path-dependent form. Prints the
//! seconds and the first row's values, as JSON.
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::time::Instant;

use tidegate_core::model::Model;
use tidegate_stats::explain::{tree_interventional, tree_path_dependent};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, rows, features, background] = arguments.as_slice() else {
        eprintln!("usage: explain MODEL ROWS.csv FEATURES BACKGROUND");
        std::process::exit(2);
    };
    let model = Model::read(&std::fs::read(model).unwrap()).unwrap();
    let rows: Vec<f64> = std::fs::read_to_string(rows)
        .unwrap()
        .lines()
        .flat_map(|line| line.split(',').map(|cell| cell.parse::<f64>().unwrap()))
        .collect();
    let background = background.parse::<usize>().unwrap() * features.parse::<usize>().unwrap();

    let start = Instant::now();
    let found = match background {
        0 => tree_path_dependent(&model.ensemble, &rows),
        cells => tree_interventional(&model.ensemble, &rows, &rows[..cells]),
    };
    let found = black_box(found.unwrap());
    let seconds = start.elapsed().as_secs_f64();
    println!("{{\"seconds\": {seconds}, \"first\": {:?}}}", found.of(0, 0));
}
