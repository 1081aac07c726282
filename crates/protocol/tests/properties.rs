//! What holds for every input, not only for those that someone thought of.

use proptest::prelude::*;
use std::fmt::Write;
use tidegate_protocol::json::{Error, Leaf, Leaves, Reader};
use tidegate_protocol::{
    Body, BodyHeaders, Limits, Naming, Protocol, ResponseReader, UnreadReason, Value,
};

/// Those whose rows are read of a list of numbers.
const TABULAR: [Protocol; 2] = [Protocol::OpenInference, Protocol::KserveV1];

fn read_all(body: &Body<'_>) {
    for protocol in Protocol::ALL {
        let limits =
            Limits { max_columns: 8, max_rows: 8, max_text_bytes: 8, max_body_bytes: 4_096 };
        if let Ok(facts) = protocol.read_request(body, &Naming::default(), &limits) {
            assert!(facts.features.len() <= limits.max_columns);
            assert!(facts.features.iter().all(|column| column.values.len() <= limits.max_rows));
        }
        if let Ok(facts) = protocol.read_response(body, &Naming::default(), &limits) {
            assert!(facts.predictions.len() <= limits.max_rows);
            assert!(
                facts.confidences.is_empty() || facts.confidences.len() == facts.predictions.len()
            );
            assert!(facts.confidences.iter().all(|confidence| (0.0..=1.0).contains(confidence)));
        }
    }
}

fn plain(bytes: &[u8]) -> Body<'_> {
    Body { bytes, ..Body::default() }
}

/// A JSON value of any kind, nested a little, with the names that protocols look for.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let name = prop_oneof![
        Just("inputs"),
        Just("outputs"),
        Just("instances"),
        Just("predictions"),
        Just("name"),
        Just("shape"),
        Just("datatype"),
        Just("data"),
        Just("parameters"),
        Just("error"),
        Just("predict"),
        Just("predict_proba"),
        Just("label"),
        Just("scores"),
        Just("b64"),
        Just("Probability_a"),
        Just("specversion"),
        Just("id"),
        Just("binary_data_size"),
        Just("choices"),
        Just("usage"),
        Just("finish_reason"),
        Just("prompt_tokens"),
        Just("message"),
        Just("type"),
        Just("dataframe_split"),
        Just("columns"),
        Just("ndarray"),
        Just("tensor"),
        Just("values"),
        Just("features"),
        Just("token"),
    ]
    .prop_map(String::from);
    let text = prop_oneof![
        Just("FP32".to_string()),
        Just("BYTES".to_string()),
        Just("0.5:1:a".to_string()),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-3_i64..9).prop_map(Into::into),
        (0.0..=1.0_f64).prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        text.prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..256), length in any::<Vec<u8>>()) {
        read_all(&plain(&bytes));
        read_all(&Body { inference_header_content_length: Some(&length), ..plain(&bytes) });
        for protocol in Protocol::ALL {
            let _ = protocol.target(b"POST", &bytes);
        }
    }

    #[test]
    fn any_split_gives_the_same_facts(
        value in json(), events in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let json = serde_json::to_string(&value).unwrap();
        let text = if events { format!("data: {json}\r\n\r\n: x\rdata: {json}\n\ndata: [DONE]") } else { json };
        let bytes = text.as_bytes();
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let headers = BodyHeaders {
            path: Some(b"/v2/models/m/generate_stream".to_vec()),
            content_type: events.then(|| b"text/event-stream".to_vec()),
            ..BodyHeaders::default()
        };
        for protocol in Protocol::ALL {
            let (naming, limits) = (Naming::default(), Limits::default());
            let mut reader = ResponseReader::new(protocol, headers.clone(), &limits);
            for place in places.windows(2) {
                reader.push(&bytes[place[0]..place[1]], &naming);
            }
            let whole = protocol.read_response(&headers.body(bytes), &naming, &limits);
            prop_assert_eq!(reader.finish(true, &naming), whole, "{:?}", protocol);
        }
    }

    #[test]
    fn any_json_is_answered(value in json(), cut in any::<prop::sample::Index>()) {
        let bytes = serde_json::to_vec(&value).unwrap();
        read_all(&plain(&bytes));
        read_all(&plain(&bytes[..cut.index(bytes.len())]));
        let length = cut.index(bytes.len()).to_string();
        read_all(&Body { inference_header_content_length: Some(length.as_bytes()), ..plain(&bytes) });
    }

    #[test]
    fn valid_json_is_passed_over_to_its_end(value in json()) {
        let bytes = serde_json::to_vec_pretty(&value).unwrap();
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.skip().map(|span| span.bytes), Ok(&bytes[..]));
        prop_assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn a_cut_value_ends_unexpectedly(value in json(), cut in any::<prop::sample::Index>()) {
        let bytes = serde_json::to_vec(&serde_json::json!([value])).unwrap();
        let mut reader = Reader::new(&bytes[..cut.index(bytes.len())]);
        prop_assert_eq!(reader.skip(), Err(Error::UnexpectedEnd));
    }

    #[test]
    fn a_number_is_the_nearest_f64(value in any::<f64>().prop_filter("finite", |value| value.is_finite()),
                                   digits in 0_usize..25) {
        for text in [value.to_string(), format!("{value:e}"), format!("{value:.digits$e}")] {
            let read = Reader::new(text.as_bytes()).number().unwrap().value;
            prop_assert_eq!(read.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{}", text);
        }
    }

    #[test]
    fn a_short_decimal_is_the_nearest_f64(mantissa in any::<u64>(), exponent in -30_i32..30) {
        let text = format!("{mantissa}e{exponent}");
        let read = Reader::new(text.as_bytes()).number().unwrap().value;
        prop_assert_eq!(read.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{}", text);
    }

    #[test]
    fn a_string_survives(text in any::<String>()) {
        let json = serde_json::to_vec(&text).unwrap();
        let read = Reader::new(&json).text().unwrap();
        prop_assert_eq!(read.decode(usize::MAX), text.as_str());
        let cut = read.decode(5);
        prop_assert!(cut.len() <= 5 && text.starts_with(&*cut));
    }

    #[test]
    fn leaves_are_the_values_flattened(rows in prop::collection::vec(prop::collection::vec(-1e9..1e9_f64, 0..5), 0..5)) {
        let json = serde_json::to_vec(&rows).unwrap();
        let mut leaves = Leaves::new(&json);
        for expected in rows.iter().flatten() {
            match leaves.next_leaf() {
                Ok(Some(Leaf::Number(number))) => prop_assert_eq!(number.value, *expected),
                other => prop_assert!(false, "{:?}", other),
            }
        }
        prop_assert_eq!(leaves.next_leaf(), Ok(None));
    }

    #[test]
    fn a_batch_keeps_its_rows(rows in prop::collection::vec([-1e9..1e9_f64, -1e9..1e9, -1e9..1e9], 1..20)) {
        let flat: Vec<f64> = rows.iter().flatten().copied().collect();
        let open_inference = serde_json::json!({"inputs": [
            {"name": "x", "datatype": "FP64", "shape": [rows.len(), 3], "data": flat}]});
        let kserve_v1 = serde_json::json!({"instances": rows});
        for (protocol, body) in TABULAR.iter().zip([open_inference, kserve_v1]) {
            let bytes = serde_json::to_vec(&body).unwrap();
            let facts =
                protocol.read_request(&plain(&bytes), &Naming::default(), &Limits::default()).unwrap();
            prop_assert_eq!(facts.batch_size, Some(rows.len() as u64));
            prop_assert_eq!(facts.features.len(), 3);
            for (position, column) in facts.features.iter().enumerate() {
                let expected: Vec<Value> = rows.iter().map(|row| Value::Number(row[position])).collect();
                prop_assert_eq!(&column.values, &expected);
            }
        }
    }
}

#[test]
fn deep_nesting_is_too_deep() {
    for open in ["[", "{\"inputs\":", "{\"data\":[", "{\"specversion\":{\"data\":"] {
        let json = format!("{{\"instances\":{}", open.repeat(100_000));
        for protocol in Protocol::ALL.into_iter().filter(|protocol| !protocol.is_grpc()) {
            let (naming, limits) = (Naming::default(), Limits::default());
            let request = protocol.read_request(&plain(json.as_bytes()), &naming, &limits);
            assert_eq!(request, Err(UnreadReason::TooDeep), "{open}");
            let response = protocol.read_response(&plain(json.as_bytes()), &naming, &limits);
            assert_eq!(response, Err(UnreadReason::TooDeep), "{open}");
        }
    }
}

#[test]
fn a_mebibyte_of_numbers_is_read() {
    let mut data = String::from("[0");
    let mut count = 1_u64;
    while data.len() < 1 << 20 {
        write!(data, ",{}.{}", count % 97, count % 13).unwrap();
        count += 1;
    }
    data.push(']');
    let limits = Limits { max_columns: 4, max_rows: 1_000, ..Limits::default() };
    let read = |protocol: Protocol, body: String| {
        protocol.read_request(&plain(body.as_bytes()), &Naming::default(), &limits).unwrap()
    };
    let shape = format!("[{count}]");
    let column =
        format!(r#"{{"inputs":[{{"data":{data},"shape":{shape},"name":"x","datatype":"FP32"}}]}}"#);
    let facts = read(Protocol::OpenInference, column);
    assert_eq!((facts.batch_size, facts.dropped_rows), (Some(count), count - 1_000));
    assert_eq!(facts.features[0].values.len(), 1_000);
    let facts = read(Protocol::KserveV1, format!(r#"{{"instances":[{data}]}}"#));
    assert_eq!((facts.batch_size, facts.dropped_columns), (Some(1), count - 4));
    assert_eq!(facts.features.len(), 4);
}

/// A record of many keys and then a million empty ones would otherwise grow every column.
#[test]
fn sparse_rows_take_bounded_memory() {
    let keys: Vec<String> = (0..512).map(|key| format!("\"k{key}\":1")).collect();
    let json = format!(r#"{{"instances":[{{{}}}{}]}}"#, keys.join(","), ",{}".repeat(300_000));
    let limits = Limits::default();
    let facts = Protocol::KserveV1
        .read_request(&plain(json.as_bytes()), &Naming::default(), &limits)
        .unwrap();
    assert_eq!(facts.batch_size, Some(300_001));
    let cells: usize = facts.features.iter().map(|column| column.values.len()).sum();
    assert!(cells < 100_000, "{cells} cells");
    let kept = facts.features[0].values.len() as u64;
    assert_eq!(kept + facts.dropped_rows, 300_001);
}
