//! Figures of predicted numbers.

use serde::Serialize;
use tidegate_stats::quality::{Regression, mean_squared_log_error, median_absolute_error};

use crate::analysis::AnalysisError;

/// How good predicted numbers were. Figures are in the unit of the numbers, where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegressionFigures {
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// Mean squared error, in the square of the unit.
    pub mse: Option<f64>,
    /// Root mean squared error.
    pub rmse: Option<f64>,
    /// Mean absolute error as a share of the truth.
    pub mape: Option<f64>,
    /// Median absolute error.
    pub median_absolute_error: Option<f64>,
    /// Largest absolute error.
    pub max_error: Option<f64>,
    /// Mean of truth less prediction: above 0 where the model says too little.
    pub mean_error: Option<f64>,
    /// Mean squared error of `ln(1 + x)`; `None` where a number is −1 or less.
    pub mean_squared_log_error: Option<f64>,
    /// Share of the variance that is explained, at most 1.
    pub r2: Option<f64>,
    /// The same, a constant error being forgiven.
    pub explained_variance: Option<f64>,
}

pub(super) fn figures(
    labels: &[f64],
    predictions: &[f64],
) -> Result<RegressionFigures, AnalysisError> {
    let found = Regression::of_predictions(labels, predictions)?;
    Ok(RegressionFigures {
        mae: found.mean_absolute_error(),
        mse: found.mean_squared_error(),
        rmse: found.root_mean_squared_error(),
        mape: found.mean_absolute_percentage_error(),
        median_absolute_error: median_absolute_error(labels, predictions).ok(),
        max_error: found.max_error(),
        mean_error: Some(found.error().mean()),
        mean_squared_log_error: mean_squared_log_error(labels, predictions).ok(),
        r2: found.r_squared(),
        explained_variance: found.explained_variance(),
    })
}
