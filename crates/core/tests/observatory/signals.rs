//! Values that are missing, out of range, or of new and vanished categories: what a window says of them.

use tidegate_core::compare::{CompareOptions, compare};
use tidegate_core::event::{FeatureColumn, Inference, Value};
use tidegate_core::metric::{families, prometheus_text};
use tidegate_core::observatory::{Delta, Settings, State};
use tidegate_core::report::{SignalKind, SignalReport, Verdict};
use tidegate_core::table::{Column, MISSING, Table};
use tidegate_stats::FalseAlarmBudget;

use crate::fixture::{NOON, feed, inference, learn, rows};

/// Draws that are the same on every host.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of many categories, whose shares fall as their squares do.
    fn category(&mut self) -> String {
        format!("c{}", (1.0 / (self.uniform() + 0.01)) as u32)
    }

    /// A number, one that is missing in one row of ten, and categories with and without a tail.
    fn row(&mut self) -> [Value; 4] {
        let number = self.uniform();
        let missing = self.uniform() < 0.1;
        [
            Value::Number(number * number),
            if missing { Value::Missing } else { Value::Number(self.uniform()) },
            Value::Category(self.category()),
            Value::Category(if self.uniform() < 0.3 { "a" } else { "b" }.into()),
        ]
    }
}

/// In their order.
const NAMES: [&str; 4] = ["a number", "b gaps", "c tail", "d two"];

fn request(rows: &[[Value; 4]]) -> Inference {
    let column = |place: usize| rows.iter().map(|row| row[place].clone()).collect();
    let features = NAMES.into_iter().enumerate();
    Inference {
        batch_size: Some(rows.len() as u64),
        features: features
            .map(|(place, name)| FeatureColumn { name: name.into(), values: column(place) })
            .collect(),
        ..inference("m")
    }
}

fn table(rows: &[[Value; 4]]) -> Table {
    let mut table = Table::new();
    for (place, name) in NAMES.into_iter().enumerate() {
        let cells = rows.iter().map(|row| &row[place]);
        let column = if place < 2 {
            let number = |cell: &Value| if let Value::Number(it) = cell { *it } else { f64::NAN };
            Column::Numeric(cells.map(number).collect())
        } else {
            let mut levels: Vec<String> = Vec::new();
            let code = |cell: &Value| {
                let Value::Category(name) = cell else { return MISSING };
                let known = levels.iter().position(|level| level == name);
                known.unwrap_or_else(|| {
                    levels.push(name.clone());
                    levels.len() - 1
                }) as u32
            };
            let codes = cells.map(code).collect();
            Column::Categorical { codes, levels }
        };
        table.try_push(name, column).unwrap();
    }
    table
}

fn draw(draws: &mut Draws, count: usize) -> Vec<[Value; 4]> {
    (0..count).map(|_| draws.row()).collect()
}

/// The signals of each column of the window after the reference.
fn signals(state: &State, at: f64, settings: &Settings) -> Vec<Vec<SignalReport>> {
    let columns = state.snapshot(at, settings).models.remove(0).columns;
    columns.into_iter().map(|column| column.report.signals).collect()
}

/// A window of rows against the reference of the first ones.
fn window(reference: &[[Value; 4]], current: &[[Value; 4]]) -> (State, Settings) {
    let settings = learn(reference.len() as u64);
    let mut state = State::default();
    feed(&mut state, NOON, &[request(reference)], &settings);
    current.chunks(50).for_each(|rows| feed(&mut state, NOON, &[request(rows)], &settings));
    (state, settings)
}

fn verdict(signals: &[SignalReport], kind: SignalKind) -> Option<Verdict> {
    signals.iter().find(|it| it.signal == kind).map(|it| it.verdict)
}

#[test]
fn a_window_says_what_a_report_of_the_same_rows_says() {
    let mut draws = Draws(7);
    let (reference, mut current) = (draw(&mut draws, 900), draw(&mut draws, 300));
    for row in &mut current[..20] {
        let new = Value::Category("brand new".into());
        *row = [Value::Number(7.0), Value::Missing, new.clone(), new];
    }
    let (state, settings) = window(&reference, &current);
    let shown = signals(&state, NOON, &settings);
    let report = compare(&table(&reference), &table(&current), &CompareOptions::default());
    for ((own, other), name) in shown.iter().zip(report.unwrap().columns).zip(NAMES) {
        assert_eq!(*own, other.signals, "{name}");
        assert!(!own.is_empty(), "{name}");
    }
    assert_eq!(verdict(&shown[0], SignalKind::OutOfRange), Some(Verdict::Drift));
    assert_eq!(verdict(&shown[2], SignalKind::NewCategories), Some(Verdict::Drift));
    assert_eq!(verdict(&shown[3], SignalKind::NewCategories), Some(Verdict::Drift));
    assert_eq!(verdict(&shown[3], SignalKind::VanishedCategories), Some(Verdict::NoDrift));

    let text = prometheus_text(&families(&state, &state.snapshot(NOON, &settings)));
    for line in [
        r#"feature_signal_detected{feature_name="a number",model_name="m",signal="out_of_range"} 1"#,
        r#"feature_signal_detected{feature_name="d two",model_name="m",signal="new_categories"} 1"#,
        r#"feature_signal_detected{feature_name="d two",model_name="m",signal="vanished_categories"} 0"#,
    ] {
        assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    }
    assert!(
        text.contains(r#"feature_new_category_rate{feature_name="d two",model_name="m"} 0.066"#)
    );
}

#[test]
fn many_new_categories_count_alike_however_they_are_split() {
    let mut draws = Draws(3);
    let (reference, mut current) = (draw(&mut draws, 900), draw(&mut draws, 400));
    for (place, row) in current.iter_mut().enumerate().take(200) {
        row[2] = Value::Category(format!("new {}", place * place % 61));
    }
    let (state, settings) = window(&reference, &current);
    let whole = signals(&state, NOON, &settings);
    let new = whole[2].iter().find(|it| it.signal == SignalKind::NewCategories).unwrap();
    assert!(new.share >= 0.5, "{new:?}");
    assert_eq!(new.verdict, Verdict::Drift);

    let mut deltas = [(); 3].map(|()| Delta::default());
    let mut parted = State::default();
    feed(&mut parted, NOON, &[request(&reference)], &settings);
    for (place, rows) in current.chunks(7).enumerate().collect::<Vec<_>>().into_iter().rev() {
        deltas[place % 3].record(NOON, &request(rows), parted.references(), &settings);
    }
    deltas.into_iter().rev().for_each(|delta| parted.apply(delta, &settings));
    parted.tick(NOON, &settings);
    assert_eq!(signals(&parted, NOON, &settings), whole);
    // And in panes of another length.
    let longer = Settings { pane_seconds: 600, ..settings.clone() };
    parted.apply(Delta::default(), &longer);
    parted.tick(NOON, &longer);
    assert_eq!(signals(&parted, NOON, &longer), whole);
}

#[test]
fn what_leaves_the_window_is_no_signal_any_more() {
    let mut draws = Draws(5);
    let reference = draw(&mut draws, 900);
    let mut current = draw(&mut draws, 300);
    current.iter_mut().for_each(|row| row[3] = Value::Category("brand new".into()));
    let (mut state, settings) = window(&reference, &current);
    let of =
        |state: &State, at| verdict(&signals(state, at, &settings)[3], SignalKind::NewCategories);
    assert_eq!(of(&state, NOON), Some(Verdict::Drift));
    let later = NOON + 60.0 * f64::from(settings.panes);
    feed(&mut state, later, &[request(&draw(&mut draws, 300))], &settings);
    assert_eq!(of(&state, later), Some(Verdict::NoDrift));
}

#[test]
fn a_reference_with_infinite_values_has_no_range() {
    let settings = learn(200);
    let values: Vec<f64> =
        (0..200).map(|row| if row % 10 == 0 { f64::INFINITY } else { f64::from(row) }).collect();
    let mut state = State::default();
    feed(&mut state, NOON, &[rows("m", &values)], &settings);
    feed(&mut state, NOON, &[rows("m", &values)], &settings);
    let column = state.snapshot(NOON, &settings).models.remove(0).columns.remove(0);
    assert_eq!((column.out_of_range_rate, column.outlier_rate), (None, None));
    assert_eq!(column.report.signals, []);
}

#[test]
fn rows_that_depend_on_each_other_count_for_what_they_say() {
    let mut draws = Draws(1);
    let [mut shifted, mut alarms] = [0; 2];
    for _ in 0..20 {
        let mut value = 0.0;
        let mut series = |count: usize, up: f64| -> Vec<f64> {
            let mut next = || {
                value = 0.95 * value + draws.uniform() - 0.5;
                value + up
            };
            (0..count).map(|_| next()).collect()
        };
        let settings = learn(1000);
        let mut state = State::default();
        let one_by_one =
            |values: &[f64]| values.iter().map(|it| rows("m", &[*it])).collect::<Vec<_>>();
        feed(&mut state, NOON, &one_by_one(&series(1000, 0.0)), &settings);
        let mut alarm = |values: &[f64]| {
            feed(&mut state, NOON, &one_by_one(values), &settings);
            let signals = signals(&state, NOON, &settings).remove(0);
            assert!(signals[0].p_effective.is_some());
            u32::from(verdict(&signals, SignalKind::OutOfRange) == Some(Verdict::Drift))
        };
        alarms += alarm(&series(600, 0.0));
        shifted += alarm(&series(600, 6.0));
    }
    assert!(alarms <= 2, "{alarms} of 20");
    assert_eq!(shifted, 20);
}

/// Where nothing changes: in how many of the windows each kind of signal is drift, and in how many chance alone does not
/// explain it, however small it is.
#[test]
fn without_drift_each_kind_is_rarer_than_its_level() {
    const RUNS: u64 = 100;
    for [reference, current] in [[300, 100], [300, 300], [150, 600]] {
        let (mut drifted, mut significant) = ([0_u64; 4], [0_u64; 4]);
        for seed in 0..RUNS {
            let mut draws = Draws(seed.wrapping_mul(0x1234_5678_9abc_def1) ^ 0x55);
            let (reference, current) = (draw(&mut draws, reference), draw(&mut draws, current));
            let (state, settings) = window(&reference, &current);
            let all: Vec<SignalReport> = signals(&state, NOON, &settings).concat();
            for (place, kind) in SignalKind::ALL.into_iter().enumerate() {
                let mut of_kind = all.iter().filter(|it| it.signal == kind);
                drifted[place] += u64::from(of_kind.clone().any(|it| it.verdict == Verdict::Drift));
                significant[place] += u64::from(of_kind.any(|it| it.p_adjusted <= Some(0.05)));
            }
        }
        println!("{reference} against {current}: drift {drifted:?}, significant {significant:?}");
        // 5 of 100 are 5 %, of a deviation of 2.2.
        assert!(significant.iter().all(|count| *count <= 12), "{significant:?} of {RUNS}");
        assert!(drifted.iter().zip(significant).all(|(one, other)| *one <= other));
    }
}

/// Many categories are rare, and of those the reference lacks some by chance alone.
#[test]
fn what_the_reference_lacks_by_chance_is_no_drift_of_the_column() {
    const RUNS: u64 = 100;
    for [reference, current] in [[300, 100], [300, 300], [150, 600]] {
        let [mut alarms, mut found] = [0; 2];
        for seed in 0..RUNS {
            let mut draws = Draws(seed.wrapping_mul(0x1234_5678_9abc_def1) ^ 0x77);
            let (reference, mut current) = (draw(&mut draws, reference), draw(&mut draws, current));
            let significant = |current: &[[Value; 4]]| {
                let (state, settings) = window(&reference, current);
                let columns = state.snapshot(NOON, &settings).models.remove(0).columns;
                u64::from(columns[2].report.tests[0].p_value <= Some(0.05))
            };
            alarms += significant(&current);
            let some = current.len() / 5;
            for row in &mut current[..some] {
                row[2] = Value::Category("brand new".into());
            }
            found += significant(&current);
        }
        println!("{reference} against {current}: {alarms} alarms, {found} found");
        assert!(alarms <= 12, "{alarms} of {RUNS}");
        assert!(found >= 80, "{found} of {RUNS}");
    }
}

/// A window that slides is looked at each second. A budget bounds how often an alarm begins, whatever it is of.
#[test]
fn a_false_alarm_budget_holds_for_drift_and_signals_together() {
    const RUNS: u64 = 20;
    const SECONDS: u32 = 120;
    let days = f64::from(SECONDS) / 86_400.0;
    let begun = |budget: Option<FalseAlarmBudget>| {
        let mut begun = 0;
        for seed in 0..RUNS {
            let mut draws = Draws(seed.wrapping_mul(0x1234_5678_9abc_def1) ^ 0x33);
            let settings =
                Settings { pane_seconds: 1, panes: 20, false_alarms: budget, ..learn(300) };
            let mut state = State::default();
            feed(&mut state, NOON, &[request(&draw(&mut draws, 300))], &settings);
            let mut before = false;
            for second in 0..SECONDS + 20 {
                let at = NOON + f64::from(second);
                feed(&mut state, at, &[request(&draw(&mut draws, 15))], &settings);
                let columns = state.snapshot(at, &settings).models.remove(0).columns;
                let verdicts = columns.iter().flat_map(|column| {
                    let signals = column.report.signals.iter().map(|it| it.verdict);
                    signals.chain([column.report.verdict])
                });
                let is_drift = verdicts.into_iter().any(|it| it == Verdict::Drift);
                // Before the window is full, it slides no more than it grows.
                begun += u64::from(second >= 20 && is_drift && !before);
                before = is_drift;
            }
        }
        begun
    };
    let held = begun(Some(FalseAlarmBudget { count: 1.0, days }));
    let unheld = begun(None);
    println!(
        "alarms that began in {RUNS} runs: {held} of {RUNS} accepted; {unheld} without a budget"
    );
    assert!(held <= RUNS, "{held} of {RUNS}");
    assert!(unheld > held);
}
