//! What detectors do on seeded streams: how rarely they are wrong, how soon right; and that they can
//! be put away and taken up again.

use proptest::prelude::*;
use tidegate_stats::detector::evaluation::{
    AlarmWindow, Dummy, KnownChange, evaluate, evaluate_detector, evaluate_dummy,
};
use tidegate_stats::detector::{
    Adwin, AdwinOptions, Cusum, CusumOptions, Ddm, DdmOptions, Detector, Eddm, EddmOptions, Fhddm,
    FhddmOptions, HddmA, HddmAOptions, HddmW, HddmWOptions, Kswin, KswinOptions, PageHinkley,
    PageHinkleyOptions, Signal, StandardPageHinkley, StandardPageHinkleyOptions,
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

/// A detector's settings for a run length, and for the error rate of its stream if it is one.
type Calibrated = fn(f64, f64) -> Box<dyn Detector>;

const ON_VALUES: [(&str, Calibrated); 3] = [
    ("adwin", |length, _| {
        Box::new(Adwin::try_new(AdwinOptions::for_run_length(length).unwrap()).unwrap())
    }),
    ("page_hinkley", |length, _| {
        let options = PageHinkleyOptions::for_run_length(length, 1.0).unwrap();
        Box::new(PageHinkley::try_new(options).unwrap())
    }),
    ("kswin", |length, _| {
        Box::new(Kswin::try_new(KswinOptions::for_run_length(length).unwrap()).unwrap())
    }),
];

const ON_ERRORS: [(&str, Calibrated); 4] = [
    ("ddm", |length, rate| {
        Box::new(Ddm::try_new(DdmOptions::for_run_length(length, rate).unwrap()).unwrap())
    }),
    ("eddm", |length, rate| {
        Box::new(Eddm::try_new(EddmOptions::for_run_length(length, rate).unwrap()).unwrap())
    }),
    ("hddm_a", |length, rate| {
        Box::new(HddmA::try_new(HddmAOptions::for_run_length(length, rate).unwrap()).unwrap())
    }),
    ("hddm_w", |length, rate| {
        Box::new(HddmW::try_new(HddmWOptions::for_run_length(length, rate).unwrap()).unwrap())
    }),
];

/// Alarms in a stream of so many values, on average over 150 streams.
fn alarms_in(
    length: u32,
    make: &dyn Fn() -> Box<dyn Detector>,
    draw: &mut dyn FnMut() -> f64,
) -> f64 {
    let streams = 150;
    let mut alarms = 0_u32;
    for _ in 0..streams {
        let mut detector = make();
        for _ in 0..length {
            alarms += u32::from(detector.push(draw()) == Ok(Signal::Change));
        }
    }
    f64::from(alarms) / f64::from(streams)
}

/// One alarm a stream, give or take a third: three standard errors are a quarter, and more where
/// alarms come in clusters; between its points a table is off by a tenth.
#[test]
fn calibrated_settings_have_their_run_length() {
    let mut random = Random(11);
    for length in [1000_u32, 10_000] {
        let wanted = f64::from(length);
        for (name, make) in ON_VALUES {
            let found = alarms_in(length, &|| make(wanted, 0.0), &mut || random.normal());
            assert!((0.66..1.5).contains(&found), "{name}: {found} alarms in {length}");
        }
        for (name, make) in ON_ERRORS {
            for rate in [0.1, 0.27] {
                let mut draw = || f64::from(u8::from(random.uniform() < rate));
                let found = alarms_in(length, &|| make(wanted, rate), &mut draw);
                assert!((0.66..1.5).contains(&found), "{name}: {found} alarms in {length}, {rate}");
            }
        }
    }
}

#[test]
fn calibrated_settings_outside_their_table_are_refused() {
    for length in [999.0, 1e7, f64::NAN] {
        assert!(AdwinOptions::for_run_length(length).is_err());
        assert!(KswinOptions::for_run_length(length).is_err());
        assert!(PageHinkleyOptions::for_run_length(length, 1.0).is_err());
    }
    for (length, rate) in [(999.0, 0.2), (1e6, 0.2), (1e4, 0.01), (1e4, 0.7), (1e4, f64::NAN)] {
        assert!(DdmOptions::for_run_length(length, rate).is_err());
        assert!(EddmOptions::for_run_length(length, rate).is_err());
        assert!(HddmAOptions::for_run_length(length, rate).is_err());
        assert!(HddmWOptions::for_run_length(length, rate).is_err());
    }
    assert!(PageHinkleyOptions::for_run_length(1e4, 0.0).is_err());
}

proptest! {
    #[test]
    fn rarer_alarms_take_stricter_settings(
        (length, more) in (1e3..1e5_f64, 1.0..5.0_f64),
        rate in 0.05..0.5_f64,
    ) {
        let longer = (length * more).min(1e5);
        prop_assert!(
            AdwinOptions::for_run_length(longer).unwrap().delta
                <= AdwinOptions::for_run_length(length).unwrap().delta
        );
        prop_assert!(
            DdmOptions::for_run_length(longer, rate).unwrap().change
                >= DdmOptions::for_run_length(length, rate).unwrap().change
        );
        prop_assert!(
            EddmOptions::for_run_length(longer, rate).unwrap().change
                <= EddmOptions::for_run_length(length, rate).unwrap().change
        );
        prop_assert!(
            HddmAOptions::for_run_length(longer, rate).unwrap().change
                <= HddmAOptions::for_run_length(length, rate).unwrap().change
        );
        prop_assert!(
            HddmWOptions::for_run_length(longer, rate).unwrap().change
                <= HddmWOptions::for_run_length(length, rate).unwrap().change
        );
        prop_assert!(HddmW::try_new(HddmWOptions::for_run_length(length, rate).unwrap()).is_ok());
        prop_assert!(HddmA::try_new(HddmAOptions::for_run_length(length, rate).unwrap()).is_ok());
        prop_assert!(Kswin::try_new(KswinOptions::for_run_length(length).unwrap()).is_ok());
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
    Fhddm, FhddmOptions::default();
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

proptest! {
    #[test]
    fn an_evaluation_is_of_shares(
        alarms in prop::collection::btree_set(0..2000_u64, 0..40),
        starts in prop::collection::btree_set(0..1900_u64, 0..10),
        (late, early, length) in (1..200_u64, 0..50_u64, 0..100_u64),
    ) {
        let changes: Vec<KnownChange> =
            starts.iter().map(|&start| KnownChange { start, end: start + length }).collect();
        let window = AlarmWindow { late, early };
        let result = evaluate(alarms.iter().copied(), &changes, 2000, window).unwrap();
        for share in [
            result.precision,
            result.recall,
            result.episode_recall,
            result.missed_ratio,
            result.f1,
            Some(result.false_alarm_rate),
        ] {
            prop_assert!(share.is_none_or(|share| (0.0..=1.0).contains(&share)), "{result:?}");
        }
        let span = -(early as f64)..=(late + length) as f64;
        prop_assert!(result.delay.is_none_or(|delay| span.contains(&delay)), "{result:?}");
        // A window more to hit, or a wider one, is no more false alarms.
        let wider = AlarmWindow { late: late + 10, early: early + 10 };
        let other = evaluate(alarms.iter().copied(), &changes, 2000, wider).unwrap();
        prop_assert!(other.false_alarm_count <= result.false_alarm_count);
        // Who always cries catches everything, unless an earlier window takes the alarm.
        let always = evaluate_dummy(Dummy::Always, &changes, 2000, window).unwrap();
        prop_assert!(always.caught_count >= result.caught_count.min(1));
        prop_assert_eq!(always.alarm_count, 2000);
        let mut detector = Cusum::try_new(CusumOptions::standard(1e9).unwrap()).unwrap();
        let silent = evaluate_detector(&mut detector, vec![0.0; 2000], &changes, window).unwrap();
        let never = evaluate_dummy(Dummy::Never, &changes, 2000, window).unwrap();
        prop_assert_eq!(silent, never);
    }
}
