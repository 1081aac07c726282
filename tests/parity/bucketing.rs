//! Buckets against GrowthBook's SDK: the same bits.

use serde_json::Value;
use tidegate_stats::experiment::bucketing::{
    BucketRange, HashVersion, bucket, bucket_ranges, choose_variation, fnv1a_32, in_namespace,
};

use crate::golden::{cases, number, numbers, text};

fn range(value: &Value) -> BucketRange {
    [number(&value[0]), number(&value[1])].into()
}

fn ranges(value: &Value) -> Vec<BucketRange> {
    value.as_array().unwrap().iter().map(range).collect()
}

#[test]
fn buckets_as_growthbook() {
    for case in cases("bucketing.json") {
        let want = &case["want"];
        match text(&case["function"]) {
            "fnv1a_32" => {
                let hash = fnv1a_32(text(&case["text"]).encode_utf16());
                assert_eq!(Some(u64::from(hash)), want.as_u64(), "{case}");
            }
            "bucket" => {
                let version = if case["version"] == 1 { HashVersion::V1 } else { HashVersion::V2 };
                let got = bucket(text(&case["seed"]), text(&case["unit"]), version);
                assert_eq!(got, number(want), "{case}");
            }
            "bucket_ranges" => {
                let variants = case["variants"].as_u64().unwrap() as usize;
                let weights = numbers(&case["weights"]);
                let got = bucket_ranges(variants, number(&case["coverage"]), &weights).unwrap();
                assert_eq!(got, ranges(want), "{case}");
            }
            "choose_variation" => {
                let ranges = ranges(&case["ranges"]);
                for (at, want) in numbers(&case["buckets"]).into_iter().zip(numbers(want)) {
                    let got = choose_variation(at, &ranges).map_or(-1.0, |index| index as f64);
                    assert_eq!(got, want, "{at} of {case}");
                    let first = ranges.iter().position(|range: &BucketRange| range.contains(at));
                    assert_eq!(first.map_or(-1.0, |index| index as f64), want, "{at} of {case}");
                }
            }
            "in_namespace" => {
                let (unit, namespace) = (text(&case["unit"]), text(&case["namespace"]));
                let got = in_namespace(unit, namespace, range(&case["range"]));
                assert_eq!(Some(got), want.as_bool(), "{case}");
            }
            other => panic!("bucketing.json names {other}, which no test knows"),
        }
    }
}
