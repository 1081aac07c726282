use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use tidegate_stats::explain::{Attributions, tree_interventional, tree_path_dependent};
use tidegate_stats::{Error, ErrorKind};

use super::{Model, ModelError};
use crate::table::{Column, MISSING, Table};

/// What moved a model's outputs for the rows of a table, feature by feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What an unknown feature stands for.
    pub method: ExplainMethod,
    /// The features' names: the model's, or the table's where the model has none.
    pub features: Vec<String>,
    /// One value a row, output and feature, in the unit of the margin.
    pub attributions: Attributions,
    /// Cells whose category the model has never seen. They count as missing.
    pub unknown_categories: u64,
}

impl Explanation {
    /// Mean magnitude of each feature's values: its importance for an output, in the unit of the margin.
    /// Empty where there is no such output; zeros without rows.
    #[must_use]
    pub fn importance(&self, output: usize) -> Vec<f64> {
        if output >= self.attributions.outputs() {
            return Vec::new();
        }
        let mut sums = vec![0.0; self.features.len()];
        let rows = self.attributions.rows();
        for row in 0..rows {
            for (sum, value) in sums.iter_mut().zip(self.attributions.of(row, output)) {
                *sum += value.abs() / rows as f64;
            }
        }
        sums
    }
}

/// What a feature that is not known stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExplainMethod {
    /// The training rows that the trees counted.
    TreePathDependent,
    /// The rows of a background table.
    TreeInterventional,
}

impl ExplainMethod {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TreePathDependent => "tree_path_dependent",
            Self::TreeInterventional => "tree_interventional",
        }
    }
}

/// Explains a model's outputs for the rows of a table: SHAP values.
///
/// # Arguments
/// * `model`: a file, see [`Model::read`].
/// * `table`: has a column for each of the model's features, found by name; where the model names none of
///   its features as the table does and both have as many, by place. Text is read as the categories
///   that the model knows by name, or else as numbers.
/// * `background`: where it is given, unknown features are taken from its rows
///   ([`tree_interventional`]); else from the trees' own counts ([`tree_path_dependent`]). A hundred rows
///   are usual.
///
/// # Returns
/// See [`Explanation`]. For each row and output the values and `expected` add up to the margin.
///
/// # Errors
/// [`ExplainError`].
///
/// # Examples
/// ```
/// use tidegate_core::model::explain;
/// use tidegate_core::table::{Column, Table};
///
/// let model = "tree\nnum_tree_per_iteration=1\nmax_feature_idx=1\nfeature_names=age height\n\n\
///     Tree=0\nnum_leaves=2\nsplit_feature=1\nthreshold=1.5\ndecision_type=2\nleft_child=-1\n\
///     right_child=-2\nleaf_value=-1 1\nleaf_count=1 3\ninternal_count=4\n\nend of trees\n";
/// let mut table = Table::new();
/// table.try_push("height", Column::Numeric(vec![1.8, 1.2]))?;
/// table.try_push("age", Column::Numeric(vec![30.0, 9.0]))?;
///
/// let found = explain(model.as_bytes(), &table, None)?;
/// assert_eq!(found.features, ["age", "height"]);
/// assert_eq!(found.attributions.expected(), [0.5]); // a quarter has −1, the others 1
/// assert!((found.attributions.of(1, 0)[1] + 1.5).abs() < 1e-14); // from 0.5 to −1
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain(
    model: &[u8],
    table: &Table,
    background: Option<&Table>,
) -> Result<Explanation, ExplainError> {
    Model::read(model)?.explain(table, background)
}

impl Model {
    /// As [`explain`], of a model that has been read.
    ///
    /// # Errors
    /// [`ExplainError`].
    pub fn explain(
        &self,
        table: &Table,
        background: Option<&Table>,
    ) -> Result<Explanation, ExplainError> {
        let mut unknown_categories = 0;
        let (features, rows) = self.rows_of(table, &mut unknown_categories)?;
        let (method, attributions) = match background {
            None => {
                let method = ExplainMethod::TreePathDependent;
                (method, tree_path_dependent(&self.ensemble, &rows))
            }
            Some(background) => {
                let method = ExplainMethod::TreeInterventional;
                let (_, background) = self.rows_of(background, &mut unknown_categories)?;
                (method, tree_interventional(&self.ensemble, &rows, &background))
            }
        };
        let attributions = attributions.map_err(|error| self.refusal(error))?;
        Ok(Explanation { method, features, attributions, unknown_categories })
    }

    fn refusal(&self, error: Error) -> ExplainError {
        let what = match error.kind() {
            ErrorKind::EmptySample => "the background has no row".into(),
            ErrorKind::OutOfRange if !self.ensemble.has_covers() => {
                "the model does not say how many training rows came by each node: give a background"
                    .into()
            }
            _ => format!("{error}"),
        };
        ExplainError::NotExplained { what }
    }

    /// The names of the features, and the table's rows in their order.
    fn rows_of(
        &self,
        table: &Table,
        unknown_categories: &mut u64,
    ) -> Result<(Vec<String>, Vec<f64>), ExplainError> {
        let width = self.ensemble.features();
        let names = &self.feature_names;
        let is_by_name = names.iter().any(|name| table.column(name).is_some());
        let columns: Vec<(&str, &Column)> = if is_by_name {
            let column = |name: &'_ String| {
                let missing = || ExplainError::MissingColumn { column: name.clone() };
                table.column(name).ok_or_else(missing)
            };
            let columns = names.iter().map(|name| Ok((name.as_str(), column(name)?)));
            columns.collect::<Result<_, ExplainError>>()?
        } else if table.columns().len() == width {
            table.columns().collect()
        } else {
            return Err(match names.first() {
                Some(name) => ExplainError::MissingColumn { column: name.clone() },
                None => {
                    ExplainError::ColumnCount { columns: table.columns().len(), features: width }
                }
            });
        };
        let rows = table.rows();
        if rows.checked_mul(width).is_none_or(|cells| cells > Attributions::MAX_VALUES) {
            let what = format!("{rows} rows of {width} features are too many at once");
            return Err(ExplainError::NotExplained { what });
        }
        let mut cells = vec![f64::NAN; rows * width];
        for (feature, (name, column)) in columns.iter().enumerate() {
            let known = self.categories.get(feature).map_or(&[][..], Vec::as_slice);
            let values = numbers(name, column, known, unknown_categories)?;
            for (cell, value) in cells.iter_mut().skip(feature).step_by(width).zip(values.iter()) {
                *cell = *value;
            }
        }
        // By place, the model's own names would say nothing to who reads the table.
        Ok((columns.iter().map(|(name, _)| (*name).to_string()).collect(), cells))
    }
}

/// A column as the numbers that the trees know. `known` are the names of its categories.
fn numbers<'a>(
    name: &str,
    column: &'a Column,
    known: &[String],
    unknown_categories: &mut u64,
) -> Result<Cow<'a, [f64]>, ExplainError> {
    let (codes, levels) = match column {
        Column::Numeric(values) => return Ok(Cow::Borrowed(values)),
        Column::Categorical { codes, levels } => (codes, levels),
    };
    let mut numbers = Vec::with_capacity(levels.len());
    for level in levels {
        let number = if known.is_empty() {
            let number: Option<f64> = level.trim().parse().ok();
            Some(number.ok_or_else(|| ExplainError::UnknownCategories {
                column: name.into(),
                category: level.chars().take(40).collect(),
            })?)
        } else {
            known.iter().position(|category| category == level).map(|code| code as f64)
        };
        numbers.push(number);
    }
    let of_code = |code: &u32| {
        if *code == MISSING {
            return f64::NAN;
        }
        numbers.get(*code as usize).copied().flatten().unwrap_or_else(|| {
            *unknown_categories += 1;
            f64::NAN
        })
    };
    Ok(Cow::Owned(codes.iter().map(of_code).collect()))
}

/// Why a model's outputs could not be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExplainError {
    /// The model could not be read.
    Model(ModelError),
    /// A feature of the model without a column.
    MissingColumn {
        /// The feature's name.
        column: String,
    },
    /// A model without names, and a table with more or fewer columns than it has features.
    ColumnCount {
        /// The table's columns.
        columns: usize,
        /// The model's features.
        features: usize,
    },
    /// Text in a column whose categories the model does not name.
    UnknownCategories {
        /// The column's name.
        column: String,
        /// The start of one of its values.
        category: String,
    },
    /// The computation was refused.
    NotExplained {
        /// Why.
        what: String,
    },
}

impl ExplainError {
    /// The error's kind, as a name that programs may test.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Model(error) => error.code(),
            Self::MissingColumn { .. } => "MissingColumn",
            Self::ColumnCount { .. } => "ColumnCount",
            Self::UnknownCategories { .. } => "UnknownCategories",
            Self::NotExplained { .. } => "NotExplained",
        }
    }
}

impl From<ModelError> for ExplainError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

impl fmt::Display for ExplainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(error) => write!(f, "{error}"),
            Self::MissingColumn { column } => {
                write!(f, "the model's feature {column:?} is not a column of the table")
            }
            Self::ColumnCount { columns, features } => write!(
                f,
                "the model names no features and has {features}, but the table has {columns} columns"
            ),
            Self::UnknownCategories { column, category } => write!(
                f,
                "column {column:?} holds {category:?}, but the model does not name its categories: give \
                 their codes as numbers"
            ),
            Self::NotExplained { what } => f.write_str(what),
        }
    }
}

impl core::error::Error for ExplainError {}

#[cfg(test)]
mod tests {
    use tidegate_stats::explain::{Node, Precision, Rule, TreeEnsemble};

    use super::*;
    use crate::model::ModelFormat;

    /// 1 where the city is the third, `b`, and 0 elsewhere.
    fn model(feature_names: &[&str], cities: &[&str], cover: f64) -> Model {
        let mut ensemble = TreeEnsemble::try_new(2, &[0.0], Precision::Single).unwrap();
        let set = ensemble.push_categories(&[0b100]);
        let leaf = |value| Node::Leaf { value, cover };
        let split = Node::Split {
            feature: 0,
            rule: Rule::In(set),
            is_missing_left: false,
            is_zero_missing: false,
            left: 1,
            right: 2,
            cover: 2.0 * cover,
        };
        ensemble.push_tree(0, &[split, leaf(1.0), leaf(0.0)]).unwrap();
        let names = |names: &[&str]| names.iter().map(|name| String::from(*name)).collect();
        Model {
            format: ModelFormat::XgboostJson,
            ensemble,
            feature_names: names(feature_names),
            categories: vec![names(cities), Vec::new()],
            objective: "reg:squarederror".into(),
        }
    }

    fn table(name: &str, levels: &[&str]) -> Table {
        let mut table = Table::new();
        let levels = levels.iter().map(|level| String::from(*level)).collect();
        table.try_push("size", Column::Numeric(vec![0.0; 3])).unwrap();
        let codes = vec![0, 1, MISSING];
        table.try_push(name, Column::Categorical { codes, levels }).unwrap();
        table
    }

    fn firsts(found: &Explanation) -> Vec<f64> {
        let tidy = |value: f64| (value * 1e12).round() / 1e12;
        (0..3).map(|row| tidy(found.attributions.of(row, 0)[0])).collect()
    }

    #[test]
    fn text_is_read_as_the_categories_that_the_model_names() {
        let model = model(&["city", "size"], &["z", "a", "b"], 1.0);
        let found = model.explain(&table("city", &["b", "a"]), None).unwrap();
        assert_eq!((firsts(&found), found.unknown_categories), (vec![0.5, -0.5, -0.5], 0));
        assert_eq!(found.method.name(), "tree_path_dependent");
        let found = model.explain(&table("city", &["x", "b"]), None).unwrap();
        assert_eq!((firsts(&found), found.unknown_categories), (vec![-0.5, 0.5, -0.5], 1));
        assert!((found.importance(0)[0] - 0.5).abs() < 1e-15 && found.importance(0)[1] == 0.0);
        assert!(found.importance(1).is_empty());
    }

    #[test]
    fn text_is_read_as_codes_where_the_model_names_none() {
        let model = model(&["city", "size"], &[], 1.0);
        let found = model.explain(&table("city", &["2", "1.0"]), None).unwrap();
        assert_eq!(firsts(&found), [0.5, -0.5, -0.5]);
        let error = model.explain(&table("city", &["2", "b"]), None).unwrap_err();
        assert_eq!(error.code(), "UnknownCategories");
    }

    #[test]
    fn columns_are_found_by_place_where_no_name_is_known() {
        let model = model(&["Column_0", "Column_1"], &[], 1.0);
        let mut table = Table::new();
        table.try_push("town", Column::Numeric(vec![2.0, 1.0, f64::NAN])).unwrap();
        table.try_push("size", Column::Numeric(vec![0.0; 3])).unwrap();
        let found = model.explain(&table, Some(&table)).unwrap();
        assert_eq!(found.features, ["town", "size"]);
        assert_eq!(found.method, ExplainMethod::TreeInterventional);
        assert!((firsts(&found)[0] - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_reason() {
        let check = |found: Result<Explanation, ExplainError>, code: &str, says: &str| {
            let error = found.unwrap_err();
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(says), "{error}");
        };
        let named = model(&["city", "size"], &["a", "b"], 1.0);
        check(named.explain(&table("town", &["a", "b"]), None), "MissingColumn", "\"city\"");
        let unnamed = model(&[], &[], 1.0);
        check(unnamed.explain(&Table::new(), None), "ColumnCount", "has 2");
        let uncounted = model(&["city", "size"], &["a", "b"], 0.0);
        let rows = table("city", &["a", "b"]);
        check(uncounted.explain(&rows, None), "NotExplained", "give a background");
        assert!(uncounted.explain(&rows, Some(&rows)).is_ok());
        let mut empty = Table::new();
        for name in ["city", "size"] {
            empty.try_push(name, Column::Numeric(Vec::new())).unwrap();
        }
        check(named.explain(&rows, Some(&empty)), "NotExplained", "no row");
        check(explain(b"x", &rows, None), "UnknownFormat", "save_model");
        assert_eq!(named.explain(&empty, None).unwrap().attributions.rows(), 0);
    }
}
