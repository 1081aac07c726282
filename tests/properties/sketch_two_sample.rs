//! Tests from two sketches against the same tests on all values.

use std::sync::LazyLock;

use proptest::prelude::*;
use tidegate_stats::sketch::{self, FrequentItems, Kll};
use tidegate_stats::{
    Decision, EffectFloor, Interval, Method, Sorted, TwoSample, Verdict, counted, cramer_von_mises,
    kolmogorov_smirnov, mann_whitney, num, wasserstein,
};

use crate::sketch::Uniform;

const ON_VALUES: [Method; 4] =
    [Method::KolmogorovSmirnov, Method::CramerVonMises, Method::MannWhitney, Method::Wasserstein];

const STREAMS: u64 = 60;
const LEN: usize = 6000;

#[derive(Clone, Copy, Debug)]
enum Shape {
    Normal,
    LogNormal,
    Rounded,
}

const SHAPES: [Shape; 3] = [Shape::Normal, Shape::LogNormal, Shape::Rounded];

/// Normal variables by Irwin and Hall's approximation, drawn once for all tests: of two seeds a stream.
static NORMALS: LazyLock<Vec<Vec<f64>>> = LazyLock::new(|| {
    let of_seed = |seed: u64| {
        let mut uniform = Uniform(seed.wrapping_mul(0x1234_5678_9abc_def1) ^ 0x5555);
        let mut normal = || (0..12).map(|_| uniform.next()).sum::<f64>() - 6.0;
        (0..LEN).map(|_| normal()).collect()
    };
    (0..2 * STREAMS).map(of_seed).collect()
});

/// The first `len` of a seed's normal variables, shifted and given a shape.
fn sample(shape: Shape, seed: u64, len: usize, shift: f64) -> Vec<f64> {
    let normals = NORMALS[seed as usize][..len].iter().map(|normal| normal + shift);
    match shape {
        Shape::Normal => normals.collect(),
        Shape::LogNormal => normals.map(num::exp).collect(),
        Shape::Rounded => normals.map(|normal| (2.0 * normal).floor()).collect(),
    }
}

fn of(values: &[f64]) -> Kll {
    let mut sketch = Kll::try_new(100).unwrap();
    sketch.extend(values.iter().copied());
    sketch
}

fn on_all(method: Method, reference: &Sorted, current: &Sorted, decision: &Decision) -> TwoSample {
    let test = match method {
        Method::KolmogorovSmirnov => kolmogorov_smirnov::two_sample,
        Method::CramerVonMises => cramer_von_mises::two_sample,
        Method::MannWhitney => mann_whitney::two_sample,
        _ => wasserstein::two_sample,
    };
    test(reference, current, decision).unwrap()
}

fn without_floor() -> Decision {
    let mut decision = Decision { alpha: 0.05, effect_floor: EffectFloor::default() };
    decision.effect_floor.wasserstein = 1e-9;
    decision
}

/// Whether chance is excluded, whatever the size of the effect.
fn is_significant(result: &TwoSample) -> bool {
    result.p_value.map_or(result.effect >= result.detectable_effect, |p| p <= 0.05)
}

/// The bound is for 98 of 100 pairs of sketches, at the worst place of all.
#[test]
fn effects_are_within_the_error_of_those_on_all_values() {
    let decision = without_floor();
    for shape in SHAPES {
        for shift in [0.0, 0.3] {
            let mut beyond = [0; 4];
            for seed in 0..STREAMS {
                let reference = sample(shape, 2 * seed, LEN, 0.0);
                let current = sample(shape, 2 * seed + 1, LEN / 2, shift);
                let (one, other) = (of(&reference), of(&current));
                let [reference, current] =
                    [reference, current].map(|values| Sorted::try_new(values).unwrap());
                for (beyond, method) in beyond.iter_mut().zip(ON_VALUES) {
                    let got = sketch::two_sample(method, &one, &other, &decision).unwrap();
                    let want = on_all(method, &reference, &current, &decision);
                    let error = one.rank_error() + other.rank_error();
                    let is_beyond = match method {
                        Method::MannWhitney => (got.effect - want.effect).abs() > 2.0 * error,
                        Method::Wasserstein => {
                            let unit = |r: &TwoSample| r.statistic / r.effect * r.detectable_effect;
                            (got.statistic - want.statistic).abs() > unit(&got) - unit(&want)
                        }
                        _ => (got.effect - want.effect).abs() > error,
                    };
                    *beyond += usize::from(is_beyond);
                    if !is_beyond && let (Some(got), Some(want)) = (got.p_value, want.p_value) {
                        assert!(got >= want * 0.99, "{method:?}, {shape:?}: {got:e} {want:e}");
                    }
                }
            }
            assert!(beyond.iter().all(|n| *n <= 3), "{shape:?} {shift}: {beyond:?} of {STREAMS}");
        }
    }
}

/// Of normal columns whose means are half a deviation apart, and of their exponentials: what the effect is of
/// the distributions themselves (mpmath's quadrature for Cramér and von Mises).
#[test]
fn intervals_hold_the_effect_of_the_distributions() {
    // 2 Φ(¼) − 1; the root of ∫ (Φ(x) − Φ(x − ½))² d(Φ(x) + Φ(x − ½))/2; 2 Φ(½/√2) − 1.
    let of_ranks = [0.197_412_651, 0.148_972_095, 0.276_326_390];
    for shape in [Shape::Normal, Shape::LogNormal] {
        let wasserstein = match shape {
            Shape::Normal => 0.5,
            // (e^½ − 1) of the mean √e, by the deviation √((e − 1) e).
            _ => num::exp_m1(0.5) / num::sqrt(num::exp_m1(1.0)),
        };
        let [gap, mean_gap, correlation] = of_ranks;
        let wants = [gap, mean_gap, correlation, wasserstein];
        let mut missed = [0; 4];
        for seed in 0..STREAMS {
            let reference = of(&sample(shape, 2 * seed, LEN, 0.0));
            let current = of(&sample(shape, 2 * seed + 1, LEN, 0.5));
            let decision = Decision::default();
            for ((missed, method), want) in missed.iter_mut().zip(ON_VALUES).zip(wants) {
                let result = sketch::two_sample(method, &reference, &current, &decision).unwrap();
                let interval = result.interval.unwrap();
                assert!(interval.lower <= result.effect && result.effect <= interval.upper);
                *missed += usize::from(want < interval.lower || interval.upper < want);
            }
        }
        // Of 60, at a level of 5 %; the sketches' error is seldom at its bound.
        assert!(missed.iter().all(|count| *count <= 3), "{shape:?}: {missed:?}");
    }
}

/// An interval from 0 to 1 would hold everything. Of half a deviation's shift, which all methods see: no
/// pair of sketches may give a wider one, and none may begin at 0.
#[test]
fn intervals_are_narrow_enough_to_be_of_use() {
    for (k, most) in [(100, [0.19, 0.14, 0.26, 0.60]), (200, [0.14, 0.09, 0.16, 0.36])] {
        let of = |values: &[f64]| {
            let mut sketch = Kll::try_new(k).unwrap();
            sketch.extend(values.iter().copied());
            sketch
        };
        for shape in SHAPES {
            for seed in 0..STREAMS / 2 {
                let reference = of(&sample(shape, 2 * seed, LEN, 0.0));
                let current = of(&sample(shape, 2 * seed + 1, LEN, 0.5));
                for (method, most) in ON_VALUES.into_iter().zip(most) {
                    // A long tail's deviation rests on the few values that a sketch kept of it.
                    if matches!(shape, Shape::LogNormal) && method == Method::Wasserstein {
                        continue;
                    }
                    let decision = Decision::default();
                    let result =
                        sketch::two_sample(method, &reference, &current, &decision).unwrap();
                    let Interval { lower, upper } = result.interval.unwrap();
                    let width = upper - lower;
                    assert!(width <= most && lower > 0.0, "{k} {shape:?} {method:?}: {width}");
                }
            }
        }
    }
}

/// On bins between deciles, by method: the widest interval from sketches of 100 and of 200.
#[test]
fn intervals_on_bins_are_narrow_enough_to_be_of_use() {
    for (method, most) in [
        (Method::Psi, [0.55, 0.36]),
        (Method::JensenShannon, [0.22, 0.14]),
        (Method::Hellinger, [0.20, 0.12]),
        (Method::TotalVariation, [0.20, 0.13]),
        (Method::CramersV, [0.26, 0.17]),
        (Method::LInfinity, [0.19, 0.13]),
    ] {
        for (k, most) in [100, 200].into_iter().zip(most) {
            for (shape, seed) in
                SHAPES.into_iter().flat_map(|shape| (0..8).map(move |s| (shape, s)))
            {
                let [reference, current] =
                    [(2 * seed, 0.0), (2 * seed + 1, 0.5)].map(|(seed, shift)| {
                        let mut sketch = Kll::try_new(k).unwrap();
                        sketch.extend(sample(shape, seed, LEN, shift));
                        sketch
                    });
                let decision = Decision::default();
                let result = sketch::two_sample(method, &reference, &current, &decision).unwrap();
                let Interval { lower, upper } = result.interval.unwrap();
                let width = upper - lower;
                assert!(width <= most && lower > 0.0, "{k} {shape:?} {method:?}: {width}");
            }
        }
    }
}

#[test]
fn intervals_without_drift_begin_at_zero() {
    for shape in SHAPES {
        let mut above = [0; 4];
        for seed in 0..STREAMS {
            let reference = of(&sample(shape, 2 * seed, LEN, 0.0));
            let current = of(&sample(shape, 2 * seed + 1, LEN / 2, 0.0));
            for (above, method) in above.iter_mut().zip(ON_VALUES) {
                let result =
                    sketch::two_sample(method, &reference, &current, &Decision::default()).unwrap();
                let interval = result.interval.unwrap();
                assert!(interval.upper >= result.effect && interval.upper.is_finite());
                *above += usize::from(interval.lower > 0.0);
            }
        }
        assert!(above.iter().all(|count| *count <= 3), "{shape:?}: {above:?} of {STREAMS}");
    }
}

#[test]
fn false_alarms_are_rarer_than_alpha_and_a_shift_is_found() {
    let decision = without_floor();
    let methods: Vec<Method> = ON_VALUES
        .into_iter()
        .chain([Method::Psi, Method::JensenShannon, Method::ChiSquare])
        .collect();
    for shape in SHAPES {
        let mut alarms = vec![0; methods.len()];
        for seed in 0..STREAMS {
            let reference = of(&sample(shape, 2 * seed, LEN, 0.0));
            let same = of(&sample(shape, 2 * seed + 1, LEN / 3, 0.0));
            let moved = of(&sample(shape, 2 * seed + 1, LEN / 3, 0.6));
            for (alarms, method) in alarms.iter_mut().zip(&methods) {
                let compare = |current, decision: &Decision| {
                    sketch::two_sample(*method, &reference, current, decision).unwrap()
                };
                *alarms += usize::from(is_significant(&compare(&same, &decision)));
                let verdict = compare(&moved, &Decision::default()).verdict;
                // The worst of a sketch of 100 can hide a sixth of a standard deviation of a long tail.
                let may_miss = matches!(shape, Shape::LogNormal) && *method == Method::Wasserstein;
                assert!(verdict == Verdict::Drift || may_miss, "{method:?} {shape:?}");
            }
        }
        assert!(alarms.iter().all(|count| *count <= 3), "{shape:?}: {alarms:?} of {STREAMS}");
    }
}

proptest! {
    #[test]
    fn counts_are_compared_as_the_method_does(
        counts in prop::collection::vec((0..200_u64, 0..200_u64), 2..12),
    ) {
        let (reference, current): (Vec<u64>, Vec<u64>) =
            counts.into_iter().chain([(1, 1)]).unzip();
        for method in Method::ALL {
            let result =
                counted::two_sample(method, &reference, &current, &Decision::default());
            if let Ok(result) = result {
                prop_assert_eq!(result.method, method);
                let flat = counted::two_sample(method, &reference, &reference, &Decision::default());
                prop_assert!(flat.unwrap().effect <= 1e-12);
                let on_quantiles = counted::two_sample_on_quantiles(
                    method, &reference, &current, &Decision::default(),
                );
                prop_assert_eq!(on_quantiles.unwrap().statistic >= 0.0, true);
            }
        }
    }

    #[test]
    fn any_two_sketches_give_a_finite_result_or_an_error(
        a in prop::collection::vec(prop_oneof![-1e3..1e3_f64, Just(0.0), -1e308..1e308_f64], 0..300),
        b in prop::collection::vec(prop_oneof![-1e3..1e3_f64, Just(0.0), -1e308..1e308_f64], 0..300),
        k in 8..40_u16,
    ) {
        let of = |values: &[f64]| {
            let mut sketch = Kll::try_new(k).unwrap();
            sketch.extend(values.iter().copied());
            sketch
        };
        let (one, other) = (of(&a), of(&b));
        prop_assert_eq!(one.counts(&one.deciles()).iter().sum::<u64>(), one.count());
        for method in Method::ALL {
            if let Ok(result) = sketch::two_sample(method, &one, &other, &Decision::default()) {
                let numbers = [result.statistic, result.effect, result.detectable_effect];
                prop_assert!(numbers.iter().all(|x| x.is_finite() && *x >= 0.0), "{:?}", result);
                prop_assert!(result.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
            }
        }
    }

    #[test]
    fn frequent_items_are_cautious_about_what_they_dropped(
        a in prop::collection::vec((0..60_i64, 1..30_u64), 1..150),
        b in prop::collection::vec((0..60_i64, 1..30_u64), 1..150),
    ) {
        let of = |lg_max, items: &[(i64, u64)]| {
            let mut sketch = FrequentItems::try_new(lg_max).unwrap();
            items.iter().for_each(|(item, count)| sketch.push(item, *count));
            sketch
        };
        let decision = Decision::default();
        for method in [Method::ChiSquare, Method::Psi, Method::JensenShannon, Method::LInfinity] {
            let full = sketch::two_frequent(method, &of(8, &a), &of(8, &b), &decision).unwrap();
            let count = |items: &[(i64, u64)]| {
                let of_item = |item| {
                    items.iter().filter(|(i, _)| *i == item).map(|(_, count)| count).sum::<u64>()
                };
                (0..60).map(of_item).collect::<Vec<u64>>()
            };
            let (one, other) = (count(&a), count(&b));
            let seen: Vec<usize> = (0..60).filter(|i| one[*i] + other[*i] > 0).collect();
            let [one, other] = [one, other].map(|counts| seen.iter().map(|i| counts[*i]).collect::<Vec<_>>());
            let want = counted::two_sample(method, &one, &other, &decision).unwrap();
            prop_assert!((full.effect - want.effect).abs() < 1e-12);
            let cut = sketch::two_frequent(method, &of(3, &a), &of(8, &b), &decision).unwrap();
            prop_assert!(cut.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
            prop_assert!(cut.detectable_effect.is_finite() && cut.effect.is_finite());
        }
    }
}
