//! One parser under libFuzzer; the environment's `TIDEGATE_FUZZ` says which.
#![no_main]

use std::sync::LazyLock;

use tidegate_fuzz::Parser;

static PARSER: LazyLock<Parser> = LazyLock::new(|| {
    let name = std::env::var("TIDEGATE_FUZZ").unwrap_or_default();
    tidegate_fuzz::parser(&name).unwrap_or_else(|| panic!("TIDEGATE_FUZZ={name}: no such parser"))
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| (PARSER.run)(input));
