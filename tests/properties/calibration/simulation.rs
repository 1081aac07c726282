//! Draws samples with and without a change, and counts what each method says of them. The calibration
//! test checks the counts, and `print_calibration.rs` prints them.

use tidegate_core::compare::{CompareOptions, compare};
use tidegate_core::report::Verdict;
use tidegate_core::table::{self, Table};
use tidegate_stats::multivariate::mmd;
use tidegate_stats::{
    Decision, Error, Method, NumericTests, Sorted, TwoSample, bins::Edges, chi_square, cramers_v,
    fisher_exact, g_test, hellinger, jensen_shannon, kullback_leibler, l_infinity, num, psi,
    total_variation,
};

/// SplitMix64: the same stream everywhere.
pub struct Random(pub u64);

impl Random {
    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub fn exponential(&mut self) -> f64 {
        -num::ln(self.uniform())
    }

    pub fn normal(&mut self) -> f64 {
        // Marsaglia's polar method, of whose pair one is used.
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                return x * num::sqrt(-2.0 * num::ln(square) / square);
            }
        }
    }
}

/// Rows of the reference and of the current sample.
pub type Sizes = [usize; 2];

/// The sizes of the table.
pub const SIZES: [Sizes; 7] =
    [[50, 50], [200, 200], [1000, 1000], [10_000, 10_000], [50, 10_000], [10_000, 50], [1000, 200]];

/// What a column's rows are drawn from.
#[derive(Clone, Copy)]
pub enum Shape {
    Numbers(fn(&mut Random) -> f64),
    /// The shares of the categories.
    Categories(&'static [f64]),
}

/// Shapes that columns of numbers have: symmetric, skewed, heavy-tailed, and with an atom.
pub const NUMBERS: [(&str, Shape); 4] = [
    ("normal", Shape::Numbers(Random::normal)),
    ("exponential", Shape::Numbers(Random::exponential)),
    ("lognormal", Shape::Numbers(|random| num::exp(1.5 * random.normal()))),
    ("zeros and a tail", Shape::Numbers(zeros_and_a_tail)),
];

fn zeros_and_a_tail(random: &mut Random) -> f64 {
    if random.uniform() < 0.4 { 0.0 } else { random.exponential() }
}

/// Shapes that columns of categories have: two, a few, many even ones, and many rare ones.
pub const CATEGORIES: [(&str, Shape); 4] = [
    ("two", Shape::Categories(&[0.7, 0.3])),
    ("five", Shape::Categories(&[0.4, 0.3, 0.15, 0.1, 0.05])),
    ("ten even", Shape::Categories(&[0.1; 10])),
    (
        "twenty, most of them rare",
        Shape::Categories(&[
            0.3, 0.2, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.03, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01,
            0.01, 0.005, 0.005, 0.005, 0.005,
        ]),
    ),
];

/// How the current sample differs.
#[derive(Clone, Copy)]
pub enum Change {
    None,
    /// Added to each number.
    Shift(f64),
    /// Added to the share of the first category, and taken from the others in proportion.
    Points(f64),
}

/// A sample as the methods see it.
pub enum Sample {
    Values(Sorted),
    /// Counts by category.
    Counts(Vec<u64>),
}

pub fn draw(random: &mut Random, shape: Shape, rows: usize, change: Change) -> Sample {
    match shape {
        Shape::Numbers(draw) => {
            let shift = if let Change::Shift(shift) = change { shift } else { 0.0 };
            let values = (0..rows).map(|_| draw(random) + shift).collect();
            Sample::Values(Sorted::try_new(values).unwrap())
        }
        Shape::Categories(shares) => {
            let mut counts = vec![0; shares.len()];
            for code in codes(random, shares, rows, change) {
                counts[code as usize] += 1;
            }
            Sample::Counts(counts)
        }
    }
}

fn codes(random: &mut Random, shares: &[f64], rows: usize, change: Change) -> Vec<u32> {
    let points = if let Change::Points(points) = change { points } else { 0.0 };
    let rest = 1.0 - points / (1.0 - shares[0]);
    let mut up_to = Vec::with_capacity(shares.len());
    let mut sum = 0.0;
    for (at, share) in shares.iter().enumerate() {
        sum += if at == 0 { share + points } else { share * rest };
        up_to.push(sum);
    }
    let last = shares.len() - 1;
    (0..rows)
        .map(|_| {
            let at = random.uniform();
            up_to.iter().position(|sum| at < *sum).unwrap_or(last) as u32
        })
        .collect()
}

/// What a method is given of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum On {
    Values,
    Deciles,
    Categories,
}

/// A method, on one kind of evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject {
    pub method: Method,
    pub on: On,
}

/// Every method on everything that it can be given. Maximum mean discrepancy takes some hundred times as
/// long as all others together.
pub fn subjects(is_mmd: impl Fn(bool) -> bool) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for method in Method::ALL.into_iter().filter(|method| is_mmd(*method == Method::Mmd)) {
        if method.needs_values() {
            subjects.push(Subject { method, on: On::Values });
        } else {
            if method != Method::FisherExact {
                subjects.push(Subject { method, on: On::Deciles });
            }
            subjects.push(Subject { method, on: On::Categories });
        }
    }
    subjects
}

impl Subject {
    /// Whether a column of this shape can be given to it.
    pub fn fits(self, shape: Shape) -> bool {
        match shape {
            Shape::Numbers(_) => self.on != On::Categories,
            Shape::Categories(shares) => {
                self.on == On::Categories
                    && (self.method != Method::FisherExact || shares.len() == 2)
            }
        }
    }

    /// As in the table: `psi, deciles`.
    pub fn name(self) -> String {
        let method = serde_json::to_value(self.method).unwrap();
        let method = method.as_str().unwrap();
        match self.on {
            On::Values => format!("`{method}`"),
            On::Deciles => format!("`{method}`, deciles"),
            On::Categories => format!("`{method}`, categories"),
        }
    }
}

/// How often a method said what.
#[derive(Clone, Copy, Default, Debug)]
pub struct Counts {
    pub runs: u32,
    /// More than chance gives: drift, if every effect mattered.
    pub significant: u32,
    pub drift: u32,
    pub insufficient: u32,
}

impl Counts {
    fn add(&mut self, result: &TwoSample, decision: &Decision) {
        self.runs += 1;
        let significant = match result.p_value {
            Some(p_value) => p_value <= decision.alpha,
            None => result.effect >= result.detectable_effect,
        };
        self.significant += u32::from(significant);
        self.drift += u32::from(result.verdict == Verdict::Drift);
        self.insufficient += u32::from(result.verdict == Verdict::InsufficientData);
    }
}

/// One column, drawn and compared `runs` times by each of the subjects, which all fit it.
pub fn simulate(
    seed: u64,
    shape: Shape,
    [n, m]: Sizes,
    change: Change,
    runs: u32,
    subjects: &[Subject],
) -> Vec<Counts> {
    let mut random = Random(seed);
    let decision = Decision::default();
    let mut counts = vec![Counts::default(); subjects.len()];
    for _ in 0..runs {
        let reference = draw(&mut random, shape, n, Change::None);
        let current = draw(&mut random, shape, m, change);
        let results = results(&reference, &current, subjects, &decision).unwrap();
        for (counts, result) in counts.iter_mut().zip(&results) {
            counts.add(result, &decision);
        }
    }
    counts
}

fn results(
    reference: &Sample,
    current: &Sample,
    subjects: &[Subject],
    decision: &Decision,
) -> Result<Vec<TwoSample>, Error> {
    match (reference, current) {
        (Sample::Values(reference), Sample::Values(current)) => {
            let methods: Vec<Method> = subjects.iter().map(|subject| subject.method).collect();
            let tests = NumericTests::try_new(reference, current, &methods)?;
            let edges = Edges::deciles(reference);
            let [a, b] = [edges.count_sorted(reference), edges.count_sorted(current)];
            let one = |subject: &Subject| match (subject.method, subject.on) {
                (Method::Mmd, _) => mmd::of_column(reference, current, decision),
                (method, On::Values) => tests.test(method, decision),
                (Method::ChiSquare, _) => chi_square::two_sample_on_quantiles(&a, &b, decision),
                (Method::CramersV, _) => cramers_v::two_sample_on_quantiles(&a, &b, decision),
                (method, _) => on_counts(method, &a, &b, decision),
            };
            subjects.iter().map(one).collect()
        }
        (Sample::Counts(a), Sample::Counts(b)) => {
            subjects.iter().map(|subject| on_counts(subject.method, a, b, decision)).collect()
        }
        _ => panic!("both samples come from one shape"),
    }
}

fn on_counts(
    method: Method,
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let two_sample = match method {
        Method::Psi => psi::two_sample,
        Method::JensenShannon => jensen_shannon::two_sample,
        Method::KullbackLeibler => kullback_leibler::two_sample,
        Method::Hellinger => hellinger::two_sample,
        Method::TotalVariation => total_variation::two_sample,
        Method::ChiSquare => chi_square::two_sample,
        Method::GTest => g_test::two_sample,
        Method::FisherExact => fisher_exact::two_sample,
        Method::CramersV => cramers_v::two_sample,
        Method::LInfinity => l_infinity::two_sample,
        other => panic!("{other:?} is not for counts"),
    };
    two_sample(reference, current, decision)
}

/// The columns of the table that the default decision is made on: 12 of numbers, 8 of categories.
pub const COLUMNS: usize = 20;

/// What the default decision over all columns said.
#[derive(Clone, Copy, Default, Debug)]
pub struct TableCounts {
    /// Tables of which some column that did not change was said to have drifted.
    pub false_alarms: u32,
    /// Tables of which the first column was said to have drifted.
    pub found: u32,
    /// Columns, over all tables, that could not be judged.
    pub insufficient: u32,
}

/// A table of 20 columns of which only the first changes, compared `runs` times as `options` say.
pub fn simulate_tables(
    seed: u64,
    [n, m]: Sizes,
    change: Change,
    runs: u32,
    options: &CompareOptions,
) -> TableCounts {
    let mut random = Random(seed);
    let mut counts = TableCounts::default();
    for _ in 0..runs {
        let reference = draw_table(&mut random, n, Change::None);
        let current = draw_table(&mut random, m, change);
        let report = compare(&reference, &current, options).unwrap();
        let is_drift = |at: usize| report.columns[at].verdict == Verdict::Drift;
        let unchanged = usize::from(!matches!(change, Change::None))..COLUMNS;
        counts.false_alarms += u32::from(unchanged.clone().any(is_drift));
        counts.found += u32::from(is_drift(0));
        let insufficient = |at: &usize| report.columns[*at].verdict == Verdict::InsufficientData;
        counts.insufficient += (0..COLUMNS).filter(insufficient).count() as u32;
    }
    counts
}

fn draw_table(random: &mut Random, rows: usize, change: Change) -> Table {
    let mut table = Table::new();
    for at in 0..COLUMNS {
        let shape = if at < 12 { NUMBERS[at % 4].1 } else { CATEGORIES[at % 4].1 };
        let change = if at == 0 { change } else { Change::None };
        let column = match (shape, draw_rows(random, shape, rows, change)) {
            (Shape::Numbers(_), (values, _)) => table::Column::Numeric(values),
            (Shape::Categories(shares), (_, codes)) => table::Column::Categorical {
                codes,
                levels: (0..shares.len()).map(|level| format!("level {level}")).collect(),
            },
        };
        table.try_push(format!("column {at}"), column).unwrap();
    }
    table
}

fn draw_rows(
    random: &mut Random,
    shape: Shape,
    rows: usize,
    change: Change,
) -> (Vec<f64>, Vec<u32>) {
    match shape {
        Shape::Numbers(draw) => {
            let shift = if let Change::Shift(shift) = change { shift } else { 0.0 };
            ((0..rows).map(|_| draw(random) + shift).collect(), Vec::new())
        }
        Shape::Categories(shares) => (Vec::new(), codes(random, shares, rows, change)),
    }
}
