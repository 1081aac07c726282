//! How far each statistic may be from its oracle, and why. One table, so that a loosened tolerance
//! is seen.

use crate::compared;

/// What one function may differ by: `|got − want| ≤ abs + rel · |want|`.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    /// The function, as the golden files and the parity tests name it.
    pub function: &'static str,
    /// Relative part.
    pub rel: f64,
    /// Absolute part.
    pub abs: f64,
    /// Why it is not smaller.
    pub why: &'static str,
}

const fn row(function: &'static str, rel: f64, abs: f64, why: &'static str) -> Tolerance {
    Tolerance { function, rel, abs, why }
}

/// The table. Measured errors are the largest over the golden values, in November 2026.
pub const TOLERANCES: &[Tolerance] = &[
    row("kolmogorov_smirnov", 1e-15, 0.0, "one division; the oracle subtracts two quotients"),
    row("ks_p_value", 1e-12, 0.0, "sizes up to 412; measured 1e-15"),
    row("ks_exact", 1e-13, 0.0, "n + m roundings of positive terms; measured 1e-15"),
    row("ks_asymptotic", 1e-11, 0.0, "the oracle's own recurrences; measured 1e-12"),
    row("ks_smirnov_tail", 1e-12, 0.0, "exponents up to 690 by rounded logarithms; measured 6e-14"),
    row("cramer_von_mises", 1e-14, 0.0, "three roundings of whole numbers"),
    row("mean_square_gap", 1e-14, 0.0, "the same"),
    row("cvm_p_value", 1e-12, 0.0, "exponents up to 690, of a rounded statistic"),
    row("cvm_asymptotic", 1e-11, 0.0, "the same, where the variance cancels"),
    row("anderson_darling", 1e-12, 1e-13, "the mean is subtracted; the oracle's plain sums"),
    row("ad_effect", 1e-14, 0.0, "three roundings of a sum"),
    row("ad_exact", 1e-13, 0.0, "a quotient of whole numbers"),
    row("ad_p_value", 1e-9, 0.0, "the statistic's rounding times the statistic"),
    row("ad_asymptotic", 1e-11, 0.0, "exponents up to 690 of a rounded statistic"),
    row("energy", 1e-12, 1e-15, "sums of rounded products"),
    row("energy_effect", 1e-12, 1e-15, "the same"),
    row("mann_whitney", 0.0, 0.0, "whole numbers"),
    row("rank_biserial", 1e-14, 0.0, "one division; the oracle subtracts from 1"),
    row("mann_whitney_p_value", 1e-12, 0.0, "exponents up to 690"),
    row("welch_t", 1e-12, 0.0, "sums of rounded deviations"),
    row("cohens_d", 1e-12, 0.0, "the same"),
    row("welch_t_p_value", 1e-9, 0.0, "the error of t times t, in the exponent"),
    row("wasserstein", 1e-12, 0.0, "the oracle's plain sums, which vary with its build"),
    row("wasserstein_scaled", 1e-12, 1e-15, "the same; the oracle's rounded deviations"),
    row("standard_deviation", 1e-12, 0.0, "the same"),
    row("bootstrap", 0.0, 1.0, "in rows: where 20,000 resamples put a percentile"),
    row("inflation", 1e-12, 0.0, "the oracle's rounded means of blocks"),
    row("neighbours", 1e-12, 1e-15, "the oracle's rounded products"),
    row("neighbour_deviations", 1e-12, 1e-14, "the same"),
    row("within_batches", 1e-11, 1e-13, "the oracle's least squares"),
    row("batch_inflation", 1e-11, 0.0, "the same"),
    row("batch_p_value", 1e-9, 1e-300, "the same, in the exponent"),
    row("interval", 1e-9, 1e-9, "the root of a difference that may be near 0"),
    row("psi", 1e-12, 0.0, "differences of rounded shares; measured 1e-13"),
    row("jensen_shannon", 1e-12, 0.0, "differences of rounded shares; measured 1e-13"),
    row("kullback_leibler", 1e-12, 0.0, "the differences of shares are rounded once"),
    row("hellinger", 1e-13, 0.0, "the same"),
    row("total_variation", 1e-14, 0.0, "the same"),
    row("chi_square", 1e-14, 0.0, "measured 2e-16"),
    row("chi_square_p_value", 1e-12, 1e-300, "exponents up to 690; measured 1e-13"),
    row("cramers_v", 1e-14, 0.0, "measured 2e-16"),
    row("g_test", 1e-12, 0.0, "a small relative difference has rounded terms"),
    row("g_test_p_value", 1e-11, 1e-300, "exponents up to 690 of a rounded statistic"),
    row("fisher_exact", 1e-12, 0.0, "a sum of positive terms"),
    row("fisher_exact_p_value", 1e-11, 1e-300, "exponents up to 690 of rounded deviances"),
    row("l_infinity", 1e-14, 0.0, "a difference rounded once"),
    row("chi_square_tail", 1e-12, 0.0, "exponents up to 690; measured 2e-14"),
    row("chi_square_point", 1e-13, 0.0, "measured 1e-15"),
    row("exp", 1e-15, 0.0, "correct to an ulp; measured 1e-16"),
    row("exp_m1", 1e-15, 0.0, "the same"),
    row("ln", 1e-15, 0.0, "the same"),
    row("ln_1p", 1e-15, 0.0, "the same"),
    row("ln_gamma", 1e-14, 0.0, "some roundings"),
    row("erf", 1e-15, 0.0, "correct to an ulp"),
    row("erfc", 1e-14, 0.0, "the square of the argument is rounded"),
    row("sin", 1e-15, 0.0, "correct to an ulp, whatever the number of turns"),
    row("cos", 1e-15, 0.0, "the same"),
    row("sqrt", 0.0, 0.0, "correctly rounded"),
    row("floor", 0.0, 0.0, "exact"),
    row("ceil", 0.0, 0.0, "exact"),
    row("round_ties_even", 0.0, 0.0, "exact"),
    row("pow", 1e-15, 0.0, "correct to an ulp"),
    row("atan2", 1e-15, 0.0, "correct to an ulp"),
    row("scale_by_power_of_two", 0.0, 0.0, "exact"),
    row("upper_gamma_ratio", 1e-12, 0.0, "exponents up to 690"),
    row("sum", 1e-15, 0.0, "one rounding of what is carried along"),
    row("moments", 1e-12, 0.0, "a mean of rounded quotients, and differences from it"),
    row("quantile_histogram", 1.0 / 64.0, 0.0, "half a bucket, as documented"),
    row("mann_whitney_exact", 1e-14, 0.0, "a quotient of whole numbers"),
    row("jensen_shannon_form", 1e-15, 0.0, "two roundings"),
    row("tree_outputs", 0.0, 0.0, "the value of a leaf"),
    row("standard_threshold", 0.01, 0.0, "Siegmund's approximation; measured 0.007"),
    row("adwin_variance", 1e-12, 0.0, "sums in the oracle's order"),
    row("evaluation", 1e-15, 0.0, "a few roundings"),
    row("adwin_mean", 1e-12, 0.0, "sums in the oracle's order"),
    row("evaluation", 1e-14, 0.0, "quotients of whole numbers, of quotients"),
    row("run_length", 0.08, 0.0, "Siegmund's approximation; measured 0.07 at a slack of 1"),
    row("confusion", 1e-14, 1e-15, "means of rounded quotients"),
    row("roc_auc", 1e-14, 0.0, "one division; the oracle sums trapezoids"),
    row("mean_roc_auc", 1e-14, 0.0, "means of rounded areas"),
    row("gini", 1e-13, 1e-15, "twice the area less 1"),
    row("delong", 1e-12, 0.0, "the oracle's means over all pairs"),
    row("average_precision", 1e-14, 0.0, "the oracle's plain sum"),
    row("score_distance", 1e-14, 1e-15, "one division; the oracle subtracts two quotients"),
    row("log_loss", 1e-13, 0.0, "logarithms of two libraries"),
    row("brier", 1e-13, 0.0, "the oracle's plain sums"),
    row("calibration_error", 1e-13, 1e-15, "differences of rounded means"),
    row("regression", 1e-12, 1e-15, "the oracle's plain sums, and 1 less a quotient"),
    row("segment_figure", 1e-13, 0.0, "one division, or a sum of rounded errors"),
    row("wilson", 1e-12, 1e-16, "the oracle subtracts nearly equal numbers"),
    row("kll_error", 1e-14, 0.0, "a power of two libraries"),
    row("hll_estimate", 3e-6, 0.0, "the oracle interpolates coupons in a table; the rest is exact"),
    row("hll_of_registers", 1e-12, 0.0, "some sixty roundings"),
    row("signal_share", 1e-14, 1e-15, "differences of rounded shares"),
    row("signal_expected", 1e-12, 1e-16, "exponents up to 690 by rounded logarithms"),
    row("signal_p_value", 1e-10, 1e-300, "exponents up to 690 of sums of rounded logarithms"),
    row("exact_sketches", 1e-12, 0.0, "as the tests on values"),
    row("frequent_counts", 1e-14, 0.0, "differences of shares"),
    row("kll_rank", 0.0, 0.0, "quotients of the same whole numbers"),
    row("areas_of_counts", 1e-7, 0.0, "the oracle rounds the counts of each row to five decimals"),
    row("cbpe", 1e-12, 1e-15, "the oracle's plain sums"),
    row("roc_auc_error_of_one_order", 0.04, 0.0, "ties in an order that is up to the processor"),
    row("average_precision_error", 0.07, 0.0, "of first order; measured 0.058, from 180 rows"),
    row("usual_band", 1e-13, 0.0, "a rounded deviation"),
    row("isotonic", 1e-15, 1e-16, "one quotient, and a straight line"),
    row("benjamini_hochberg", 1e-14, 0.0, "measured 0"),
    row("normal_tail", 1e-12, 0.0, "rounding of x / sqrt 2, squared"),
    row("ln_normal_tail", 1e-12, 0.0, "below 0 as normal_tail; measured 3e-14"),
    row("normal_point", 1e-14, 0.0, "a few roundings"),
    row("student_t_tail", 1e-12, 0.0, "exponents up to 690"),
    row("student_t_point", 1e-12, 0.0, "as the tail"),
    row("lower_beta_ratio", 1e-12, 0.0, "exponents up to 690"),
    row("two_proportions", 1e-12, 0.0, "differences of rounded shares"),
    row("two_proportions_p_value", 1e-9, 0.0, "z squared times the rounding of z"),
    row("two_means", 1e-12, 0.0, "differences of rounded means"),
    row("two_means_p_value", 1e-9, 0.0, "t squared times the rounding of t"),
    row("confidence_sequence", 1e-12, 1e-15, "differences of rounded means"),
    row("sample_ratio", 1e-12, 0.0, "rounded shares"),
    row("sample_ratio_p_value", 1e-9, 0.0, "the statistic times its rounding"),
    row("multinomial_sequence", 1e-11, 1e-11, "differences of deviances"),
    row("bayes_proportions", 1e-11, 1e-14, "sums of some hundred tails"),
    row("bayes_means", 1e-12, 1e-15, "differences of rounded means"),
    row("mmd", 1e-12, 1e-15, "a difference of means near 1, each rounded"),
    row("mmd_gamma", 1e-14, 0.0, "a square and a quotient of a rounded median"),
    row("explained_variance", 1e-12, 0.0, "eigenvalues of two algorithms"),
    row("reconstruction_error", 1e-12, 1e-14, "components of two algorithms"),
    row("reconstruction_effect", 1e-11, 0.0, "a difference of two mean errors"),
    row("reconstruction_p_value", 1e-9, 0.0, "t squared times the rounding of t"),
    row(
        "domain_classifier",
        1e-12,
        0.0,
        "quotients of whole numbers, unless a score is nearly tied",
    ),
    row("classifier_importance", 1e-9, 1e-12, "the solution of equations by two algorithms"),
    row("mmd_sums", 1e-13, 0.0, "exponentials of two libraries; the exponents are rounded"),
    row("noncentral_t_tail", 1e-12, 0.0, "exponents up to 690 and sums of some hundred terms"),
    row("two_means_power", 1e-12, 0.0, "as the tail"),
    row("two_means_detectable_effect", 1e-11, 0.0, "the error of the power over its slope"),
    row("two_proportions_power", 1e-12, 0.0, "differences of rounded rates"),
    row("two_proportions_detectable_rate", 1e-12, 0.0, "the error of the power over its slope"),
    row("guardrail", 1e-12, 0.0, "differences of rounded means"),
    row("guardrail_p_value", 1e-9, 0.0, "z squared times the rounding of z"),
    row("cuped", 1e-11, 1e-14, "the adjusted variance is a difference"),
    row("cuped_p_value", 1e-9, 0.0, "t squared times the rounding of t"),
    row("cuped_lift", 1e-9, 0.0, "the oracle's sums of squares"),
    row("holm", 1e-15, 0.0, "one product"),
    row("benjamini_yekutieli", 1e-14, 0.0, "the oracle's plain sum of reciprocals"),
    row("bias_corrected_v", 1e-9, 1e-15, "the root of a difference with the statistic's own mean"),
    row("false_alarm_level", 1e-7, 0.0, "a quadrature of 512 steps; measured below"),
    row("peer", 1e-12, 1e-14, "the peers' plain sums; a p-value may be one minus another"),
    row("peer_root", 1e-12, 3e-8, "the root of 1 less a sum, whose last digit is 1e-16"),
    row(
        "peer_epps_singleton",
        5e-9,
        1e-300,
        "the peer inverts a matrix of condition 1e5; measured 3e-9",
    ),
    row("peer_single_precision", 1e-6, 0.0, "the peer counts orders in single precision"),
    row("peer_truncated_series", 1e-12, 1e-14, "one minus a series"),
    row("tree_path_dependent", 1e-12, 0.0, "sums of rounded products"),
    row("tree_path_dependent_32_bits", 1e-6, 0.0, "XGBoost sums floats"),
    row("linear", 1e-13, 0.0, "the oracle's plain sums"),
    row("exact", 1e-12, 0.0, "the oracle's plain sums"),
    row("permutation", 0.05, 0.0, "200 pairs of orders of three-way products, by chance"),
    row("rank_agreement", 1e-14, 0.0, "a few roundings"),
    row("importance_drift", 1e-14, 0.0, "the oracle's plain sums"),
    row("split_points", 1e-9, 1e-12, "the oracle's differences at an offset of a million"),
    row("tree_interventional", 1e-6, 0.0, "shap's weights are floats"),
];

/// The tolerance of a function.
///
/// # Panics
/// If the table has no row for it.
#[must_use]
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub fn of(function: &str) -> &'static Tolerance {
    match TOLERANCES.iter().find(|row| row.function == function) {
        Some(row) => row,
        None => panic!("tests/src/tolerance.rs has no row for {function}"),
    }
}

/// Asserts that a value is within the function's tolerance of its oracle's.
///
/// # Panics
/// If it is not.
#[track_caller]
pub fn assert_close(function: &str, got: f64, want: f64, context: &str) {
    assert_close_on_scale(function, got, want, want, context);
}

/// The same for a value that is a difference of larger ones: the relative part is of `scale`.
///
/// # Panics
/// If it is not.
#[track_caller]
pub fn assert_close_on_scale(function: &str, got: f64, want: f64, scale: f64, context: &str) {
    let Tolerance { function, rel, abs, why } = of(function);
    compared::note(function, got);
    let error = (got - want).abs();
    assert!(
        error <= abs + rel * scale.abs(),
        "{function}, {context}: got {got:e}, want {want:e}, off by {:.1e} of {scale:e}; allowed \
         {rel:.0e} ({why})",
        error / scale.abs()
    );
}

/// Asserts that a value is as near to its oracle's as the function itself says that it is.
///
/// # Panics
/// If it is not.
#[track_caller]
pub fn assert_near(function: &'static str, got: f64, want: f64, allowed: f64, context: &str) {
    compared::note(function, got);
    let is_near = (got - want).abs() <= allowed;
    assert!(is_near, "{function}, {context}: got {got:e}, want {want:e} within {allowed:e}");
}
