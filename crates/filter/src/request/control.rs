//! What the leader decided, as the requests of one worker meet it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tidegate_core::remediation::Directives;

/// The directives that hold now, shared by a worker and its sessions.
#[derive(Debug, Default)]
pub(crate) struct Control(RefCell<Inner>);

#[derive(Debug, Default)]
struct Inner {
    directives: Directives,
    /// By model with a circuit that is not closed: what has been saved up for the next request that
    /// passes.
    credits: BTreeMap<String, f64>,
}

impl Control {
    /// Puts other directives in force.
    pub(crate) fn follow(&self, directives: Directives) {
        if let Ok(mut inner) = self.0.try_borrow_mut() {
            inner.credits.retain(|model, _| directives.share_passed(model) < 1.0);
            inner.directives = directives;
        }
    }

    /// Whether a variant of such a weight keeps a unit that lies so far behind the start of its range.
    pub(crate) fn keeps(&self, variant: (&str, &str), weight: f64, within: f64) -> bool {
        self.0.try_borrow().map_or(true, |inner| inner.directives.keeps(variant, weight, within))
    }

    /// Whether this request to a model passes; of a share, every so many-th one.
    pub(crate) fn passes(&self, model_name: &str) -> bool {
        let Ok(mut inner) = self.0.try_borrow_mut() else { return true };
        let share = inner.directives.share_passed(model_name);
        if share >= 1.0 {
            return true;
        }
        // Only models with a directive come here, so there are as few.
        let credit = inner.credits.entry(model_name.into()).or_default();
        *credit += share;
        let passes = *credit >= 1.0;
        if passes {
            *credit -= 1.0;
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use tidegate_core::remediation::CircuitDirective;

    use super::*;

    #[test]
    fn a_share_of_the_requests_passes_for_each_model_by_itself() {
        let control = Control::default();
        let circuit = |model_name: &str, share_passed| CircuitDirective {
            model_name: model_name.into(),
            share_passed,
        };
        let circuits = vec![circuit("a", 0.25), circuit("b", 0.25), circuit("c", 0.0)];
        control.follow(Directives { variants: vec![], circuits });
        let mut passed = [0; 4];
        for _ in 0..100 {
            for (count, model) in passed.iter_mut().zip(["a", "b", "c", "d"]) {
                *count += u32::from(control.passes(model));
            }
        }
        assert_eq!(passed, [25, 25, 0, 100]);
        control.follow(Directives::default());
        assert!(control.passes("c"));
    }
}
