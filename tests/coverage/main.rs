//! Every public function of `crates/stats` has a golden, a property and a documentation that says
//! what it must. A function is looked up by its name, so that a new one cannot be forgotten.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod source;

use std::fs;
use std::path::{Path, PathBuf};

use source::{Function, code, files, is_word, public_functions};

/// Functions, or names of functions, that no oracle computes, and why.
const WITHOUT_ORACLE: &[(&str, &str)] = &[
    ("Decision::judge", "the rule is this crate's own"),
    ("EffectFloor::of", "a field by its name"),
    ("MultivariateFloor::of", "a field by its name"),
    ("Method::needs_values", "a fact about a method, no number"),
    ("order::ascending", "places, as those of the standard library's sort"),
    ("order::descending", "places, as those of the standard library's sort"),
    ("order::sort_by", "no number"),
    ("Rows::row", "a piece of a slice"),
    ("estimated_size_bytes", "the memory of this crate's own layout"),
    ("for_run_length", "no package has one: measured on streams in tests/properties/detector.rs"),
];

/// Functions that have no law, and why.
const WITHOUT_LAW: &[(&str, &str)] =
    &[("EffectFloor::of", "a field by its name"), ("MultivariateFloor::of", "a field by its name")];

fn tests_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn stats() -> Vec<Function> {
    public_functions(&tests_folder().join("../crates/stats/src"))
}

/// What must be covered: not what returns a field.
fn computing() -> Vec<Function> {
    stats().into_iter().filter(|function| !function.is_accessor).collect()
}

impl Function {
    fn is_in(&self, exemptions: &[(&str, &str)]) -> bool {
        exemptions.iter().any(|(name, _)| *name == self.name || *name == self.path())
    }

    /// `Type::method` or `module::function`.
    fn path(&self) -> String {
        let place = self.owner.as_ref().unwrap_or(&self.module);
        format!("{place}::{}", self.name)
    }
}

/// Whether the code names a function: `module::function`, or its name called where the name is
/// nobody else's; of a method, its call where the type is named too.
fn names(code: &str, function: &Function, is_alone: bool) -> bool {
    let Function { name, owner, .. } = function;
    let called = |before: &dyn Fn(&str) -> bool| {
        places(code, name).any(|at| {
            let after = &code[at + name.len()..];
            after.starts_with('(') && before(&code[..at])
        })
    };
    if places(code, &function.path()).next().is_some() {
        return true;
    }
    match owner {
        Some(owner) => {
            places(code, owner).next().is_some() && called(&|before| before.ends_with('.'))
        }
        None => {
            is_alone
                && called(&|before| ![".", "fn ", "::"].iter().any(|end| before.ends_with(end)))
        }
    }
}

/// Where a word or a path stands as a whole.
fn places<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        !code[..at].ends_with(is_word) && !code[at + word.len()..].starts_with(is_word)
    })
}

/// The functions that no file of a folder of tests names, but those that need not be.
fn unnamed_in(folder: &str, exemptions: &[(&str, &str)]) -> Vec<String> {
    let paths = files(&tests_folder().join(folder));
    let read = |path: &PathBuf| code(&fs::read_to_string(path).unwrap());
    let sources: Vec<String> = paths.iter().map(read).collect();
    let functions = computing();
    let is_alone = |name: &str| {
        functions.iter().filter(|other| other.owner.is_none() && other.name == name).count() == 1
    };
    functions
        .iter()
        .filter(|function| !function.is_in(exemptions))
        .filter(|function| {
            !sources.iter().any(|code| names(code, function, is_alone(&function.name)))
        })
        .map(|function| format!("{} ({})", function.path(), function.file))
        .collect()
}

#[track_caller]
fn assert_none(missing: &[String], what_to_add: &str) {
    assert!(missing.is_empty(), "{what_to_add}\n  {}", missing.join("\n  "));
}

#[test]
fn every_function_has_a_golden() {
    assert_none(
        &unnamed_in("parity", WITHOUT_ORACLE),
        "Add to tests/parity a test that calls it and compares with an oracle that is not ours (or to \
         WITHOUT_ORACLE, with a reason):",
    );
}

#[test]
fn every_function_has_a_property() {
    assert_none(
        &unnamed_in("properties", WITHOUT_LAW),
        "Add to tests/properties a test that calls it and holds a law for any input (or to \
         WITHOUT_LAW, with a reason):",
    );
}

/// The heads that a function's documentation lacks.
fn lacking(function: &Function) -> Vec<&'static str> {
    let docs = &function.docs;
    let is_free = function.owner.is_none();
    let says = |head: &str| docs.contains(&format!(" # {head}\n"));
    let referenced = says("References") || function.module_docs.contains("//! # References");
    [
        ("a first line", docs.trim().is_empty()),
        ("# Errors", function.signature.contains("Result<") && !says("Errors")),
        (
            "# Returns, or a definition in `backticks`",
            is_free && !says("Returns") && !docs.contains('`'),
        ),
        ("# Examples with an assert", is_free && !(says("Examples") && docs.contains("assert"))),
        ("# References", is_free && function.module != "num" && !referenced),
    ]
    .into_iter()
    .filter_map(|(head, is_lacking)| is_lacking.then_some(head))
    .collect()
}

#[test]
fn every_function_is_documented() {
    let lacking: Vec<String> = stats()
        .iter()
        .map(|function| (function, lacking(function)))
        .filter(|(_, heads)| !heads.is_empty())
        .map(|(function, heads)| {
            format!("{} ({}): {}", function.path(), function.file, heads.join("; "))
        })
        .collect();
    assert_none(&lacking, "Add to the documentation:");
}

#[test]
fn every_exemption_is_needed() {
    let functions = computing();
    let names: Vec<String> =
        functions.iter().flat_map(|function| [function.path(), function.name.clone()]).collect();
    for (folder, exemptions) in [("parity", WITHOUT_ORACLE), ("properties", WITHOUT_LAW)] {
        let unnamed = unnamed_in(folder, &[]);
        for (name, reason) in exemptions {
            assert!(!reason.is_empty(), "{name} has no reason");
            assert!(names.iter().any(|other| other == name), "{name} is gone");
            let is_needed = functions
                .iter()
                .filter(|function| function.is_in(&[(*name, *reason)]))
                .any(|function| unnamed.iter().any(|path| path.starts_with(&function.path())));
            assert!(is_needed, "{name} is in tests/{folder}, and needs no exemption");
        }
    }
}

#[test]
fn the_search_finds_what_is_public_and_what_is_named() {
    let functions = computing();
    let find = |path: &str| functions.iter().find(|function| function.path() == path).unwrap();
    assert!(functions.len() > 200, "{}", functions.len());
    assert_eq!(find("special::normal_tail").file, "special/normal.rs");
    assert!(functions.iter().all(|function| function.name != "ln_1p_minus"), "not public");
    let brier = find("quality::brier");
    assert!(names("let x = brier(&labels);", brier, true));
    assert!(names("quality::brier", brier, false));
    for code in ["fn brier(", "loss.brier()", "my_brier()", "other::brier()", "let brier = 1;"] {
        assert!(!names(code, brier, true), "{code}");
    }
    let merge = find("Moments::merge");
    assert!(names("let a: Moments; a.merge(b)", merge, false));
    assert!(!names("let a: Hll; a.merge(b)", merge, false));
    assert_eq!(code("f(\"brier(\"); // brier(\nKll::<f64>::x"), "f(\"\"); \nKll::x");
}
