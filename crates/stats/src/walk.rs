use crate::Sorted;

/// A stretch of the number line on which both empirical distribution functions are constant.
pub(crate) struct Step {
    /// Where it begins: a value of either sample.
    pub from: f64,
    /// Where it ends: the next value of either sample; the same as `from` at the last value.
    pub to: f64,
    /// How many values of the reference are not above `from`.
    pub reference_rank: u64,
    /// How many values of the current sample are not above `from`.
    pub current_rank: u64,
}

/// Both samples' distinct values in ascending order, with the ranks that hold from each to the next.
pub(crate) fn steps(reference: &Sorted, current: &Sorted) -> impl Iterator<Item = Step> {
    let (mut reference, mut current) = (reference.values(), current.values());
    let (mut reference_rank, mut current_rank) = (0, 0);
    let smaller = |a: &[f64], b: &[f64]| match (a.first(), b.first()) {
        (Some(&a), Some(&b)) => Some(a.min(b)),
        (first, None) | (None, first) => first.copied(),
    };
    core::iter::from_fn(move || {
        let from = smaller(reference, current)?;
        reference_rank += pass(&mut reference, from);
        current_rank += pass(&mut current, from);
        let to = smaller(reference, current).unwrap_or(from);
        Some(Step { from, to, reference_rank, current_rank })
    })
}

/// Takes the values that equal `value` off the front, and says how many there were.
fn pass(values: &mut &[f64], value: f64) -> u64 {
    let mut passed = 0;
    while let [first, rest @ ..] = *values
        && *first == value
    {
        *values = rest;
        passed += 1;
    }
    passed
}
