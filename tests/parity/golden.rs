//! Reads the golden files.

use serde_json::Value;
use tidegate_stats::Sorted;

use crate::golden_files;

/// The cases of a golden file.
pub fn cases(file: &str) -> Vec<Value> {
    let golden: Value = serde_json::from_slice(&bytes(file)).unwrap();
    assert!(golden["header"]["generator"].is_string(), "{file} does not say what made it");
    let cases = golden["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty(), "{file} has no case");
    cases
}

/// One side of a case: values in the case itself, or a column of a table in `samples`.
pub fn sample(case: &Value, side: &str) -> Sorted {
    let values = match case["sample"].as_str() {
        Some(table) => column(&format!("samples/{table}_{side}.csv"), text(&case["column"])),
        None => numbers(&case[side]),
    };
    Sorted::try_new(values).unwrap()
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

pub fn counts(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect()
}

/// A file beside the golden files.
pub fn bytes(file: &str) -> Vec<u8> {
    golden_files::read(file)
}

/// One column of a table beside the golden files.
pub fn column(file: &str, name: &str) -> Vec<f64> {
    let table = String::from_utf8(bytes(file)).unwrap();
    let mut lines = table.lines();
    let index = lines.next().unwrap().split(',').position(|head| head == name).unwrap();
    lines.map(|line| line.split(',').nth(index).unwrap().parse().unwrap()).collect()
}

#[test]
fn every_method_has_a_tolerance() {
    use tidegate_stats::Method;
    for method in Method::ALL {
        let name = serde_json::to_value(method).unwrap();
        assert!(tidegate_tests::tolerance::of(text(&name)).rel <= 1e-12, "{name}");
    }
}
