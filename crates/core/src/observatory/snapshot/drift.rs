use alloc::string::{String, ToString};
use alloc::vec::Vec;
use tidegate_stats::{Decision, Verdict, psi};

use crate::compare::{
    Beyond, BinnedColumn, BinnedCounts, Bins, Methods, binned_column, binned_signals,
};
use crate::event::ColumnRole;
use crate::observatory::reference::{Binning, Origin, Reference, ReferenceColumn};
use crate::pane::{PaneStart, RoleWindow, Window};
use crate::report::{self, ColumnCounts, ColumnKind, ColumnReport, Distribution, Unseen};
use crate::snapshot::ColumnSnapshot;

/// The roles in the order in which their columns are shown.
const ROLES: [ColumnRole; 3] =
    [ColumnRole::Feature, ColumnRole::Prediction, ColumnRole::Confidence];

/// A pane whose index is larger than this by chance alone, on average, is not shown. Half of what
/// counts as a significant change.
const MAX_CHANCE_PSI: f64 = 0.1;

/// What is to be known of how a column was learned.
fn note(reference: &Reference, column: &ReferenceColumn) -> Option<&'static str> {
    if reference.origin() != Origin::Learned {
        None
    } else if column.rows_per_independent.is_some() {
        Some("a sorted file is to be shuffled before it is learned from")
    } else if reference.is_of_few_requests() {
        Some(
            "learned from so few requests that it is hardly known whether rows of one depend on each other",
        )
    } else {
        None
    }
}

/// Each column of the window against the reference: those of the reference in its order, then those
/// that only the window has. p-values are adjusted over all columns of the model.
pub(super) fn columns(
    window: &Window,
    reference: Option<&Reference>,
    panes: &[PaneStart],
    decision: &Decision,
) -> Vec<ColumnSnapshot> {
    let nothing = RoleWindow::default();
    let mut columns = Vec::new();
    for role in ROLES {
        let window = window.role(role).unwrap_or(&nothing);
        let known: Vec<&ReferenceColumn> = reference
            .map_or(&[][..], Reference::columns)
            .iter()
            .filter(|column| column.role == role)
            .collect();
        columns.extend(known.iter().map(|column| {
            let mut compared = compared(column, window, panes, decision);
            if let Some(more) = reference.and_then(|reference| note(reference, column)) {
                compared.report.add_note(more);
            }
            compared
        }));
        let is_new = |name: &&str| known.iter().all(|column| column.name != **name);
        let new = window.columns().filter(is_new);
        columns.extend(new.map(|name| presence((role, name), window, reference, panes.len())));
    }
    report::adjust(columns.iter_mut().map(|column| &mut column.report), decision);
    columns
}

fn compared(
    column: &ReferenceColumn,
    window: &RoleWindow,
    panes: &[PaneStart],
    decision: &Decision,
) -> ColumnSnapshot {
    let bins = column.window_bins(window);
    let counts = counts(&bins, window.rows());
    let binned = BinnedColumn {
        name: &column.name,
        bins: match &column.binning {
            Binning::Edges(edges) => Bins::Numeric { edges, range: column.range },
            Binning::Categories { names, .. } => Bins::Categorical { names },
        },
        reference: BinnedCounts { counts: column.counts, bins: &column.bins },
        current: BinnedCounts { counts, bins: &bins },
        rows_per_independent: column.rows_per_independent,
    };
    let pane_psi = |pane: &PaneStart| pane_psi(&column.bins, window.pane_bins(&column.name, *pane));
    let [out_of_range, outliers] = window.outlying(&column.name);
    let new: Vec<u64> = window.new_categories(&column.name).rows().collect();
    let beyond = Beyond { out_of_range: column.range.map(|_| out_of_range), new: &new };
    let mut report = binned_column(&binned, &Methods::Default, decision);
    if counts.count > 0 {
        report.signals = binned_signals(&binned, beyond, decision);
    }
    let share = |count: u64| count as f64 / counts.count as f64;
    ColumnSnapshot {
        role: column.role,
        null_rate: null_rate(counts),
        out_of_range_rate: column.range.filter(|_| counts.count > 0).map(|_| share(out_of_range)),
        outlier_rate: column.fences.filter(|_| counts.count > 0).map(|_| share(outliers)),
        psi_series: panes.iter().map(pane_psi).collect(),
        report,
    }
}

/// The index of one pane, the same as [`psi::two_sample`]'s; `None` where the rows are so few that
/// chance alone makes it [`MAX_CHANCE_PSI`] on average.
///
/// Without drift the mean of the index is about `(k - 1)(1/n + 1/m)`. There are as many panes as
/// columns times minutes, too many for the quantile that a verdict would take.
fn pane_psi(reference: &[u64], current: &[u64]) -> Option<f64> {
    let size = |bins: &[u64]| bins.iter().fold(0u64, |sum, bin| sum.saturating_add(*bin)) as f64;
    let bins = reference.len() as f64;
    let by_chance = (bins - 1.0) * (1.0 / size(reference) + 1.0 / size(current));
    let index = psi::classic(reference, current).ok()? / (1.0 + bins * psi::SMOOTHING);
    (by_chance <= MAX_CHANCE_PSI).then_some(index)
}

/// A column that there is nothing to compare with: what is present, and what is missing.
fn presence(
    (role, name): (ColumnRole, &str),
    window: &RoleWindow,
    reference: Option<&Reference>,
    pane_count: usize,
) -> ColumnSnapshot {
    let bins = window.bins(name);
    let counts = counts(&bins, window.rows());
    let note = if reference.is_some() {
        "the reference has no such column"
    } else {
        "there is no reference to compare with"
    };
    let is_categorical = matches!(bins[..], [numbers, categories] if categories > numbers);
    let (kind, distribution) = if is_categorical {
        let (names, reference, current) = (Vec::new(), Vec::new(), Vec::new());
        let other = [0, counts.count];
        (ColumnKind::Categorical, Distribution::Categories { names, reference, current, other })
    } else {
        let (edges, reference, current) = (Vec::new(), Vec::new(), Vec::new());
        let (below, above) = ([0; 2], [0; 2]);
        (ColumnKind::Numeric, Distribution::Bins { edges, reference, current, below, above })
    };
    ColumnSnapshot {
        role,
        null_rate: null_rate(counts),
        out_of_range_rate: None,
        outlier_rate: None,
        psi_series: alloc::vec![None; pane_count],
        report: ColumnReport {
            name: name.to_string(),
            kind,
            verdict: Verdict::InsufficientData,
            reference: ColumnCounts::default(),
            current: counts,
            tests: Vec::new(),
            distribution,
            unseen: Unseen::default(),
            missing_test: None,
            signals: Vec::new(),
            compatibility: Vec::new(),
            rows_per_independent: None,
            note: Some(String::from(note)),
        },
    }
}

fn counts(bins: &[u64], rows: u64) -> ColumnCounts {
    let count = bins.iter().fold(0u64, |sum, bin| sum.saturating_add(*bin));
    ColumnCounts { count, missing: rows.saturating_sub(count) }
}

fn null_rate(counts: ColumnCounts) -> Option<f64> {
    let rows = counts.count.saturating_add(counts.missing);
    (rows > 0).then(|| counts.missing as f64 / rows as f64)
}
