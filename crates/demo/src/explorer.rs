//! Serves the built explorer: files of one folder, each under its media type.

use std::path::{Component, Path, PathBuf};

use hyper::body::Incoming;
use hyper::{Request, StatusCode};

use crate::server::{Answer, response};

/// Answers with the file that the path names; a folder means its `index.html`.
pub async fn answer(folder: &Path, request: Request<Incoming>) -> Answer {
    let path = request.uri().path();
    let found = file_in(folder, path).and_then(|file| Some((std::fs::read(&file).ok()?, file)));
    Some(match found {
        Some((content, file)) => response(StatusCode::OK, media_type(&file), content.into()),
        None => response(
            StatusCode::NOT_FOUND,
            "text/plain",
            format!("there is no {path} here\n").into(),
        ),
    })
}

/// The file, unless the path leaves the folder.
fn file_in(folder: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path.trim_start_matches('/'));
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = folder.join(relative);
    Some(if file.is_dir() { file.join("index.html") } else { file })
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map" | "webmanifest") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("csv") => "text/csv; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(file_in(folder, "/src/main.rs"), Some(folder.join("src/main.rs")));
        assert_eq!(file_in(folder, "/"), Some(folder.join("index.html")));
        assert_eq!(file_in(folder, "/../Cargo.toml"), None);
        assert_eq!(file_in(folder, "/src/../../js/Cargo.toml"), None);
        assert_eq!(file_in(folder, "//etc/passwd"), Some(folder.join("etc/passwd")));
    }

    #[test]
    fn wasm_has_the_type_that_browsers_compile_while_it_streams() {
        assert_eq!(media_type(Path::new("a/tidegate-1a2b.wasm")), "application/wasm");
    }
}
