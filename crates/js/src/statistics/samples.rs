use tidegate_stats::bins::Edges;
use tidegate_stats::multivariate::mmd;
use tidegate_stats::{Error, Method, NumericTests, Sorted, counted, multiple};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::asked::Asked;
use super::error;

/// Compares two samples of numbers by each method; those for counts see them between the deciles of the reference.
///
/// # Errors
/// The kinds of [`tidegate_stats::Error`].
#[wasm_bindgen(js_name = compareNumbers)]
pub fn compare_numbers(
    reference: Vec<f64>,
    current: Vec<f64>,
    asked: &Asked,
) -> Result<Vec<f64>, JsValue> {
    let [reference, current] = [sorted(reference)?, sorted(current)?];
    let Asked { methods, decision } = asked;
    let edges = Edges::deciles(&reference);
    let bins = [&reference, &current].map(|sample| edges.count_sorted(sample));
    let on_values = NumericTests::try_new(&reference, &current, methods).map_err(error::throw)?;
    asked.answer(|method| match method {
        Method::Mmd => mmd::of_column(&reference, &current, decision),
        _ if method.needs_values() => on_values.test(method, decision),
        _ => counted::two_sample_on_quantiles(method, &bins[0], &bins[1], decision),
    })
}

/// Compares two samples that were counted in the same bins or categories, by each method.
///
/// # Errors
/// The kinds of [`tidegate_stats::Error`], `OutOfRange` too for what is no count.
#[wasm_bindgen(js_name = compareCounts)]
pub fn compare_counts(
    reference: &[f64],
    current: &[f64],
    on_quantiles: bool,
    asked: &Asked,
) -> Result<Vec<f64>, JsValue> {
    let [reference, current] = [counts(reference)?, counts(current)?];
    let of = if on_quantiles { counted::two_sample_on_quantiles } else { counted::two_sample };
    asked.answer(|method| of(method, &reference, &current, &asked.decision))
}

/// The inner edges of bins between the deciles of a sample, to count other samples on.
///
/// # Errors
/// The kinds of [`tidegate_stats::Error`].
#[wasm_bindgen(js_name = decileEdges)]
pub fn decile_edges(reference: Vec<f64>) -> Result<Vec<f64>, JsValue> {
    Ok(Edges::deciles(&sorted(reference)?).inner().to_vec())
}

/// How many values fall into each bin, one more than there are edges.
///
/// # Errors
/// The kinds of [`tidegate_stats::Error`].
#[wasm_bindgen(js_name = binCounts)]
pub fn bin_counts(edges: Vec<f64>, values: &[f64]) -> Result<Vec<f64>, JsValue> {
    let edges = Edges::try_new(edges).map_err(error::throw)?;
    Ok(edges.count(values).into_iter().map(|count| count as f64).collect())
}

/// p-values corrected for their number, by the name of the correction.
///
/// # Errors
/// `InvalidOptions`, and the kinds of [`tidegate_stats::Error`].
#[wasm_bindgen]
pub fn adjust(p_values: &[f64], correction: &str) -> Result<Vec<f64>, JsValue> {
    let by: fn(&[f64]) -> Result<Vec<f64>, Error> = match correction {
        "benjamini_hochberg" => multiple::benjamini_hochberg,
        "benjamini_yekutieli" => multiple::benjamini_yekutieli,
        "holm" => multiple::holm,
        _ => {
            let what = "correction is benjamini_hochberg, benjamini_yekutieli or holm";
            return Err(error::error("InvalidOptions", what));
        }
    };
    by(p_values).map_err(error::throw)
}

fn sorted(values: Vec<f64>) -> Result<Sorted, JsValue> {
    Sorted::try_new(values).map_err(error::throw)
}

/// Whole numbers up to 2⁵³, beyond which JavaScript's numbers are not exact.
fn counts(numbers: &[f64]) -> Result<Vec<u64>, JsValue> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    let count = |number: &f64| {
        let is_count = (0.0..=MOST).contains(number) && number.trunc() == *number;
        is_count.then_some(*number as u64)
    };
    let counts: Option<Vec<u64>> = numbers.iter().map(count).collect();
    counts.ok_or_else(|| error::error("OutOfRange", "counts are whole numbers from 0 to 2^53"))
}
