//! Prints the sketches that `generate_sketch.py` reads: a name and base64 a line, with a tab between.
#![allow(clippy::unwrap_used, reason = "a generator fails by panicking")]

#[path = "../parity/sketch_recipe.rs"]
mod sketch_recipe;

fn main() {
    for (name, bytes) in sketch_recipe::all() {
        println!("{name}\t{}", tidegate_core::base64::encode(&bytes));
    }
}
