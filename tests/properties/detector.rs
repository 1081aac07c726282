//! What detectors do on seeded streams: how rarely they are wrong, how soon right; and that they can
//! be put away and taken up again.

use proptest::prelude::*;
use tidegate_stats::detector::{
    Adwin, AdwinOptions, Cusum, CusumOptions, Ddm, DdmOptions, Detector, Eddm, EddmOptions, HddmA,
    HddmAOptions, HddmW, HddmWOptions, Kswin, KswinOptions, PageHinkley, PageHinkleyOptions,
    Signal, StandardPageHinkley, StandardPageHinkleyOptions,
};

use crate::calibration::Random;

/// How many values a detector takes for its first `alarms` false alarms, by alarm.
fn mean_run_length(detector: &mut dyn Detector, alarms: u32, draw: &mut dyn FnMut() -> f64) -> f64 {
    let (mut seen, mut pushed) = (0, 0_u64);
    while seen < alarms {
        pushed += 1;
        seen += u32::from(detector.push(draw()) == Ok(Signal::Change));
        assert!(pushed < 100_000_000, "{seen} of {alarms} alarms");
    }
    pushed as f64 / f64::from(alarms)
}

/// 500 alarms: run lengths are nearly exponential, so three standard errors are 13 %, and
/// Siegmund's approximation is off by 1 % at this slack.
#[test]
fn false_alarms_come_as_rarely_as_asked() {
    let mut random = Random(1);
    for wanted in [100.0, 1000.0] {
        let options = CusumOptions {
            mean: -3.0,
            standard_deviation: 20.0,
            ..CusumOptions::standard(wanted).unwrap()
        };
        let mut cusum = Cusum::try_new(options).unwrap();
        let found = mean_run_length(&mut cusum, 500, &mut || 20.0 * random.normal() - 3.0);
        assert!((0.85..1.15).contains(&(found / wanted)), "cusum: {found} for {wanted}");

        let options = StandardPageHinkleyOptions::for_run_length(wanted).unwrap();
        let mut hinkley = StandardPageHinkley::try_new(options).unwrap();
        // The warm-up of 30, begun again after each alarm, gives no alarm.
        let found = mean_run_length(&mut hinkley, 500, &mut || 20.0 * random.normal() - 3.0) - 30.0;
        assert!((0.85..1.15).contains(&(found / wanted)), "page-hinkley: {found} for {wanted}");
    }
}

type Make = fn() -> Box<dyn Detector>;

/// How many shifted values it takes until a change is seen, after quiet ones without an alarm.
fn delay(detector: &mut dyn Detector, random: &mut Random, quiet: u32, shift: f64) -> u32 {
    for _ in 0..quiet {
        if detector.push(random.normal()) == Ok(Signal::Change) {
            return delay(detector, random, quiet, shift);
        }
    }
    (1..10_000)
        .find(|_| detector.push(random.normal() + shift) == Ok(Signal::Change))
        .unwrap_or(10_000)
}

#[test]
fn a_shift_of_one_deviation_is_found_soon() {
    let mut random = Random(2);
    let makes: [(&str, f64, Make); 4] = [
        ("cusum", 20.0, || {
            Box::new(Cusum::try_new(CusumOptions::standard(10_000.0).unwrap()).unwrap())
        }),
        ("page-hinkley", 20.0, || {
            Box::new(StandardPageHinkley::try_new(Default::default()).unwrap())
        }),
        ("adwin", 60.0, || Box::new(Adwin::try_new(AdwinOptions::default()).unwrap())),
        ("kswin", 60.0, || Box::new(Kswin::try_new(KswinOptions::default()).unwrap())),
    ];
    for (name, limit, make) in makes {
        let runs = 100;
        let total: u32 = (0..runs).map(|_| delay(&mut *make(), &mut random, 500, 1.0)).sum();
        let mean = f64::from(total) / f64::from(runs);
        assert!(mean < limit, "{name} needs {mean} values");
    }
}

/// Zeros and ones, the share of which rises: what every detector takes.
fn stream() -> impl Strategy<Value = Vec<f64>> {
    let errors = |share: f64| {
        prop::collection::vec(
            prop::bool::weighted(share).prop_map(|bit| f64::from(u8::from(bit))),
            0..300,
        )
    };
    [errors(0.1), errors(0.5), errors(0.9)].prop_map(|parts| parts.concat())
}

/// Pushes half of the values, goes on with the rest in a copy by way of JSON, and compares.
macro_rules! assert_survives_json {
    ($($kind:ty, $options:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(24))]
            #[test]
            fn a_detector_goes_on_after_json_where_it_was(values in stream()) {
                let (before, after) = values.split_at(values.len() / 2);
                $({
                    let mut kept = <$kind>::try_new($options).unwrap();
                    for &value in before {
                        kept.push(value).unwrap();
                    }
                    let text = serde_json::to_string(&kept).unwrap();
                    let mut read: $kind = serde_json::from_str(&text).unwrap();
                    prop_assert_eq!(&read, &kept, "{}", text);
                    for &value in after {
                        prop_assert_eq!(read.push(value), kept.push(value));
                    }
                })*
            }
        }
    };
}

assert_survives_json! {
    Adwin, AdwinOptions::default();
    Cusum, CusumOptions::standard(1000.0).unwrap();
    Ddm, DdmOptions::default();
    Eddm, EddmOptions::default();
    HddmA, HddmAOptions::default();
    HddmW, HddmWOptions::default();
    Kswin, KswinOptions::default();
    PageHinkley, PageHinkleyOptions::default();
    StandardPageHinkley, StandardPageHinkleyOptions::default();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_numbers_are_taken_or_refused(values in prop::collection::vec(prop::num::f64::ANY, 0..300)) {
        let mut adwin = Adwin::try_new(AdwinOptions { clock: 1, ..Default::default() }).unwrap();
        let mut hinkley = StandardPageHinkley::try_new(Default::default()).unwrap();
        let mut old_hinkley = PageHinkley::try_new(PageHinkleyOptions::default()).unwrap();
        for value in values {
            let taken = value.is_finite() && value.abs() <= 1e100;
            prop_assert_eq!(adwin.push(value).is_ok(), taken);
            prop_assert_eq!(hinkley.push(value).is_ok(), taken);
            prop_assert_eq!(old_hinkley.push(value).is_ok(), taken);
            prop_assert!(adwin.mean().is_finite() && adwin.variance().is_finite());
            // JSON has no NaN: it would come back as null, and not be read.
            for text in [
                serde_json::to_string(&adwin).unwrap(),
                serde_json::to_string(&hinkley).unwrap(),
                serde_json::to_string(&old_hinkley).unwrap(),
            ] {
                prop_assert!(!text.contains("null"), "{}", text);
            }
        }
    }
}
