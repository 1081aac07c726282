//! What is timed: two columns sorted, and every method on numbers with every one on deciles.

use std::cell::RefCell;

use tidegate_stats::bins::Edges;
use tidegate_stats::{
    Decision, Error, Method, NumericTests, Sorted, TwoSample, chi_square, g_test, hellinger,
    jensen_shannon, kullback_leibler, psi, total_variation,
};

/// Two columns of normal numbers, the second shifted a little.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The reference.
    pub reference: Vec<f64>,
    /// The current sample.
    pub current: Vec<f64>,
}

impl Columns {
    /// The same numbers on every run.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        let mut state = 1_u64;
        let mut uniform = move || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = state;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut column = |shift: f64| {
            (0..rows).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0 + shift).collect()
        };
        Self { reference: column(0.0), current: column(0.1) }
    }

    /// Both columns, sorted as the methods need them.
    ///
    /// # Errors
    /// None: the numbers are finite.
    pub fn sorted(self) -> Result<[Sorted; 2], Error> {
        Ok([Sorted::try_new(self.reference)?, Sorted::try_new(self.current)?])
    }
}

/// The seven methods on numbers.
pub const ON_NUMBERS: [Method; 7] = [
    Method::KolmogorovSmirnov,
    Method::CramerVonMises,
    Method::AndersonDarling,
    Method::MannWhitney,
    Method::WelchT,
    Method::Wasserstein,
    Method::Energy,
];

type OnCounts = fn(&[u64], &[u64], &Decision) -> Result<TwoSample, Error>;

const ON_DECILES: [OnCounts; 7] = [
    psi::two_sample,
    jensen_shannon::two_sample,
    kullback_leibler::two_sample,
    hellinger::two_sample,
    total_variation::two_sample,
    chi_square::two_sample,
    g_test::two_sample,
];

/// Every method once.
///
/// # Errors
/// None: there are enough rows.
pub fn compare(reference: &Sorted, current: &Sorted) -> Result<Vec<TwoSample>, Error> {
    let decision = Decision::default();
    let tests = NumericTests::try_new(reference, current, &ON_NUMBERS)?;
    let mut results = Vec::new();
    for method in ON_NUMBERS {
        results.push(tests.test(method, &decision)?);
    }
    let edges = Edges::deciles(reference);
    let [p, q] = [reference, current].map(|sample| edges.count_sorted(sample));
    for test in ON_DECILES {
        results.push(test(&p, &q, &decision)?);
    }
    Ok(results)
}

/// The yardstick: both columns by all eight digits of eight bits each, least first, the bits turned so
/// that their order is that of the numbers. No check, no digit left out.
#[must_use]
pub fn plain_radix_sort(values: &[f64]) -> Vec<f64> {
    let key = |value: &f64| {
        let bits = value.to_bits();
        bits ^ ((bits.cast_signed() >> 63).cast_unsigned() | (1 << 63))
    };
    let mut keys: Vec<u64> = values.iter().map(key).collect();
    let mut other = vec![0; keys.len()];
    let mut counts = [[0_u32; 256]; 8];
    for key in &keys {
        for (digit, counts) in counts.iter_mut().enumerate() {
            counts[(key >> (8 * digit)) as usize % 256] += 1;
        }
    }
    for (digit, counts) in counts.iter_mut().enumerate() {
        let mut start = 0;
        for count in counts.iter_mut() {
            start += std::mem::replace(count, start);
        }
        for key in &keys {
            let place = &mut counts[(key >> (8 * digit)) as usize % 256];
            other[*place as usize] = *key;
            *place += 1;
        }
        std::mem::swap(&mut keys, &mut other);
    }
    let turn = |key: u64| if key >> 63 == 1 { key ^ (1 << 63) } else { !key };
    keys.into_iter().map(|key| f64::from_bits(turn(key))).collect()
}

thread_local! {
    static COLUMNS: RefCell<Option<Columns>> = const { RefCell::new(None) };
    static SORTED: RefCell<Option<[Sorted; 2]>> = const { RefCell::new(None) };
}

/// Makes the columns.
#[unsafe(no_mangle)]
pub extern "C" fn prepare(rows: usize) {
    COLUMNS.set(Some(Columns::new(rows)));
}

/// Sorts copies of both by the yardstick; the median of the reference.
#[unsafe(no_mangle)]
pub extern "C" fn sort_plain() -> f64 {
    COLUMNS.with_borrow(|columns| {
        let Some(columns) = columns else { return 0.0 };
        let [one, _] = [&columns.reference, &columns.current].map(|c| plain_radix_sort(c));
        one.get(one.len() / 2).copied().unwrap_or(0.0)
    })
}

/// Sorts copies of both, and keeps them.
#[unsafe(no_mangle)]
pub extern "C" fn sort() {
    COLUMNS.with_borrow(|columns| {
        SORTED.set(columns.clone().and_then(|columns| columns.sorted().ok()));
    });
}

/// Compares what was sorted; the sum of the statistics.
#[unsafe(no_mangle)]
pub extern "C" fn compare_sorted() -> f64 {
    SORTED.with_borrow(|sorted| {
        let Some([reference, current]) = sorted else { return 0.0 };
        compare(reference, current).map_or(0.0, |all| all.iter().map(|r| r.statistic).sum())
    })
}
