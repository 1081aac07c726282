//! Which variant a unit gets.
//!
//! The rule is the core's, so that a conversion finds the variant of its unit.

use tidegate_core::event::{Assignment, Conversion};
use tidegate_core::experiment::unit_hash;

use super::control::Control;
use crate::config::{self, ConversionValue, Experiment, Forced, Secret, Unit};
use crate::host::Headers;
use crate::host::path::{query_parameter, split_pair};
use crate::token::equal_in_constant_time;

/// By which testers choose a variant, and show that they may.
pub(crate) const FORCE_HEADER: &str = "x-tidegate-force";
pub(crate) const FORCE_SECRET_HEADER: &str = "x-tidegate-force-secret";

/// Why a request has no variant of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unassigned {
    /// It names no unit.
    NoUnit,
    /// Its unit is not in the experiment.
    NotIn,
    /// Its unit is not UTF-8.
    NotText,
}

/// The variant that a request is given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given {
    /// By its unit, and counted.
    Counted(Assignment),
    /// This one, because a tester wants it.
    Forced(String),
}

/// The variant of an experiment that a request belongs to, or that a tester `chose`.
pub(crate) fn assign(
    experiment: &Experiment,
    chosen: Option<&str>,
    control: &Control,
    headers: &Headers,
    path: &[u8],
) -> Result<Given, Unassigned> {
    if let Some(variant) = chosen {
        return Ok(Given::Forced(variant.into()));
    }
    let unit = unit(&experiment.unit, headers, path).ok_or(Unassigned::NoUnit)?;
    let unit = core::str::from_utf8(&unit).map_err(|_| Unassigned::NotText)?;
    if let Some(variant) = experiment.forced.of_unit(unit) {
        return Ok(Given::Forced(variant.into()));
    }
    let (index, within) = place_of(experiment, unit).ok_or(Unassigned::NotIn)?;
    let variant = experiment.variants.get(index).ok_or(Unassigned::NotIn)?;
    let keeps = control.keeps((&experiment.name, &variant.name), variant.weight, within);
    let first = experiment.variants.first().unwrap_or(variant);
    let variant = if keeps { variant } else { first };
    Ok(Given::Counted(Assignment {
        experiment: experiment.name.clone(),
        variant: variant.name.clone(),
        unit: Some(unit_hash(unit)),
    }))
}

fn place_of(experiment: &Experiment, unit: &str) -> Option<(usize, f64)> {
    let weights = experiment.variants.iter().map(|variant| variant.weight);
    experiment.population.place_of(&experiment.name, unit, weights)
}

/// The conversion that a request is once it succeeds, if it is one of a unit of the experiment.
pub(crate) fn conversion(
    experiment: &Experiment,
    headers: &Headers,
    method: &[u8],
    path: &[u8],
) -> Option<Conversion> {
    let config::Conversion { paths, method: wanted, value } = experiment.conversion.as_ref()?;
    let without_query = path.split(|byte| b"?#".contains(byte)).next().unwrap_or_default();
    let is_method = wanted.as_ref().is_none_or(|wanted| wanted.as_bytes() == method);
    if !is_method || !paths.matches(without_query) {
        return None;
    }
    let unit = String::from_utf8(unit(&experiment.unit, headers, path)?).ok()?;
    let is_tester = experiment.forced.of_unit(&unit).is_some();
    place_of(experiment, &unit).filter(|_| !is_tester)?;
    let number = |text: &[u8]| core::str::from_utf8(text).ok()?.trim().parse().ok();
    let value = value.as_ref().and_then(|value| match value {
        ConversionValue::Header(name) => number(headers.get(name)?),
        ConversionValue::Query(name) => number(&query_parameter(path, name)?),
        ConversionValue::Number(number) => Some(*number),
    });
    let value = value.filter(|value: &f64| value.is_finite());
    Some(Conversion { at: None, experiment: experiment.name.clone(), unit, value })
}

/// The variants that a tester chose by header: `EXPERIMENT=VARIANT`, several with commas between them.
#[derive(Debug, Default)]
pub(crate) struct Choice<'h> {
    text: &'h str,
    secret: &'h [u8],
}

impl<'h> Choice<'h> {
    pub(crate) fn read(headers: &'h Headers) -> Self {
        let text = headers.get(FORCE_HEADER).and_then(|text| core::str::from_utf8(text).ok());
        let secret = headers.get(FORCE_SECRET_HEADER).unwrap_or_default();
        Self { text: text.unwrap_or_default(), secret }
    }

    /// The variant of an experiment, if it has it and the secret is right.
    ///
    /// # Errors
    /// [`NotAllowed`]: one was chosen, without the secret.
    pub(crate) fn of<'e>(&self, experiment: &'e Experiment) -> Result<Option<&'e str>, NotAllowed> {
        let mut pairs = self.text.split(',').filter_map(|pair| pair.trim().split_once('='));
        let Some((_, variant)) = pairs.find(|(name, _)| *name == experiment.name) else {
            return Ok(None);
        };
        let is_right = |secret: &Secret| equal_in_constant_time(secret.0.as_bytes(), self.secret);
        if !experiment.forced.secret.as_ref().is_some_and(is_right) {
            return Err(NotAllowed);
        }
        let found = experiment.variants.iter().find(|own| own.name == variant);
        Ok(found.map(|own| own.name.as_str()))
    }
}

/// A variant was chosen by who may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAllowed;

impl Forced {
    fn of_unit(&self, unit: &str) -> Option<&str> {
        let found = self.units.iter().find(|(own, _)| own == unit);
        found.map(|(_, variant)| variant.as_str())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Variant;
    use tidegate_core::experiment::Population;
    use tidegate_core::remediation::{Directives, VariantDirective};

    fn experiment(unit: Unit, weights: &[f64]) -> Experiment {
        let variant = |(index, &weight)| Variant { name: format!("v{index}"), weight };
        let variants = weights.iter().enumerate().map(variant).collect();
        Experiment {
            name: "iris-v1-vs-v2".into(),
            unit,
            variants,
            population: Population::default(),
            forced: Forced::default(),
            conversion: None,
            guardrails: Vec::new(),
        }
    }

    fn variant(experiment: &Experiment, control: &Control, headers: &Headers) -> String {
        match assign(experiment, None, control, headers, b"/") {
            Ok(Given::Counted(assignment)) => assignment.variant,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn half_of_the_units_get_each_of_two_equal_variants() {
        let experiment = experiment(Unit::Header("x-user-id".into()), &[0.5, 0.5]);
        let is_first = |index: &u32| {
            let headers = [("x-user-id", format!("u{index}"))].into_iter().collect();
            variant(&experiment, &Control::default(), &headers) == "v0"
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
            self::variant(&experiment, &control, &headers)
        };
        let all = || (0..2_000).map(variant).collect::<Vec<_>>();
        let before = all();
        let mut kept_before = 0;
        for share in [0.0, 0.01, 0.25, 0.5, 1.0] {
            let directive = VariantDirective {
                experiment: experiment.name.clone(),
                variant: "v1".into(),
                share_kept: share,
            };
            control.follow(Directives { variants: vec![directive], circuits: vec![] });
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
                assert_eq!(variant(&experiment, &Control::default(), &headers), expected);
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
        assert_eq!(assign(&not_text, None, &control, &headers, path), Err(Unassigned::NotText));
    }
}
