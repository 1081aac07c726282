//! Counts against counts, on bins that the reference froze: all that a profile or a window of live
//! traffic keeps of its values.

use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::Decision;

use super::categorical::{Side, Tally};
use super::outcome::{self, Outcome};
use super::signals::Categories;
use super::{Methods, dependence, distribution, signals};
use crate::report::{ColumnCounts, ColumnKind, ColumnReport, Distribution, SignalReport, Unseen};

/// A column counted on the same bins in the reference and in the current sample.
#[derive(Debug, Clone, Copy)]
pub struct BinnedColumn<'a> {
    /// Column name.
    pub name: &'a str,
    /// The bins.
    pub bins: Bins<'a>,
    /// The reference's counts.
    pub reference: BinnedCounts<'a>,
    /// The current sample's counts.
    pub current: BinnedCounts<'a>,
    /// Rows that say as much as one that is independent, where they depend on each other, see
    /// [`tidegate_stats::dependence`].
    pub rows_per_independent: Option<f64>,
}

/// What the bins of a column hold.
#[derive(Debug, Clone, Copy)]
pub enum Bins<'a> {
    /// Bin `i` holds `edges[i - 1] <= value < edges[i]`; the outer two are open.
    Numeric {
        /// Inner edges, ascending, one fewer than bins.
        edges: &'a [f64],
        /// Lowest and highest value of both samples, if known: where the outer bins end in a drawing.
        range: Option<[f64; 2]>,
    },
    /// Bin `i` holds `names[i]`; one more bin, the last, holds all other categories.
    Categorical {
        /// Names, one fewer than bins.
        names: &'a [String],
    },
}

/// One sample's counts.
#[derive(Debug, Clone, Copy)]
pub struct BinnedCounts<'a> {
    /// Values present and missing.
    pub counts: ColumnCounts,
    /// Values in each bin.
    pub bins: &'a [u64],
}

/// Compares one column from counts alone: `chi_square` decides, then `psi` and `jensen_shannon`, or
/// those of `methods` that need no more than counts.
///
/// The p-values are not adjusted for the number of columns: give all columns to
/// [`crate::report::adjust`]. Where only the current sample has other categories, `chi_square` counts them in one bin with
/// those that are so rare in both samples that the reference may lack them by chance. `unseen` counts the current values in bins that the reference left
/// empty. Counts that do not fit the bins make a column of `insufficient_data` with a note.
#[must_use]
pub fn binned_column(
    column: &BinnedColumn<'_>,
    methods: &Methods,
    decision: &Decision,
) -> ColumnReport {
    let BinnedColumn { name, bins, reference, current, rows_per_independent } = column;
    let outcome = match bins {
        Bins::Numeric { edges, range } => {
            let compare = |reference: &[u64], current: &[u64]| {
                numeric(edges, *range, reference, current, methods, decision)
            };
            let mut outcome = compare(reference.bins, current.bins);
            if let Some(rows) = rows_per_independent {
                let [reference, current] = [reference.bins, current.bins].map(|bins| {
                    bins.iter().map(|it| outcome::thinned(*it, *rows)).collect::<Vec<_>>()
                });
                outcome.count_as(compare(&reference, &current));
            }
            outcome
        }
        Bins::Categorical { names } => {
            let mut tally = Tally::default();
            for (side, sample) in [(Side::Reference, reference), (Side::Current, current)] {
                for (name, count) in names.iter().zip(sample.bins) {
                    tally.add(side, name, *count);
                }
                for count in sample.bins.iter().skip(names.len()) {
                    tally.add_unnamed(side, *count);
                }
            }
            let mut outcome = tally.compare(&methods.of_counts(), decision);
            if let Some(rows) = rows_per_independent {
                outcome.count_as(tally.thinned(*rows).compare(&methods.of_counts(), decision));
            }
            outcome
        }
    };
    let report = outcome.report(name, [reference.counts, current.counts], decision);
    match rows_per_independent {
        Some(rows) => dependence::tell(report, *rows, true, decision),
        None => report,
    }
}

/// What is known of the current values that the reference has none like.
#[derive(Debug, Clone, Copy)]
pub struct Beyond<'a> {
    /// Numbers outside of the reference's range; `None` where that is not known.
    pub out_of_range: Option<u64>,
    /// Values of the last bin of categories, category by category, as far as they are known: no more than are in it.
    pub new: &'a [u64],
}

/// The signals of one column, from counts alone: values that are missing, out of range, and of new and vanished categories, these
/// where the reference names all of its own.
///
/// The p-values are not adjusted for the number of columns, as those of [`binned_column`].
#[must_use]
pub fn binned_signals(
    column: &BinnedColumn<'_>,
    beyond: Beyond<'_>,
    decision: &Decision,
) -> Vec<SignalReport> {
    let BinnedColumn { bins, reference, current, rows_per_independent, .. } = column;
    let counts = [reference.counts, current.counts];
    let mut found = Vec::new();
    match bins {
        Bins::Numeric { .. } => {
            if let Some(outside) = beyond.out_of_range {
                let counts = counts.map(|side| side.count);
                found.extend(signals::of_range(counts, outside, *rows_per_independent, decision));
            }
        }
        Bins::Categorical { .. } => {
            let bins = [reference.bins, current.bins];
            found.extend(of_categories(bins, beyond.new, *rows_per_independent, decision));
        }
    }
    found.extend(signals::of_missing(counts, *rows_per_independent, decision));
    found
}

/// New and vanished categories, from bins of which the last has those without a name; `new` as in [`Beyond`]. Nothing is said
/// where the reference does not name all of its own.
pub(super) fn of_categories(
    [reference, current]: [&[u64]; 2],
    new: &[u64],
    rows_per_independent: Option<f64>,
    decision: &Decision,
) -> Vec<SignalReport> {
    let ([known @ .., 0], [now @ .., others]) = (reference, current) else { return Vec::new() };
    let named = new.iter().fold(0_u64, |sum, rows| sum.saturating_add(*rows));
    let of_named = alloc::vec![0; new.len()];
    let categories = Categories {
        reference: &[known, &of_named].concat(),
        current: &[now, new].concat(),
        unnamed: others.saturating_sub(named),
    };
    signals::of_categories(categories, rows_per_independent, decision).collect()
}

pub(super) fn numeric(
    edges: &[f64],
    range: Option<[f64; 2]>,
    reference: &[u64],
    current: &[u64],
    methods: &Methods,
    decision: &Decision,
) -> Outcome {
    let drawn = distribution::drawn_edges(edges, range);
    let drawn =
        drawn.filter(|drawn| [reference, current].iter().all(|bins| drawn.len() == bins.len() + 1));
    let mut notes = Vec::new();
    let methods = outcome::fitting(&methods.of_counts(), reference, current);
    let tests = outcome::run(&methods, &mut notes, |method| {
        outcome::on_quantiles(method, reference, current, decision)
    });
    let has_reference = reference.iter().any(|count| *count > 0);
    let new =
        reference.iter().zip(current).filter(|(reference, _)| has_reference && **reference == 0);
    let unseen = new.fold(0_u64, |sum, (_, current)| sum.saturating_add(*current));
    Outcome {
        kind: ColumnKind::Numeric,
        tests,
        distribution: drawn.map_or_else(distribution::no_bins, |edges| Distribution::Bins {
            edges,
            reference: reference.to_vec(),
            current: current.to_vec(),
            below: [0; 2],
            above: [0; 2],
        }),
        unseen: Unseen { count: unseen, categories: Vec::new() },
        compatibility: Vec::new(),
        notes,
    }
}
