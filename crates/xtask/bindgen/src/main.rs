//! `tidegate-bindgen INPUT.wasm OUTPUT_DIRECTORY`: JavaScript and TypeScript bindings for a browser and Node.

use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(input), Some(output)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: tidegate-bindgen INPUT.wasm OUTPUT_DIRECTORY");
        return ExitCode::from(2);
    };
    let written = Bindgen::new()
        .input_path(&input)
        .typescript(true)
        // The package says where its .wasm is; a second address would make bundlers look for two.
        .omit_default_module_path(true)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(&output));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{input}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
