//! Events of a client that invents names, classes, categories, ids, jobs, units and times without end.

use tidegate_core::event::{
    BusinessMetric, Cells, Conversion, ErrorKind, Event, ExperimentUnit, Explanation,
    FeatureRetrieval, FeatureRow, Fields, Generation, Label, LatencySeconds, Measure,
    ObservedInference, Side, Status, TrainingEpoch, TrainingStep, Unread, UnreadReason, Value,
};
use tidegate_core::observatory::{Observatory, ObservatoryOptions, Settings};

use crate::request::START_SECONDS;

/// Events between two ticks.
const EVENTS_A_TICK: u64 = 20_000;
/// Seconds between two ticks, so that the panes of the window are filled too.
const TICK_SECONDS: f64 = 30.0;
/// Names that are told again and again, so that what is kept under them grows to its own bounds.
const KNOWN: u64 = 40;

/// What one event is made of: numbers that look drawn at random, the same for the same event.
struct Source {
    index: u64,
    drawn: u64,
    now: f64,
}

impl Source {
    const fn new(index: u64, now: f64) -> Self {
        Self { index, drawn: index, now }
    }

    fn next(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.drawn ^ (self.drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One event in so many.
    fn is_rare(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    /// A name: mostly one of those that are known, else a new one, and now and then a very long one.
    fn name(&mut self, kind: &str, known: u64) -> String {
        match self.below(1000) {
            0 => format!("{kind}{}{}", self.index, "ö".repeat(500)),
            1..=49 => format!("{kind} new {}", self.index),
            _ => self.known(kind, known),
        }
    }

    /// One of so many, as long as names are kept.
    fn known(&mut self, kind: &str, known: u64) -> String {
        format!("{kind}{:0>124}", self.below(known))
    }

    /// The experiment that there is, or now and then another.
    fn experiment(&mut self) -> String {
        if self.is_rare(4) { self.name("experiment", KNOWN) } else { "known".into() }
    }

    /// A measure of any magnitude, so that every bucket of a histogram is met.
    fn measure(&mut self) -> f64 {
        match self.below(200) {
            0 => 0.0,
            1 => 1e300,
            2 => f64::INFINITY,
            3 => f64::NAN,
            4 => -1.0,
            // From 2^-40 on, 80 powers of two.
            _ => f64::from_bits(((1023 - 40) << 52) + (self.below(80 << 16) << 36)),
        }
    }

    fn count(&mut self) -> Option<u64> {
        match self.below(20) {
            0 => None,
            1 => Some(u64::MAX),
            _ => Some(self.below(1 << 40) >> self.below(40)),
        }
    }

    /// A time: mostly none or within the window, else of any day, long ago, to come or no time at all.
    fn at(&mut self) -> Option<f64> {
        Some(match self.below(50) {
            0 => 0.0,
            1 => 1e11,
            2 => f64::NAN,
            3 => f64::NEG_INFINITY,
            4 => self.now + self.below(1 << 30) as f64,
            5 => -(self.below(1 << 30) as f64),
            6..=15 => self.now - self.below(33 * 86_400) as f64,
            16..=35 => self.now - self.below(3600) as f64,
            _ => return None,
        })
    }

    fn share(&mut self) -> f64 {
        if self.is_rare(100) { f64::NAN } else { self.below(1001) as f64 / 1000.0 }
    }

    fn value(&mut self, kind: &str) -> Value {
        match self.below(20) {
            0 => Value::Missing,
            1..=9 => Value::Number(self.measure()),
            _ => Value::Category(self.name(kind, 150)),
        }
    }

    /// A prediction or a label, so that one in three labels agrees.
    fn answer(&mut self) -> Value {
        match self.below(10) {
            0 => Value::Number(self.measure()),
            1 => Value::Category(self.name("class", 150)),
            _ => Value::Category(self.known("class", 3)),
        }
    }

    fn features<V>(&mut self, mut value: impl FnMut(&mut Self) -> V) -> Fields<V> {
        let first = self.below(600);
        let width = if self.is_rare(10_000) { 800 } else { 4 };
        (0..width).map(|more| (format!("x{:0>120}", first + more * 7), value(self))).collect()
    }
}

fn inference(source: &mut Source) -> ObservedInference {
    let rows = if source.is_rare(1000) { 100 } else { 1 };
    let mut seconds = || Some(source.measure());
    let latency_seconds = LatencySeconds {
        total: seconds(),
        upstream: seconds(),
        preprocessing: seconds(),
        inference: seconds(),
        postprocessing: seconds(),
        gateway: seconds(),
    };
    let mut variants = vec![("known".to_owned(), source.known("variant", 2))];
    for _ in 0..source.below(3) {
        variants.push((source.name("experiment", KNOWN), source.name("variant", 20)));
    }
    let statuses = [Status::Success, Status::ClientError, Status::ServerError, Status::Aborted];
    ObservedInference {
        at: source.at(),
        model_name: source.name("model", KNOWN),
        model_version: Some(source.name("version", 12)),
        // One of those that labels are told of.
        prediction_id: Some(format!("p{:0>200}", source.index / 16 * 16 + source.below(16))),
        status: Some(statuses[source.below(4) as usize]),
        error: source.is_rare(4).then_some(ErrorKind::Timeout),
        batch_size: source.count(),
        predictions: (0..rows).map(|_| source.answer()).collect(),
        confidences: (0..rows).map(|_| source.share()).collect(),
        features: source.features(|it| Cells(vec![it.value("category")])),
        latency_seconds: Some(latency_seconds),
        variants: variants.into_iter().collect(),
        unit: Some(format!("u{}", source.below(1 << 22))),
        generation: source.is_rare(2).then(|| {
            Box::new(Generation {
                input_tokens: source.count(),
                output_tokens: source.count(),
                cached_tokens: source.count(),
                cache_creation_tokens: source.count(),
                reasoning_tokens: source.count(),
                finish_reasons: vec![source.name("reason", KNOWN)],
                chunks: source.count(),
                first_chunk_seconds: Some(source.measure()),
                chunks_seconds: Some(source.measure()),
            })
        }),
        unread: vec![Unread { side: Side::Request, reason: UnreadReason::Malformed }],
    }
}

fn event(source: &mut Source) -> Event {
    let at = source.at();
    match source.index % 16 {
        0..=5 => Event::Inference(inference(source)),
        6 | 7 => Event::Label(Label {
            at,
            prediction_id: if source.is_rare(4) {
                source.name("unknown", 1 << 40)
            } else {
                format!("p{:0>200}", source.index / 16 * 16 + source.below(16))
            },
            label: source.answer(),
        }),
        8 => Event::Conversion(Conversion {
            at,
            experiment: source.experiment(),
            unit: format!("u{}", source.below(1 << 22)),
            value: Some(source.measure()),
        }),
        9 => Event::ExperimentUnit(ExperimentUnit {
            at,
            experiment: source.experiment(),
            unit: format!("u{}", source.below(1 << 22)),
            value_before: source.measure(),
        }),
        10 => Event::FeatureRetrieval(FeatureRetrieval {
            at,
            feature_set: source.name("set", KNOWN),
            source: source.name("source", 20),
            duration_seconds: source.measure(),
            cache_hit: Some(source.is_rare(2)),
        }),
        11 => Event::BusinessMetric(BusinessMetric {
            at,
            model_name: source.name("model", KNOWN),
            model_version: Some(source.name("version", 12)),
            name: source.name("metric", KNOWN),
            value: source.measure(),
        }),
        12 => Event::FeatureRow(FeatureRow {
            at,
            feature_set: source.name("set", KNOWN),
            values: source.features(|it| it.value("category")),
            timestamps: source.features(Source::measure),
        }),
        13 => Event::TrainingStep(TrainingStep {
            at,
            job_id: source.name("job", KNOWN),
            step: source.count().unwrap_or(source.index),
            rank: Some(source.below(1 << 32) as u32),
            loss: Some(Measure(source.measure())),
            grad_norm: Some(Measure(source.measure())),
            learning_rate: Some(source.measure()),
            samples: source.count(),
            duration_seconds: Some(source.measure()),
            data_wait_seconds: Some(source.measure()),
            gpu_utilization: [(source.name("gpu", 300), source.share())].into_iter().collect(),
        }),
        14 => Event::TrainingEpoch(TrainingEpoch {
            at,
            job_id: source.name("job", KNOWN),
            epoch: source.count().unwrap_or(source.index),
            loss: Some(Measure(source.measure())),
            validation_loss: Some(Measure(source.measure())),
            accuracy: Some(source.share()),
            validation_accuracy: Some(source.share()),
            duration_seconds: Some(source.measure()),
        }),
        _ => Event::Explanation(Explanation {
            at,
            model_name: source.name("model", KNOWN),
            model_version: Some(source.name("version", 12)),
            attributions: source.features(Source::measure),
        }),
    }
}

/// What the observatory is told to do: it learns references, has an experiment and the default alerts.
#[must_use]
pub fn settings() -> Settings {
    let options = r#"{"models": [{"learn_samples": 2000}], "feature_sets": [{"learn_samples": 2000}],
        "experiments": [{"name": "known", "variants": [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}]}]}"#;
    ObservatoryOptions::settings_from_json(options).unwrap_or_default()
}

/// An observatory after so many events; `after_tick` looks at it after every tick.
pub fn observatory(events: u64, mut after_tick: impl FnMut(&Observatory)) -> Observatory {
    let mut observatory = Observatory::new(settings());
    let mut now = START_SECONDS;
    for first in (0..events).step_by(EVENTS_A_TICK as usize) {
        for index in first..events.min(first + EVENTS_A_TICK) {
            observatory.observe(now, &event(&mut Source::new(index, now)));
        }
        now += TICK_SECONDS;
        observatory.tick(now);
        after_tick(&observatory);
    }
    observatory
}
