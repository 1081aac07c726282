//! `tidegate-schemas DIRECTORY`: one JSON Schema a file format.

use std::path::Path;
use std::process::ExitCode;

use schemars::{Schema, schema_for};
use tidegate_core::{profile::Profile, report::Report, snapshot::Snapshot};

fn main() -> ExitCode {
    let Some(directory) = std::env::args().nth(1) else {
        eprintln!("usage: tidegate-schemas DIRECTORY");
        return ExitCode::from(2);
    };
    match write_all(Path::new(&directory)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{directory}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let schemas: [(&str, Schema); 3] = [
        ("profile", schema_for!(Profile)),
        ("report", schema_for!(Report)),
        ("snapshot", schema_for!(Snapshot)),
    ];
    for (name, schema) in schemas {
        let mut text = serde_json::to_string_pretty(&schema)?;
        text.push('\n');
        std::fs::write(directory.join(format!("{name}.schema.json")), text)?;
    }
    Ok(())
}
