//! Prints the tables of `crates/stats/CALIBRATION.md`:
//! `cargo run --release -p tidegate-tests --example print_calibration -- SECTION`, of the sections
//! `alarms`, `mmd`, `power`, `power-mmd`, `table` and `peers`; `alarms welch` for the methods with that in
//! their name. Seeds are fixed: the same numbers on every run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a generator stops where something is wrong")]

mod simulation;

use simulation::{
    CATEGORIES, COLUMNS, Change, Counts, NUMBERS, Random, SIZES, Sample, Shape, Sizes, Subject,
    draw, simulate, simulate_tables, subjects,
};
use tidegate_core::compare::{CompareOptions, Methods};
use tidegate_stats::compatibility::{self, Peer};
use tidegate_stats::{EffectFloor, Method};

/// As many as the rows allow.
fn runs([n, m]: Sizes) -> u32 {
    if n.max(m) > 1000 { 1000 } else { 4000 }
}

fn heading(first: &str, columns: impl Iterator<Item = String>) {
    let columns: Vec<String> = columns.collect();
    println!("| {first} | {} |", columns.join(" | "));
    println!("|---|{}", "---:|".repeat(columns.len()));
}

fn by_size([n, m]: Sizes) -> String {
    if n == m { n.to_string() } else { format!("{n} : {m}") }
}

fn row(name: &str, cells: &[String]) {
    println!("| {name} | {} |", cells.join(" | "));
}

fn percent(counts: &Counts, count: u32) -> f64 {
    100.0 * f64::from(count) / f64::from(counts.runs)
}

/// `4.8–5.3`: the least and the most over the shapes.
fn span(percents: &[f64]) -> String {
    let least = percents.iter().copied().fold(f64::INFINITY, f64::min);
    let most = percents.iter().copied().fold(0.0, f64::max);
    if percents.len() == 1 { format!("{least:.1}") } else { format!("{least:.1}–{most:.1}") }
}

/// By subject and shape.
fn of_all_shapes(
    subjects: &[Subject],
    sizes: Sizes,
    runs: u32,
    seed: u64,
) -> Vec<Vec<(&'static str, Counts)>> {
    let mut all = vec![Vec::new(); subjects.len()];
    for (name, shape) in NUMBERS.into_iter().chain(CATEGORIES) {
        let fit: Vec<usize> = (0..subjects.len()).filter(|at| subjects[*at].fits(shape)).collect();
        if fit.is_empty() {
            continue;
        }
        let fitting: Vec<Subject> = fit.iter().map(|at| subjects[*at]).collect();
        let counts = simulate(seed, shape, sizes, Change::None, runs, &fitting);
        for (at, counts) in fit.into_iter().zip(counts) {
            all[at].push((name, counts));
        }
    }
    all
}

/// The rates of false alarms where every effect matters, and the shares of "insufficient data".
fn alarms(subjects: &[Subject], runs: impl Fn(Sizes) -> u32) {
    let mut significant = vec![Vec::new(); subjects.len()];
    let mut insufficient = vec![Vec::new(); subjects.len()];
    for (at, sizes) in SIZES.into_iter().enumerate() {
        let found = of_all_shapes(subjects, sizes, runs(sizes), 100 + at as u64);
        for (subject, counts) in found.iter().enumerate() {
            for (shape, counts) in counts {
                let [alarms, drift] = [counts.significant, counts.drift];
                let [alarms, drift] = [alarms, drift].map(|count| percent(counts, count));
                eprintln!("{} {sizes:?} {shape}: {alarms:.2} {drift:.2}", subjects[subject].name());
            }
            let percents = |of: fn(&Counts) -> u32| -> Vec<f64> {
                counts.iter().map(|(_, counts)| percent(counts, of(counts))).collect()
            };
            significant[subject].push(span(&percents(|counts| counts.significant)));
            insufficient[subject].push(span(&percents(|counts| counts.insufficient)));
        }
    }
    for cells in [significant, insufficient] {
        heading("", SIZES.into_iter().map(by_size));
        for (subject, cells) in subjects.iter().zip(cells) {
            row(&subject.name(), &cells);
        }
        println!();
    }
}

const POWER_SIZES: [Sizes; 5] = [[50, 50], [200, 200], [1000, 1000], [10_000, 10_000], [1000, 200]];

/// What is found of a change: significant, then "drift" and "insufficient data" by the default floors.
fn power(mmd: bool) {
    let subjects = subjects(|is_mmd| is_mmd == mmd);
    let runs = |sizes| if mmd { 60 } else { runs(sizes) / 4 };
    let five = CATEGORIES[1].1;
    let changes = [
        ("a shift by 0.25", NUMBERS[0].1, Change::Shift(0.25)),
        ("a shift by 0.5", NUMBERS[0].1, Change::Shift(0.5)),
        ("10 points", five, Change::Points(0.1)),
        ("20 points", five, Change::Points(0.2)),
        ("10 points of two", CATEGORIES[0].1, Change::Points(0.1)),
        ("20 points of two", CATEGORIES[0].1, Change::Points(0.2)),
    ];
    for (name, shape, change) in changes {
        let fits = |subject: &Subject| {
            let is_fisher = subject.method == Method::FisherExact;
            let of_two = matches!(shape, Shape::Categories(shares) if shares.len() == 2);
            subject.fits(shape) && is_fisher == of_two
        };
        let fitting: Vec<Subject> = subjects.iter().copied().filter(fits).collect();
        if fitting.is_empty() {
            continue;
        }
        let mut cells = vec![Vec::new(); fitting.len()];
        for (at, sizes) in POWER_SIZES.into_iter().enumerate() {
            let seed = 200 + at as u64;
            let found = simulate(seed, shape, sizes, change, runs(sizes), &fitting);
            for (cells, found) in cells.iter_mut().zip(found) {
                let percent = |count| percent(&found, count).round();
                let [significant, drift, insufficient] =
                    [found.significant, found.drift, found.insufficient].map(percent);
                cells.push(format!("{significant} / {drift} / {insufficient}"));
            }
        }
        heading(name, POWER_SIZES.into_iter().map(by_size));
        for (subject, cells) in fitting.iter().zip(cells) {
            row(&subject.name(), &cells);
        }
        println!();
    }
}

/// The default decision over 20 columns, and the peers' choices on the same columns.
fn table() {
    let no_floor = EffectFloor { kolmogorov_smirnov: 0.0, chi_square: 0.0, ..Default::default() };
    let default = CompareOptions::default();
    let from_counts =
        CompareOptions { methods: Methods::Only(vec![Method::ChiSquare]), ..default.clone() };
    let without_floor =
        |options: &CompareOptions| CompareOptions { effect_floor: no_floor, ..options.clone() };
    let kinds = [
        ("default, no floor", without_floor(&default)),
        ("default", default.clone()),
        ("from counts, no floor", without_floor(&from_counts)),
        ("from counts", from_counts.clone()),
    ];
    heading("", SIZES.into_iter().map(by_size));
    for (name, options) in kinds {
        let runs = |[n, m]: Sizes| if n.max(m) > 1000 { 100 } else { 600 };
        let mut rows = [const { Vec::new() }; 5];
        for (at, sizes) in SIZES.into_iter().enumerate() {
            let seed = 300 + at as u64;
            let percent = |count: u32| 100.0 * f64::from(count) / f64::from(runs(sizes));
            let quiet = simulate_tables(seed, sizes, Change::None, runs(sizes), &options);
            rows[0].push(format!("{:.1}", percent(quiet.false_alarms)));
            let insufficient = percent(quiet.insufficient) / COLUMNS as f64;
            rows[1].push(format!("{insufficient:.0}"));
            for (row, shift) in [(2, 0.25), (3, 0.5)] {
                let runs = runs(sizes) / 4;
                let found = simulate_tables(seed, sizes, Change::Shift(shift), runs, &options);
                rows[row].push(format!("{:.0}", percent(found.found) * 4.0));
                if row == 3 {
                    rows[4].push(format!("{:.1}", percent(found.false_alarms) * 4.0));
                }
            }
        }
        let whats = ["false alarm", "insufficient", "found 0.25", "found 0.5", "false beside 0.5"];
        for (what, cells) in whats.into_iter().zip(rows) {
            row(&format!("{name}: {what}"), &cells);
        }
    }
}

/// How often each score of a peer that has a cut said "drift", with the score's name.
fn simulate_peer(
    seed: u64,
    shape: Shape,
    [n, m]: Sizes,
    runs: u32,
    peer: Peer,
) -> Vec<(&'static str, u32)> {
    let mut random = Random(seed);
    let mut counts: Vec<(&'static str, u32)> = Vec::new();
    for _ in 0..runs {
        let reference = draw(&mut random, shape, n, Change::None);
        let current = draw(&mut random, shape, m, Change::None);
        let scores = match (&reference, &current) {
            (Sample::Values(a), Sample::Values(b)) => compatibility::of_numbers(a, b, peer),
            (Sample::Counts(a), Sample::Counts(b)) => compatibility::of_categories(a, b, peer),
            _ => panic!("both samples come from one shape"),
        };
        for score in scores.unwrap() {
            if score.threshold.is_none() {
                continue;
            }
            let says_drift = u32::from(score.drift == Some(true));
            match counts.iter_mut().find(|(method, _)| *method == score.method) {
                Some((_, count)) => *count += says_drift,
                None => counts.push((score.method, says_drift)),
            }
        }
    }
    counts
}

/// How often the peers' rules say "drift" where there is none.
fn peers() {
    for (kind, shapes) in [("numbers", NUMBERS), ("categories", CATEGORIES)] {
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        for (at, sizes) in SIZES.into_iter().enumerate() {
            for peer in Peer::ALL {
                let runs = runs(sizes) / 4;
                let mut by_method: Vec<(&str, Vec<f64>)> = Vec::new();
                for (_, shape) in shapes {
                    for (method, count) in simulate_peer(400 + at as u64, shape, sizes, runs, peer)
                    {
                        let percent = 100.0 * f64::from(count) / f64::from(runs);
                        match by_method.iter_mut().find(|(name, _)| *name == method) {
                            Some((_, percents)) => percents.push(percent),
                            None => by_method.push((method, vec![percent])),
                        }
                    }
                }
                for (method, percents) in by_method {
                    let name = format!("{peer:?} `{method}`");
                    if !rows.iter().any(|(own, _)| *own == name) {
                        rows.push((name.clone(), vec!["–".into(); SIZES.len()]));
                    }
                    let (_, cells) = rows.iter_mut().find(|(own, _)| *own == name).unwrap();
                    cells[at] = span(&percents);
                }
            }
        }
        heading(kind, SIZES.into_iter().map(by_size));
        for (name, cells) in &rows {
            row(name, cells);
        }
        println!();
    }
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("alarms") => {
            let mut subjects = subjects(|is_mmd| !is_mmd);
            if let Some(part) = std::env::args().nth(2) {
                subjects.retain(|subject| subject.name().contains(&part));
            }
            alarms(&subjects, runs);
        }
        Some("mmd") => {
            alarms(&subjects(|is_mmd| is_mmd), |[n, m]| if n.max(m) > 200 { 40 } else { 400 })
        }
        Some("power") => power(false),
        Some("power-mmd") => power(true),
        Some("table") => table(),
        Some("peers") => peers(),
        _ => panic!("one of alarms, mmd, power, power-mmd, table and peers"),
    }
}
