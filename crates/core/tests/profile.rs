//! Profiles: counted, merged, written, read, compared.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use tidegate_core::compare::{CompareOptions, compare, compare_profiles};
use tidegate_core::profile::{
    ColumnSummary, MAX_CATEGORIES, Profile, ProfileError, ReadError, profile, profile_on,
};
use tidegate_core::report::{ColumnCounts, ColumnKind, ColumnReport, SignalKind, Verdict};
use tidegate_core::snapshot::ColumnRole;
use tidegate_core::table::{Column, MISSING, Table};

fn table<const N: usize>(columns: [(&str, Column); N]) -> Table {
    let mut table = Table::new();
    for (name, column) in columns {
        table.try_push(name, column).unwrap();
    }
    table
}

/// A categorical column of these texts; an empty one is missing.
fn text(cells: &[&str]) -> Column {
    let mut levels: Vec<String> = Vec::new();
    let mut code = |cell: &str| match levels.iter().position(|level| level == cell) {
        _ if cell.is_empty() => MISSING,
        Some(code) => u32::try_from(code).unwrap(),
        None => {
            levels.push(cell.into());
            u32::try_from(levels.len() - 1).unwrap()
        }
    };
    let codes = cells.iter().map(|cell| code(cell)).collect();
    Column::Categorical { codes, levels }
}

fn numbers(values: impl IntoIterator<Item = f64>) -> Column {
    Column::Numeric(values.into_iter().collect())
}

fn json(profile: &Profile) -> String {
    serde_json::to_string(profile).unwrap()
}

#[test]
fn a_column_of_numbers_is_counted_on_its_deciles() {
    let values = (0..=100).map(f64::from).chain([f64::NAN, f64::INFINITY]);
    let profile = profile(&table([("n", numbers(values))]));
    assert_eq!(profile.rows, 103);
    let column = &profile.columns[0];
    assert_eq!(column.counts, ColumnCounts { count: 102, missing: 1 });
    let ColumnSummary::Numeric { min, max, mean, standard_deviation, infinite, edges, bins } =
        &column.summary
    else {
        panic!("not numeric")
    };
    assert_eq!([*min, *max, *mean], [Some(0.0), Some(100.0), Some(50.0)]);
    // Of 0 to 2m: the root of m (m + 1) / 3.
    let deviation = standard_deviation.unwrap();
    assert!((deviation - f64::sqrt(50.0 * 51.0 / 3.0)).abs() < 1e-12, "{deviation}");
    assert_eq!(*infinite, 1);
    assert_eq!(edges, &[10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]);
    assert_eq!(bins, &[10, 10, 10, 10, 10, 10, 10, 10, 10, 12]);
}

#[test]
fn categories_are_by_falling_count_and_bounded() {
    let names: Vec<String> = (0..MAX_CATEGORIES + 5).map(|index| format!("c{index:03}")).collect();
    let mut cells: Vec<&str> = names.iter().map(String::as_str).collect();
    cells.extend(["c104", "c104", "c050", ""]);
    let profile = profile(&table([("t", text(&cells))]));
    let column = &profile.columns[0];
    assert_eq!(column.counts, ColumnCounts { count: 108, missing: 1 });
    let ColumnSummary::Categorical { names, bins, other } = &column.summary else {
        panic!("not categorical")
    };
    assert_eq!(names[..3], ["c104", "c050", "c000"]);
    assert_eq!(bins[..3], [3, 2, 1]);
    assert_eq!((names.len(), *other), (MAX_CATEGORIES, 5));
    profile.check().unwrap();
}

#[test]
fn merging_is_counting_both_on_the_same_bins() {
    let value = |row: u32| f64::from(row * 7919 % 1000) / 10.0;
    let rows = |range: std::ops::Range<u32>| {
        let cells: Vec<&str> =
            range.clone().map(|row| ["a", "b", "", "c", "a"][row as usize % 5]).collect();
        table([("n", numbers(range.map(value))), ("t", text(&cells))])
    };
    let first = profile(&rows(0..600));
    let second = profile_on(&rows(600..1000), &first);
    let whole = profile_on(&rows(0..1000), &first);
    for merged in [first.merge(&second).unwrap(), second.merge(&first).unwrap()] {
        assert_eq!(merged.rows, whole.rows);
        for (merged, whole) in merged.columns.iter().zip(&whole.columns) {
            assert_eq!(merged.counts, whole.counts);
            let (mut merged, mut whole) = (merged.summary.clone(), whole.summary.clone());
            for summary in [&mut merged, &mut whole] {
                if let ColumnSummary::Numeric { mean, standard_deviation, .. } = summary {
                    // Equal up to rounding.
                    for moment in [mean, standard_deviation] {
                        *moment = moment.map(|moment| (moment * 1e9).round() / 1e9);
                    }
                }
            }
            assert_eq!(merged, whole);
        }
        merged.check().unwrap();
    }
}

#[test]
fn moments_that_were_not_kept_stay_unknown() {
    let one = profile(&table([("n", numbers((0..9).map(f64::from)))]));
    let mut counted = one.clone();
    let ColumnSummary::Numeric { min, max, mean, standard_deviation, .. } =
        &mut counted.columns[0].summary
    else {
        panic!("not numeric")
    };
    [*min, *max, *mean, *standard_deviation] = [None; 4];
    counted.check().unwrap();
    let merged = one.merge(&counted).unwrap();
    assert_eq!(merged.columns[0].counts.count, 18);
    assert_eq!(merged.columns[0].summary.range(), None);
}

#[test]
fn huge_numbers_have_their_deviation_and_keep_it_when_merged() {
    let one = profile(&table([("n", numbers([1e300, -0.5]))]));
    let deviation = |profile: &Profile| match &profile.columns[0].summary {
        ColumnSummary::Numeric { standard_deviation, .. } => standard_deviation.unwrap(),
        ColumnSummary::Categorical { .. } => panic!("not numeric"),
    };
    for profile in [&one, &one.merge(&one).unwrap()] {
        assert!((deviation(profile) / 5e299 - 1.0).abs() < 1e-15, "{}", deviation(profile));
    }
}

#[test]
fn profiles_that_do_not_fit_are_not_merged() {
    let one = profile(&table([("c", numbers((0..9).map(f64::from)))]));
    let column = String::from("c");
    let other = profile(&table([("c", numbers((5..9).map(f64::from)))]));
    assert_eq!(one.merge(&other), Err(ProfileError::Edges { column: column.clone() }));
    let other = profile(&table([("c", text(&["a"]))]));
    assert_eq!(one.merge(&other), Err(ProfileError::Kinds { column: column.clone() }));
    let other = profile(&Table::new());
    assert_eq!(one.merge(&other), Err(ProfileError::Columns { column: column.clone() }));
    assert_eq!(other.merge(&one), Err(ProfileError::Columns { column }));
}

#[test]
fn a_profile_is_read_as_it_was_written() {
    let odd = [f64::MAX, -f64::MAX, 5e-324, f64::INFINITY, f64::NAN, 0.1];
    let profile = profile(&table([
        ("n", numbers(odd)),
        ("none", numbers([f64::NAN; 6])),
        // A frequent value has a bin as narrow as numbers can be.
        ("frequent", numbers([0.422915; 6])),
        ("t", text(&["a", "", "\"", "\u{0}", "é", "a"])),
    ]));
    assert_eq!(Profile::from_json(&json(&profile)).unwrap(), profile);
}

#[test]
fn a_feature_may_have_the_name_of_the_prediction() {
    let cell = |count: usize| text(&vec!["a"; count]);
    let model = |feature: usize, prediction: usize| {
        let mut both = profile(&table([("prediction", cell(feature))]));
        let mut predicted = profile(&table([("prediction", cell(prediction))]));
        predicted.columns[0].role = ColumnRole::Prediction;
        both.columns.append(&mut predicted.columns);
        both.rows = 10;
        for (column, count) in both.columns.iter_mut().zip([feature, prediction]) {
            column.counts.missing = (10 - count) as u64;
        }
        both
    };
    let (one, other) = (model(10, 7), model(5, 10));
    assert_eq!(Profile::from_json(&json(&one)).unwrap(), one);
    let counts = |profile: Profile| profile.columns.into_iter().map(|it| it.counts.count);
    assert!(counts(one.merge(&other).unwrap()).eq([15, 17]));
    let report = compare_profiles(&one, &other, &CompareOptions::default()).unwrap();
    let counts = |it: &ColumnReport| [it.reference.count, it.current.count];
    assert!(report.columns.iter().map(counts).eq([[10, 5], [7, 10]]));

    let mut twice = one.clone();
    twice.columns[0].role = ColumnRole::Prediction;
    let error = Profile::from_json(&json(&twice)).unwrap_err();
    assert_eq!(error.to_string(), "not a sound profile: column \"prediction\" is there twice");
}

#[test]
fn a_table_on_a_reference_takes_the_roles_of_its_columns() {
    let mut reference = profile(&table([("prediction", text(&["a"])), ("x", text(&["b"]))]));
    reference.columns[0].role = ColumnRole::Prediction;
    let current =
        profile_on(&table([("prediction", text(&["a"])), ("new", text(&["b"]))]), &reference);
    let roles: Vec<ColumnRole> = current.columns.iter().map(|column| column.role).collect();
    assert_eq!(roles, [ColumnRole::Prediction, ColumnRole::Feature]);
}

#[test]
fn what_is_not_a_sound_profile_is_refused_with_a_reason() {
    let good = json(&profile(&table([
        ("n", numbers((0..=10).map(f64::from))),
        ("t", text(&["a", "a", "b", "b", "b", "", "", "", "", "", ""])),
    ])));
    Profile::from_json(&good).unwrap();
    let check = |text: String, code: &str, says: &str| {
        assert_ne!(text, good);
        let error = Profile::from_json(&text).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().starts_with(says), "{error}");
    };
    let with = |from: &str, to: &str| good.replacen(from, to, 1);
    check("{".into(), "NotJson", "not JSON: EOF");
    check("[]".into(), "NotProfile", "not a profile: it is not a JSON object");
    check("7".into(), "NotProfile", "not a profile: it is not a JSON object");
    check("{}".into(), "NotProfile", "not a profile: it has no field \"schema\"");
    check(
        with("tidegate.profile/1", "tidegate.report/1"),
        "NotProfile",
        "not a profile: it says that it is \"tidegate.report/1\"",
    );
    check(
        with("tidegate.profile/1", "tidegate.profile/2"),
        "UnknownVersion",
        "tidegate.profile/2 is of a version that this Tidegate does not read: update it",
    );
    check(with("\"rows\"", "\"lines\""), "NotProfile", "not a profile: unknown field `lines`");
    let numeric = "not a sound profile: column \"n\" ";
    check(with("\"rows\":11", "\"rows\":12"), "Inconsistent", &format!("{numeric}has counts"));
    check(with("[1.0,2.0", "[2.0,1.0"), "Inconsistent", &format!("{numeric}has edges"));
    check(with("[1.0,2.0", "[2.0"), "Inconsistent", &format!("{numeric}needs one bin more"));
    check(with("\"bins\":[1", "\"bins\":[2"), "Inconsistent", &format!("{numeric}has bins"));
    check(with("\"min\":0.0", "\"min\":null"), "Inconsistent", &format!("{numeric}has min"));
    check(with("\"min\":0.0", "\"min\":11.0"), "Inconsistent", &format!("{numeric}has min"));
    let categorical = "not a sound profile: column \"t\" ";
    check(with("\"b\",", ""), "Inconsistent", &format!("{categorical}needs one bin"));
    check(with("\"b\",\"a\"", "\"a\",\"a\""), "Inconsistent", &format!("{categorical}names a"));
    check(with("\"other\":0", "\"other\":1"), "Inconsistent", &format!("{categorical}has bins"));
    check(with("\"name\":\"t\"", "\"name\":\"n\""), "Inconsistent", &format!("{numeric}is there"));
    assert!(matches!(Profile::from_json(""), Err(ReadError::NotJson { .. })));
}

#[test]
fn profiles_compare_as_their_tables_do() {
    let ramp = |from: i32| numbers((from..from + 1000).map(f64::from));
    let cells = |a: usize, b: usize| {
        let cells: Vec<&str> = [vec!["a"; a], vec!["b"; b]].concat();
        text(&cells)
    };
    let reference = table([("n", ramp(0)), ("t", cells(500, 500))]);
    let current = table([("n", ramp(300)), ("t", cells(510, 490))]);
    let [one, other] = [profile(&reference), profile_on(&current, &profile(&reference))];
    let options = CompareOptions::from_json(r#"{"methods": ["chi_square", "psi"]}"#).unwrap();
    let by_tables = compare(&reference, &current, &options).unwrap();
    let by_profiles = compare_profiles(&one, &other, &options).unwrap();
    assert_eq!(by_profiles.verdict, Verdict::Drift);
    assert_eq!(by_profiles.reference, by_tables.reference);
    for (counted, whole) in by_profiles.columns.iter().zip(&by_tables.columns) {
        assert_eq!(counted.tests, whole.tests, "{}", whole.name);
        assert_eq!(counted.kind, whole.kind);
    }
}

#[test]
fn profiles_that_cannot_be_compared_get_a_note() {
    let note = |reference: &Profile, current: &Profile| {
        let report = compare_profiles(reference, current, &CompareOptions::default()).unwrap();
        assert_eq!(report.verdict, Verdict::InsufficientData);
        report.columns[0].note.clone().unwrap()
    };
    let one = profile(&table([("c", numbers((0..9).map(f64::from)))]));
    // Of an older version, which had no sketches.
    let mut other = profile(&table([("c", numbers((5..9).map(f64::from)))]));
    other.columns[0].sketches = Default::default();
    let words = profile(&table([("c", text(&["a"]))]));
    let none = profile(&Table::new());
    assert_eq!(
        note(&one, &other),
        "the current profile has bins of its own: count it on the reference's"
    );
    assert_eq!(note(&one, &words), "numbers in one profile, categories in the other");
    assert_eq!(note(&one, &none), "the current profile has no such column");
    assert_eq!(note(&none, &words), "the reference has no such column");
}

#[test]
fn a_category_that_a_bounded_reference_may_have_left_out_is_not_new() {
    let counts = |names: &[&str], bins: &[u64], other: u64| {
        let mut profile = profile(&table([("t", text(&[]))]));
        let count = bins.iter().sum::<u64>() + other;
        profile.rows = count;
        profile.columns[0].counts = ColumnCounts { count, missing: 0 };
        profile.columns[0].summary = ColumnSummary::Categorical {
            names: names.iter().map(|name| (*name).into()).collect(),
            bins: bins.to_vec(),
            other,
        };
        profile
    };
    let unseen = |reference: &Profile| {
        let current = counts(&["a", "z"], &[90, 10], 0);
        let report = compare_profiles(reference, &current, &CompareOptions::default()).unwrap();
        assert_eq!(report.columns[0].kind, ColumnKind::Categorical);
        report.columns[0].unseen.clone()
    };
    assert_eq!(unseen(&counts(&["a"], &[90], 10)).count, 0);
    let whole = unseen(&counts(&["a"], &[100], 0));
    assert_eq!((whole.count, whole.categories), (10, vec!["z".into()]));
}

#[test]
fn sketches_are_kept_merged_and_compared() {
    let scattered = |from: u64, count: u64| {
        numbers((0..count).map(move |i| from as f64 + (i * 7919 % count) as f64))
    };
    let of = |from, count| profile(&table([("n", scattered(from, count))]));
    let (reference, moved) = (of(0, 20_000), of(5000, 15_000));
    let read = Profile::from_json(&json(&reference)).unwrap();
    assert_eq!(read, reference);

    // On bins of its own: the sketches need none in common.
    let report = compare_profiles(&reference, &moved, &CompareOptions::default()).unwrap();
    let tests = &report.columns[0].tests;
    assert_eq!(serde_json::to_value(tests[0].method).unwrap(), "kolmogorov_smirnov");
    assert!((tests[0].statistic - 0.25).abs() < 0.0266, "{:?}", tests[0]);
    assert_eq!(report.verdict, Verdict::Drift);
    let same = compare_profiles(&reference, &of(0, 20_000), &CompareOptions::default()).unwrap();
    assert_eq!(same.verdict, Verdict::NoDrift);

    let other = profile_on(&table([("n", scattered(20_000, 20_000))]), &reference);
    let merged = reference.merge(&other).unwrap();
    let kll = &merged.columns[0].sketches.kll.as_ref().unwrap().0;
    assert_eq!((kll.count(), kll.range()), (40_000, Some([0.0, 39_999.0])));
    let distinct = merged.columns[0].sketches.distinct.as_ref().unwrap().0.estimate();
    assert!((distinct / 40_000.0 - 1.0).abs() < 0.07, "{distinct}");

    // Of two, one alone is of half the rows: none is kept.
    let mut old = other;
    old.columns[0].sketches = Default::default();
    assert!(!json(&old).contains("sketches"));
    assert_eq!(reference.merge(&old).unwrap().columns[0].sketches, Default::default());
}

#[test]
fn sketches_that_are_none_or_of_other_rows_are_refused() {
    let good = json(&profile(&table([("n", numbers([1.0, 2.0])), ("t", text(&["a", "b"]))])));
    let value: serde_json::Value = serde_json::from_str(&good).unwrap();
    let with = |column: usize, name: &str, text: &str| {
        let mut value = value.clone();
        value["columns"][column]["sketches"][name] = text.into();
        Profile::from_json(&value.to_string()).unwrap_err()
    };
    let one = profile(&table([("n", numbers([1.0]))]));
    let one: serde_json::Value = serde_json::from_str(&json(&one)).unwrap();
    let kll = one["columns"][0]["sketches"]["kll"].as_str().unwrap();
    assert!(matches!(with(0, "kll", kll), ReadError::Inconsistent { .. }));
    assert!(matches!(with(1, "kll", kll), ReadError::Inconsistent { .. }));
    for text in ["", "!", "AAAA"] {
        assert!(matches!(with(0, "kll", text), ReadError::NotProfile { .. }), "{text}");
    }
    let frequent = value["columns"][1]["sketches"]["frequent"].as_str().unwrap();
    assert!(matches!(with(0, "frequent", frequent), ReadError::Inconsistent { .. }));
}

#[test]
fn profiles_tell_values_out_of_the_reference_s_range() {
    let table = |values: Vec<f64>| {
        let mut table = Table::new();
        table.try_push("x", Column::Numeric(values)).unwrap();
        table
    };
    let reference = profile(&table((0..1000).map(f64::from).collect()));
    let signal = |current: Vec<f64>| {
        let current = profile(&table(current));
        let report = compare_profiles(&reference, &current, &CompareOptions::default()).unwrap();
        let signals = report.columns[0].signals.clone();
        let found = signals.iter().find(|it| it.signal == SignalKind::OutOfRange).cloned();
        found.unwrap_or_else(|| panic!("{:?} {:?}", report.columns[0].note, signals))
    };
    let within = signal((0..1000).rev().map(f64::from).collect());
    assert_eq!((within.share, within.verdict), (0.0, Verdict::NoDrift));
    // A tenth of 10,000 values lies above, which the sketch knows to a per cent or two.
    let above = signal(
        (0..10_000)
            .map(|row| f64::from(row % 1000) + if row % 10 == 0 { 2000.0 } else { 0.0 })
            .collect(),
    );
    assert!((above.share - 0.1).abs() < 0.02, "{above:?}");
    assert_eq!(above.verdict, Verdict::Drift);
}
