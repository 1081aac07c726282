//! Numbers of which both sides have a sketch: what bins cannot say, they can.

use tidegate_stats::sketch::{self, Kll};
use tidegate_stats::{Decision, Method};

use super::Methods;
use super::outcome::{self, Outcome};
use crate::report::ColumnKind;

/// The methods on values that sketches can do.
const KNOWN: [Method; 4] =
    [Method::KolmogorovSmirnov, Method::CramerVonMises, Method::MannWhitney, Method::Wasserstein];

/// Replaces the tests of an outcome on bins by those that a table of values would have, without those
/// that need more of a column than a sketch has.
///
/// `bins` are both samples' exact counts on the reference's quantiles, if they are known.
pub(super) fn refine(
    outcome: &mut Outcome,
    sketches: [&Kll; 2],
    bins: Option<[&[u64]; 2]>,
    methods: &Methods,
    decision: &Decision,
) {
    let [reference, current] = sketches;
    let mut chosen = methods.of(ColumnKind::Numeric);
    chosen.retain(|method| !method.needs_values() || KNOWN.contains(method));
    if let Some([reference, current]) = bins {
        chosen = outcome::fitting(&chosen, reference, current);
    }
    outcome.notes.clear();
    let tests = outcome::run(&chosen, &mut outcome.notes, |method| match bins {
        Some([reference, current]) if !method.needs_values() => {
            outcome::on_quantiles(method, reference, current, decision)
        }
        _ => sketch::two_sample(method, reference, current, decision),
    });
    outcome.tests = tests;
}
