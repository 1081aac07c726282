//! How much rows depend on each other, against every block's mean by numpy and statsmodels' autocorrelation.

use serde_json::Value;
use tidegate_stats::dependence::{self, Dependence};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, number, numbers};

fn found(case: &Value) -> Dependence {
    let block = case["block"].as_u64().unwrap() as usize;
    match case["codes"].as_array() {
        Some(codes) => {
            let codes: Vec<u32> = codes.iter().map(|code| code.as_u64().unwrap() as u32).collect();
            dependence::of_ordered_categories(&codes, block).unwrap()
        }
        None => dependence::of_ordered_numbers(&numbers(&case["values"]), block).unwrap(),
    }
}

#[test]
fn dependence_as_by_every_block() {
    for case in cases("dependence.json") {
        let found: Dependence = found(&case);
        let label = format!("{} rows, blocks of {}", found.row_count, case["block"]);
        assert_close("inflation", found.inflation, number(&case["inflation"]), &label);
        assert_close("neighbours", found.neighbours, number(&case["neighbours"]), &label);
        let is_plain = found.neighbours * (found.row_count as f64).sqrt() > 3.0;
        let rows = if is_plain { number(&case["inflation"]).max(1.0) } else { 1.0 };
        assert_close("inflation", found.rows_per_independent(), rows, &label);
    }
}
