//! The stratified random splits that scikit-learn draws with a seed, so that a decision which hangs on
//! them is the same.

use alloc::vec::Vec;

use crate::num;

const SIZE: usize = 624;
const SHIFT: usize = 397;

/// The Mersenne Twister.
///
/// Matsumoto & Nishimura (1998), <https://doi.org/10.1145/272991.272995>; numpy's `RandomState`.
struct MersenneTwister {
    state: [u32; SIZE],
    next: usize,
}

impl MersenneTwister {
    fn new(seed: u32) -> Self {
        let mut state = [0; SIZE];
        let mut word = seed;
        for (index, slot) in (1..).zip(&mut state) {
            *slot = word;
            word = (word ^ (word >> 30)).wrapping_mul(1_812_433_253).wrapping_add(index);
        }
        Self { state, next: SIZE }
    }

    fn draw(&mut self) -> u32 {
        if self.next >= SIZE {
            self.twist();
            self.next = 0;
        }
        let mut word = self.state.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn twist(&mut self) {
        for index in 0..SIZE {
            let pair =
                (self.state[index] & 0x8000_0000) | (self.state[(index + 1) % SIZE] & 0x7fff_ffff);
            let odd = if pair & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[index] = self.state[(index + SHIFT) % SIZE] ^ (pair >> 1) ^ odd;
        }
    }

    /// A number in `0..=largest`: draws are masked, and refused where too large.
    fn up_to(&mut self, largest: u32) -> u32 {
        let mask = u32::MAX.checked_shr(largest.leading_zeros()).unwrap_or(0);
        loop {
            // Each draw is accepted with a probability of more than one half.
            let draw = self.draw() & mask;
            if draw <= largest {
                return draw;
            }
        }
    }

    fn permutation(&mut self, len: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..len).collect();
        self.shuffle(&mut order);
        order
    }

    fn shuffle(&mut self, rows: &mut [u32]) {
        for last in (1..rows.len()).rev() {
            rows.swap(last, self.up_to(last as u32) as usize);
        }
    }

    /// Draws as much as a shuffle does.
    fn skip_shuffle(&mut self, len: u32) {
        for last in (1..len).rev() {
            self.up_to(last);
        }
    }
}

/// Splits of labelled rows, a tenth of them, rounded up, being set apart each time, with about the same
/// share of positives.
///
/// scikit-learn's `StratifiedShuffleSplit(test_size=0.1, random_state=seed)`.
pub(super) struct StratifiedSplits {
    rows_of: [Vec<u32>; 2],
    test_len: u32,
    random: MersenneTwister,
}

impl StratifiedSplits {
    /// `None` when a class, or a part, would have less than two rows. At most 2³¹ labels.
    pub(super) fn new(labels: &[bool], seed: u32) -> Option<Self> {
        let rows_of = [false, true].map(|class| {
            let rows = (0..).zip(labels).filter(|(_, label)| **label == class);
            rows.map(|(row, _)| row).collect::<Vec<u32>>()
        });
        let len = labels.len() as u32;
        let test_len = num::ceil(0.1 * f64::from(len)) as u32;
        let enough = rows_of.iter().all(|rows| rows.len() >= 2) && test_len >= 2;
        (enough && len - test_len >= 2).then(|| Self {
            rows_of,
            test_len,
            random: MersenneTwister::new(seed),
        })
    }

    /// The rows that the next split sets apart, in the order that the oracle returns.
    pub(super) fn next_test_rows(&mut self) -> Vec<u32> {
        let sizes = [0, 1].map(|class| self.rows_of[class].len() as u32);
        let train_len = sizes[0] + sizes[1] - self.test_len;
        let train = quotas(sizes, train_len, &mut self.random);
        let left = [0, 1].map(|class| sizes[class] - train[class].min(sizes[class]));
        let test = quotas(left, self.test_len, &mut self.random);
        let mut rows = Vec::with_capacity(self.test_len as usize);
        for class in [0, 1] {
            let order = self.random.permutation(sizes[class]);
            let apart = order.iter().skip(train[class] as usize).take(test[class] as usize);
            let of_class = &self.rows_of[class];
            rows.extend(apart.filter_map(|index| of_class.get(*index as usize).copied()));
        }
        // The order of the others changes nothing but what is drawn next.
        self.random.skip_shuffle(train_len);
        self.random.shuffle(&mut rows);
        rows
    }
}

/// How many of so many rows are of each class: the rounded shares, rests going to the larger
/// remainder.
fn quotas(sizes: [u32; 2], rows: u32, random: &mut MersenneTwister) -> [u32; 2] {
    let all = f64::from(sizes[0]) + f64::from(sizes[1]);
    let exact = sizes.map(|size| f64::from(size) / all * f64::from(rows));
    let whole = exact.map(num::floor);
    let rest = [0, 1].map(|class| exact[class] - whole[class]);
    let mut quotas = whole.map(|quota| quota as u32);
    let missing = rows.saturating_sub(quotas[0] + quotas[1]);
    if missing == 0 {
        return quotas;
    }
    let first = if rest[0] == rest[1] {
        random.permutation(2).first().map_or(0, |class| *class as usize)
    } else {
        usize::from(rest[1] > rest[0])
    };
    quotas[first] += 1;
    if missing > 1 {
        quotas[1 - first] += 1;
    }
    quotas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_as_the_oracle() {
        // numpy.random.RandomState(42)
        let mut random = MersenneTwister::new(42);
        assert_eq!([(); 3].map(|()| random.draw()), [1_608_637_542, 3_421_126_067, 4_083_286_876]);
        assert_eq!(MersenneTwister::new(42).permutation(10), [8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
    }

    #[test]
    fn splits_as_the_oracle() {
        // StratifiedShuffleSplit(3, test_size=0.1, random_state=42)
        let ones = [1, 2, 4, 5, 7, 8, 9, 11, 14, 15, 16, 18, 19, 20, 22];
        let labels: Vec<bool> = (0..23).map(|row| ones.contains(&row)).collect();
        let mut splits = StratifiedSplits::new(&labels, 42).unwrap();
        for want in [[15, 9, 17], [14, 15, 3], [22, 12, 19]] {
            assert_eq!(splits.next_test_rows(), want);
        }
    }

    #[test]
    fn too_few_rows_cannot_be_split() {
        assert!(StratifiedSplits::new(&[true; 50], 42).is_none());
        assert!(StratifiedSplits::new(&[true, false, true, false], 42).is_none());
        let mut one = [false; 50];
        one[7] = true;
        assert!(StratifiedSplits::new(&one, 42).is_none());
    }
}
