use alloc::boxed::Box;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::detector::{
    Adwin, AdwinOptions, Detector, Direction, HddmA, HddmAOptions, Signal, StandardPageHinkley,
    StandardPageHinkleyOptions,
};
use tidegate_stats::num;

use crate::pane::PaneStart;

/// What looks for changes in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ChangeDetector {
    /// ADWIN: a window that is cut where the means of its two sides differ.
    Adwin,
    /// HDDM-A: means held apart by Hoeffding's bound, which asks nothing of the values but that they are bounded.
    /// Of errors it is quick; of levels it needs some 25 panes.
    HddmA,
    /// A standardised Page-Hinkley test: it sums up how far values lie from their mean.
    PageHinkley,
}

impl ChangeDetector {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Adwin, Self::HddmA, Self::PageHinkley];

    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adwin => "adwin",
            Self::HddmA => "hddm_a",
            Self::PageHinkley => "page_hinkley",
        }
    }
}

/// Where the values of a pane lie.
pub trait Level: Clone + Default {
    /// The value that is watched; `None` without one.
    fn value(&self) -> Option<f64>;
    /// Adds the values of another pane.
    fn add(&mut self, other: &Self);
}

/// When a level last changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelChange<L> {
    /// Changes in the window.
    pub changes: u64,
    /// When the last was seen: the start of a pane, in seconds since 1970.
    pub at_seconds: Option<f64>,
    /// The level before it, since the change before that one.
    pub before: Option<L>,
    /// The same from it on.
    pub after: Option<L>,
}

/// Panes that are only learnt from.
const WARM_UP: usize = 10;
/// Panes between two false alarms: a week of minutes.
const RUN_LENGTH: f64 = 10_000.0;

/// Looks for changes of a level from pane to pane, oldest first, by a standardised Page-Hinkley test or what was chosen;
/// `None` while there are too few panes.
///
/// A pane and not a value is looked at, so that any split of the values over gateways finds the same. The last
/// pane must be over.
#[must_use]
pub fn level_change<L: Level>(
    panes: impl Iterator<Item = (PaneStart, L)>,
    detector: Option<ChangeDetector>,
) -> Option<LevelChange<L>> {
    let mut detector = watcher(detector.unwrap_or(ChangeDetector::PageHinkley))?;
    let (mut seen, mut changes, mut at_seconds) = (0, 0, None);
    let (mut before, mut level) = (None, L::default());
    for (pane, here) in panes {
        seen += 1;
        if detector.push(here.value()?) == Ok(Signal::Change) {
            changes += 1;
            at_seconds = Some(pane.seconds() as f64);
            before = Some(core::mem::take(&mut level));
        }
        level.add(&here);
    }
    let after = at_seconds.map(|_| level);
    (seen > WARM_UP).then_some(LevelChange { changes, at_seconds, before, after })
}

fn watcher(detector: ChangeDetector) -> Option<Box<dyn Detector>> {
    Some(match detector {
        ChangeDetector::PageHinkley => {
            let options = StandardPageHinkleyOptions::for_run_length(RUN_LENGTH).ok()?;
            let options = StandardPageHinkleyOptions { warm_up: WARM_UP as u64, ..options };
            Box::new(StandardPageHinkley::try_new(options).ok()?)
        }
        ChangeDetector::Adwin => {
            // Panes are few, so that each is looked at.
            let options = AdwinOptions { clock: 1, ..AdwinOptions::default() };
            Box::new(Standardised::new(Adwin::try_new(options).ok()?, |scaled| scaled))
        }
        ChangeDetector::HddmA => {
            let options = HddmAOptions { direction: Direction::Both, ..HddmAOptions::default() };
            // The share of a normal distribution that lies below.
            let share = |scaled: f64| 0.5 * num::erfc(-scaled * core::f64::consts::FRAC_1_SQRT_2);
            Box::new(Standardised::new(HddmA::try_new(options).ok()?, share))
        }
    })
}

/// A detector of values of a spread of 1, for values of any: the first tell the scale, and so do the first after each
/// change.
struct Standardised<D> {
    detector: D,
    /// What the detector is given of a scaled value.
    told: fn(f64) -> f64,
    first: Vec<f64>,
    /// Mean and standard deviation.
    scale: Option<[f64; 2]>,
}

impl<D: Detector> Standardised<D> {
    const fn new(detector: D, told: fn(f64) -> f64) -> Self {
        Self { detector, told, first: Vec::new(), scale: None }
    }

    fn tell(&mut self, value: f64, [mean, deviation]: [f64; 2]) -> Signal {
        // Beyond this it is far, however far.
        let scaled = ((value - mean) / deviation).clamp(-100.0, 100.0);
        self.detector.push((self.told)(scaled)).unwrap_or_default()
    }
}

impl<D: Detector> Detector for Standardised<D> {
    fn push(&mut self, value: f64) -> Result<Signal, tidegate_stats::Error> {
        if let Some(scale) = self.scale {
            let signal = self.tell(value, scale);
            if signal == Signal::Change {
                self.reset();
            }
            return Ok(signal);
        }
        self.first.push(value);
        if self.first.len() == WARM_UP {
            let count = WARM_UP as f64;
            let mean = self.first.iter().sum::<f64>() / count;
            let squares = self.first.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>();
            // Values that are all the same have some spread still: a hundredth of a percent.
            let least = 1e-4 * mean.abs().max(1e-3);
            let scale = [mean, num::sqrt(squares / (count - 1.0)).max(least)];
            self.scale = Some(scale);
            for value in core::mem::take(&mut self.first) {
                self.tell(value, scale);
            }
        }
        Ok(Signal::None)
    }

    fn reset(&mut self) {
        self.detector.reset();
        self.first.clear();
        self.scale = None;
    }
}
