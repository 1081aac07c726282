//! Sketches of our own making, which Python reads when the golden values are made.

use tidegate_stats::sketch::Kll;

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
    all
}

fn kll(k: u16, count: u64) -> Kll {
    let mut sketch = Kll::try_new(k).unwrap();
    sketch.extend(scattered(count));
    sketch
}
