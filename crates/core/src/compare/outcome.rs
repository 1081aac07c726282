//! What comparing one column gave, on its way into a report.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::compatibility::PeerScore;
use tidegate_stats::{Decision, Error, Method, TwoSample, counted, num};

use crate::report::{
    ColumnCounts, ColumnKind, ColumnReport, Distribution, Peer, PeerReport, TestReport, Unseen,
    Verdict,
};

/// The findings on one column that depend on its kind.
pub(super) struct Outcome {
    pub(super) kind: ColumnKind,
    pub(super) tests: Vec<TestReport>,
    pub(super) distribution: Distribution,
    pub(super) unseen: Unseen,
    pub(super) compatibility: Vec<PeerReport>,
    pub(super) notes: Vec<String>,
}

impl Outcome {
    /// Takes what decides from the same comparison of so many rows as are independent: p-values, and what could have
    /// been told from chance. What was measured stays. A test that so few rows cannot give is left out.
    pub(super) fn count_as(&mut self, thinned: Self) {
        self.tests.retain_mut(|test| {
            let found = thinned.tests.iter().find(|other| other.method == test.method);
            found.is_some_and(|other| {
                count_as(test, other);
                true
            })
        });
        let told = |note: &String| self.notes.contains(note);
        let more: Vec<String> = thinned.notes.into_iter().filter(|note| !told(note)).collect();
        self.notes.extend(more);
    }

    /// The column's report, its p-values not yet adjusted.
    pub(super) fn report(
        self,
        name: &str,
        counts: [ColumnCounts; 2],
        decision: &Decision,
    ) -> ColumnReport {
        let [reference, current] = counts;
        ColumnReport {
            name: name.into(),
            kind: self.kind,
            verdict: self.tests.first().map_or(Verdict::InsufficientData, |test| test.verdict),
            reference,
            current,
            tests: self.tests,
            distribution: self.distribution,
            unseen: self.unseen,
            missing_test: missing_test(counts, decision),
            signals: Vec::new(),
            compatibility: self.compatibility,
            rows_per_independent: None,
            note: (!self.notes.is_empty()).then(|| self.notes.join("; ")),
        }
    }
}

fn count_as(test: &mut TestReport, thinned: &TestReport) {
    test.p_effective = thinned.p_value;
    test.detectable_effect = thinned.detectable_effect;
    test.threshold = thinned.threshold;
}

/// Of so many counted rows those that are independent, at least one of any.
pub(super) fn thinned(count: u64, rows_per_independent: f64) -> u64 {
    let rest = num::round_ties_even(count as f64 / rows_per_independent) as u64;
    rest.max(u64::from(count > 0))
}

/// Counts the rows of the test of missing values so too.
pub(super) fn count_missing_as(
    report: &mut ColumnReport,
    rows_per_independent: f64,
    decision: &Decision,
) {
    let counts = [report.reference, report.current].map(|counts| ColumnCounts {
        count: thinned(counts.count, rows_per_independent),
        missing: thinned(counts.missing, rows_per_independent),
    });
    report.missing_test =
        report.missing_test.take().zip(missing_test(counts, decision)).map(|(mut test, found)| {
            count_as(&mut test, &found);
            test
        });
}

/// Runs the methods in their order. Without the first there is no verdict, so that no other is
/// taken for the deciding one; of what else could not be computed there is a note.
pub(super) fn run(
    methods: &[Method],
    notes: &mut Vec<String>,
    test: impl Fn(Method) -> Result<TwoSample, Error>,
) -> Vec<TestReport> {
    let mut tests = Vec::with_capacity(methods.len());
    if methods.is_empty() {
        notes.push("none of the chosen methods fits a column of this kind".into());
    }
    for method in methods {
        match test(*method) {
            Ok(result) => tests.push(TestReport::from(&result)),
            Err(error) => {
                notes.push(format!("not compared: {error}"));
                if tests.is_empty() {
                    break;
                }
            }
        }
    }
    tests
}

/// Chi-square test of present against missing; `None` where nothing is missing or a table is empty.
fn missing_test(counts: [ColumnCounts; 2], decision: &Decision) -> Option<TestReport> {
    let [reference, current] = counts.map(|counts| [counts.count, counts.missing]);
    if reference[1] == 0 && current[1] == 0 {
        return None;
    }
    let result = on_bins(Method::ChiSquare, &reference, &current, decision).ok()?;
    Some(TestReport::from(&result))
}

/// The scores of each peer. One that has none for such samples adds nothing.
pub(super) fn compatibility(
    peers: &[Peer],
    scores: impl Fn(Peer) -> Result<Vec<PeerScore>, Error>,
) -> Vec<PeerReport> {
    let all = peers.iter().filter_map(|peer| scores(*peer).ok());
    all.flatten().map(|score| PeerReport::from(&score)).collect()
}

/// Of the methods those that these counts can be given to: Fisher's exact test is for two categories.
pub(super) fn fitting(methods: &[Method], reference: &[u64], current: &[u64]) -> Vec<Method> {
    let occupied = reference.iter().zip(current).filter(|&(&a, &b)| a > 0 || b > 0).count();
    let fits = |method: &Method| *method != Method::FisherExact || occupied <= 2;
    methods.iter().copied().filter(fits).collect()
}

/// A method on counts in bins whose edges are the reference's quantiles.
pub(super) fn on_quantiles(
    method: Method,
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    counted::two_sample_on_quantiles(method, reference, current, decision)
}

/// A method on counts in the same bins.
pub(super) fn on_bins(
    method: Method,
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    counted::two_sample(method, reference, current, decision)
}
