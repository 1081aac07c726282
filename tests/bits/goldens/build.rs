//! Turns the parity tests into functions of this crate, and the golden files into constants: what runs
//! in a gateway or in a page has neither a test harness nor a file system.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Read natively by the one module that this crate has in another form.
const FILES_MODULE: &str = "golden_files";

fn main() -> Result<(), Box<dyn Error>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tests = tests.canonicalize()?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let (mut modules, mut names) = (String::new(), String::new());
    for path in files(&tests.join("parity"))? {
        let module = path.file_stem().and_then(|name| name.to_str()).ok_or("no name")?;
        if module == "main" || module == FILES_MODULE {
            continue;
        }
        let original = fs::read_to_string(&path)?;
        let (source, found) = callable(&original);
        let copy = out.join(format!("{module}.rs"));
        fs::write(&copy, source)?;
        writeln!(modules, "#[path = {copy:?}]\nmod {module};")?;
        for name in found {
            writeln!(names, "    (\"{module}::{name}\", {module}::{name}),")?;
        }
    }
    let golden = tests.join("golden");
    let mut table = String::new();
    for path in files(&golden)? {
        let is_data = path.extension().is_some_and(|it| it != "py" && it != "md" && it != "rs");
        if is_data {
            let name = path.strip_prefix(&golden)?;
            writeln!(table, "    ({name:?}, include_bytes!({path:?})),")?;
        }
    }
    let text = format!(
        "{modules}\n\
         /// Every parity test by its path.\n\
         pub const TESTS: &[(&str, fn())] = &[\n{names}];\n\n\
         /// The golden files by their paths.\n\
         const FILES: &[(&str, &[u8])] = &[\n{table}];\n"
    );
    fs::write(out.join("parity.rs"), text)?;
    for folder in ["parity", "golden"] {
        println!("cargo::rerun-if-changed={}", tests.join(folder).display());
    }
    Ok(())
}

/// The source with its tests as plain public functions, and their names.
fn callable(source: &str) -> (String, Vec<&str>) {
    let (mut text, mut names, mut is_test) = (String::new(), Vec::new(), false);
    for line in source.lines() {
        if line == "#[test]" {
            is_test = true;
            continue;
        }
        match line.strip_prefix("fn ") {
            Some(rest) if is_test => {
                names.extend(rest.split('(').next());
                text.push_str("pub ");
                is_test = false;
            }
            _ => {}
        }
        text.push_str(line);
        text.push('\n');
    }
    (text, names)
}

/// Every file below a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
