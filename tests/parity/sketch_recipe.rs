//! Sketches of our own making, which Python reads when the golden values are made.

use tidegate_stats::sketch::{FrequentItems, Hll, Kll};

/// Numbers in no order that a sketch could gain from: the multiples of 7919 in a prime field, centred.
fn scattered(count: u64) -> impl Iterator<Item = f64> {
    (0..count).map(|index| (index * 7919 % 1_000_003) as f64 / 8.0 - 62_500.0)
}

/// A sketch by its name, as bytes.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>| all.push((name.to_string(), bytes));
    for (k, count) in [(200, 0), (200, 1), (200, 2), (8, 1000), (200, 200), (20, 100_000)] {
        add(&format!("kll {k} {count}"), kll(k, count).encode());
    }
    let mut merged = kll(40, 30_000);
    merged.merge(&kll(20, 7000)).unwrap();
    merged.merge(&kll(200, 12)).unwrap();
    add("kll merged", merged.encode());
    for (lg_k, count) in [(12, 0), (12, 3), (12, 100), (7, 40), (9, 20_000), (11, 2000)] {
        add(&format!("hll {lg_k} {count}"), hll(lg_k, count).encode());
    }
    let mut merged = hll(8, 900);
    merged.merge(&hll(10, 1200));
    add("hll merged", merged.encode());
    for (lg_max, count) in [(5, 0), (5, 10), (4, 3000)] {
        let mut texts = FrequentItems::<String>::try_new(lg_max).unwrap();
        let mut longs = FrequentItems::<i64>::try_new(lg_max).unwrap();
        for index in 0..count {
            // One item in three, and a long tail.
            let item = if index % 3 == 0 { 0 } else { index * index % 1009 };
            texts.push(format!("città {item}").as_str(), 1);
            longs.push(&(500 - item), 2);
        }
        add(&format!("frequent_strings {lg_max} {count}"), texts.encode());
        add(&format!("frequent_longs {lg_max} {count}"), longs.encode());
    }
    all
}

fn hll(lg_k: u8, count: i64) -> Hll {
    let mut sketch = Hll::try_new(lg_k).unwrap();
    for index in 0..count {
        match index % 3 {
            0 => sketch.push_integer(index),
            1 => sketch.push_number(index as f64 / 8.0),
            _ => sketch.push_text(&format!("città numero {index}")),
        }
    }
    sketch
}

fn kll(k: u16, count: u64) -> Kll {
    let mut sketch = Kll::try_new(k).unwrap();
    sketch.extend(scattered(count));
    sketch
}
