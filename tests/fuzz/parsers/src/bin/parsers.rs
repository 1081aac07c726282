//! A line a parser: its name, then the folders of payloads that are its seeds besides its own.

fn main() {
    for parser in tidegate_fuzz::PARSERS {
        println!("{} {}", parser.name, parser.payloads.join(" "));
    }
}
