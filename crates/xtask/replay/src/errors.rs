//! Change detectors on the stream of a model's errors.

use crate::FALSE_ALARMS;
use tidegate_core::feedback::are_classes;
use tidegate_core::quality::evened;
use tidegate_core::table::{Column, Table};
use tidegate_stats::detector::{
    Adwin, AdwinOptions, Ddm, DdmOptions, Detector, HddmA, HddmAOptions, Signal,
    StandardPageHinkley, StandardPageHinkleyOptions,
};

/// Of each row 1 where the model was wrong and 0 where it was right, or the size of the error where label and
/// prediction are numbers that are no classes. A row without one of the two is left out by its place.
pub(crate) fn errors(
    table: &Table,
    label: &str,
    prediction: &str,
) -> Result<Vec<Option<f64>>, String> {
    let column = |name: &str| table.column(name).ok_or(format!("there is no column `{name}`"));
    let (label, prediction) = (column(label)?, column(prediction)?);
    if let (Column::Numeric(labels), Column::Numeric(predictions)) = (label, prediction) {
        let pairs = || labels.iter().zip(predictions);
        let are_classes =
            are_classes(pairs().flat_map(|(a, b)| [*a, *b]).filter(|it| !it.is_nan()), false);
        let error = |(a, b): (&f64, &f64)| {
            let size = (a - b).abs();
            let error = if are_classes { f64::from(u8::from(size > 0.0)) } else { size };
            Some(error).filter(|_| size.is_finite())
        };
        return Ok(pairs().map(error).collect());
    }
    let [labels, predictions] = [label, prediction].map(names);
    let error = |(a, b): (&Option<String>, &Option<String>)| {
        Some(f64::from(u8::from(a.as_ref()? != b.as_ref()?)))
    };
    Ok(labels.iter().zip(&predictions).map(error).collect())
}

fn names(column: &Column) -> Vec<Option<String>> {
    match column {
        Column::Numeric(values) => values
            .iter()
            .map(|value| value.is_finite().then(|| (value + 0.0).to_string()))
            .collect(),
        Column::Categorical { codes, levels } => {
            codes.iter().map(|code| levels.get(*code as usize).cloned()).collect()
        }
    }
}

/// Rows at which each detector sees a change, after those of the reference.
pub(crate) fn alarms(
    errors: &[Option<f64>],
    reference_rows: usize,
) -> Result<Vec<(&'static str, Vec<u64>)>, String> {
    let is_rate = errors.iter().flatten().all(|error| *error == 0.0 || *error == 1.0);
    let wrong = |error: tidegate_stats::Error| error.to_string();
    let adwin = Adwin::try_new(AdwinOptions::default()).map_err(wrong)?;
    let mut detectors: Vec<(&str, Box<dyn Detector>)> = vec![("ADWIN", Box::new(adwin))];
    if is_rate {
        let hddm = HddmA::try_new(HddmAOptions::default()).map_err(wrong)?;
        let ddm = Ddm::try_new(DdmOptions::default()).map_err(wrong)?;
        detectors.push(("HDDM-A", Box::new(hddm)));
        detectors.push(("DDM", Box::new(ddm)));
    } else {
        // It is made for errors that have a size, and would see a change in each rare one.
        let run_length = errors.len() as f64 / FALSE_ALARMS;
        let options = StandardPageHinkleyOptions::for_run_length(run_length);
        let detector = options.and_then(StandardPageHinkley::try_new).map_err(wrong)?;
        detectors.push(("Page-Hinkley, standardised", Box::new(detector)));
    }
    let mut all = Vec::new();
    for (name, mut detector) in detectors {
        let is_for_normal_values = name.starts_with("Page-Hinkley");
        let mut found = Vec::new();
        for (row, error) in errors.iter().enumerate() {
            let Some(error) = error else { continue };
            let error = if is_for_normal_values { evened(*error) } else { *error };
            let signal = detector.push(error).map_err(wrong)?;
            if signal == Signal::Change && row >= reference_rows {
                found.push(row as u64);
            }
        }
        all.push((name, found));
    }
    Ok(all)
}
