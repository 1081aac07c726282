/// A two-sample method, by the name that it has in reports and options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Method {
    /// Two-sample Kolmogorov-Smirnov test on numbers.
    KolmogorovSmirnov,
    /// Two-sample Cramér-von Mises test on numbers.
    CramerVonMises,
    /// Two-sample Anderson-Darling test on numbers.
    AndersonDarling,
    /// Mann-Whitney test on numbers, two-sided.
    MannWhitney,
    /// Welch's t-test on the means of numbers, two-sided.
    WelchT,
    /// Wasserstein-1 distance on numbers, scaled by the reference's standard deviation.
    Wasserstein,
    /// Energy distance on numbers.
    Energy,
    /// Population stability index on frozen bins or on categories.
    Psi,
    /// Jensen-Shannon distance, base 2, on frozen bins or on categories.
    JensenShannon,
    /// Kullback-Leibler divergence of the current sample from the reference, on frozen bins or on
    /// categories.
    KullbackLeibler,
    /// Hellinger distance on frozen bins or on categories.
    Hellinger,
    /// Total variation on frozen bins or on categories.
    TotalVariation,
    /// Two-sample chi-square test of homogeneity on categories or on frozen bins.
    ChiSquare,
    /// Two-sample likelihood-ratio test of homogeneity on categories or on frozen bins.
    GTest,
    /// Fisher's exact test on two categories.
    FisherExact,
    /// Bias-corrected Cramér's V, with the p-value of the chi-square test.
    CramersV,
    /// Largest change of any share (L∞) on categories or on frozen bins.
    LInfinity,
    /// Maximum mean discrepancy on numbers, with a Gaussian kernel.
    Mmd,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 18] = [
        Self::KolmogorovSmirnov,
        Self::CramerVonMises,
        Self::AndersonDarling,
        Self::MannWhitney,
        Self::WelchT,
        Self::Wasserstein,
        Self::Energy,
        Self::Psi,
        Self::JensenShannon,
        Self::KullbackLeibler,
        Self::Hellinger,
        Self::TotalVariation,
        Self::ChiSquare,
        Self::GTest,
        Self::FisherExact,
        Self::CramersV,
        Self::LInfinity,
        Self::Mmd,
    ];

    /// Whether the method needs the values themselves, all of them, and not only their counts on bins.
    #[must_use]
    pub const fn needs_values(self) -> bool {
        matches!(
            self,
            Self::KolmogorovSmirnov
                | Self::CramerVonMises
                | Self::AndersonDarling
                | Self::MannWhitney
                | Self::WelchT
                | Self::Wasserstein
                | Self::Energy
                | Self::Mmd
        )
    }
}
