//! Finds by simulation the settings with which a detector sees one change in so many values of a
//! steady stream: the tables in `src/detector/calibration.rs`.
//!
//! `cargo run --release --example detector_run_length -- NAME` for one detector, without a name for
//! all; `-- delays` for how long each takes to find a shift with the settings for 10 000 values.
//! Seeds are fixed: the same numbers on every run.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a generator stops where something is wrong"
)]

use tidegate_stats::{
    detector::{
        Adwin, AdwinOptions, Ddm, DdmOptions, Detector, Direction, Eddm, EddmOptions, HddmA,
        HddmAOptions, HddmW, HddmWOptions, Kswin, KswinOptions, PageHinkley, PageHinkleyOptions,
        Signal,
    },
    num,
};

const RUN_LENGTHS: [u32; 5] = [1_000, 3_000, 10_000, 100_000, 1_000_000];
const ERROR_RATES: [f64; 5] = [0.05, 0.1, 0.2, 0.35, 0.5];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Marsaglia's polar method, of whose pair one is used.
    fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                return x * num::sqrt(-2.0 * num::ln(square) / square);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Stream {
    Normal,
    Errors(f64),
}

impl Stream {
    fn draw(self, random: &mut Random) -> f64 {
        match self {
            Self::Normal => random.normal(),
            Self::Errors(rate) => f64::from(u8::from(random.uniform() < rate)),
        }
    }
}

/// A detector with one free setting, on a scale on which alarms fall as it grows.
struct Subject {
    name: &'static str,
    make: fn(f64, f64) -> Option<Box<dyn Detector>>,
    /// The scale's ends.
    span: [f64; 2],
    on_errors: bool,
    largest: u32,
}

fn boxed<D: Detector + 'static, E>(made: Result<D, E>) -> Option<Box<dyn Detector>> {
    made.ok().map(|detector| Box::new(detector) as Box<dyn Detector>)
}

const SUBJECTS: [Subject; 7] = [
    Subject {
        name: "adwin",
        make: |at, _| {
            boxed(Adwin::try_new(AdwinOptions { delta: num::exp(-at), ..Default::default() }))
        },
        span: [1e-9, 40.0],
        on_errors: false,
        largest: 1_000_000,
    },
    Subject {
        name: "page_hinkley",
        make: |at, _| {
            boxed(PageHinkley::try_new(PageHinkleyOptions {
                slack: 0.5,
                threshold: at,
                memory: 1.0,
                ..Default::default()
            }))
        },
        span: [1.0, 40.0],
        on_errors: false,
        largest: 1_000_000,
    },
    Subject {
        name: "kswin",
        make: |at, _| {
            boxed(Kswin::try_new(KswinOptions { alpha: num::exp(-at), ..Default::default() }))
        },
        span: [2.0, 25.0],
        on_errors: false,
        largest: 100_000,
    },
    Subject {
        name: "ddm",
        make: |at, rate| {
            boxed(Ddm::try_new(DdmOptions {
                warm_up: num::ceil(10.0 / rate).max(30.0) as u64,
                warning: 0.0,
                change: at,
            }))
        },
        span: [0.5, 20.0],
        on_errors: true,
        largest: 100_000,
    },
    Subject {
        name: "eddm",
        make: |at, _| {
            boxed(Eddm::try_new(EddmOptions {
                warning: 0.999_999,
                change: 1.0 - at,
                ..Default::default()
            }))
        },
        span: [0.000_1, 0.999],
        on_errors: true,
        largest: 100_000,
    },
    Subject {
        name: "hddm_a",
        make: |at, _| {
            boxed(HddmA::try_new(HddmAOptions {
                change: num::exp(-at),
                warning: 1.0 - 1e-12,
                direction: Direction::Up,
            }))
        },
        span: [1e-6, 60.0],
        on_errors: true,
        largest: 100_000,
    },
    Subject {
        name: "hddm_w",
        make: |at, _| {
            boxed(HddmW::try_new(HddmWOptions {
                change: num::exp(-at),
                warning: 1.0 - 1e-12,
                ..Default::default()
            }))
        },
        span: [1e-6, 60.0],
        on_errors: true,
        largest: 100_000,
    },
];

/// Alarms in `length` values from the start, on average over `runs` streams.
fn alarms(subject: &Subject, at: f64, stream: Stream, length: u32, runs: u32) -> f64 {
    let rate = match stream {
        Stream::Normal => 0.0,
        Stream::Errors(rate) => rate,
    };
    let mut total = 0_u32;
    for run in 0..runs {
        let mut random = Random(u64::from(run) << 32 | 20_261_127);
        let mut detector = (subject.make)(at, rate).unwrap();
        for _ in 0..length {
            let value = stream.draw(&mut random);
            total += u32::from(detector.push(value).unwrap() == Signal::Change);
        }
        // Far more than one a stream: no need to count on.
        if f64::from(total) > 4.0 * f64::from(runs) {
            return f64::from(total) / f64::from(run + 1);
        }
    }
    f64::from(total) / f64::from(runs)
}

/// The setting with one alarm a stream, by bisection.
fn setting(subject: &Subject, stream: Stream, length: u32, runs: u32, from: f64) -> f64 {
    let [mut low, mut high] = subject.span;
    low = low.max(from);
    // A bracket above the last decade's setting.
    let mut step = (high - low) / 40.0;
    let mut near = low;
    while near + step < high {
        if alarms(subject, near + step, stream, length, runs.min(60)) < 0.9 {
            high = near + step;
            break;
        }
        near += step;
        low = near - step;
        step *= 1.3;
    }
    low = low.max(subject.span[0]);
    for _ in 0..9 {
        let middle = f64::midpoint(low, high);
        if alarms(subject, middle, stream, length, runs) > 1.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

type Make<'a> = &'a dyn Fn() -> Box<dyn Detector>;

/// Values until a shift is seen after quiet ones without an alarm, on average over 400 streams.
fn delay(make: Make<'_>, quiet: u32, before: Stream, shift: f64) -> f64 {
    let mut random = Random(7);
    let mut total = 0_u32;
    for _ in 0..400 {
        let mut detector = make();
        let mut seen = 0;
        while seen < quiet {
            seen += 1;
            if detector.push(before.draw(&mut random)).unwrap() == Signal::Change {
                detector = make();
                seen = 0;
            }
        }
        total += (1..20_000)
            .find(|_| {
                let value = match before {
                    Stream::Normal => random.normal() + shift,
                    Stream::Errors(rate) => Stream::Errors(rate + shift).draw(&mut random),
                };
                detector.push(value).unwrap() == Signal::Change
            })
            .unwrap_or(20_000);
    }
    f64::from(total) / 400.0
}

fn delays() {
    let length = 10_000.0;
    let on_values: [(&str, Make<'_>); 3] = [
        ("adwin", &|| {
            boxed(Adwin::try_new(AdwinOptions::for_run_length(length).unwrap())).unwrap()
        }),
        ("page_hinkley", &|| {
            let options = PageHinkleyOptions::for_run_length(length, 1.0).unwrap();
            boxed(PageHinkley::try_new(options)).unwrap()
        }),
        ("kswin", &|| {
            boxed(Kswin::try_new(KswinOptions::for_run_length(length).unwrap())).unwrap()
        }),
    ];
    for (name, make) in on_values {
        for shift in [0.5, 1.0, 2.0] {
            println!("{name} {shift} {:.1}", delay(make, 500, Stream::Normal, shift));
        }
    }
    for (rate, shift) in [(0.1, 0.1), (0.2, 0.2)] {
        let on_errors: [(&str, Make<'_>); 4] = [
            ("ddm", &|| {
                boxed(Ddm::try_new(DdmOptions::for_run_length(length, rate).unwrap())).unwrap()
            }),
            ("eddm", &|| {
                boxed(Eddm::try_new(EddmOptions::for_run_length(length, rate).unwrap())).unwrap()
            }),
            ("hddm_a", &|| {
                boxed(HddmA::try_new(HddmAOptions::for_run_length(length, rate).unwrap())).unwrap()
            }),
            ("hddm_w", &|| {
                boxed(HddmW::try_new(HddmWOptions::for_run_length(length, rate).unwrap())).unwrap()
            }),
        ];
        for (name, make) in on_errors {
            println!("{name} {rate} {:.1}", delay(make, 1000, Stream::Errors(rate), shift));
        }
    }
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("delays") {
        return delays();
    }
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for subject in &SUBJECTS {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == subject.name) {
            continue;
        }
        let streams = if subject.on_errors {
            ERROR_RATES.map(Stream::Errors).to_vec()
        } else {
            vec![Stream::Normal]
        };
        for stream in streams {
            let mut last = subject.span[0];
            for length in RUN_LENGTHS {
                if length > subject.largest {
                    continue;
                }
                let runs = if length >= 1_000_000 { 150 } else { 500 };
                let found = setting(subject, stream, length, runs, last * 0.8);
                last = found;
                let check = alarms(subject, found, stream, length, runs);
                match stream {
                    Stream::Normal => println!("{} {length} {found:.5} ({check:.3})", subject.name),
                    Stream::Errors(rate) => {
                        println!("{} {rate} {length} {found:.5} ({check:.3})", subject.name);
                    }
                }
            }
        }
    }
}
