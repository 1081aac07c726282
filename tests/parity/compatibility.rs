//! What other tools print, against the tools themselves.

use serde_json::Value;
use tidegate_stats::Sorted;
use tidegate_stats::compatibility::{Peer, PeerScore, of_categories, of_numbers};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, counts, sample, text};

#[test]
fn every_peer_as_itself() {
    let mut compared = 0;
    for case in cases("compatibility.json") {
        let name = text(&case["name"]);
        let sides = ["reference", "current"];
        for (peer, golden) in case["peers"].as_object().unwrap() {
            let peer: Peer = serde_json::from_value(Value::from(peer.as_str())).unwrap();
            let scores = if case["counts"].is_null() {
                let [reference, current] = sides.map(|side| numbers(&case, side));
                of_numbers(&reference, &current, peer).unwrap()
            } else {
                let [reference, current] = sides.map(|side| counts(&case["counts"][side]));
                of_categories(&reference, &current, peer).unwrap()
            };
            for golden in golden.as_array().unwrap() {
                compare(&scores, golden, name);
                compared += 1;
            }
        }
    }
    assert!(compared > 600, "{compared}");
}

fn compare(scores: &[PeerScore], golden: &Value, name: &str) {
    if let Some(chosen) = golden["chosen"].as_str() {
        assert_eq!(scores[0].method, chosen, "{name}: what the peer would choose");
        return;
    }
    let method = text(&golden["method"]);
    let context = format!("{method}, {name}");
    let score = scores.iter().find(|score| score.method == method);
    let score = score.unwrap_or_else(|| panic!("{context}: no such score"));
    let function = match method {
        "es" => "peer_epps_singleton",
        "cramer_von_mises" if golden["exact"] == true => "peer_single_precision",
        "cramer_von_mises" => "peer_truncated_series",
        "jensenshannon" | "jensen_shannon" | "hellinger" => "peer_root",
        _ => "peer",
    };
    match (score.value, golden["value"].as_f64()) {
        (Some(got), Some(want)) => assert_close(function, got, want, &context),
        // Of a score that it does not have, a peer says no drift, for NaN is not below a cut.
        (got, want) => return assert_eq!(got, want, "{context}"),
    }
    if let Some(drift) = golden["drift"].as_bool() {
        assert_eq!(score.drift, Some(drift), "{context}");
    }
    if let Some(threshold) = golden["threshold"].as_f64() {
        assert_eq!(score.threshold, Some(threshold), "{context}");
    }
}

/// A sample, or whole numbers that any language makes the same.
fn numbers(case: &Value, side: &str) -> Sorted {
    let spec = &case["lattice"][side];
    if spec.is_null() {
        return sample(case, side);
    }
    let [count, multiplier, modulus, power, offset] =
        [0, 1, 2, 3, 4].map(|index| spec[index].as_i64().unwrap());
    let power = u32::try_from(power).unwrap();
    let value = |i: i64| (i * multiplier % modulus).pow(power) + offset;
    Sorted::try_new((0..count).map(|i| value(i) as f64).collect()).unwrap()
}
