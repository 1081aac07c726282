//! Reads Rust as text, as far as this test needs it.

use std::fs;
use std::path::{Path, PathBuf};

/// A public function of `crates/stats`.
#[derive(Debug)]
pub struct Function {
    /// Its file, from `crates/stats/src`.
    pub file: String,
    /// The innermost public module that it stands in; empty at the root of the crate.
    pub module: String,
    /// The type of which it is a method.
    pub owner: Option<String>,
    pub name: String,
    pub signature: String,
    pub docs: String,
    /// The documentation of the modules around it.
    pub module_docs: String,
    /// It returns a field, or the length of one.
    pub is_accessor: bool,
}

/// Every `.rs` file below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What is left without comments, without the content of texts and without `::<types>`.
pub fn code(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if next == '"' {
            code.push_str("\"\"");
            rest = after_text(&rest[1..]);
        } else if rest.starts_with("'\"'") {
            rest = &rest[3..];
        } else if rest.starts_with("::<") {
            rest = &rest[rest.find('>').map_or(rest.len(), |end| end + 1)..];
        } else {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    code
}

fn after_text(text: &str) -> &str {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' if !escaped => return &text[at + 1..],
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    ""
}

/// The public functions of a crate whose `src` this is, by file and place.
pub fn public_functions(src: &Path) -> Vec<Function> {
    let sources: Vec<(String, String)> = files(src)
        .iter()
        .map(|path| {
            let name = path.strip_prefix(src).unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(path).unwrap();
            (name, text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned())
        })
        .collect();
    sources.iter().flat_map(|(file, text)| functions_of(file, text, &sources)).collect()
}

fn functions_of(file: &str, text: &str, sources: &[(String, String)]) -> Vec<Function> {
    let modules = modules_of(file);
    let is_public = |depth: usize| {
        let declaration = format!("pub mod {};", modules[depth]);
        declared_in(&modules[..depth], sources).contains(&declaration)
    };
    // A name in a private module is public if a module around it exports the name.
    let first_private = (0..modules.len()).find(|&depth| !is_public(depth));
    let exported = |name: &str| {
        let Some(depth) = first_private else { return true };
        exports(declared_in(&modules[..depth], sources)).iter().any(|export| export == name)
    };
    let module = &modules[..first_private.unwrap_or(modules.len())];
    let module_docs = (0..=modules.len())
        .flat_map(|depth| declared_in(&modules[..depth], sources).lines())
        .filter(|line| line.starts_with("//!"))
        .collect::<Vec<_>>()
        .join("\n");

    let (mut docs, mut owner, mut found) = (String::new(), None, Vec::new());
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        if let Some(doc) = trimmed.strip_prefix("///") {
            docs.push_str(doc);
            docs.push('\n');
            continue;
        }
        if line.starts_with("impl") {
            owner = implemented(line);
        } else if *line == "}" {
            owner = None;
        }
        if let Some(rest) =
            ["pub fn ", "pub const fn "].iter().find_map(|p| trimmed.strip_prefix(p))
        {
            let name: String = rest.chars().take_while(|&c| is_word(c)).collect();
            if exported(owner.as_deref().unwrap_or(&name)) {
                let body = lines[at..].join("\n");
                let (signature, body) = body.split_once('{').unwrap();
                found.push(Function {
                    file: file.to_owned(),
                    module: module.last().map_or(String::new(), |name| (*name).to_owned()),
                    owner: owner.clone(),
                    name,
                    signature: signature.to_owned(),
                    docs: docs.clone(),
                    module_docs: module_docs.clone(),
                    is_accessor: owner.is_some() && is_field(body.split('}').next().unwrap()),
                });
            }
        }
        // Attributes stand between a function and its documentation.
        let in_attribute = trimmed.starts_with('#') || trimmed.ends_with(")]") || docs.is_empty();
        if !in_attribute && !trimmed.starts_with("reason") {
            docs.clear();
        }
    }
    found
}

/// `quality/confusion/mod.rs` is `["quality", "confusion"]`.
fn modules_of(file: &str) -> Vec<&str> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { Vec::new() } else { path.split('/').collect() }
}

/// The text of a module.
fn declared_in<'a>(modules: &[&str], sources: &'a [(String, String)]) -> &'a str {
    let is_it = |(file, _): &&(String, String)| modules_of(file) == modules;
    &sources.iter().find(is_it).unwrap().1
}

/// The names that a module exports from its private ones.
fn exports(module: &str) -> Vec<String> {
    let uses = module.split("\npub use ").skip(1).map(|after| after.split(';').next().unwrap());
    uses.flat_map(|list| list.split(|c| !is_word(c))).map(str::to_owned).collect()
}

/// The type of `impl Type {` or `impl<T> Type<T> {`; none if it implements a trait.
fn implemented(line: &str) -> Option<String> {
    if line.contains(" for ") {
        return None;
    }
    let header = line.strip_prefix("impl")?;
    let after_generics = match header.strip_prefix('<') {
        Some(_) => header.split_once("> ")?.1,
        None => header,
    };
    Some(after_generics.trim_start().chars().take_while(|&c| is_word(c)).collect())
}

/// `self.field`, `&self.field`, or the size of one, such as `self.field.len()`.
fn is_field(body: &str) -> bool {
    const SIZES: [&str; 3] = [".len()", ".is_empty()", ".classes()"];
    let body = body.trim().trim_start_matches('&');
    let body = SIZES.iter().fold(body, |body, size| body.trim_end_matches(size));
    body.starts_with("self.") && body.chars().all(|c| is_word(c) || c == '.')
}

pub const fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}
