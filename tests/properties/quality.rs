//! Laws of the figures of a model's quality.

use proptest::prelude::*;
use tidegate_stats::quality::{
    Average, BinnedArea, Binning, ConfusionMatrix, ProbabilityHistogram, ProbabilityLoss, Ranking,
    Regression, Reliability, Undefined, average_precision_one_against_rest, brier,
    brier_of_classes, log_loss, log_loss_of_classes, mean_squared_log_error, median_absolute_error,
    roc_auc_one_against_one, roc_auc_one_against_rest, top_k_accuracy, wilson_interval,
    window::{
        CalibrationWindow, ConfusionWindow, ProbabilityWindow, RankingWindow, RegressionWindow,
    },
};

fn predictions() -> impl Strategy<Value = Vec<(bool, f64)>> {
    let probability = prop_oneof![0.0..=1.0_f64, (0..=4_u32).prop_map(|k| f64::from(k) / 4.0)];
    prop::collection::vec((any::<bool>(), probability), 1..60)
}

fn classified() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0..4_u32, 0..4_u32), 0..60)
}

fn numbers() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((-1e3..1e3_f64, -1e3..1e3_f64), 0..60)
}

fn matrix(pairs: &[(u32, u32)]) -> ConfusionMatrix {
    let (actual, predicted): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
    ConfusionMatrix::of_predictions(4, &actual, &predicted).unwrap()
}

fn regression(pairs: &[(f64, f64)]) -> Regression {
    let (actual, predicted): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    Regression::of_predictions(&actual, &predicted).unwrap()
}

fn figures(of: &Regression) -> [Option<f64>; 7] {
    [
        of.mean_absolute_error(),
        of.mean_squared_error(),
        of.root_mean_squared_error(),
        of.r_squared(),
        of.explained_variance(),
        of.pinball_loss(0.3),
        of.max_error(),
    ]
}

fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-10 * (1.0 + a.abs()),
        (a, b) => a == b,
    }
}

/// As near as two orders of summing.
fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * (1.0 + a.abs()),
        (a, b) => a == b,
    }
}

fn decoded<T: serde::Serialize + serde::de::DeserializeOwned>(of: &T) -> T {
    serde_json::from_str(&serde_json::to_string(of).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn matrices_are_the_counts_of_their_pairs(pairs in classified()) {
        let mut recorded = ConfusionMatrix::try_new(4).unwrap();
        let mut counts = [0; 16];
        for &(actual, predicted) in &pairs {
            recorded.record(actual, predicted).unwrap();
            counts[(4 * actual + predicted) as usize] += 1;
        }
        prop_assert_eq!(&recorded, &matrix(&pairs));
        prop_assert_eq!(&recorded, &ConfusionMatrix::of_counts(4, &counts).unwrap());
        let right = pairs.iter().filter(|(actual, predicted)| actual == predicted).count();
        prop_assert_eq!(recorded.right(), right as u64);
        let supports: u64 = (0..4).map(|class| recorded.support(class)).sum();
        prop_assert_eq!(supports, recorded.total());
        prop_assert!(recorded.record(4, 0).is_err() && recorded.record(0, 4).is_err());
    }

    #[test]
    fn confusions_merge_and_stay_in_range(a in classified(), b in classified()) {
        let mut merged = matrix(&a);
        merged.merge(&matrix(&b)).unwrap();
        let all: Vec<(u32, u32)> = a.iter().chain(&b).copied().collect();
        prop_assert_eq!(&merged, &matrix(&all));

        let macros = merged.averages(Average::Macro, Undefined::Skipped);
        let shares = (0..4)
            .flat_map(|class| [
                merged.precision(class), merged.recall(class), merged.f1(class),
                merged.specificity(class), merged.jaccard(class), merged.f_beta(class, 0.5),
            ])
            .chain([merged.accuracy(), merged.balanced_accuracy()])
            .chain([macros.precision, macros.recall, macros.f1]);
        for share in shares.flatten() {
            prop_assert!((0.0..=1.0).contains(&share));
        }
        for beyond_chance in [merged.matthews_correlation(), merged.cohen_kappa()] {
            prop_assert!(beyond_chance.is_none_or(|value| (-1.0..=1.0).contains(&value)));
        }
        let weighted = merged.averages(Average::Weighted, Undefined::Zero).recall;
        prop_assert!(near(weighted, merged.accuracy()), "recall weighted by support is accuracy");
    }

    #[test]
    fn ranks_know_neither_scale_nor_order(pairs in predictions(), turn in 0..60_usize) {
        let (labels, scores): (Vec<bool>, Vec<f64>) = pairs.iter().copied().unzip();
        let ranking = Ranking::try_new(&labels, &scores).unwrap();
        let mut turned = pairs.clone();
        turned.rotate_left(turn % pairs.len());
        let (turned_labels, scaled): (Vec<bool>, Vec<f64>) =
            turned.iter().map(|(label, score)| (*label, 8.0 * score)).unzip();
        let other = Ranking::try_new(&turned_labels, &scaled).unwrap();
        prop_assert_eq!(ranking.roc_auc(), other.roc_auc());
        prop_assert_eq!(ranking.average_precision(), other.average_precision());
        prop_assert_eq!(ranking.kolmogorov_smirnov(), other.kolmogorov_smirnov());
        prop_assert_eq!(ranking.pr_auc_trapezoidal(), other.pr_auc_trapezoidal());

        let flipped: Vec<bool> = labels.iter().map(|label| !label).collect();
        let reverse = Ranking::try_new(&flipped, &scores).unwrap().roc_auc();
        prop_assert!(near(ranking.roc_auc(), reverse.map(|area| 1.0 - area)));
        prop_assert!(ranking.gini().is_none_or(|gini| (-1.0..=1.0).contains(&gini)));
        prop_assert_eq!(ranking.gini().is_some(), ranking.roc_auc().is_some());
        if let Some(interval) = ranking.roc_auc_interval(0.1).unwrap() {
            let area = ranking.roc_auc().unwrap();
            prop_assert!(0.0 <= interval.lower && interval.lower <= area);
            prop_assert!(area <= interval.upper && interval.upper <= 1.0);
        }
    }

    #[test]
    fn areas_are_the_curves_own(pairs in predictions()) {
        let (labels, scores): (Vec<bool>, Vec<f64>) = pairs.into_iter().unzip();
        let ranking = Ranking::try_new(&labels, &scores).unwrap();
        let area = ranking.roc_curve().map(|curve| {
            curve
                .windows(2)
                .map(|of| {
                    let width = of[1].false_positive_rate - of[0].false_positive_rate;
                    width * 0.5 * (of[0].true_positive_rate + of[1].true_positive_rate)
                })
                .sum()
        });
        prop_assert!(near(ranking.roc_auc(), area));
    }

    #[test]
    fn probabilities_have_losses_in_range(pairs in predictions(), bins in 1..20_usize) {
        let (labels, p): (Vec<bool>, Vec<f64>) = pairs.into_iter().unzip();
        let loss = log_loss(&labels, &p).unwrap();
        prop_assert!((0.0..36.05).contains(&loss));
        let score = brier(&labels, &p).unwrap();
        prop_assert!((0.0..=1.0).contains(&score));

        let classes: Vec<u32> = labels.iter().map(|label| u32::from(*label)).collect();
        let rows: Vec<f64> = p.iter().flat_map(|p| [1.0 - p, *p]).collect();
        prop_assert!((log_loss_of_classes(&classes, &rows, 2).unwrap() - loss).abs() < 1e-12);
        prop_assert!((brier_of_classes(&classes, &rows, 2).unwrap() - 2.0 * score).abs() < 1e-12);
        prop_assert_eq!(top_k_accuracy(&classes, &rows, 2, 2).unwrap(), 1.0);

        for binning in [
            Binning::EqualWidth(bins),
            Binning::EqualCount(bins),
            Binning::UpperEnds(bins),
            Binning::Quantiles(bins),
        ] {
            let curve = Reliability::try_new(&labels, &p, binning).unwrap();
            let total: u64 = curve.bins().iter().map(|bin| bin.count).sum();
            prop_assert_eq!(total, labels.len() as u64);
            prop_assert!(curve.bins().is_sorted_by(|a, b| a.predicted <= b.predicted + 1e-15));
            let (mean, root, largest) =
                (curve.expected_error(), curve.root_mean_square_error(), curve.maximum_error());
            prop_assert!(0.0 <= mean && mean <= root + 1e-15 && root <= largest + 1e-15);
            prop_assert!(largest <= 1.0);
        }
    }

    #[test]
    fn areas_of_two_classes_are_those_of_the_second(pairs in predictions()) {
        let (labels, p): (Vec<bool>, Vec<f64>) = pairs.into_iter().unzip();
        let ranking = Ranking::try_new(&labels, &p).unwrap();
        let classes: Vec<u32> = labels.iter().map(|label| u32::from(*label)).collect();
        let rows: Vec<f64> = p.iter().flat_map(|p| [-p + 1.0, *p]).collect();
        // Rounding of 1 − p may tie what differs, and no more.
        for average in [Average::Macro, Average::Weighted] {
            let rest = roc_auc_one_against_rest(&classes, &rows, 2, average).unwrap();
            let one = roc_auc_one_against_one(&classes, &rows, 2, average).unwrap();
            prop_assert!(near(rest, ranking.roc_auc()) && near(one, ranking.roc_auc()));
            let precision = average_precision_one_against_rest(&classes, &rows, 2, average).unwrap();
            prop_assert!(precision.is_none_or(|precision| (0.0..=1.0).contains(&precision)));
        }
    }

    #[test]
    fn log_errors_are_of_the_ratio(pairs in numbers(), factor in 0.1..10.0_f64) {
        let (one_more, other): (Vec<f64>, Vec<f64>) =
            pairs.iter().map(|(a, p)| (a.abs() + 0.5, p.abs() + 0.5)).unzip();
        let less_one = |of: &[f64], factor: f64| of.iter().map(|v| v * factor - 1.0).collect();
        let error = |factor| -> Option<f64> {
            let (a, p): (Vec<f64>, Vec<f64>) = (less_one(&one_more, factor), less_one(&other, factor));
            mean_squared_log_error(&a, &p).ok()
        };
        prop_assert_eq!(error(1.0).is_some(), !pairs.is_empty());
        prop_assert!(error(1.0).is_none_or(|error| error >= 0.0));
        prop_assert!(near(error(1.0), error(factor)));
    }

    #[test]
    fn regressions_merge(a in numbers(), b in numbers()) {
        let mut merged = regression(&a);
        merged.merge(&regression(&b));
        let all: Vec<(f64, f64)> = a.iter().chain(&b).copied().collect();
        for (merged, whole) in figures(&merged).into_iter().zip(figures(&regression(&all))) {
            prop_assert!(near(merged, whole), "{:?} {:?}", merged, whole);
        }
    }

    #[test]
    fn errors_are_ordered_and_scale(pairs in numbers()) {
        let of = regression(&pairs);
        let scaled: Vec<(f64, f64)> = pairs.iter().map(|(a, p)| (4.0 * a, 4.0 * p)).collect();
        let scaled = regression(&scaled);
        prop_assert!(near(of.mean_absolute_error().map(|e| 4.0 * e), scaled.mean_absolute_error()));
        prop_assert!(near(of.r_squared(), scaled.r_squared()));
        prop_assert!(near(of.pinball_loss(0.5).map(|e| 2.0 * e), of.mean_absolute_error()));
        if let (Some(mean), Some(root)) = (of.mean_absolute_error(), of.root_mean_squared_error()) {
            prop_assert!(mean <= root * (1.0 + 1e-12));
            prop_assert!(root <= of.max_error().unwrap() * (1.0 + 1e-12));
            let (actual, predicted): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let median = median_absolute_error(&actual, &predicted).unwrap();
            prop_assert!(median <= of.max_error().unwrap());
        }
    }

    #[test]
    fn any_numbers_give_an_error_or_finite_figures(
        pairs in prop::collection::vec((prop::num::f64::ANY, prop::num::f64::ANY), 0..20),
    ) {
        let mut of = Regression::default();
        for (actual, predicted) in pairs {
            let before = of.count();
            let pushed = of.push(actual, predicted).is_ok();
            prop_assert_eq!(of.count(), before + u64::from(pushed));
            for figure in figures(&of).into_iter().chain([of.mean_absolute_percentage_error()]) {
                prop_assert!(figure.is_none_or(f64::is_finite));
            }
        }
    }

    #[test]
    fn rankings_and_histograms_merge(a in predictions(), b in predictions(), bins in 1..20_usize) {
        let ranking = |rows: &[(bool, f64)]| {
            let (labels, p): (Vec<bool>, Vec<f64>) = rows.iter().copied().unzip();
            Ranking::try_new(&labels, &p).unwrap()
        };
        let histogram = |rows: &[(bool, f64)]| {
            let mut histogram = ProbabilityHistogram::try_new(bins).unwrap();
            for (label, p) in rows {
                histogram.push(*label, *p).unwrap();
            }
            histogram
        };
        let all: Vec<(bool, f64)> = a.iter().chain(&b).copied().collect();
        let mut merged = ranking(&a);
        merged.merge(&ranking(&b)).unwrap();
        prop_assert_eq!(&merged, &ranking(&all));
        let mut binned = histogram(&a);
        binned.merge(&histogram(&b)).unwrap();
        prop_assert_eq!(&binned, &histogram(&all));
        prop_assert_eq!((binned.count(), binned.bins()), (all.len() as u64, bins));
        prop_assert_eq!(binned.roc_auc().is_some(), merged.roc_auc().is_some());
        if let Some((BinnedArea { value, error }, area)) = binned.roc_auc().zip(merged.roc_auc()) {
            prop_assert!((value - area).abs() <= error + 1e-15);
        }
        let (labels, p): (Vec<bool>, Vec<f64>) = all.into_iter().unzip();
        let batch = Reliability::try_new(&labels, &p, Binning::EqualWidth(bins)).unwrap();
        let curve = binned.reliability().unwrap();
        prop_assert!(same(Some(curve.expected_error()), Some(batch.expected_error())));
        prop_assert!(same(Some(curve.maximum_error()), Some(batch.maximum_error())));
    }

    #[test]
    fn ranking_windows_are_exact(
        rows in prop::collection::vec((any::<bool>(), (0..30_u32).prop_map(f64::from)), 1..300),
        capacity in 1..60_usize,
    ) {
        let mut window = RankingWindow::try_new(capacity).unwrap();
        for (end, (label, score)) in rows.iter().enumerate() {
            window.push(*label, *score).unwrap();
            let (labels, scores): (Vec<bool>, Vec<f64>) =
                rows[(end + 1).saturating_sub(capacity)..=end].iter().copied().unzip();
            let batch = Ranking::try_new(&labels, &scores).unwrap();
            prop_assert_eq!(window.roc_auc(), batch.roc_auc());
            prop_assert_eq!(window.ranking(), batch);
        }
    }

    #[test]
    fn what_is_decoded_is_what_was_encoded(
        pairs in numbers(), classes in classified(), p in predictions(), capacity in 1..20_usize,
    ) {
        let mut windows = (
            RegressionWindow::try_new(capacity).unwrap(),
            ConfusionWindow::try_new(4, capacity).unwrap(),
            ProbabilityWindow::try_new(capacity).unwrap(),
            RankingWindow::try_new(capacity).unwrap(),
            CalibrationWindow::try_new(5, capacity).unwrap(),
        );
        for (actual, predicted) in &pairs {
            windows.0.push(actual.round(), predicted.round()).unwrap();
        }
        for (actual, predicted) in &classes {
            windows.1.push(*actual, *predicted).unwrap();
        }
        let (mut histogram, mut loss) =
            (ProbabilityHistogram::try_new(7).unwrap(), ProbabilityLoss::default());
        for (label, p) in &p {
            // Few digits, which this encoding reads back to the bit.
            let p = (p * 1024.0).round() / 1024.0;
            windows.2.push(*label, p).unwrap();
            windows.3.push(*label, p).unwrap();
            windows.4.push(*label, p).unwrap();
            histogram.push(*label, p).unwrap();
            loss.push(*label, p).unwrap();
        }
        let decoded = decoded(&windows);
        prop_assert_eq!(figures(&decoded.0.regression()), figures(&windows.0.regression()));
        prop_assert_eq!(decoded.1.matrix(), windows.1.matrix());
        prop_assert_eq!(decoded.2.loss().brier(), windows.2.loss().brier());
        prop_assert_eq!(decoded.3.ranking(), windows.3.ranking());
        prop_assert_eq!(decoded.4.histogram(), windows.4.histogram());
        prop_assert_eq!(&self::decoded(&histogram), &histogram);
        prop_assert!(same(self::decoded(&loss).log_loss(), loss.log_loss()));
        let curve = histogram.reliability().unwrap();
        prop_assert!(same(Some(self::decoded(&curve).expected_error()), Some(curve.expected_error())));
        prop_assert_eq!(&self::decoded(windows.1.matrix()), windows.1.matrix());
        let regression = windows.0.regression();
        let other = self::decoded(&regression);
        prop_assert_eq!(other.count(), regression.count());
        prop_assert!(same(other.mean_absolute_error(), regression.mean_absolute_error()));
    }

    #[test]
    fn windows_say_what_a_batch_of_their_predictions_would(
        pairs in numbers(),
        classes in classified(),
        probabilities in predictions(),
        capacity in 1..20_usize,
    ) {
        let mut window = RegressionWindow::try_new(capacity).unwrap();
        for (end, (actual, predicted)) in pairs.iter().enumerate() {
            window.push(*actual, *predicted).unwrap();
            let batch = regression(&pairs[(end + 1).saturating_sub(capacity)..=end]);
            prop_assert_eq!(window.regression().count(), batch.count());
            for (got, want) in figures(&window.regression()).into_iter().zip(figures(&batch)) {
                prop_assert!(same(got, want), "{:?} {:?}", got, want);
            }
        }
        let mut window = ProbabilityWindow::try_new(capacity).unwrap();
        for (end, (label, p)) in probabilities.iter().enumerate() {
            window.push(*label, *p).unwrap();
            let (labels, p): (Vec<bool>, Vec<f64>) =
                probabilities[(end + 1).saturating_sub(capacity)..=end].iter().copied().unzip();
            prop_assert_eq!(window.loss().count(), labels.len() as u64);
            prop_assert!(same(window.loss().log_loss(), log_loss(&labels, &p).ok()));
            prop_assert!(same(window.loss().brier(), brier(&labels, &p).ok()));
        }
        let mut window = CalibrationWindow::try_new(5, capacity).unwrap();
        for (end, (label, p)) in probabilities.iter().enumerate() {
            window.push(*label, *p).unwrap();
            let (labels, p): (Vec<bool>, Vec<f64>) =
                probabilities[(end + 1).saturating_sub(capacity)..=end].iter().copied().unzip();
            let batch = Reliability::try_new(&labels, &p, Binning::EqualWidth(5)).unwrap();
            let curve = window.histogram().reliability().unwrap();
            prop_assert!(same(Some(curve.expected_error()), Some(batch.expected_error())));
        }
        let mut window = ConfusionWindow::try_new(4, capacity).unwrap();
        for (end, (actual, predicted)) in classes.iter().enumerate() {
            window.push(*actual, *predicted).unwrap();
            let batch = matrix(&classes[(end + 1).saturating_sub(capacity)..=end]);
            prop_assert_eq!(window.matrix(), &batch);
        }
    }

    #[test]
    fn wilson_intervals_hold_the_share_and_mirror(trials in 1..5000_u64, part in 0.0..=1.0_f64) {
        let successes = (part * trials as f64) as u64;
        let interval = wilson_interval(successes, trials, 0.05).unwrap();
        let share = successes as f64 / trials as f64;
        prop_assert!(0.0 <= interval.lower && interval.upper <= 1.0);
        prop_assert!(interval.lower <= share && share <= interval.upper);
        let mirror = wilson_interval(trials - successes, trials, 0.05).unwrap();
        prop_assert!((interval.lower - (1.0 - mirror.upper)).abs() < 1e-15);
    }
}
