use serde_json::Value;
use tidegate_core::base64;
use tidegate_stats::sketch::{self, Frequent, FrequentItem, FrequentItems, Histogram, Hll, Kll};
use tidegate_stats::{Decision, Method, counted, num};
use tidegate_tests::tolerance::{assert_close, assert_near};

use crate::golden::{cases, counts, number, numbers, text};
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
        // Python knows an error only where it has thrown values away.
        assert_eq!(sketch.is_exact(), number(&answers["rank_error"]) == 0.0, "{name}");
        let weighted = sketch.weighted();
        let ends = [number(&answers["min"]), number(&answers["max"])];
        assert_eq!(sketch.range(), Some(ends), "{name}");
        let quantiles = SHARES.map(|share| sketch.quantile(share).unwrap());
        assert_eq!(quantiles.to_vec(), numbers(&answers["quantiles"]), "{name}");
        for (value, want) in quantiles.iter().zip(numbers(&answers["ranks"])) {
            assert_close("kll_rank", sketch.rank(*value).unwrap(), want, name);
            let (_, cumulative) = weighted.iter().rfind(|(item, _)| item <= value).unwrap();
            let share = *cumulative as f64 / sketch.count() as f64;
            assert_close("kll_rank", share, want, name);
        }
    }
}

#[test]
fn what_was_read_is_written_again_byte_by_byte() {
    for case in of_kind("kll") {
        assert_eq!(Kll::decode(&bytes(&case)).unwrap().encode(), bytes(&case), "{}", case["name"]);
    }
}

#[test]
fn no_sketch_of_python_is_longer_than_one_may_be() {
    for case in of_kind("kll") {
        let k = Kll::decode(&bytes(&case)).unwrap().k();
        assert!(bytes(&case).len() <= Kll::max_encoded_bytes(k), "{}", case["name"]);
    }
    for case in of_kind("hll") {
        let sketch = Hll::decode(&bytes(&case)).unwrap();
        assert!(sketch.encode().len() <= Hll::max_encoded_bytes(sketch.lg_k()), "{}", case["name"]);
        let is_empty = number(&case["answers"]["estimate"]) == 0.0;
        assert_eq!(sketch.is_empty(), is_empty, "{}", case["name"]);
    }
    for case in of_kind("frequent_longs") {
        let sketch = FrequentItems::<i64>::decode(&bytes(&case)).unwrap();
        let lg_max = bytes(&case)[3];
        let most = FrequentItems::<i64>::max_encoded_bytes(lg_max, 8);
        assert!(sketch.encode().len() <= most, "{}", case["name"]);
        // Python's map is never fuller than three quarters.
        assert_eq!(sketch.capacity(), (1 << lg_max) * 3 / 4, "{}", case["name"]);
    }
}

#[test]
fn distinct_counts_are_those_of_python() {
    for case in of_kind("hll") {
        let (name, answers) = (text(&case["name"]), &case["answers"]);
        let sketch = Hll::decode(&bytes(&case)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(u64::from(sketch.lg_k()), answers["lg_k"].as_u64().unwrap(), "{name}");
        let (estimate, want) = (sketch.estimate(), number(&answers["estimate"]));
        if answers["in_order"] == true {
            assert_close("hll_estimate", estimate, want, name);
        } else if let Some(of_registers) = answers["of_registers"].as_f64() {
            assert_close("hll_of_registers", estimate, of_registers, name);
            // Another estimator of the same registers.
            assert!((estimate / want - 1.0).abs() < sketch.relative_error(), "{name}: {want}");
        }
        assert_eq!(Hll::decode(&sketch.encode()).unwrap(), sketch, "{name}");
    }
}

#[test]
fn items_are_hashed_as_python_hashes_them() {
    let python = |name: &str| {
        let case = of_kind("hll").into_iter().find(|case| case["name"] == name).unwrap();
        Hll::decode(&bytes(&case)).unwrap()
    };
    let mut list = Hll::default();
    for number in [2.5, -0.0, 0.0, f64::NAN] {
        list.push_number(number);
    }
    ["x", ""].iter().for_each(|text| list.push_text(text));
    (1..3).for_each(|integer| list.push_integer(integer));
    assert_eq!(list, python("list"));

    let mut set = Hll::try_new(10).unwrap();
    (0..60).for_each(|index| set.push_text(&format!("città numero {index}")));
    assert_eq!(set, python("set"));
    assert_eq!(set, python("updatable set"));
}

fn frequent_items_are_those_of_python<T: FrequentItem>(sketch: &str, item: impl Fn(&Value) -> T) {
    for case in of_kind(sketch) {
        let (name, answers) = (text(&case["name"]), &case["answers"]);
        let sketch = FrequentItems::<T>::decode(&bytes(&case)).unwrap();
        assert_eq!(sketch.total(), answers["total"].as_u64().unwrap(), "{name}");
        let rows = answers["items"].as_array().unwrap();
        // Python leaves out what may not be frequent.
        let named = sketch.frequent().into_iter().filter(|(_, b)| b.upper > sketch.maximum_error());
        assert_eq!(named.count(), rows.len(), "{name}");
        for row in rows {
            let bounds = |place: usize| row[place].as_u64().unwrap();
            let want = Frequent { lower: bounds(1), upper: bounds(2) };
            assert_eq!(sketch.bounds(&item(&row[0])), want, "{name}: {row}");
        }
    }
}

#[test]
fn frequent_texts_are_those_of_python() {
    frequent_items_are_those_of_python("frequent_strings", |item| text(item).to_string());
}

#[test]
fn frequent_integers_are_those_of_python() {
    frequent_items_are_those_of_python("frequent_longs", |item| item.as_i64().unwrap());
}

#[test]
fn histograms_are_those_of_numpy() {
    let all = cases("sketch.json");
    for case in all.iter().filter(|case| case["sketch"] == "histogram") {
        let want = counts(&case["counts"]);
        let range = [number(&case["low"]), number(&case["high"])];
        let mut histogram = Histogram::try_new(range, want.len()).unwrap();
        let values = numbers(&case["values"]);
        let (left, right) = values.split_at(values.len() / 2);
        left.iter().for_each(|value| histogram.push(*value));
        let mut other = Histogram::try_new(range, want.len()).unwrap();
        right.iter().for_each(|value| other.push(*value));
        histogram.merge(&other).unwrap();
        assert_eq!(histogram.bins(), want, "{}", case["name"]);
        let outside = ["below", "above"].map(|side| case[side].as_u64().unwrap());
        assert_eq!(histogram.outside(), outside, "{}", case["name"]);
    }
}

fn pair<S>(case: &Value, decode: impl Fn(&[u8]) -> S) -> [S; 2] {
    ["reference", "current"].map(|side| decode(&base64::decode(text(&case[side])).unwrap()))
}

#[test]
fn tests_on_sketches_are_near_those_on_the_values() {
    let all = cases("sketch.json");
    for case in all.iter().filter(|case| case["sketch"] == "two_sample") {
        let name = text(&case["name"]);
        let [reference, current] = pair(case, |bytes| Kll::decode(bytes).unwrap());
        let error = reference.rank_error() + current.rank_error();
        let compare = |method| {
            sketch::two_sample(method, &reference, &current, &Decision::default()).unwrap()
        };
        let p_values = numbers(&case["log_p_values"]);
        for (method, oracle, allowed, log_p) in [
            (Method::KolmogorovSmirnov, "kolmogorov_smirnov", error, p_values[0]),
            (Method::MannWhitney, "rank_biserial", 2.0 * error, p_values[1]),
        ] {
            let (got, want) = (compare(method), number(&case[oracle]));
            if error == 0.0 {
                assert_close("exact_sketches", got.effect, want, name);
            }
            assert_near("effect_of_sketches", got.effect, want, allowed + 1e-12, name);
            let got = num::ln(got.p_value.unwrap().max(1e-300));
            assert!(got >= log_p - 0.01, "{name}: {method:?} is not cautious: {got} {log_p}");
        }
        let (got, want) = (compare(Method::Wasserstein), number(&case["wasserstein"]));
        let unit = got.statistic / got.effect;
        let allowed = if error == 0.0 { want * 1e-12 } else { got.detectable_effect * unit };
        assert_near("wasserstein_of_sketches", got.statistic, want, allowed, name);
    }
}

#[test]
fn tests_on_frequent_items_are_those_on_the_counts() {
    let all = cases("sketch.json");
    for case in all.iter().filter(|case| case["sketch"] == "two_frequent") {
        let name = text(&case["name"]);
        let decision = Decision::default();
        let [reference, current] = pair(case, |b| FrequentItems::<String>::decode(b).unwrap());
        let tables = [0, 1].map(|row| counts(&case["counts"][row]));
        for (method, oracle) in
            [(Method::LInfinity, "largest_change"), (Method::TotalVariation, "total_variation")]
        {
            let want = number(&case[oracle]);
            let got = sketch::two_frequent(method, &reference, &current, &decision).unwrap();
            assert_close("frequent_counts", got.statistic, want, name);
            let got = counted::two_sample(method, &tables[0], &tables[1], &decision).unwrap();
            assert_close("frequent_counts", got.statistic, want, name);
            let [one, other] = &tables;
            let got = counted::two_sample_on_quantiles(method, one, other, &decision).unwrap();
            assert_close("frequent_counts", got.statistic, want, name);
        }
    }
}
