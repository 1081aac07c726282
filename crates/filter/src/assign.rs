//! Which variant a unit gets.
//!
//! The rule is the core's, so that a conversion finds the variant of its unit.

use tidegate_core::event::Assignment;
use tidegate_core::experiment::{place_of, unit_hash};

use crate::config::{Experiment, Unit};
use crate::control::Control;
use crate::headers::Headers;

/// Why a request has no variant of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unassigned {
    /// It names no unit.
    NoUnit,
    /// Its unit is not UTF-8.
    NotText,
}

/// The variant of an experiment that a request belongs to.
pub(crate) fn assign(
    experiment: &Experiment,
    control: &Control,
    headers: &Headers,
    path: &[u8],
) -> Result<Assignment, Unassigned> {
    let unit = unit(&experiment.unit, headers, path).ok_or(Unassigned::NoUnit)?;
    let unit = core::str::from_utf8(&unit).map_err(|_| Unassigned::NotText)?;
    let weights = experiment.variants.iter().map(|variant| variant.weight);
    let (index, within) = place_of(&experiment.name, unit, weights).ok_or(Unassigned::NoUnit)?;
    let variant = experiment.variants.get(index).ok_or(Unassigned::NoUnit)?;
    // A variant that is rolled back in part keeps the units at the beginning of its range, so that a
    // unit which it keeps at one share it keeps at each larger one.
    let share_kept = control.share_kept(&experiment.name, &variant.name);
    let keeps = share_kept >= 1.0 || within < share_kept * variant.weight;
    let first = experiment.variants.first().unwrap_or(variant);
    let variant = if keeps { variant } else { first };
    Ok(Assignment {
        experiment: experiment.name.clone(),
        variant: variant.name.clone(),
        unit: Some(unit_hash(unit)),
    })
}

/// The unit that a request names; an empty one is none.
fn unit(source: &Unit, headers: &Headers, path: &[u8]) -> Option<Vec<u8>> {
    let unit = match source {
        Unit::Header(name) => headers.get(name).map(<[u8]>::to_vec),
        Unit::Cookie(name) => headers.all("cookie").find_map(|cookies| cookie(cookies, name)),
        Unit::Query(name) => query_parameter(path, name),
    };
    unit.filter(|unit| !unit.is_empty())
}

fn cookie(cookies: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut pairs = cookies.split(|&byte| byte == b';').filter_map(|pair| split_pair(pair));
    let value = pairs.find(|(key, _)| key.trim_ascii() == name.as_bytes())?.1.trim_ascii();
    let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
    Some(unquoted.unwrap_or(value).to_vec())
}

/// The decoded value of a query parameter; the first of several.
pub(crate) fn query_parameter(path: &[u8], name: &str) -> Option<Vec<u8>> {
    let start = path.iter().position(|&byte| byte == b'?')?;
    let query = path.get(start + 1..)?.split(|&byte| byte == b'#').next()?;
    let mut pairs = query.split(|&byte| byte == b'&').filter_map(|pair| split_pair(pair));
    let (_, value) = pairs.find(|(key, _)| form_decoded(key) == name.as_bytes())?;
    Some(form_decoded(value))
}

fn split_pair(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let middle = pair.iter().position(|&byte| byte == b'=')?;
    Some((pair.get(..middle)?, pair.get(middle + 1..)?))
}

/// Undoes `application/x-www-form-urlencoded`; a stray `%` stays.
fn form_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            _ => decoded.push(*first),
        }
    }
    decoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Variant;
    use tidegate_core::remediation::Directives;

    fn experiment(unit: Unit, weights: &[f64]) -> Experiment {
        let variant = |(index, &weight)| Variant { name: format!("v{index}"), weight };
        let variants = weights.iter().enumerate().map(variant).collect();
        Experiment { name: "iris-v1-vs-v2".into(), unit, variants }
    }

    #[test]
    fn half_of_the_units_get_each_of_two_equal_variants() {
        let experiment = experiment(Unit::Header("x-user-id".into()), &[0.5, 0.5]);
        let is_first = |index: &u32| {
            let headers = [("x-user-id", format!("u{index}"))].into_iter().collect();
            assign(&experiment, &Control::default(), &headers, b"/").unwrap().variant == "v0"
        };
        // 5064 by the Python implementation.
        assert_eq!((0..10_000).filter(is_first).count(), 5064);
    }

    #[test]
    fn a_variant_gives_its_units_to_the_first_and_gets_them_back_one_share_after_the_other() {
        let experiment = experiment(Unit::Header("u".into()), &[0.5, 0.25, 0.25]);
        let control = Control::default();
        let variant = |index: u32| {
            let headers = [("u", index.to_string())].into_iter().collect();
            assign(&experiment, &control, &headers, b"/").unwrap().variant
        };
        let all = || (0..2_000).map(variant).collect::<Vec<_>>();
        let before = all();
        let mut kept_before = 0;
        for share in [0.0, 0.01, 0.25, 0.5, 1.0] {
            let variants = vec![(experiment.name.clone(), "v1".to_string(), share)];
            control.follow(Directives { variants, circuits: vec![] });
            let now = all();
            let mut kept = 0;
            for (before, now) in before.iter().zip(&now) {
                kept += u32::from(now == "v1");
                assert!(now == before || (before == "v1" && now == "v0"), "{before} {now}");
            }
            let expected = share * 500.0;
            assert!((f64::from(kept) - expected).abs() < 40.0, "{kept} of {expected}");
            assert!(kept >= kept_before);
            kept_before = kept;
        }
        assert_eq!(all(), before);
    }

    #[test]
    fn a_variant_of_weight_zero_gets_no_unit() {
        for weights in [&[0.0, 1.0][..], &[1.0, 0.0], &[0.0, 1.0, 0.0]] {
            let experiment = experiment(Unit::Header("u".into()), weights);
            let expected = format!("v{}", weights.iter().position(|&w| w == 1.0).unwrap());
            for index in 0..500 {
                let headers = [("u", index.to_string())].into_iter().collect();
                let assigned = assign(&experiment, &Control::default(), &headers, b"/").unwrap();
                assert_eq!(assigned.variant, expected);
            }
        }
    }

    #[test]
    fn units_are_found_in_headers_cookies_and_queries() {
        let headers: Headers = [
            ("x-user", &b"u1"[..]),
            ("cookie", b"theme=dark; session=\"s 1\""),
            ("cookie", b"other=2"),
            ("bad", b"\xff"),
            ("empty", b""),
        ]
        .into_iter()
        .collect();
        let path = b"/infer?a=&user=jo%C3%A9+x&user=second#user=fragment";
        let unit = |source: Unit| unit(&source, &headers, path).map(String::from_utf8);
        assert_eq!(unit(Unit::Header("x-user".into())), Some(Ok("u1".into())));
        assert_eq!(unit(Unit::Cookie("session".into())), Some(Ok("s 1".into())));
        assert_eq!(unit(Unit::Cookie("other".into())), Some(Ok("2".into())));
        assert_eq!(unit(Unit::Query("user".into())), Some(Ok("joé x".into())));
        for absent in [
            Unit::Header("y".into()),
            Unit::Header("empty".into()),
            Unit::Cookie("x".into()),
            Unit::Query("a".into()),
            Unit::Query("fragment".into()),
        ] {
            assert_eq!(unit(absent), None);
        }
        let not_text = experiment(Unit::Header("bad".into()), &[0.5, 0.5]);
        let control = Control::default();
        assert_eq!(assign(&not_text, &control, &headers, path), Err(Unassigned::NotText));
    }

    #[test]
    fn form_decoding_keeps_what_is_no_escape() {
        for (text, decoded) in [("a+b", "a b"), ("%41%", "A%"), ("%zz", "%zz"), ("%4", "%4")] {
            assert_eq!(form_decoded(text.as_bytes()), decoded.as_bytes(), "{text}");
        }
    }
}
