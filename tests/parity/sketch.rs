use serde_json::Value;
use tidegate_core::base64;
use tidegate_stats::sketch::Kll;
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, number, numbers, text};
use crate::sketch_recipe;

const SHARES: [f64; 9] = [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999];

fn bytes(case: &Value) -> Vec<u8> {
    base64::decode(text(&case["bytes"])).unwrap()
}

fn of_kind(sketch: &str) -> Vec<Value> {
    let found: Vec<Value> =
        cases("sketch.json").into_iter().filter(|case| case["sketch"] == sketch).collect();
    for maker in ["python", "ours"] {
        assert!(found.iter().any(|case| case["maker"] == maker), "{sketch}: none of {maker}");
    }
    found
}

#[test]
fn our_sketches_are_the_bytes_that_python_read() {
    let ours: Vec<Value> =
        cases("sketch.json").into_iter().filter(|case| case["maker"] == "ours").collect();
    let made = sketch_recipe::all();
    assert_eq!(ours.len(), made.len());
    for (case, (name, made)) in ours.iter().zip(made) {
        assert_eq!((text(&case["name"]), bytes(case)), (name.as_str(), made));
    }
}

#[test]
fn kll_sketches_answer_as_python_does() {
    for case in of_kind("kll") {
        let (name, answers) = (text(&case["name"]), &case["answers"]);
        let sketch = Kll::decode(&bytes(&case)).unwrap();
        assert_eq!((u64::from(sketch.k()), sketch.count()), {
            (answers["k"].as_u64().unwrap(), answers["count"].as_u64().unwrap())
        });
        assert_close("kll_error", sketch.rank_error(), number(&answers["rank_error"]), name);
        assert_close("kll_error", sketch.share_error(), number(&answers["share_error"]), name);
        if sketch.count() == 0 {
            continue;
        }
        let ends = [number(&answers["min"]), number(&answers["max"])];
        assert_eq!(sketch.range(), Some(ends), "{name}");
        let quantiles = SHARES.map(|share| sketch.quantile(share).unwrap());
        assert_eq!(quantiles.to_vec(), numbers(&answers["quantiles"]), "{name}");
        for (value, want) in quantiles.iter().zip(numbers(&answers["ranks"])) {
            assert_close("kll_rank", sketch.rank(*value).unwrap(), want, name);
        }
    }
}

#[test]
fn what_was_read_is_written_again_byte_by_byte() {
    for case in of_kind("kll") {
        assert_eq!(Kll::decode(&bytes(&case)).unwrap().encode(), bytes(&case), "{}", case["name"]);
    }
}
