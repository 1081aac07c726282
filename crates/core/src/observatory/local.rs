use alloc::string::String;
use alloc::vec::Vec;

use super::{Delta, Settings, State, units};
use crate::alert::{Alert, Alerts, Baseline, Transition};
use crate::event::Event;
use crate::metric::{self, Family};
use crate::remediation::{Directives, Remediation, triggers};
use crate::snapshot::Snapshot;

/// The whole observatory in one process: events in; metrics and a snapshot out.
///
/// Where many workers share the work, as in a gateway, they hold its parts: a [`Delta`] each, and one
/// of them the [`State`].
///
/// ```
/// use tidegate_core::event;
/// use tidegate_core::observatory::{Observatory, Settings};
///
/// let mut observatory = Observatory::new(Settings::default());
/// let body = br#"{"type": "inference", "model_name": "iris", "predictions": ["setosa"]}"#;
/// for read in event::read(body).events {
///     observatory.observe(1_790_000_000.0, &read.event);
/// }
/// observatory.tick(1_790_000_001.0);
/// assert_eq!(observatory.snapshot().models[0].versions[0].predictions[0].class, "setosa");
/// assert!(observatory.prometheus_text().contains("model_predictions_total{"));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observatory {
    settings: Settings,
    state: State,
    /// What came since the last tick.
    recent: Delta,
    alerts: Alerts,
    remediation: Remediation,
    now_seconds: f64,
}

impl Observatory {
    /// An observatory that has seen nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Takes one event, at its own time or else at `received_at` (seconds since 1970). It shows from the
    /// next [`Self::tick`] on.
    ///
    /// A conversion counts for the variant that its unit was seen to be given, whoever gave it.
    pub fn observe(&mut self, received_at: f64, event: &Event) {
        if let Event::Conversion(conversion) = event {
            let given = |seen| units::given(seen, conversion, &self.settings);
            let given = given(&self.recent.units).or_else(|| given(&self.state.units));
            let at_seconds = conversion.at.unwrap_or(received_at);
            return self.recent.convert(at_seconds, (conversion, given), &self.settings);
        }
        self.recent.observe(received_at, event, self.state.references(), &self.settings);
    }

    /// Brings everything to a time (seconds since 1970): what came is counted, panes that have left
    /// the window are forgotten, alerts are checked and acted upon. Returns the alerts that changed their
    /// state.
    pub fn tick(&mut self, now_seconds: f64) -> Vec<Transition> {
        self.state.apply(core::mem::take(&mut self.recent), &self.settings);
        self.state.tick(now_seconds, &self.settings);
        self.now_seconds = now_seconds;
        let families =
            metric::families(&self.state, &self.state.snapshot(now_seconds, &self.settings));
        let Settings { alerts: rules, policies, .. } = &self.settings;
        let changed = self.alerts.tick(now_seconds, &families, rules, &self.settings.baselines());
        let triggers = triggers(rules, &self.alerts());
        self.remediation.tick(now_seconds, &triggers, policies, &self.state.outcomes());
        let directed = self.remediation.directives().variants.iter();
        let directed: Vec<String> = directed.map(|own| own.experiment.clone()).collect();
        self.settings.redirect(&directed);
        changed
    }

    /// The alerts there is something to say of, as of the last tick.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        self.alerts.alerts(&self.settings.alerts)
    }

    /// Everything that was known at the last tick.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let snapshot = self.state.snapshot(self.now_seconds, &self.settings);
        let decisions = self.remediation.decisions().to_vec();
        let alerts_turned_away = self.alerts.turned_away();
        Snapshot { alerts: self.alerts(), alerts_turned_away, decisions, ..snapshot }
    }

    /// The same, with what it takes to add it to those of other gateways.
    #[must_use]
    pub fn mergeable_snapshot(&self) -> Snapshot {
        Snapshot { mergeable: Some(self.state.mergeable(&self.settings)), ..self.snapshot() }
    }

    /// The metric families as of the last tick.
    #[must_use]
    pub fn families(&self) -> Vec<Family> {
        let snapshot = self.snapshot();
        let mut families = metric::families(&self.state, &snapshot);
        families.extend(metric::alert_families(&snapshot));
        if self.settings.gen_ai_metrics {
            families.extend(metric::gen_ai_families(&self.state));
        }
        families
    }

    /// The metrics as of the last tick, as Prometheus reads them.
    #[must_use]
    pub fn prometheus_text(&self) -> String {
        metric::prometheus_text(&self.families())
    }

    /// The metrics as of the last tick, as OpenMetrics 1.0 has them.
    #[must_use]
    pub fn openmetrics_text(&self) -> String {
        metric::openmetrics_text(&self.families())
    }

    /// What is to be done, as of the last tick.
    #[must_use]
    pub const fn directives(&self) -> &Directives {
        self.remediation.directives()
    }

    /// The variant that a unit of an experiment of the settings gets: by its hash, as at a gateway, but for what
    /// is rolled back. `None` for a unit that is not in the experiment.
    ///
    /// ```
    /// use tidegate_core::observatory::{Observatory, ObservatoryOptions};
    ///
    /// let options = r#"{"experiments": [{"name": "e", "variants": [
    ///     {"name": "control", "weight": 0.5}, {"name": "treatment", "weight": 0.5}]}]}"#;
    /// let observatory = Observatory::new(ObservatoryOptions::settings_from_json(options)?);
    /// let share = (0..1000).filter(|user| {
    ///     observatory.variant_of("e", &format!("u{user}")) == Some("treatment")
    /// });
    /// assert!((450..550).contains(&share.count()));
    /// assert_eq!(observatory.variant_of("another", "u1"), None);
    /// # Ok::<(), tidegate_core::observatory::OptionsError>(())
    /// ```
    #[must_use]
    pub fn variant_of(&self, experiment: &str, unit: &str) -> Option<&str> {
        let settings = self.settings.experiment(experiment)?;
        let weights = settings.variants.iter().map(|(_, weight)| *weight);
        let (index, within) = settings.population.place_of(experiment, unit, weights)?;
        let (own, weight) = settings.variants.get(index)?;
        let keeps = self.directives().keeps((experiment, own), *weight, within);
        if keeps { Some(own) } else { settings.variants.first().map(|(name, _)| name.as_str()) }
    }

    pub(super) fn baselines(&self) -> Vec<Baseline> {
        self.settings.baselines()
    }

    /// What it holds, to be stored or merged.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }
}
