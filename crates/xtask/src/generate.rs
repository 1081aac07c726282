//! `cargo xtask gen`: what is written from the Rust types, so that nobody keeps it by hand.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::process::{Outcome, at, output, run};
use crate::setup::{empty_folder, tool};
use crate::workspace::{cargo, cargo_target, root};

const SCHEMAS: &str = "envoy/schemas";
const TYPES: &str = "crates/js/npm/src/wire.ts";

/// Writes the schemas and the TypeScript types; with `--check`, fails if they are not as committed.
pub fn generate(options: &[String]) -> Outcome {
    let check = match options {
        [] => false,
        [option] if option == "--check" => true,
        _ => return Err("usage: cargo xtask gen [--check]".into()),
    };
    let fresh = cargo_target()?.join("generated");
    empty_folder(&fresh)?;
    let schemas = fresh.join("schemas");
    run(cargo("run").args(["--quiet", "--package", "tidegate-schemas", "--"]).arg(&schemas))?;
    let types = fresh.join("wire.ts");
    at(&types, std::fs::write(&types, typescript(&schemas)?))?;

    let mut stale = Vec::new();
    for entry in at(&schemas, std::fs::read_dir(&schemas))?.flatten() {
        let committed = root().join(SCHEMAS).join(entry.file_name());
        place(&entry.path(), &committed, check, &mut stale)?;
    }
    place(&types, &root().join(TYPES), check, &mut stale)?;
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("run `cargo xtask gen` and commit: {}", stale.join(", ")).into())
}

fn place(fresh: &Path, committed: &Path, check: bool, stale: &mut Vec<String>) -> Outcome {
    let bytes = at(fresh, std::fs::read(fresh))?;
    if std::fs::read(committed).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if check {
        stale.push(committed.display().to_string());
        return Ok(());
    }
    println!("wrote {}", committed.display());
    if let Some(folder) = committed.parent() {
        at(folder, std::fs::create_dir_all(folder))?;
    }
    at(committed, std::fs::write(committed, bytes))
}

/// `ObservatoryOptions` as `observatory_options`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// The interfaces of all wire types in one module. One schema that refers to the three files' types
/// makes each shared type appear once.
fn typescript(schemas: &Path) -> Outcome<String> {
    let mut definitions = Map::new();
    let mut properties = Map::new();
    for name in [
        "ChunkOptions",
        "ChunkedEstimation",
        "ChunkedReport",
        "DesignOptions",
        "Directives",
        "Estimation",
        "EvaluateOptions",
        "Evaluation",
        "Event",
        "ExperimentAnalysisOptions",
        "ExperimentDesign",
        "ExperimentReport",
        "ObservatoryOptions",
        "Profile",
        "Report",
        "Snapshot",
        "Taken",
    ] {
        let file = snake_case(name);
        let path = schemas.join(format!("{file}.schema.json"));
        let text = at(&path, std::fs::read_to_string(&path))?;
        let mut schema: Map<String, Value> =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        if let Some(Value::Object(shared)) = schema.remove("$defs") {
            definitions.extend(shared);
        }
        schema.remove("$schema");
        definitions.insert(name.into(), schema.into());
        properties.insert(file, json!({ "$ref": format!("#/$defs/{name}") }));
    }
    for (name, definition) in &mut definitions {
        bare_references(definition);
        // Only a definition with a title becomes a type with a name.
        if let Value::Object(definition) = definition {
            definition.insert("title".into(), name.as_str().into());
        }
    }
    let all = json!({
        "title": "Wire", "type": "object", "additionalProperties": false,
        "description": "Every type that crosses a wire or a file, by name.",
        "required": properties.keys().collect::<Vec<_>>(),
        "properties": properties, "$defs": definitions,
    });
    let path = schemas.with_file_name("all.schema.json");
    at(&path, std::fs::write(&path, all.to_string()))?;
    let mut command = Command::new(tool("json2ts")?);
    command.arg("--input").arg(&path).args([
        "--additionalProperties=false",
        "--bannerComment",
        "// Written by `cargo xtask gen` from the Rust types. Do not edit.",
        "--style.printWidth=100",
        "--unknownAny",
    ]);
    output(&mut command).map(|text| text + "\n").ok_or_else(|| "json2ts failed".into())
}

/// Leaves of each `$ref` nothing but itself: with a description beside it, json2ts makes another type.
fn bare_references(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(reference) = fields.remove("$ref") {
                *fields = Map::from_iter([("$ref".to_owned(), reference)]);
            }
            fields.values_mut().for_each(bare_references);
        }
        Value::Array(items) => items.iter_mut().for_each(bare_references),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
