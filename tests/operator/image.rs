//! The image: what Istio and Envoy Gateway can take of it.

use crate::files::read;

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
