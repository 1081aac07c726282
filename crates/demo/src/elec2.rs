//! The data: half-hours of the electricity market of New South Wales, in their order of time.
//! `data/README.md` says where it comes from and what drifts in it.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::Error;

/// The features of a row, in the order of the columns.
pub const FEATURE_NAMES: [&str; 6] =
    ["period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"];

/// The classes, in the order of the models' probabilities.
pub const CLASSES: [&str; 2] = ["DOWN", "UP"];

/// The first row in which the columns of Victoria, constant so far, move.
pub const VICTORIA_STARTS: usize = 17_424;

const COMPRESSED: &[u8] = include_bytes!("../data/elec2.csv.gz");
const HALF_HOURS_A_DAY: usize = 48;

/// The features of one half-hour, in the order of [`FEATURE_NAMES`].
pub type Features = [f64; FEATURE_NAMES.len()];

/// One half-hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// What the models see.
    pub features: Features,
    /// Whether the price rose above its mean over the last day.
    pub is_up: bool,
}

/// All rows, in their order of time.
///
/// # Errors
/// When the data in this crate is not what the parser expects, with the line.
pub fn rows() -> Result<Vec<Row>, Error> {
    lines()?
        .iter()
        .enumerate()
        .map(|(row, text)| {
            // The first line has the names.
            parse(text).ok_or_else(|| format!("elec2.csv, line {}: {text}", row + 2).into())
        })
        .collect()
}

/// All rows as the file has them, one line each.
///
/// # Errors
/// When the data in this crate cannot be read.
pub fn lines() -> Result<Vec<String>, Error> {
    let mut text = String::new();
    GzDecoder::new(COMPRESSED).read_to_string(&mut text)?;
    Ok(text.lines().skip(1).map(String::from).collect())
}

/// A row from its line.
pub fn parse(line: &str) -> Option<Row> {
    let mut fields = line.split(',').map(str::parse::<f64>);
    let mut features = Features::default();
    for feature in &mut features {
        *feature = fields.next()?.ok()?;
    }
    let class = fields.next()?.ok()?;
    Some(Row { features, is_up: class > 0.5 })
}

/// When a row was, as `5 May 1997 14:30`. Row 0 is the midnight of 7 May 1996.
pub fn date_and_time(row: usize) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // Counted from 1 May 1996, so that the remainder is a day of that month.
    let (mut year, mut month, mut day) = (1996, 4, 6 + row / HALF_HOURS_A_DAY);
    while day >= days_in(month, year) {
        day -= days_in(month, year);
        month += 1;
        if month == MONTHS.len() {
            (month, year) = (0, year + 1);
        }
    }
    let half_hour = row % HALF_HOURS_A_DAY;
    let (hour, minute) = (half_hour / 2, half_hour % 2 * 30);
    format!("{} {} {year} {hour:02}:{minute:02}", day + 1, MONTHS[month])
}

fn days_in(month: usize, year: usize) -> usize {
    match month {
        1 if year.is_multiple_of(4) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_in_order() {
        let rows = rows().unwrap();
        assert_eq!(rows.len(), 45_312);
        assert_eq!(
            rows[0].features,
            [0.0, 0.056_442_999_999_999_99, 0.439155, 0.003467, 0.422915, 0.414912]
        );
        assert!(rows[0].is_up);
        assert!(!rows[45_311].is_up);
    }

    #[test]
    fn victoria_is_constant_until_it_starts() {
        let rows = rows().unwrap();
        let victoria = |row: &Row| [row.features[3], row.features[4], row.features[5]];
        let before = victoria(&rows[0]);
        assert!(rows[..VICTORIA_STARTS].iter().all(|row| victoria(row) == before));
        assert_ne!(victoria(&rows[VICTORIA_STARTS]), before);
    }

    #[test]
    fn a_row_knows_its_date() {
        for (row, expected) in [
            (0, "7 May 1996 00:00"),
            (47, "7 May 1996 23:30"),
            (48 * 25, "1 Jun 1996 00:00"),
            (48 * 239, "1 Jan 1997 00:00"),
            (VICTORIA_STARTS, "5 May 1997 00:00"),
            (45_311, "6 Dec 1998 23:30"),
        ] {
            assert_eq!(date_and_time(row), expected, "row {row}");
        }
    }
}
