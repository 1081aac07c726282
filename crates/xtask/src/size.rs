//! `cargo xtask size`: artifacts against the budgets in `budgets.toml`.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;

use crate::process::{Failure, Outcome, at, no_options};
use crate::workspace::{artifacts, root};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budgets {
    artifact: Vec<Artifact>,
}

/// One budget: of files, or of a page with everything that it loads at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Artifact {
    name: String,
    #[serde(default)]
    files: Vec<PathBuf>,
    entry: Option<PathBuf>,
    raw_bytes: Option<u64>,
    gzip_bytes: Option<u64>,
}

/// Prints each artifact's size beside its budget, and fails if one is over.
pub fn check(options: &[String]) -> Outcome {
    no_options(options)?;
    let path = root().join("crates/xtask/budgets.toml");
    let text = at(&path, std::fs::read_to_string(&path))?;
    let budgets: Budgets =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut over = Vec::new();
    for artifact in &budgets.artifact {
        let size = Size::of(artifact)?;
        for (unit, bytes, budget) in
            [("raw", size.raw, artifact.raw_bytes), ("gzip", size.gzip, artifact.gzip_bytes)]
        {
            let Some(budget) = budget else { continue };
            println!("{:<28} {bytes:>9} of {budget:>9} bytes, {unit}", artifact.name);
            if bytes > budget {
                over.push(artifact.name.as_str());
            }
        }
    }
    if over.is_empty() { Ok(()) } else { Err(format!("over budget: {}", over.join(", ")).into()) }
}

#[derive(Default)]
struct Size {
    raw: u64,
    gzip: u64,
}

impl Size {
    fn of(artifact: &Artifact) -> Outcome<Self> {
        let mut files: Vec<PathBuf> =
            artifact.files.iter().map(|file| artifacts().join(file)).collect();
        if let Some(entry) = &artifact.entry {
            files.extend(first_load(&artifacts().join(entry))?);
        }
        let mut size = Self::default();
        for file in files {
            let bytes = at(&file, std::fs::read(&file))?;
            size.raw += bytes.len() as u64;
            size.gzip += at(&file, gzip(&bytes))?.len() as u64;
        }
        Ok(size)
    }
}

/// A page, and the scripts and styles that it names: what a browser fetches before it shows anything.
fn first_load(page: &Path) -> Outcome<Vec<PathBuf>> {
    let html = at(page, std::fs::read_to_string(page))?;
    let folder = page.parent().ok_or_else(|| Failure::from("a page is in a folder"))?;
    let named = ["src=\"", "href=\""]
        .iter()
        .flat_map(|attribute| html.split(attribute).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .filter(|path| path.ends_with(".js") || path.ends_with(".css"))
        .map(|path| folder.join(path.trim_start_matches("./")));
    Ok(std::iter::once(page.to_owned()).chain(named).collect())
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
