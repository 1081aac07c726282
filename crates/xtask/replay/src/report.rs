//! What came of the watchers, as a table of text.

use crate::Watched;

const HEADER: [&str; 9] =
    ["watcher", "of", "alarms", "false", "caught", "delay", "precision", "F1", "first alarms"];
/// Alarms that are named.
const NAMED: usize = 4;

/// The lines of a table, a watcher a line. Delays are in rows.
#[must_use]
pub fn render(watched: &[Watched]) -> String {
    let share = |share: Option<f64>| share.map_or("-".into(), |share| format!("{share:.2}"));
    let mut lines = vec![HEADER.map(String::from)];
    for one in watched {
        let found = &one.evaluation;
        let named = one.alarms.iter().take(NAMED).map(u64::to_string).collect::<Vec<_>>();
        let more = if one.alarms.len() > NAMED { ", ..." } else { "" };
        lines.push([
            one.name.clone(),
            one.of.into(),
            found.alarm_count.to_string(),
            found.false_alarm_count.to_string(),
            format!("{} of {}", found.caught_count, found.change_count),
            found.delay.map_or("-".into(), |delay| format!("{delay:.0}")),
            share(found.precision),
            share(found.f1),
            named.join(", ") + more,
        ]);
    }
    let width =
        |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..HEADER.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
