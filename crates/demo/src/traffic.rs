//! What the replayer sends: rows in their order of time, mostly one a request, from users of whom
//! few send much. The same seed gives the same traffic.

use serde_json::json;

use crate::elec2::{FEATURE_NAMES, Row};

const SHARE_OF_BATCHES: f64 = 0.1;
const MAX_BATCH: usize = 8;

/// One request to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The first row, counted from the start of the traffic (it goes on counting when rows repeat).
    pub first_row: usize,
    /// How many rows, in `1..=8`.
    pub row_count: usize,
    /// Who asks, such as `user-17`.
    pub user: String,
}

/// The requests, in their order.
#[derive(Debug)]
pub struct Traffic {
    next_row: usize,
    last_row: usize,
    /// Of each user, the share of requests by that user or one before.
    cumulative_shares: Vec<f64>,
    random: SplitMix64,
}

impl Traffic {
    /// Traffic of `row_count` rows from `users` users, the `k`-th of whom sends in proportion to
    /// `1/k` (Zipf's law).
    pub fn new(row_count: usize, users: usize, seed: u64) -> Self {
        let mut total = 0.0;
        let mut cumulative_shares: Vec<f64> = (1..=users.max(1))
            .map(|rank| {
                total += 1.0 / rank as f64;
                total
            })
            .collect();
        for share in &mut cumulative_shares {
            *share /= total;
        }
        Self { next_row: 0, last_row: row_count, cumulative_shares, random: SplitMix64(seed) }
    }
}

impl Iterator for Traffic {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        let left = self.last_row - self.next_row;
        if left == 0 {
            return None;
        }
        let wanted = if self.random.share() < SHARE_OF_BATCHES {
            2 + self.random.below(MAX_BATCH - 1)
        } else {
            1
        };
        let share = self.random.share();
        let user = self.cumulative_shares.partition_point(|&cumulative| cumulative < share) + 1;
        let first_row = self.next_row;
        let row_count = wanted.min(left);
        self.next_row += row_count;
        Some(Planned { first_row, row_count, user: format!("user-{user}") })
    }
}

/// The body of the request for these rows: one matrix.
pub fn body(id: usize, rows: &[&Row]) -> Vec<u8> {
    let data: Vec<f64> = rows.iter().flat_map(|row| row.features).collect();
    json!({
        "id": id.to_string(),
        "inputs": [{
            "name": "features", "shape": [rows.len(), FEATURE_NAMES.len()], "datatype": "FP64",
            "data": data,
        }],
    })
    .to_string()
    .into_bytes()
}

/// A small generator of pseudo-random numbers with a period of 2⁶⁴.
///
/// Steele, Lea & Flood (2014), <https://doi.org/10.1145/2660193.2660195>.
#[derive(Debug)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// In `[0, 1)`.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// In `0..bound`, for small bounds.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_sent_once_in_order() {
        let mut next_row = 0;
        for request in Traffic::new(10_000, 100, 1) {
            assert_eq!(request.first_row, next_row);
            assert!((1..=MAX_BATCH).contains(&request.row_count));
            next_row += request.row_count;
        }
        assert_eq!(next_row, 10_000);
    }

    #[test]
    fn the_first_user_sends_most_and_all_send() {
        let mut requests = vec![0; 11];
        for request in Traffic::new(20_000, 10, 7) {
            let user: usize = request.user.trim_start_matches("user-").parse().unwrap();
            requests[user] += 1;
        }
        assert_eq!(requests[0], 0);
        assert!(requests[1..].iter().all(|&count| count > 0), "{requests:?}");
        // Zipf's law over ten users gives the first 0.341 of all.
        let share = f64::from(requests[1]) / f64::from(requests.iter().sum::<i32>());
        assert!((share - 0.341).abs() < 0.02, "{share}");
    }

    #[test]
    fn the_same_seed_gives_the_same_traffic() {
        let traffic = |seed| Traffic::new(500, 50, seed).collect::<Vec<_>>();
        assert_eq!(traffic(3), traffic(3));
        assert_ne!(traffic(3), traffic(4));
    }

    #[test]
    fn the_generator_is_the_published_one() {
        // First outputs for seed 1234567, from the reference implementation of splitmix64.
        let mut random = SplitMix64(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
