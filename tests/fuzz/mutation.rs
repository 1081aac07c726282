//! Damage to valid inputs.

/// Pieces that parsers of these formats have to think about.
const TOKENS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud83d",
    b"null",
    b"true",
    b"NaN",
    b"-Infinity",
    b"-1",
    b"0",
    b"1e400",
    b"18446744073709551616",
    b"0.5",
    b"\"\"",
    b"\"b64\":",
    b"\"shape\":[-1,4294967296]",
    b"\"data\":",
    b"\"inputs\":",
    b"\"instances\":",
    b"\"outputs\":",
    b"\"binary_data_size\":99",
    b"[[[[[[[[[[[[[[[[",
    b"\xff",
    b"\x00",
    b"\xe2\x82",
    b"\n",
    b";",
    b"%",
    b"\r",
    b"\n\n",
    b"data: ",
    b"data: [DONE]",
    b"\xef\xbb\xbf",
    b"\"choices\":",
    b"\"usage\":{\"prompt_tokens\":1e400}",
    b"\"error\":",
    b"\x1f\x8b\x08\x00",
    b"\x00\x00\x00\x00\x02",
    b"\x01\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x0a\x01",
    b"\x12\x80\x80\x80\x80\x08",
];

/// Longest input that it makes.
const MAX_INPUT_BYTES: usize = 4_096;

/// Makes damaged inputs from valid ones.
pub struct Mutator {
    corpus: Vec<Vec<u8>>,
    state: u64,
}

impl Mutator {
    pub fn new(corpus: Vec<Vec<u8>>, seed: u64) -> Self {
        Self { corpus, state: seed }
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // SplitMix64 (Steele, Lea and Flood, 2014).
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    /// One of the corpus, damaged in one to eight places.
    pub fn next_input(&mut self) -> Vec<u8> {
        let seed = self.below(self.corpus.len());
        let mut input = self.corpus[seed].clone();
        for _ in 0..=self.below(8) {
            self.damage(&mut input);
        }
        input.truncate(MAX_INPUT_BYTES);
        input
    }

    fn damage(&mut self, input: &mut Vec<u8>) {
        let from = self.below(input.len() + 1);
        let to = (from + self.below(24)).min(input.len());
        match self.below(6) {
            0 if from < input.len() => input[from] ^= 1 << self.below(8),
            1 => drop(input.drain(from..to)),
            2 => input.truncate(from),
            3 => {
                let copy = input[from..to].to_vec();
                let at = self.below(input.len() + 1);
                input.splice(at..at, copy);
            }
            4 => {
                let donor = self.below(self.corpus.len());
                let piece = self.below(self.corpus[donor].len() + 1);
                let tail = self.corpus[donor][piece..].to_vec();
                input.splice(from..to, tail);
            }
            _ => {
                let token = TOKENS[self.below(TOKENS.len())];
                input.splice(from..to, token.iter().copied());
            }
        }
    }
}
