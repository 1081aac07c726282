use alloc::string::String;
use core::fmt::{self, Write};

use super::{Family, Kind, Number};

/// Writes families in the Prometheus text exposition format, version 0.0.4
/// (`text/plain; version=0.0.4; charset=utf-8`).
///
/// Families without samples are left out. Counts are whole numbers; measures have the fewest digits
/// that read back as the same `f64`.
#[must_use]
pub fn prometheus_text(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families.iter().filter(|family| !family.samples.is_empty()) {
        // Writing to a string does not fail.
        let _ = write_family(&mut text, family);
    }
    text
}

fn write_family(text: &mut String, family: &Family) -> fmt::Result {
    let Family { name, kind, .. } = family;
    text.write_str("# HELP ")?;
    text.write_str(name)?;
    text.write_char(' ')?;
    write_escaped(text, family.help, |c| c == '\\' || c == '\n')?;
    writeln!(text, "\n# TYPE {name} {kind}")?;
    for sample in &family.samples {
        text.write_str(name)?;
        text.write_str(sample.suffix)?;
        for (index, (label, value)) in sample.labels.iter().enumerate() {
            text.write_char(if index == 0 { '{' } else { ',' })?;
            text.write_str(label)?;
            text.write_str("=\"")?;
            write_escaped(text, value, |c| c == '\\' || c == '\n' || c == '"')?;
            text.write_char('"')?;
        }
        let close = if sample.labels.is_empty() { "" } else { "}" };
        writeln!(text, "{close} {}", sample.value)?;
    }
    Ok(())
}

fn write_escaped(text: &mut String, value: &str, escaped: impl Fn(char) -> bool) -> fmt::Result {
    for c in value.chars() {
        if escaped(c) {
            text.write_char('\\')?;
        }
        text.write_char(if c == '\n' { 'n' } else { c })?;
    }
    Ok(())
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Measure(f64::INFINITY) => f.write_str("+Inf"),
            Self::Measure(f64::NEG_INFINITY) => f.write_str("-Inf"),
            // The form with the fewest digits, with an exponent where it is shorter.
            Self::Measure(measure) => write!(f, "{measure:?}"),
        }
    }
}
