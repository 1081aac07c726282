//! Stages from the `Server-Timing` header of a response (W3C Server Timing).

use tidegate_core::event::{Stage, StageLatency};

/// What a header longer than this says after it is not read.
const MAX_HEADER_BYTES: usize = 8192;
/// Longest stage that is believed, in milliseconds: a day.
const MAX_MILLIS: f64 = 86_400_000.0;

/// Adds the known stages of one header value; the first of each counts.
pub(crate) fn read_stages(header: &[u8], stages: &mut Vec<StageLatency>) {
    let header = header.get(..MAX_HEADER_BYTES).unwrap_or(header);
    for metric in split_unquoted(header, b',') {
        let mut parts = split_unquoted(metric, b';');
        let Some(stage) = parts.next().and_then(stage_of) else { continue };
        let Some(millis) = parts.find_map(duration_millis) else { continue };
        if stages.iter().all(|known| known.stage != stage) {
            stages.push(StageLatency { stage, seconds: millis / 1000.0 });
        }
    }
}

fn stage_of(name: &[u8]) -> Option<Stage> {
    let name = name.trim_ascii();
    [
        (&b"preprocessing"[..], Stage::Preprocessing),
        (b"inference", Stage::Inference),
        (b"postprocessing", Stage::Postprocessing),
    ]
    .into_iter()
    .find_map(|(known, stage)| name.eq_ignore_ascii_case(known).then_some(stage))
}

fn duration_millis(parameter: &[u8]) -> Option<f64> {
    let text = core::str::from_utf8(parameter).ok()?;
    let (name, value) = text.split_once('=')?;
    let value = value.trim().trim_matches('"');
    let millis: f64 = value.parse().ok()?;
    let is_duration =
        name.trim().eq_ignore_ascii_case("dur") && (0.0..=MAX_MILLIS).contains(&millis);
    is_duration.then_some(millis)
}

/// Splits at a separator that does not stand in a quoted string.
fn split_unquoted(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |&byte| {
        let was_escaped = core::mem::take(&mut escaped);
        match byte {
            b'\\' if quoted && !was_escaped => escaped = true,
            b'"' if !was_escaped => quoted = !quoted,
            _ => {}
        }
        byte == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(header: &[u8]) -> Vec<(Stage, f64)> {
        let mut stages = Vec::new();
        read_stages(header, &mut stages);
        stages.iter().map(|latency| (latency.stage, latency.seconds)).collect()
    }

    #[test]
    fn the_three_stages_are_read_in_seconds() {
        assert_eq!(
            stages(b"preprocessing;dur=1.5, inference;dur=8, postprocessing;dur=.25"),
            [
                (Stage::Preprocessing, 0.0015),
                (Stage::Inference, 0.008),
                (Stage::Postprocessing, 0.00025)
            ]
        );
    }

    #[test]
    fn other_metrics_and_parameters_are_passed_over() {
        let header =
            br#"db;dur=3, INFERENCE ; desc="a, inference;dur=9 \" b;dur=7" ; DUR = "2", cache"#;
        assert_eq!(stages(header), [(Stage::Inference, 0.002)]);
    }

    #[test]
    fn the_first_of_a_repeated_stage_counts() {
        assert_eq!(stages(b"inference;dur=1, inference;dur=2"), [(Stage::Inference, 0.001)]);
    }

    #[test]
    fn nonsense_has_no_stages() {
        let long = [b"x,".repeat(MAX_HEADER_BYTES), b"inference;dur=1".to_vec()].concat();
        for header in [
            &b""[..],
            b",;=,,;",
            b"inference",
            b"inference;dur=",
            b"inference;dur=-1",
            b"inference;dur=NaN",
            b"inference;dur=inf",
            b"inference;dur=1e300",
            b"inference;\xff\xfe=1",
            b"\"inference;dur=1",
            &long,
        ] {
            assert_eq!(stages(header), []);
        }
    }
}
