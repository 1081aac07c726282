//! Whole rows against whole rows: the columns that both tables have, encoded as numbers.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::multiple::benjamini_hochberg;
use tidegate_stats::multivariate::domain_classifier::{self, ClassifierOptions};
use tidegate_stats::multivariate::mmd::{self, MmdOptions};
use tidegate_stats::multivariate::pca::{Reconstruction, ReconstructionOptions};
use tidegate_stats::multivariate::{Multivariate, MultivariateMethod, Rows};
use tidegate_stats::order::sort_by;
use tidegate_stats::{Decision, Error, num};

use super::column;
use super::reading::{categories, numbers};
use crate::report::{ColumnKind, ColumnShare, MultivariateReport, RowsTest, Verdict};
use crate::table::{Column, Table};

/// Categories of a column that have an indicator of their own: the most frequent of both tables.
const MOST_CATEGORIES: usize = 8;

/// Encoded columns, at most; what comes after them is left out, and a note counts it.
const MOST_ENCODED: usize = 64;

/// Rows of each table, at most; of a longer one as many are taken at even distances.
const MOST_ROWS: usize = 50_000;

/// Compares the rows of both tables by each method.
pub(super) fn compare(
    reference: &Table,
    current: &Table,
    kinds: &BTreeMap<String, ColumnKind>,
    methods: &[MultivariateMethod],
    decision: &Decision,
) -> Vec<MultivariateReport> {
    if methods.is_empty() {
        return Vec::new();
    }
    let encoded = Encoded::new(reference, current, kinds);
    let mut distinct: Vec<MultivariateMethod> = Vec::new();
    for method in methods {
        if !distinct.contains(method) {
            distinct.push(*method);
        }
    }
    let found: Vec<_> =
        distinct.iter().map(|method| (*method, encoded.compare(*method, decision))).collect();
    let p_values = found.iter().filter_map(|(_, found)| found.as_ref().ok());
    let p_values: Vec<f64> = p_values.map(|(test, _)| test.p_value).collect();
    let mut adjusted = benjamini_hochberg(&p_values).unwrap_or_default().into_iter();
    found
        .into_iter()
        .map(|(method, found)| {
            let mut notes = encoded.notes.clone();
            let (test, columns) = match found {
                Ok((test, shares)) => {
                    let p_adjusted = adjusted.next();
                    let verdict = decision.judge_rows(&test, p_adjusted);
                    let floor = decision.effect_floor.multivariate.of(method);
                    (
                        Some(RowsTest::new(&test, p_adjusted, (floor, verdict))),
                        encoded.by_column(&shares),
                    )
                }
                Err(error) => {
                    notes.push(format!("not compared: {error}"));
                    (None, Vec::new())
                }
            };
            MultivariateReport {
                method,
                verdict: test.as_ref().map_or(Verdict::InsufficientData, |test| test.verdict),
                test,
                columns,
                note: (!notes.is_empty()).then(|| notes.join("; ")),
            }
        })
        .collect()
}

/// Both tables as rows of numbers.
struct Encoded {
    rows: [Vec<f64>; 2],
    /// By encoded column, the column that it comes from.
    names: Vec<String>,
    notes: Vec<String>,
}

/// An encoded column in both tables.
type Pair = [Vec<f64>; 2];

impl Encoded {
    fn new(reference: &Table, current: &Table, kinds: &BTreeMap<String, ColumnKind>) -> Self {
        let mut notes = Vec::new();
        let mut names: Vec<String> = Vec::new();
        let mut columns: Vec<Pair> = Vec::new();
        let (mut missing, mut left_out) = (0_u64, 0_usize);
        for (name, own) in reference.columns() {
            let Some(other) = current.column(name) else { continue };
            let (kind, _) = column::settle_kind(own, other, kinds.get(name).copied());
            let pairs = match kind {
                ColumnKind::Numeric => of_numbers(own, other),
                ColumnKind::Categorical => Some(of_categories(own, other)),
            };
            missing += own.counts().missing + other.counts().missing;
            // What never changes tells nothing, and an indicator of what all rows have is such.
            let varying = pairs.into_iter().flatten().filter(varies);
            for pair in varying {
                if columns.len() < MOST_ENCODED {
                    columns.push(pair);
                    names.push(name.into());
                } else {
                    left_out += 1;
                }
            }
        }
        if missing > 0 {
            notes.push(format!(
                "{missing} missing values take the reference's mean, and have an indicator"
            ));
        }
        if left_out > 0 {
            notes.push(format!(
                "{left_out} encoded columns past the first {MOST_ENCODED} are left out"
            ));
        }
        let longest = reference.rows().max(current.rows());
        if longest > MOST_ROWS {
            notes.push(format!("of a table with more than {MOST_ROWS} rows only so many are used"));
        }
        let rows = [0, 1].map(|side| {
            let rows = columns.first().map_or(0, |pair: &Pair| pair[side].len());
            (0..rows).flat_map(|row| columns.iter().map(move |pair| pair[side][row])).collect()
        });
        Self { rows, names, notes }
    }

    fn compare(
        &self,
        method: MultivariateMethod,
        decision: &Decision,
    ) -> Result<(Multivariate, Vec<f64>), Error> {
        let [reference, current] = &self.rows;
        let columns = self.names.len();
        let (reference, current) =
            (Rows::try_new(reference, columns)?, Rows::try_new(current, columns)?);
        // Enough for alpha after the correction for three methods.
        let least = num::ceil(3.0 / decision.alpha).min(1e9) as u32;
        let permutations = least.max(MmdOptions::default().permutations);
        match method {
            MultivariateMethod::PcaReconstruction => {
                let fitted = Reconstruction::fit(&reference, &ReconstructionOptions::default())?;
                Ok((fitted.score(&current, decision)?.test, Vec::new()))
            }
            MultivariateMethod::DomainClassifier => {
                let options = ClassifierOptions { permutations, ..ClassifierOptions::default() };
                let found =
                    domain_classifier::two_sample(&reference, &current, &options, decision)?;
                Ok((found.test, found.importances))
            }
            _ => {
                let options = MmdOptions { permutations, ..MmdOptions::default() };
                Ok((mmd::two_sample(&reference, &current, &options, decision)?.test, Vec::new()))
            }
        }
    }

    /// The shares of the columns as the tables have them, the largest first.
    fn by_column(&self, shares: &[f64]) -> Vec<ColumnShare> {
        let mut columns: Vec<ColumnShare> = Vec::new();
        for (name, share) in self.names.iter().zip(shares) {
            match columns.iter_mut().find(|column| column.name == *name) {
                Some(column) => column.share += share,
                None => columns.push(ColumnShare { name: name.clone(), share: *share }),
            }
        }
        sort_by(&mut columns, |one, other| other.share.total_cmp(&one.share));
        columns
    }
}

fn varies(pair: &Pair) -> bool {
    let mut values = pair.iter().flatten();
    let first = values.next();
    values.any(|value| Some(value) != first)
}

/// Rows at even distances, no more than [`MOST_ROWS`].
fn thinned<T: Copy>(values: &[T]) -> impl Iterator<Item = T> {
    values.iter().step_by(values.len().div_ceil(MOST_ROWS).max(1)).copied()
}

/// The numbers, with the reference's mean for those that are missing and its ends for the infinities;
/// and an indicator of missing. `None` if a value is no number.
fn of_numbers(reference: &Column, current: &Column) -> Option<Vec<Pair>> {
    let (own, other) = (numbers(reference).ok()?, numbers(current).ok()?);
    let finite = || own.iter().copied().filter(|value| value.is_finite());
    let count = finite().count().max(1) as f64;
    let mean = finite().map(|value| value / count).collect::<num::Sum>().value();
    let (low, high) = finite().fold((mean, mean), |(low, high), v| (v.min(low), v.max(high)));
    let fill = |value: f64| {
        if value.is_nan() {
            mean
        } else if value.is_finite() {
            value
        } else if value > 0.0 {
            high
        } else {
            low
        }
    };
    let sides = [&own, &other];
    let values = sides.map(|side| thinned(side).map(fill).collect());
    let missing = sides.map(|side| thinned(side).map(|v| f64::from(v.is_nan())).collect());
    Some(Vec::from([values, missing]))
}

/// An indicator for each of the most frequent categories of both tables, and one of missing.
fn of_categories(reference: &Column, current: &Column) -> Vec<Pair> {
    let sides = [categories(reference), categories(current)];
    let name = |side: usize, code: u32| sides[side].1.get(code as usize).map(String::as_str);
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (side, (codes, _)) in sides.iter().enumerate() {
        for code in codes.iter() {
            if let Some(name) = name(side, *code) {
                *counts.entry(name).or_default() += 1;
            }
        }
    }
    let mut frequent: Vec<(&str, u64)> = counts.into_iter().collect();
    sort_by(&mut frequent, |(_, one), (_, other)| other.cmp(one));
    let mut wanted: Vec<Option<&str>> =
        frequent.iter().take(MOST_CATEGORIES).map(|(name, _)| Some(*name)).collect();
    // Of two categories the one is the other's absence.
    if wanted.len() == 2 && frequent.len() == 2 {
        wanted.pop();
    }
    wanted.push(None);
    let indicator = |wanted: &Option<&str>| {
        [0, 1].map(|side| {
            thinned(&sides[side].0).map(|code| f64::from(name(side, code) == *wanted)).collect()
        })
    };
    wanted.iter().map(indicator).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::MISSING;

    #[test]
    fn columns_are_encoded_as_numbers() {
        let infinity = f64::INFINITY;
        let tables =
            [([1.0, f64::NAN, 3.0], [0, 1, MISSING]), ([infinity, 5.0, -infinity], [0, 0, 1])];
        let tables = tables.map(|(values, codes)| {
            let mut table = Table::new();
            table.try_push("x", Column::Numeric(values.to_vec())).unwrap();
            let levels = Vec::from([String::from("a"), String::from("b")]);
            table.try_push("c", Column::Categorical { codes: codes.to_vec(), levels }).unwrap();
            table.try_push("one", Column::Numeric(vec![7.0; 3])).unwrap();
            table
        });
        let encoded = Encoded::new(&tables[0], &tables[1], &BTreeMap::new());
        assert_eq!(encoded.names, ["x", "x", "c", "c"]);
        assert_eq!(encoded.rows[0], [1., 0., 1., 0., 2., 1., 0., 0., 3., 0., 0., 1.]);
        assert_eq!(encoded.rows[1], [3., 0., 1., 0., 5., 0., 1., 0., 1., 0., 0., 0.]);
        assert!(encoded.notes[0].starts_with("2 missing values"), "{:?}", encoded.notes);
    }
}
