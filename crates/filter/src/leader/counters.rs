//! The few figures that the gateway's own statistics get too, for those who already collect them.
//!
//! A gateway's statistics have names and no labels. The labels are in the name, in the form in which both a plain
//! Envoy with the right `stats_tags` and Istio's `extraStatTags` take them out again: `name.tag=.=value;.;`. The bare name
//! comes first, for histogram buckets and inclusion lists match beginnings.

use std::collections::BTreeMap;

use tidegate_core::metric::{Family, Number};

use crate::host::Host;

/// One figure: of which family, which of its samples, under which name, with which labels under which tags.
struct Counter {
    family: &'static str,
    suffix: &'static str,
    /// The value of the label `stage`, where it must have one.
    stage: Option<&'static str>,
    name: &'static str,
    tags: &'static [(&'static str, &'static str)],
    /// What one of the gateway's whole numbers stands for.
    per_unit: f64,
}

const MODEL: (&str, &str) = ("model_name", "tg_model");
const COUNTERS: [Counter; 6] = [
    Counter {
        family: "inference_requests_total",
        suffix: "",
        stage: None,
        name: "tidegate_requests_total",
        tags: &[MODEL, ("status", "tg_status")],
        per_unit: 1.0,
    },
    Counter {
        family: "inference_latency_seconds",
        suffix: "_sum",
        stage: Some("total"),
        name: "tidegate_latency_microseconds_sum",
        tags: &[MODEL],
        per_unit: 1e6,
    },
    Counter {
        family: "inference_latency_seconds",
        suffix: "_count",
        stage: Some("total"),
        name: "tidegate_latency_microseconds_count",
        tags: &[MODEL],
        per_unit: 1.0,
    },
    Counter {
        family: "model_predictions_total",
        suffix: "",
        stage: None,
        name: "tidegate_predictions_total",
        tags: &[MODEL],
        per_unit: 1.0,
    },
    Counter {
        family: "ab_test_requests_total",
        suffix: "",
        stage: None,
        name: "tidegate_variant_requests_total",
        tags: &[("test_name", "tg_experiment"), ("variant", "tg_variant")],
        per_unit: 1.0,
    },
    Counter {
        family: "tidegate_dropped_total",
        suffix: "",
        stage: None,
        name: "tidegate_turned_away_total",
        tags: &[],
        per_unit: 1.0,
    },
];

/// Rises with each tick of a leader: nothing else in a gateway tells that its filter is dead.
const TICKS: &str = "tidegate_ticks_total";
/// Bytes of a label's value; of longer ones the beginning.
const MAX_VALUE_BYTES: usize = 64;

/// What all of them stand at.
#[derive(Debug, Default)]
pub(crate) struct Totals(BTreeMap<String, u64>);

impl Totals {
    pub(crate) fn of(families: &[Family]) -> Self {
        let mut totals = BTreeMap::new();
        for counter in &COUNTERS {
            let family = families.iter().find(|family| family.name == counter.family);
            for sample in family.iter().flat_map(|family| &family.samples) {
                let label = |wanted: &str| {
                    let found = sample.labels.iter().find(|(name, _)| *name == wanted);
                    found.map_or("", |(_, value)| value.as_str())
                };
                let is_it = sample.suffix == counter.suffix
                    && counter.stage.is_none_or(|stage| label("stage") == stage);
                if is_it {
                    let tags = counter.tags.iter().map(|(name, tag)| (*tag, label(name)));
                    let count = match sample.value {
                        Number::Count(count) => count,
                        // Saturates, and is 0 for what is no number.
                        Number::Measure(measure) => (measure * counter.per_unit) as u64,
                    };
                    let total: &mut u64 = totals.entry(named(counter.name, tags)).or_default();
                    *total = total.saturating_add(count);
                }
            }
        }
        Self(totals)
    }

    /// Adds what has come since `before`, and a tick.
    pub(crate) fn add_since(&self, before: &Self, host: &dyn Host) {
        host.count(TICKS, 1);
        for (name, total) in &self.0 {
            let more = total.saturating_sub(before.0.get(name).copied().unwrap_or(0));
            if more > 0 {
                host.count(name, more);
            }
        }
    }
}

/// A name with its labels. What would end a label too early, or break a line, is replaced.
fn named<'t>(name: &str, tags: impl Iterator<Item = (&'static str, &'t str)>) -> String {
    let mut all = name.to_string();
    for (index, (tag, value)) in tags.enumerate() {
        let value = value.get(..value.floor_char_boundary(MAX_VALUE_BYTES)).unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/ ".contains(c);
        all.push_str(if index == 0 { "." } else { "" });
        all.push_str(tag);
        all.push_str("=.=");
        all.extend(value.chars().map(|c| if is_plain(c) { c } else { '_' }));
        all.push_str(";.;");
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_end_where_they_should() {
        let value = "gpt-4.1;.;x\n\u{e9}=";
        let tags = [("tg_model", value), ("tg_status", "")];
        let expected = "n.tg_model=.=gpt-4.1_._x___;.;tg_status=.=;.;";
        assert_eq!(named("n", tags.into_iter()), expected);
        let long = "\u{e9}".repeat(60);
        let cut = named("n", [("tg_model", long.as_str())].into_iter());
        assert_eq!(cut, format!("n.tg_model=.={};.;", "_".repeat(32)));
        assert_eq!(named("n", [].into_iter()), "n");
    }
}
