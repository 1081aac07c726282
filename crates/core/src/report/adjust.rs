//! Verdicts over many columns.

use alloc::vec::Vec;

use tidegate_stats::Decision;
use tidegate_stats::multiple::benjamini_hochberg;
use tidegate_stats::signal::SignalRule;
use tidegate_stats::{Method, TwoSample, Verdict};

use super::{ColumnCounts, ColumnReport, SignalKind, SignalReport, TestReport};

/// Sets each test's `p_adjusted` and `effect_floor`, then its verdict and the column's, which is that of its first test.
///
/// p-values are adjusted by Benjamini and Hochberg's procedure in families. The deciding tests of
/// all columns and those of their missing values are one family, whatever their methods, so that `alpha`
/// bounds the expected share of false alarms among what is said to have drifted; where nothing drifts, it
/// bounds the probability that the report says so. Each method that is only shown is a family of its own,
/// and so is each kind of signal.
///
/// Doing it twice changes nothing: it starts from the p-values, not from what it wrote.
pub fn adjust<'a>(columns: impl IntoIterator<Item = &'a mut ColumnReport>, decision: &Decision) {
    let mut columns: Vec<&'a mut ColumnReport> = columns.into_iter().collect();
    let mut tests: Vec<(Family, [u64; 2], &mut TestReport)> = Vec::new();
    for column in &mut columns {
        let counts = [column.reference, column.current];
        let present = counts.map(|counts| counts.count);
        let rows = counts.map(|ColumnCounts { count, missing }| count.saturating_add(missing));
        for (index, test) in column.tests.iter_mut().enumerate() {
            let family = if index == 0 { Family::Deciding } else { Family::Shown(test.method) };
            tests.push((family, present, test));
        }
        if let Some(test) = &mut column.missing_test {
            tests.push((Family::Deciding, rows, test));
        }
    }
    let shown = Method::ALL.into_iter().map(Family::Shown);
    for family in shown.chain([Family::Deciding]) {
        let mut members: Vec<_> = tests.iter_mut().filter(|(own, ..)| *own == family).collect();
        let p_values: Vec<f64> = members.iter().filter_map(|(.., test)| effective(test)).collect();
        // A p-value out of range is none: such tests keep their own verdicts.
        let adjusted = benjamini_hochberg(&p_values).unwrap_or_default();
        let mut adjusted = adjusted.into_iter();
        for (_, counts, test) in &mut members {
            test.p_adjusted = effective(test).and_then(|_| adjusted.next());
            test.effect_floor = decision.effect_floor.of(test.method);
            test.verdict = decision.judge(&two_sample(test, *counts), test.p_adjusted);
        }
    }
    for kind in SignalKind::ALL {
        adjust_signals(columns.iter_mut().flat_map(|column| &mut column.signals), kind, decision);
    }
    for column in columns {
        column.verdict =
            column.tests.first().map_or(Verdict::InsufficientData, |deciding| deciding.verdict);
    }
}

/// Tests whose p-values are adjusted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Deciding,
    Shown(Method),
}

/// The p-value that counts.
fn effective(test: &TestReport) -> Option<f64> {
    test.p_effective.or(test.p_value)
}

/// The result that a report's test was made from.
const fn two_sample(test: &TestReport, counts: [u64; 2]) -> TwoSample {
    TwoSample {
        method: test.method,
        statistic: test.statistic,
        p_value: test.p_value,
        effect: test.effect,
        interval: test.interval,
        detectable_effect: test.detectable_effect,
        threshold: test.threshold,
        reference_count: counts[0],
        current_count: counts[1],
        verdict: test.verdict,
    }
}

fn adjust_signals<'a>(
    signals: impl Iterator<Item = &'a mut SignalReport>,
    kind: SignalKind,
    decision: &Decision,
) {
    let mut members: Vec<&mut SignalReport> =
        signals.filter(|report| report.signal == kind).collect();
    let effective = |report: &SignalReport| report.p_effective.unwrap_or(report.p_value);
    let p_values: Vec<f64> = members.iter().map(|report| effective(report)).collect();
    let adjusted = benjamini_hochberg(&p_values).unwrap_or_default();
    let rule = SignalRule { alpha: decision.alpha, ..SignalRule::default() };
    for (report, p_adjusted) in members.iter_mut().zip(adjusted) {
        report.p_adjusted = Some(p_adjusted);
        report.effect_floor = rule.share_floor;
        report.verdict = rule.judge(&report.found(), report.p_adjusted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Draws;
    use crate::report::{ColumnKind, Distribution, Unseen};

    fn test(method: Method, p_value: Option<f64>) -> TestReport {
        TestReport {
            method,
            statistic: 0.5,
            p_value,
            p_effective: None,
            p_adjusted: None,
            effect: 0.5,
            interval: None,
            detectable_effect: 0.01,
            threshold: 0.05,
            effect_floor: 0.0,
            verdict: Verdict::NoDrift,
        }
    }

    fn column(tests: Vec<TestReport>) -> ColumnReport {
        ColumnReport {
            name: "c".into(),
            kind: ColumnKind::Numeric,
            verdict: Verdict::NoDrift,
            reference: ColumnCounts { count: 100, missing: 0 },
            current: ColumnCounts { count: 100, missing: 0 },
            tests,
            distribution: Distribution::Categories {
                names: vec![],
                reference: vec![],
                current: vec![],
                other: [0; 2],
            },
            unseen: Unseen::default(),
            missing_test: None,
            signals: vec![],
            compatibility: vec![],
            rows_per_independent: None,
            note: None,
        }
    }

    fn adjusted(column: &ColumnReport) -> Vec<Option<f64>> {
        column.tests.iter().map(|test| test.p_adjusted).collect()
    }

    #[test]
    fn deciding_tests_are_one_family_and_each_shown_method_another() {
        let (ks, chi, psi) = (Method::KolmogorovSmirnov, Method::ChiSquare, Method::Psi);
        let mut columns = [
            column(vec![test(ks, Some(0.01)), test(psi, None), test(chi, Some(0.04))]),
            column(vec![test(chi, Some(0.04)), test(ks, Some(0.5))]),
            column(vec![test(psi, None)]),
            column(vec![]),
        ];
        columns[0].missing_test = Some(test(chi, Some(0.03)));
        adjust(&mut columns, &Decision::default());
        // Three p-values decide: 0.01 · 3 / 1, and 0.03 · 3 / 2, which is more than 0.04 · 3 / 3. The shown ones
        // stand alone.
        assert_eq!(adjusted(&columns[0]), [Some(0.03), None, Some(0.04)]);
        assert_eq!(adjusted(&columns[1]), [Some(0.04), Some(0.5)]);
        assert_eq!(adjusted(&columns[2]), [None]);
        assert_eq!(columns[0].tests[1].effect_floor, 0.2, "that of psi");
        assert_eq!(columns[0].missing_test.as_ref().unwrap().p_adjusted, Some(0.04));
        let verdicts = columns.clone().map(|column| column.verdict);
        let (drift, unknown) = (Verdict::Drift, Verdict::InsufficientData);
        assert_eq!(verdicts, [drift, drift, drift, unknown]);

        let once = columns.clone();
        adjust(&mut columns, &Decision::default());
        assert_eq!(columns, once);
    }

    /// Without drift p-values are even in (0, 1): how often a report of so many columns says that there is some.
    #[test]
    fn missing_values_beside_columns_are_within_one_alpha() {
        let mut draws = Draws::new();
        let mut p_value = || draws.draw();
        let (mut drifted, runs) = (0, 4000);
        for _ in 0..runs {
            let mut columns = [(); 5].map(|()| {
                let mut column = column(vec![test(Method::KolmogorovSmirnov, Some(p_value()))]);
                column.missing_test = Some(test(Method::ChiSquare, Some(p_value())));
                column
            });
            adjust(&mut columns, &Decision::default());
            let tests = columns.iter().flat_map(|it| it.tests.iter().chain(&it.missing_test));
            drifted += u32::from(tests.into_iter().any(|test| test.verdict == Verdict::Drift));
        }
        // 5 % are 200, of a deviation of 14; two families would make 390.
        assert!((150..250).contains(&drifted), "{drifted} of {runs}");
    }

    #[test]
    fn many_columns_need_smaller_p_values() {
        let p_values = [0.04, 0.2, 0.4, 0.6, 0.8];
        let ks = |p_value| column(vec![test(Method::KolmogorovSmirnov, Some(p_value))]);
        let mut alone = [ks(0.04)];
        adjust(&mut alone, &Decision::default());
        assert_eq!(alone[0].verdict, Verdict::Drift);
        let mut columns = p_values.map(ks);
        adjust(&mut columns, &Decision::default());
        assert_eq!(columns[0].tests[0].p_adjusted, Some(0.2));
        assert_eq!(columns[0].verdict, Verdict::NoDrift);
    }
}
