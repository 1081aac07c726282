//! Laws of what is estimated without labels.

use proptest::prelude::*;
use tidegate_stats::{
    Interval,
    estimate::{
        Cbpe, CbpeOfClasses, CellScale, Estimated, Estimates, ExpectedConfusion, Isotonic,
        needs_calibration, usual_band,
    },
    quality::Ranking,
};

fn probability() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..=1.0_f64, (0..=4_u32).prop_map(|k| f64::from(k) / 4.0)]
}

fn rows(len: core::ops::Range<usize>) -> impl Strategy<Value = Vec<(bool, f64, bool)>> {
    prop::collection::vec((any::<bool>(), probability(), any::<bool>()), len)
}

fn columns(rows: &[(bool, f64, bool)]) -> (Vec<bool>, Vec<f64>, Vec<bool>) {
    (
        rows.iter().map(|(label, ..)| *label).collect(),
        rows.iter().map(|(_, p, _)| *p).collect(),
        rows.iter().map(|(.., prediction)| *prediction).collect(),
    )
}

fn figures(of: &Estimates) -> [Option<Estimated>; 7] {
    [of.roc_auc, of.average_precision, of.f1, of.precision, of.recall, of.specificity, of.accuracy]
}

fn assert_shares(of: &Estimates) -> Result<(), TestCaseError> {
    for figure in figures(of).into_iter().flatten() {
        prop_assert!((0.0..=1.0).contains(&figure.value), "{figure:?}");
        prop_assert_eq!(figure.sampling_error.is_some(), figure.interval.is_some());
        prop_assert!(figure.sampling_error.is_none_or(|error| error >= 0.0 && error.is_finite()));
        if let Some(Interval { lower, upper }) = figure.interval {
            prop_assert!(0.0 <= lower && lower <= figure.value);
            prop_assert!(figure.value <= upper && upper <= 1.0);
        }
    }
    let all: f64 = of.confusion.cells().iter().sum();
    prop_assert!((all - of.count as f64).abs() <= 1e-12 * of.count as f64);
    let classes = of.confusion.classes() as u32;
    let cells = |scale| {
        let of = &of.confusion;
        (0..classes * classes).filter_map(move |at| of.cell(at / classes, at % classes, scale))
    };
    for scale in [CellScale::All, CellScale::Actual, CellScale::Predicted] {
        prop_assert!(cells(scale).all(|cell| (0.0..=1.0).contains(&cell.value)));
    }
    let of_all: f64 = cells(CellScale::All).map(|cell| cell.value).sum();
    prop_assert!((of_all - 1.0).abs() < 1e-12);
    Ok(())
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * (1.0 + a.abs())
}

proptest! {
    #[test]
    fn isotonic_curves_rise_and_keep_the_mean(rows in rows(1..80)) {
        let (labels, scores, _) = columns(&rows);
        let curve = Isotonic::fit(&labels, &scores).unwrap();
        prop_assert!(curve.knots().is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1));
        let calibrated: Vec<f64> = scores.iter().map(|score| curve.calibrate(*score)).collect();
        prop_assert!(calibrated.iter().all(|p| (0.0..=1.0).contains(p)));
        let positives = labels.iter().filter(|label| **label).count() as f64;
        prop_assert!(near(calibrated.iter().sum(), positives));
        // What rises already stays: fitting to its own blocks changes nothing.
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        prop_assert!(order.is_sorted_by(|a, b| calibrated[*a] <= calibrated[*b]));
        let mut turned = rows;
        turned.reverse();
        let (labels, scores, _) = columns(&turned);
        prop_assert_eq!(curve, Isotonic::fit(&labels, &scores).unwrap());
    }

    #[test]
    fn isotonic_curves_are_nearest(rows in rows(1..40), slope in 0.1..1.0_f64) {
        let (labels, scores, _) = columns(&rows);
        let curve = Isotonic::fit(&labels, &scores).unwrap();
        let loss = |of: &dyn Fn(f64) -> f64| -> f64 {
            let gap = |(label, score): (&bool, &f64)| f64::from(u8::from(*label)) - of(*score);
            labels.iter().zip(&scores).map(gap).map(|gap| gap * gap).sum()
        };
        prop_assert!(loss(&|score| curve.calibrate(score)) <= loss(&|score| slope * score) + 1e-12);
    }

    #[test]
    fn one_class_needs_no_calibration(p in prop::collection::vec(probability(), 1..60)) {
        for label in [false, true] {
            let labels = vec![label; p.len()];
            prop_assert!(!needs_calibration(&labels, &p).unwrap());
        }
    }

    #[test]
    fn counts_are_as_many_rows(
        reference in rows(1..120),
        current in rows(1..20),
        counts in prop::collection::vec(0..60_u64, 20),
    ) {
        let (labels, p, predictions) = columns(&reference);
        let cbpe = Cbpe::fit(&labels, &p, &predictions).unwrap();
        let (_, p, predictions) = columns(&current);
        let counts = &counts[..current.len()];
        let counted = cbpe.estimate_counted(&p, &predictions, counts);
        let each: Vec<_> = current
            .iter()
            .zip(counts)
            .flat_map(|(row, count)| vec![*row; *count as usize])
            .collect();
        if each.is_empty() {
            prop_assert!(counted.is_err());
            return Ok(());
        }
        let (_, p, predictions) = columns(&each);
        let (counted, each) = (counted.unwrap(), cbpe.estimate(&p, &predictions).unwrap());
        assert_shares(&counted)?;
        prop_assert_eq!(counted.count, each.count);
        for (one, other) in figures(&counted).into_iter().zip(figures(&each)) {
            prop_assert_eq!(one.is_some(), other.is_some());
            // Counts below the curves are rounded to five decimals.
            let same = one.zip(other).is_none_or(|(a, b)| (a.value - b.value).abs() < 1e-4);
            prop_assert!(same, "{:?} {:?}", one, other);
        }
    }

    #[test]
    fn estimates_are_figures(reference in rows(1..120), current in rows(1..60)) {
        let (labels, p, predictions) = columns(&reference);
        let cbpe = Cbpe::fit(&labels, &p, &predictions).unwrap();
        prop_assert_eq!(cbpe.calibration().is_some(), needs_calibration(&labels, &p).unwrap());
        let (_, p, predictions) = columns(&current);
        let estimates = cbpe.estimate(&p, &predictions).unwrap();
        assert_shares(&estimates)?;

        let mut turned = current.clone();
        turned.reverse();
        let (_, p, predictions) = columns(&turned);
        let other = cbpe.estimate(&p, &predictions).unwrap();
        for (one, other) in figures(&estimates).into_iter().zip(figures(&other)) {
            prop_assert_eq!(one.is_some(), other.is_some());
            // Counts below the curves are rounded to five decimals.
            let same = one.zip(other).is_none_or(|(a, b)| (a.value - b.value).abs() < 1e-4);
            prop_assert!(same, "{:?} {:?}", one, other);
        }
        // Four times the rows, half the error.
        let often = [current.clone(), current.clone(), current.clone(), current].concat();
        let (_, p, predictions) = columns(&often);
        let often = cbpe.estimate(&p, &predictions).unwrap();
        for (one, often) in figures(&estimates).into_iter().zip(figures(&often)) {
            if let Some((one, often)) = one.and_then(|of| of.sampling_error).zip(often.and_then(|of| of.sampling_error)) {
                prop_assert!(near(one, 2.0 * often), "{one} {often}");
            }
        }
    }

    #[test]
    fn values_are_linear(reference in rows(2..60), current in rows(1..60), value in -100.0..100.0_f64) {
        let (labels, p, predictions) = columns(&reference);
        let cbpe = Cbpe::fit(&labels, &p, &predictions).unwrap();
        let (_, p, predictions) = columns(&current);
        let confusion: ExpectedConfusion = cbpe.estimate(&p, &predictions).unwrap().confusion;
        // The same value everywhere: no scatter.
        let constant = confusion.business_value(&[value; 4]).unwrap();
        prop_assert!(near(constant.value, value * current.len() as f64));
        prop_assert!(constant.sampling_error.unwrap() < 1e-9 * (1.0 + value.abs()));
        let one = confusion.business_value(&[0.0, value, 0.0, 0.0]).unwrap();
        let cell = confusion.cell(0, 1, CellScale::Count).unwrap();
        prop_assert!(near(one.value, value * cell.value));
        prop_assert!(near(one.sampling_error.unwrap(), value.abs() * cell.sampling_error.unwrap()));
        let per = confusion.business_value_per_prediction(&[0.0, value, 0.0, 0.0]).unwrap();
        let share = confusion.cell(0, 1, CellScale::Predicted).map_or(0.0, |cell| cell.value);
        prop_assert!(near(per.value, value * share));
    }

    #[test]
    fn certain_probabilities_give_the_figures_of_their_labels(rows in rows(2..60)) {
        let (labels, p, predictions) = columns(&rows);
        let certain: Vec<f64> = labels.iter().map(|label| f64::from(u8::from(*label))).collect();
        let cbpe = Cbpe::fit(&labels, &certain, &predictions).unwrap();
        prop_assert!(cbpe.calibration().is_none());
        let estimates = cbpe.estimate(&certain, &predictions).unwrap();
        let right = labels.iter().zip(&predictions).filter(|(a, b)| a == b).count() as f64;
        prop_assert!(near(estimates.accuracy.unwrap().value, right / labels.len() as f64));
        let perfect = Ranking::try_new(&labels, &certain).unwrap().roc_auc();
        prop_assert_eq!(estimates.roc_auc.map(|area| area.value), perfect);
        prop_assert_eq!(p.len(), labels.len());
    }

    #[test]
    fn estimates_of_many_classes_are_figures(
        reference in prop::collection::vec((0..3_u32, prop::array::uniform3(probability()), 0..3_u32), 1..80),
        current in prop::collection::vec((prop::array::uniform3(probability()), 0..3_u32), 1..40),
    ) {
        let labels: Vec<u32> = reference.iter().map(|(label, ..)| *label).collect();
        let p: Vec<f64> = reference.iter().flat_map(|(_, p, _)| *p).collect();
        let predictions: Vec<u32> = reference.iter().map(|(.., prediction)| *prediction).collect();
        let cbpe = CbpeOfClasses::fit(&labels, &p, &predictions, 3).unwrap();
        let p: Vec<f64> = current.iter().flat_map(|(p, _)| *p).collect();
        let predictions: Vec<u32> = current.iter().map(|(_, prediction)| *prediction).collect();
        let estimates = cbpe.estimate(&p, &predictions).unwrap();
        assert_shares(&estimates)?;
        prop_assert!(cbpe.calibration(3).is_none());
        let value = estimates.confusion.business_value(&[2.0; 9]).unwrap();
        prop_assert!(near(value.value, 2.0 * current.len() as f64));
    }

    #[test]
    fn any_numbers_give_an_error_or_finite_estimates(
        rows in prop::collection::vec((any::<bool>(), prop::num::f64::ANY, any::<bool>()), 1..20),
    ) {
        let (labels, p, predictions) = columns(&rows);
        let valid = p.iter().all(|p| (0.0..=1.0).contains(p));
        let cbpe = Cbpe::fit(&labels, &p, &predictions);
        prop_assert_eq!(cbpe.is_ok(), valid);
        if let Ok(curve) = Isotonic::fit(&labels, &p) {
            prop_assert!(p.iter().all(|score| (0.0..=1.0).contains(&curve.calibrate(*score))));
        }
        let band = usual_band(&p, Interval { lower: -1e300, upper: 1e300 });
        prop_assert_eq!(band.is_ok(), p.iter().all(|p| p.is_finite()));
        prop_assert!(band.is_ok_and(|band| band.lower <= band.upper) || !p.iter().all(|p| p.is_finite()));
    }

    #[test]
    fn bands_hold_their_mean(realized in prop::collection::vec(0.0..=1.0_f64, 1..20)) {
        let band = usual_band(&realized, Interval { lower: 0.0, upper: 1.0 }).unwrap();
        let mean = realized.iter().sum::<f64>() / realized.len() as f64;
        prop_assert!(0.0 <= band.lower && band.lower <= mean + 1e-15);
        prop_assert!(mean - 1e-15 <= band.upper && band.upper <= 1.0);
    }
}
