use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, SeqAccess, Unexpected, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use tidegate_stats::multivariate::MultivariateMethod;
use tidegate_stats::{Decision, EffectFloor, Method};

use crate::options;
use crate::report::{ColumnKind, Peer};

/// How to compare. As JSON, unknown fields and names are refused, and every field may be left out.
///
/// ```
/// use tidegate_core::compare::CompareOptions;
///
/// let options = CompareOptions::from_json(r#"{"methods": "all", "alpha": 0.01}"#)?;
/// assert_eq!(options.alpha, 0.01);
/// assert!(CompareOptions::from_json(r#"{"alfa": 0.01}"#).is_err());
/// # Ok::<(), tidegate_core::compare::CompareError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompareOptions {
    /// Which methods to use; left out, the defaults of each kind.
    #[serde(skip_serializing_if = "Methods::is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<MethodsSchema>"))]
    pub methods: Methods,
    /// Kinds of columns by name, where the values should not tell.
    pub kinds: BTreeMap<String, ColumnKind>,
    /// The accepted probability of a false alarm, in `(0, 1)`: of all columns and of what they miss together,
    /// with a correction for their number, see [`crate::report::adjust`].
    pub alpha: f64,
    /// The smallest effect that matters, by method.
    pub effect_floor: EffectFloor,
    /// Whether the rows of both tables are in the order of time. Verdicts then count rows that depend on the rows
    /// before them for what they say; else the report only tells where neighbours are alike.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub in_time_order: bool,
    /// Other tools whose own numbers for each column the report should hold too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compatibility: Vec<Peer>,
    /// Methods for whole rows, whose verdicts count for the report's. None by default: they take longer
    /// than all columns together, and encode what they compare. They are a family of their own at `alpha`, beside that
    /// of the columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub multivariate: Vec<MultivariateMethod>,
    /// A column to cut both tables by, so that drift is found that the whole hides: each category is a segment,
    /// the 20 most frequent, and of numbers each one of up to 8, or each quarter of the reference. All columns of all
    /// segments are corrected together; a segment's verdict counts for the report's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment_by: Option<String>,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self {
            methods: Methods::Default,
            kinds: BTreeMap::new(),
            alpha: Decision::default().alpha,
            effect_floor: EffectFloor::default(),
            in_time_order: false,
            compatibility: Vec::new(),
            multivariate: Vec::new(),
            segment_by: None,
        }
    }
}

impl CompareOptions {
    /// Reads and checks options.
    ///
    /// # Errors
    /// [`CompareError::InvalidOptions`]: not JSON, an unknown name, or a value out of range.
    pub fn from_json(json: &str) -> Result<Self, CompareError> {
        let options: Self =
            options::from_json(json).map_err(|what| CompareError::InvalidOptions { what })?;
        options.decision()?;
        Ok(options)
    }

    /// The decision that these options describe.
    ///
    /// # Errors
    /// [`CompareError::InvalidOptions`]: a value is out of range.
    pub fn decision(&self) -> Result<Decision, CompareError> {
        let invalid = |what: &str| Err(CompareError::InvalidOptions { what: what.into() });
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return invalid("alpha must be between 0 and 1");
        }
        let of_columns = Method::ALL.into_iter().map(|method| self.effect_floor.of(method));
        let of_rows = MultivariateMethod::ALL.into_iter();
        let of_rows = of_rows.map(|method| self.effect_floor.multivariate.of(method));
        if of_columns.chain(of_rows).any(|floor| !(floor.is_finite() && floor >= 0.0)) {
            return invalid("each effect_floor must be a number of at least 0");
        }
        if matches!(&self.methods, Methods::Only(methods) if methods.is_empty()) {
            return invalid("methods is empty: leave it out for the default methods");
        }
        Ok(Decision { alpha: self.alpha, effect_floor: self.effect_floor })
    }
}

/// Which methods to use. The first that fits a column's kind decides its verdict, the others are
/// shown beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Methods {
    /// Numeric columns by `kolmogorov_smirnov`, then `psi`, `wasserstein`, `jensen_shannon`;
    /// categorical ones by `chi_square`, then `psi`, `jensen_shannon`.
    #[default]
    Default,
    /// As the default, then every other method that fits: `"all"` in JSON.
    All,
    /// These, in this order. A method that does not fit a column's kind is left out there.
    Only(Vec<Method>),
}

impl Methods {
    const fn is_default(&self) -> bool {
        matches!(self, Self::Default)
    }

    /// The methods for columns of one kind, the deciding one first.
    #[must_use]
    pub fn of(&self, kind: ColumnKind) -> Vec<Method> {
        match kind {
            ColumnKind::Numeric => self.choose(&OF_NUMBERS, |_| true),
            ColumnKind::Categorical => self.of_counts(),
        }
    }

    /// The methods for columns of which only counts are known, the deciding one first.
    #[must_use]
    pub fn of_counts(&self) -> Vec<Method> {
        self.choose(&OF_COUNTS, |method| !method.needs_values())
    }

    fn choose(&self, default: &[Method], fits: impl Fn(Method) -> bool) -> Vec<Method> {
        let (first, rest): (&[Method], &[Method]) = match self {
            Self::Default => (default, &[]),
            Self::All => (default, &Method::ALL),
            Self::Only(methods) => (methods, &[]),
        };
        let mut chosen = Vec::new();
        for method in first.iter().chain(rest) {
            if fits(*method) && !chosen.contains(method) {
                chosen.push(*method);
            }
        }
        chosen
    }
}

const OF_NUMBERS: [Method; 4] =
    [Method::KolmogorovSmirnov, Method::Psi, Method::Wasserstein, Method::JensenShannon];
const OF_COUNTS: [Method; 3] = [Method::ChiSquare, Method::Psi, Method::JensenShannon];

impl Serialize for Methods {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Default => serializer.serialize_none(),
            Self::All => serializer.serialize_str("all"),
            Self::Only(methods) => methods.serialize(serializer),
        }
    }
}

/// By hand, for a derived untagged enum cannot say which method is unknown.
impl<'de> Deserialize<'de> for Methods {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MethodsVisitor;

        impl<'de> Visitor<'de> for MethodsVisitor {
            type Value = Methods;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"all\" or a list of methods")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Methods, E> {
                Ok(Methods::Default)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Methods, E> {
                match text {
                    "all" => Ok(Methods::All),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Methods, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Methods::Only)
            }
        }

        deserializer.deserialize_any(MethodsVisitor)
    }
}

/// The form of [`Methods`] in JSON.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum MethodsSchema {
    All(AllSchema),
    Only(Vec<Method>),
}

#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum AllSchema {
    All,
}

/// Why a comparison was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompareError {
    /// The options are not what they should be.
    InvalidOptions {
        /// What is wrong.
        what: String,
    },
    /// The options name a column that neither table has.
    UnknownColumn {
        /// Its name.
        column: String,
    },
    /// The tables are to be cut by a column that one of them does not have.
    NoSegments {
        /// Its name.
        column: String,
    },
    /// The table is to be cut by time, and a row has none.
    NoTime {
        /// Name of the column.
        column: String,
        /// Index of the row, from 0; `None` if there is no such column.
        row: Option<u64>,
    },
}

impl CompareError {
    /// The error's kind, as a name that programs may test.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidOptions { .. } => "InvalidOptions",
            Self::UnknownColumn { .. } => "UnknownColumn",
            Self::NoSegments { .. } => "NoSegments",
            Self::NoTime { .. } => "NoTime",
        }
    }
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidOptions { what } => write!(f, "options: {what}"),
            Self::UnknownColumn { column } => {
                write!(f, "options: kinds names column {column:?}, which neither table has")
            }
            Self::NoSegments { column } => {
                write!(f, "options: both tables need column {column:?} to be cut by it")
            }
            Self::NoTime { column, row: None } => {
                write!(f, "there is no column {column:?} to cut the table by")
            }
            Self::NoTime { column, row: Some(row) } => write!(
                f,
                "column {column:?}, row {}: expected a time, in seconds since 1970 or such as \
                 2026-07-01T12:30:00Z",
                row + 1
            ),
        }
    }
}

impl core::error::Error for CompareError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_left_out_ones_are_the_defaults() {
        assert_eq!(CompareOptions::from_json("{}").unwrap(), CompareOptions::default());
        let options = CompareOptions::from_json(
            r#"{"methods": ["psi", "chi_square"], "kinds": {"flag": "categorical"},
                "alpha": 0.01, "effect_floor": {"psi": 0.25}}"#,
        )
        .unwrap();
        assert_eq!(options.methods, Methods::Only(vec![Method::Psi, Method::ChiSquare]));
        assert_eq!(options.kinds["flag"], ColumnKind::Categorical);
        let decision = options.decision().unwrap();
        assert_eq!(decision.alpha, 0.01);
        assert_eq!(decision.effect_floor.psi, 0.25);
        assert_eq!(decision.effect_floor.chi_square, Decision::default().effect_floor.chi_square);
        let json = serde_json::to_string(&options).unwrap();
        assert_eq!(CompareOptions::from_json(&json).unwrap(), options);
        let all = CompareOptions::from_json(r#"{"methods": "all"}"#).unwrap();
        assert_eq!(all.methods, Methods::All);
        let null = CompareOptions::from_json(r#"{"methods": null}"#).unwrap();
        assert_eq!(null.methods, Methods::Default);
    }

    #[test]
    fn what_is_unknown_or_out_of_range_is_named() {
        for (json, says) in [
            (r#"{"alfa": 1}"#, "options: unknown field `alfa`, expected one of `methods`"),
            (r#"{"methods": ["ks"]}"#, "options: unknown variant `ks`, expected one of `kolmog"),
            (r#"{"methods": "some"}"#, "options: invalid value: string \"some\", expected \"all\""),
            (r#"{"methods": 3}"#, "options: invalid type: integer `3`, expected \"all\" or a"),
            (r#"{"methods": []}"#, "options: methods is empty"),
            (r#"{"kinds": {"a": "text"}}"#, "options: unknown variant `text`"),
            (r#"{"alpha": 0}"#, "options: alpha must be between 0 and 1"),
            (r#"{"effect_floor": {"psi": -1}}"#, "options: each effect_floor must be"),
            (
                r#"{"effect_floor": {"multivariate": {"mmd": -1}}}"#,
                "options: each effect_floor must",
            ),
            (
                r#"{"compatibility": ["sas"]}"#,
                "options: unknown variant `sas`, expected one of `evid",
            ),
            (r#"{"effect_floor": {"ks": 1}}"#, "options: unknown field `ks`, expected one of"),
            ("", "options: EOF"),
        ] {
            let error = CompareOptions::from_json(json).unwrap_err();
            assert_eq!(error.code(), "InvalidOptions");
            assert!(error.to_string().starts_with(says), "{json}: {error}");
            assert!(!error.to_string().contains(" at line "), "{json}: {error}");
        }
    }

    #[test]
    fn methods_fit_the_kind_and_the_first_decides() {
        let only = Methods::Only(vec![Method::Wasserstein, Method::Psi, Method::Psi]);
        assert_eq!(only.of(ColumnKind::Numeric), [Method::Wasserstein, Method::Psi]);
        assert_eq!(only.of(ColumnKind::Categorical), [Method::Psi]);
        assert_eq!(Methods::Default.of(ColumnKind::Categorical)[0], Method::ChiSquare);
        assert_eq!(Methods::All.of(ColumnKind::Numeric).len(), Method::ALL.len());
        assert_eq!(Methods::All.of(ColumnKind::Numeric)[0], Method::KolmogorovSmirnov);
        assert!(
            Methods::All.of(ColumnKind::Categorical).iter().all(|method| !method.needs_values())
        );
    }
}
