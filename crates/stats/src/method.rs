/// A two-sample method, by the name that it has in reports and options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Method {
    /// Two-sample Kolmogorov-Smirnov test on numbers.
    KolmogorovSmirnov,
    /// Wasserstein-1 distance on numbers, scaled by the reference's standard deviation.
    Wasserstein,
    /// Population stability index on frozen bins or on categories.
    Psi,
    /// Jensen-Shannon distance, base 2, on frozen bins or on categories.
    JensenShannon,
    /// Two-sample chi-square test of homogeneity on categories or on frozen bins.
    ChiSquare,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 5] = [
        Self::KolmogorovSmirnov,
        Self::Wasserstein,
        Self::Psi,
        Self::JensenShannon,
        Self::ChiSquare,
    ];
}
