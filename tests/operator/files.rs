//! The folder itself: nothing in it is unchecked or unexplained.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of an operator.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy")
}

/// A file of the folder.
pub fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All files of the folder, as paths from it.
pub fn all() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root()).unwrap();
                found.insert(name.to_str().unwrap().to_string());
            }
        }
    }
    found
}

#[test]
fn every_folder_explains_its_files() {
    for file in all() {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", &file));
        if name != "README.md" {
            let readme = read(&format!("{folder}/README.md"));
            assert!(readme.contains(name), "{folder}/README.md says nothing of {name}");
        }
    }
}
