use alloc::{vec, vec::Vec};

use crate::{Error, ErrorKind};

const WORDS: usize = 624;
/// How far ahead the recurrence looks.
const AHEAD: usize = 397;

/// The generator of Python's `random.Random`, for detectors that must draw what river draws: the
/// Mersenne Twister, MT19937.
///
/// # References
/// Matsumoto & Nishimura (1998), <https://doi.org/10.1145/272991.272995>; the documentation of
/// CPython's `random.sample`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct PythonRandom {
    words: Vec<u32>,
    /// The next word to be given out; [`WORDS`] when all are.
    next: usize,
}

impl PythonRandom {
    /// As `random.Random(seed)`.
    pub fn new(seed: u64) -> Self {
        let mut words = vec![0_u32; WORDS];
        let mut last = 19_650_218_u32;
        for (index, word) in (0..).zip(&mut words) {
            if index > 0 {
                last = (last ^ (last >> 30)).wrapping_mul(1_812_433_253).wrapping_add(index);
            }
            *word = last;
        }
        // The seed's 32-bit digits, the lowest first, are mixed in by two passes over the state.
        let low = seed as u32;
        let high = (seed >> 32) as u32;
        let key = if high == 0 { vec![low] } else { vec![low, high] };
        let mut random = Self { words, next: WORDS };
        let mut index = 1;
        let digits = (0..).zip(key.iter()).cycle().take(WORDS.max(key.len()));
        for (place, digit) in digits {
            random
                .mix(&mut index, 1_664_525, |mixed| mixed.wrapping_add(*digit).wrapping_add(place));
        }
        for _ in 1..WORDS {
            let place = index as u32;
            random.mix(&mut index, 1_566_083_941, |mixed| mixed.wrapping_sub(place));
        }
        if let Some(first) = random.words.first_mut() {
            *first = 0x8000_0000;
        }
        random
    }

    /// One step of a pass over all words but the first, which takes the last one's value in between.
    fn mix(&mut self, index: &mut usize, factor: u32, add: impl Fn(u32) -> u32) {
        let before = self.word(*index - 1);
        let mixed = self.word(*index) ^ (before ^ (before >> 30)).wrapping_mul(factor);
        if let Some(word) = self.words.get_mut(*index) {
            *word = add(mixed);
        }
        *index += 1;
        if *index >= WORDS {
            let last = self.word(WORDS - 1);
            if let Some(first) = self.words.first_mut() {
                *first = last;
            }
            *index = 1;
        }
    }

    fn word(&self, index: usize) -> u32 {
        self.words.get(index).copied().unwrap_or_default()
    }

    fn next_word(&mut self) -> u32 {
        if self.next >= WORDS {
            self.next = 0;
            for index in 0..WORDS {
                let joined =
                    self.word(index) & 0x8000_0000 | self.word((index + 1) % WORDS) & 0x7fff_ffff;
                let twist = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
                let new = self.word((index + AHEAD) % WORDS) ^ (joined >> 1) ^ twist;
                if let Some(word) = self.words.get_mut(index) {
                    *word = new;
                }
            }
        }
        let mut word = self.word(self.next);
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// A whole number below `bound`, each as likely; `bound ≥ 1`.
    fn below(&mut self, bound: usize) -> Result<usize, Error> {
        let bits = usize::BITS - bound.leading_zeros();
        // At least every second draw is below the bound.
        for _ in 0..1000 {
            let drawn = (self.next_word() >> 32_u32.saturating_sub(bits).min(31)) as usize;
            if drawn < bound {
                return Ok(drawn);
            }
        }
        Err(Error::new(ErrorKind::NotConverged, "a draw"))
    }

    /// As `random.sample(range(population), count)`, for `count ≤ population`.
    pub fn sample(&mut self, population: usize, count: usize) -> Result<Vec<usize>, Error> {
        // Python takes the smaller of a list of all and a set of those drawn: 21 words, and for more
        // than five draws the power of four that is at least three times as many.
        let mut set_size = 21;
        if count > 5 {
            let mut room = 1;
            while room < 3 * count {
                room *= 4;
            }
            set_size += room;
        }
        let mut drawn = Vec::with_capacity(count);
        if population <= set_size {
            let mut pool: Vec<usize> = (0..population).collect();
            for _ in 0..count {
                let at = self.below(pool.len().max(1))?;
                if at < pool.len() {
                    drawn.push(pool.swap_remove(at));
                }
            }
        } else {
            while drawn.len() < count {
                let at = self.below(population)?;
                if !drawn.contains(&at) {
                    drawn.push(at);
                }
            }
        }
        Ok(drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_python() {
        // random.Random(seed).getrandbits(32), three times.
        for (seed, words) in [
            (0, [3626764237_u32, 1654615998, 3255389356]),
            (42, [2746317213, 478163327, 107420369]),
            (1 << 40, [445128065, 1517081360, 2880015531]),
        ] {
            let mut random = PythonRandom::new(seed);
            assert_eq!([(); 3].map(|()| random.next_word()), words, "{seed}");
        }
    }

    #[test]
    fn samples_are_those_of_python() {
        let mut random = PythonRandom::new(42);
        assert_eq!(random.sample(70, 5).unwrap(), [14, 3, 35, 31, 28]);
        assert_eq!(random.sample(10, 10).unwrap(), [2, 1, 8, 4, 3, 0, 6, 5, 9, 7]);
        assert_eq!(random.sample(900, 6).unwrap(), [517, 616, 27, 574, 203, 733]);
    }
}
