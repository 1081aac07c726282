//! frouros 0.9: the population stability index as it has it.

use alloc::vec::Vec;

use super::{Cut, Peer, PeerScore, arithmetic, equal_width, score};
use crate::Sorted;

pub(super) fn of_numbers(reference: &Sorted, current: &Sorted) -> Vec<PeerScore> {
    let note = "10 bins of equal width over both samples; an empty bin counts as 2.2e-308, so that one \
                of them outweighs all others";
    Vec::from([score(Peer::Frouros, "PSI", psi(reference, current), Cut::None, note)])
}

fn psi(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let [own, other] = [reference.values(), current.values()];
    let first = own.first()?.min(*other.first()?);
    let last = own.last()?.max(*other.last()?);
    let edges = equal_width::edges(first, last, 10)?;
    let [own_counts, other_counts] = [own, other].map(|values| equal_width::count(values, &edges));
    let mut shares = arithmetic::shares(&own_counts, &other_counts, [own.len(), other.len()]);
    for (p, q) in &mut shares {
        *p = p.max(f64::MIN_POSITIVE);
        *q = q.max(f64::MIN_POSITIVE);
    }
    Some(arithmetic::stability_index(&shares))
}
