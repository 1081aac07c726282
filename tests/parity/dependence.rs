//! How much rows depend on each other, against every block's mean by numpy and statsmodels' autocorrelation.

use serde_json::Value;
use tidegate_stats::dependence::{self, Dependence};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, number, numbers};

fn found(case: &Value) -> Dependence {
    let whole = |value: &Value| value.as_u64().unwrap();
    let block = whole(&case["block"]) as usize;
    let batches = case["batches"].as_array();
    let batches: Option<Vec<usize>> =
        batches.map(|sizes| sizes.iter().map(|size| whole(size) as usize).collect());
    match (case["codes"].as_array(), batches) {
        (Some(codes), batches) => {
            let codes: Vec<u32> = codes.iter().map(|code| whole(code) as u32).collect();
            match batches {
                Some(batches) => dependence::of_batched_categories(&codes, &batches, block),
                None => dependence::of_ordered_categories(&codes, block),
            }
        }
        (None, Some(batches)) => {
            dependence::of_batched_numbers(&numbers(&case["values"]), &batches, block)
        }
        (None, None) => dependence::of_ordered_numbers(&numbers(&case["values"]), block),
    }
    .unwrap()
}

#[test]
fn dependence_as_by_every_block_and_by_the_analysis_of_variance() {
    for case in cases("dependence.json") {
        let found: Dependence = found(&case);
        let label = format!("{} rows, blocks of {}", found.row_count, case["block"]);
        let close = |name: &str, got: f64| assert_close(name, got, number(&case[name]), &label);
        close("inflation", found.inflation);
        close("neighbours", found.neighbours);
        close("neighbour_deviations", found.neighbour_deviations);
        let is_batched = case.get("batches").is_some();
        if is_batched {
            close("within_batches", found.within_batches);
            close("batch_inflation", found.batch_inflation);
            close("batch_p_value", found.batch_p_value);
        } else {
            let one_each = (found.within_batches, found.batch_inflation, found.batch_p_value);
            assert_eq!(one_each, (0.0, 1.0, 1.0));
        }
        let mut rows = 1.0_f64;
        if number(&case["neighbour_deviations"]) > 3.0 {
            rows = rows.max(number(&case["inflation"]));
        }
        if is_batched && number(&case["batch_p_value"]) < 0.00135 {
            rows = rows.max(number(&case["batch_inflation"]));
        }
        assert_close("inflation", found.rows_per_independent(), rows, &label);
    }
}
