use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;

fn number(text: &str) -> Result<Number, Error> {
    Reader::new(text.as_bytes()).number()
}

fn value(text: &str) -> f64 {
    number(text).unwrap().value
}

fn text(json: &[u8]) -> String {
    Reader::new(json).text().unwrap().decode(usize::MAX).into_owned()
}

fn skip(json: &[u8]) -> Result<Span<'_>, Error> {
    Reader::new(json).skip()
}

fn extent(json: &str) -> Extent {
    skip(json.as_bytes()).unwrap().extent
}

fn numbers(json: &str) -> Vec<f64> {
    let mut leaves = Leaves::new(json.as_bytes());
    let mut values = Vec::new();
    while let Some(leaf) = leaves.next_leaf().unwrap() {
        match leaf {
            Leaf::Number(number) => values.push(number.value),
            other => panic!("{other:?} is no number"),
        }
    }
    values
}

#[test]
fn numbers_are_the_nearest_f64() {
    for text in [
        "0",
        "-0",
        "7",
        "4.0",
        "-1.25",
        "0.1",
        "6.8",
        "1e3",
        "1E+3",
        "12e-2",
        "1.7976931348623157e308",
        "5e-324",
        "2.2250738585072011e-308",
        "9007199254740993",
        "123456789012345678901234567890",
        "0.30000000000000004",
        "8.796664107010673e-06",
        "1e22",
        "1e23",
        "1e400",
        "-1e400",
        "1e-400",
        "0.000000000000000000000000000000000000001",
        "1e99999999999999999999",
        "1e-99999999999999999999",
    ] {
        let expected: f64 = text.parse().unwrap();
        assert_eq!(value(text).to_bits(), expected.to_bits(), "{text}");
    }
}

#[test]
fn numbers_beyond_the_grammar_are_taken() {
    assert_eq!(value("007"), 7.0);
    assert_eq!(value("1."), 1.0);
    assert!(value("NaN").is_nan());
    assert_eq!(value("Infinity"), f64::INFINITY);
    assert_eq!(value("-Infinity"), f64::NEG_INFINITY);
}

#[test]
fn an_integer_is_told_from_a_measure() {
    assert!(number("4").unwrap().is_integer);
    assert!(number("-4").unwrap().is_integer);
    for measure in ["4.0", "4e0", "NaN"] {
        assert!(!number(measure).unwrap().is_integer, "{measure}");
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["-x", "nan", "Infinite", "-NaN", "1e", "1e+x", ".5", "+1"] {
        assert!(number(text).is_err(), "{text}");
    }
    for text in ["-", "1e", "1e-", "Na", "-Inf"] {
        assert_eq!(number(text), Err(Error::UnexpectedEnd), "{text}");
    }
}

#[test]
fn strings_are_decoded_lossily() {
    assert_eq!(text(br#""plain""#), "plain");
    assert_eq!(text(br#""a\"b\\c\/d\n\t\u0041""#), "a\"b\\c/d\n\tA");
    assert_eq!(text(br#""\ud83d\ude01!""#), "\u{1f601}!");
    assert_eq!(text(br#""\ud83d!""#), "\u{fffd}!");
    assert_eq!(text(br#""\ude01\ud83d""#), "\u{fffd}\u{fffd}");
    assert_eq!(text(br#""\ud83d\u0041""#), "\u{fffd}A");
    assert_eq!(text(br#""\u12""#), "\u{fffd}12");
    assert_eq!(text(br#""\x""#), "\u{fffd}");
    assert_eq!(text(b"\"\xff\x00\n\""), "\u{fffd}\0\n");
    assert_eq!(text("\"é😁\"".as_bytes()), "é😁");
}

#[test]
fn strings_are_cut_at_a_character() {
    let decode = |json: &str, max: usize| {
        Reader::new(json.as_bytes()).text().unwrap().decode(max).into_owned()
    };
    assert_eq!(decode("\"héllo\"", 2), "h");
    assert_eq!(decode("\"héllo\"", 3), "hé");
    assert_eq!(decode("\"h\\u00e9llo\"", 2), "h");
    assert_eq!(decode("\"h\\u00e9llo\"", 4), "hél");
    assert_eq!(decode("\"abc\"", 0), "");
}

#[test]
fn objects_and_arrays_are_pulled() {
    let mut reader = Reader::new(br#" { "a" : [ 1 , true, null ] , "b" : {} , "a" : "x" } "#);
    reader.enter_object().unwrap();
    let key = |reader: &mut Reader<'_>| {
        reader.next_key().unwrap().map(|key| key.decode(usize::MAX).to_string())
    };
    assert_eq!(key(&mut reader).as_deref(), Some("a"));
    reader.enter_array().unwrap();
    assert!(reader.next_element().unwrap());
    assert_eq!(reader.number().unwrap().value, 1.0);
    assert!(reader.next_element().unwrap());
    assert!(reader.boolean().unwrap());
    assert!(reader.next_element().unwrap());
    reader.null().unwrap();
    assert!(!reader.next_element().unwrap());
    assert_eq!(key(&mut reader).as_deref(), Some("b"));
    reader.enter_object().unwrap();
    assert_eq!(key(&mut reader), None);
    assert_eq!(key(&mut reader).as_deref(), Some("a"));
    assert_eq!(reader.text_if_any().unwrap().unwrap().decode(9), "x");
    assert_eq!(key(&mut reader), None);
    reader.finish().unwrap();
}

#[test]
fn a_broken_grammar_is_refused() {
    for json in [
        "[1 2]",
        "[1,]",
        "[,1]",
        "[",
        "[1",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{1:2}",
        "]",
        "}",
        "tru",
        "trux",
        "nul",
        "'a'",
        "\"a",
        "\"a\\",
        "[1}",
        "{\"a\":1]",
        "undefined",
        "",
        "  ",
    ] {
        assert!(skip(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn a_prefix_ends_unexpectedly() {
    let json = br#"{"a": [1.5e3, -2, NaN, -Infinity, true, null], "b\n": {"c": ["x\u0041", {}]}}"#;
    for length in 0..json.len() {
        assert_eq!(skip(&json[..length]), Err(Error::UnexpectedEnd), "{length}");
    }
    assert_eq!(skip(json).unwrap().bytes, json);
}

#[test]
fn extents_count_leaves_and_rows() {
    let check = |json, elements, leaves, leaves_per_element, is_array| {
        let expected = Extent { elements, leaves, leaves_per_element, is_array };
        assert_eq!(extent(json), expected, "{json}");
    };
    check("5", 1, 1, Some(1), false);
    check("\"text\"", 1, 1, Some(1), false);
    check(r#"{"b64": [1, 2]}"#, 1, 1, Some(1), false);
    check("[]", 0, 0, None, true);
    check("[1, 2, 3]", 3, 3, Some(1), true);
    check("[[1, 2], [3, 4], [5, 6]]", 3, 6, Some(2), true);
    check("[[[1], [2]], [[3], [4]]]", 2, 4, Some(2), true);
    check("[[1, 2], [3]]", 2, 3, None, true);
    check("[[1], [2, 3], [4]]", 3, 4, None, true);
    check("[[], []]", 2, 0, Some(0), true);
    check(r#"[{"a": [1, 2]}, {"b": {}}, null]"#, 3, 3, Some(1), true);
}

#[test]
fn leaves_are_in_row_major_order() {
    assert_eq!(numbers("[[1, 2], [], [[3]], 4]"), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(numbers("5"), [5.0]);
    assert_eq!(numbers("[]"), [0.0; 0]);
    let mut leaves = Leaves::new(br#"[{"a": 1}, "b", true, null]"#);
    assert_eq!(leaves.next_leaf(), Ok(Some(Leaf::Object(br#"{"a": 1}"#))));
    assert!(matches!(leaves.next_leaf(), Ok(Some(Leaf::Text(_)))));
    assert_eq!(leaves.next_leaf(), Ok(Some(Leaf::Boolean(true))));
    assert_eq!(leaves.next_leaf(), Ok(Some(Leaf::Null)));
    assert_eq!(leaves.next_leaf(), Ok(None));
    assert_eq!(leaves.next_leaf(), Ok(None));
}

#[test]
fn depth_is_capped() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let limit = usize::try_from(MAX_DEPTH).unwrap();
    assert!(skip(nested(limit).as_bytes()).is_ok());
    assert_eq!(skip(nested(limit + 1).as_bytes()), Err(Error::TooDeep));
    assert_eq!(skip("[".repeat(100_000).as_bytes()), Err(Error::TooDeep));
    assert_eq!(skip("{\"a\":".repeat(100_000).as_bytes()), Err(Error::TooDeep));
    assert_eq!(Leaves::new("[".repeat(100_000).as_bytes()).next_leaf(), Err(Error::TooDeep));
}
