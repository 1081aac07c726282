//! The image: what Istio and Envoy Gateway can take of it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::files::{read, root};
use crate::prometheus::{folder, installed};

#[test]
fn the_image_is_one_layer_with_one_file() {
    let dockerfile = read("image/Dockerfile");
    let instructions: Vec<&str> = dockerfile
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .collect();
    // A second COPY would be a second layer, and a WORKDIR would put the file elsewhere.
    assert_eq!(instructions, ["FROM scratch", "COPY tidegate.wasm ./plugin.wasm"]);
}

/// What a program prints; `Err` with what it complains of.
fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command.output().unwrap();
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The layers of a manifest: their media types, and the files that hold them below `blobs`.
fn layers(manifest: &Value) -> Vec<(&str, &str)> {
    let layers = manifest["layers"].as_array().unwrap().iter();
    layers
        .map(|layer| {
            let (_, digest) = layer["digest"].as_str().unwrap().split_once(':').unwrap();
            (layer["mediaType"].as_str().unwrap(), digest)
        })
        .collect()
}

#[test]
fn what_is_built_is_what_istio_fetches() {
    let Some(buildah) = installed("buildah") else { return };
    const WASM: &[u8] = b"\0asm\x01\0\0\0";
    let folder = folder("image");
    let context = folder.join("context");
    fs::create_dir(&context).unwrap();
    fs::write(context.join("tidegate.wasm"), WASM).unwrap();
    let buildah = |arguments: &[&str]| {
        let [storage, running] = ["storage", "running"].map(|name| folder.join(name));
        let mut command = Command::new(&buildah);
        command.args(["--storage-driver", "vfs", "--root"]).arg(storage).arg("--runroot");
        command.arg(running).args(arguments).current_dir(&context);
        output(&mut command)
    };
    let dockerfile = root().join("image/Dockerfile");
    let build = ["bud", "--isolation", "chroot", "--tag", "tidegate", "--file"];
    if let Err(why) = buildah(&[&build[..], &[dockerfile.to_str().unwrap(), "."]].concat()) {
        let refused = ["permitted", "denied", "namespace"].iter().any(|word| why.contains(word));
        assert!(refused, "{why}");
        let skipped = format!("SKIPPED: buildah may not build here: {why}\n");
        let _ = std::io::stderr().write_all(skipped.as_bytes());
        return;
    }
    let to = |format: &str, name: &str| {
        let place = folder.join(name);
        buildah(&["push", "tidegate", &format!("{format}:{}", place.display())]).unwrap();
        place
    };
    let open = to("oci", "oci");
    let blobs = open.join("blobs/sha256");
    let index = json(&open.join("index.json"));
    let (_, digest) = index["manifests"][0]["digest"].as_str().unwrap().split_once(':').unwrap();
    let open = json(&blobs.join(digest));
    let [(media_type, blob)] = layers(&open)[..] else { panic!("{open}") };
    assert_eq!(media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
    let tar = |way: &str, file: &[&str]| {
        output(Command::new("tar").arg(way).arg(blobs.join(blob)).args(file)).unwrap()
    };
    assert_eq!(tar("tzf", &[]), b"plugin.wasm\n");
    assert_eq!(tar("xzOf", &["plugin.wasm"]), WASM);

    let place = folder.join("docker");
    let place = format!("dir:{}", place.display());
    buildah(&["push", "--format", "v2s2", "tidegate", &place]).unwrap();
    let docker = json(&folder.join("docker/manifest.json"));
    assert_eq!(docker["mediaType"], "application/vnd.docker.distribution.manifest.v2+json");
    let types: Vec<&str> = layers(&docker).into_iter().map(|(media_type, _)| media_type).collect();
    assert_eq!(types, ["application/vnd.docker.image.rootfs.diff.tar.gzip"]);
}
