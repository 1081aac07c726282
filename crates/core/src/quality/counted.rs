use alloc::vec::Vec;
use tidegate_stats::order::sort_by;

use super::calibration::macro_averages;
use crate::feedback::Step;

/// Figures of the labelled ones of predictions that were counted by class and confidence, of a model of two
/// classes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CountedFigures {
    /// Labelled predictions with a confidence.
    pub labelled: u64,
    /// Mean F1 over the classes, in `[0, 1]`.
    pub f1: Option<f64>,
    /// Area under the ROC curve, in `[0, 1]`; predictions of one step are tied.
    pub roc_auc: Option<f64>,
}

/// The figures of steps by predicted class; without those but the count unless two classes were predicted.
#[must_use]
pub fn counted_figures<'s>(steps: impl Iterator<Item = (&'s str, &'s Step)>) -> CountedFigures {
    let steps: Vec<(&str, &Step)> = steps.filter(|(_, step)| step.labelled > 0).collect();
    let labelled = steps.iter().fold(0_u64, |sum, (_, step)| sum.saturating_add(step.labelled));
    let mut names: Vec<&str> = steps.iter().map(|(class, _)| *class).collect();
    names.dedup();
    let &[_, positive] = names.as_slice() else {
        return CountedFigures { labelled, ..CountedFigures::default() };
    };
    // Scores of the positive class, with its occurrences and those of the other.
    let mut cells = [0.0; 4];
    let mut scored: Vec<(f64, f64, f64)> = Vec::with_capacity(steps.len());
    for (class, step) in steps {
        let right = step.right as f64;
        let wrong = step.labelled.saturating_sub(step.right) as f64;
        let [a, b, c, d] = &mut cells;
        if class == positive {
            (*d, *b) = (*d + right, *b + wrong);
            scored.push((step.confidence(), right, wrong));
        } else {
            (*a, *c) = (*a + right, *c + wrong);
            scored.push((1.0 - step.confidence(), wrong, right));
        }
    }
    let [_, _, f1] = macro_averages(&cells);
    CountedFigures { labelled, f1, roc_auc: roc_auc(scored) }
}

fn roc_auc(mut scored: Vec<(f64, f64, f64)>) -> Option<f64> {
    sort_by(&mut scored, |(one, ..), (other, ..)| other.total_cmp(one));
    let (mut positives, mut negatives, mut area) = (0.0, 0.0, 0.0);
    for tie in scored.chunk_by(|(one, ..), (other, ..)| one == other) {
        let more: f64 = tie.iter().map(|(_, positives, _)| positives).sum();
        let less: f64 = tie.iter().map(|(.., negatives)| negatives).sum();
        area += less * (positives + 0.5 * more);
        (positives, negatives) = (positives + more, negatives + less);
    }
    (positives > 0.0 && negatives > 0.0).then(|| area / positives / negatives)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(confidence: f64, labelled: u64, right: u64) -> Step {
        Step::of(confidence, [labelled + 5, labelled, right])
    }

    #[test]
    fn two_classes_by_hand() {
        // Of b: 0.9 (4 right, 1 wrong); of a: 0.8 (3 right, 2 wrong), a score of b of 0.2.
        let [a, b] = [step(0.8, 5, 3), step(0.9, 5, 4)];
        let found = counted_figures([("a", &a), ("b", &b)].into_iter());
        assert_eq!(found.labelled, 10);
        let (of_a, of_b) = (6.0 / (6.0 + 1.0 + 2.0), 8.0 / (8.0 + 1.0 + 2.0));
        assert!((found.f1.unwrap() - 0.5 * (of_a + of_b)).abs() < 1e-15);
        // Six positives, four negatives: 4 · 3 pairs above, 4 · 1 + 2 · 3 tied, of 24.
        assert!((found.roc_auc.unwrap() - (12.0 + 5.0) / 24.0).abs() < 1e-15);
    }

    #[test]
    fn one_class_or_none_has_no_figures() {
        let one = step(0.8, 5, 3);
        let found = counted_figures([("a", &one)].into_iter());
        assert_eq!((found.labelled, found.f1, found.roc_auc), (5, None, None));
        assert_eq!(counted_figures(core::iter::empty()), CountedFigures::default());
    }
}
