//! MLflow's scoring server: `/invocations`, of version 2 and later, and of version 1 before it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::body::Body;
use crate::facts::{ErrorFacts, Limits, Naming, RequestFacts, ResponseFacts};
use crate::features::records::Records;
use crate::features::rows;
use crate::formats::openai;
use crate::predictions::Predictions;
use crate::predictions::answers;
use crate::protocol::CSV;
use crate::value;
use crate::wire::csv::Lines;
use crate::wire::json::{Kind, Leaf, Leaves, Reader, Span};

/// Reads a request: a table in one of five forms, or CSV under a line of names.
pub(crate) fn read_request(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    if body.is_type(CSV) {
        return Ok(read_csv(body.bytes, naming, limits));
    }
    let mut facts = RequestFacts::default();
    let mut reader = Reader::new(body.bytes);
    if reader.peek()? == Kind::Array {
        // Version 1: a bare list of records.
        rows::read(reader.skip()?, &mut facts, naming, limits)?;
        return Ok(facts);
    }
    let members = Members::read(body.bytes)?;
    if let Some(split) = members.split {
        read_split(&Members::read(split.bytes)?, &mut facts, naming, limits)?;
    } else if let Some(rows) = members.records.or(members.instances) {
        rows::read(rows, &mut facts, naming, limits)?;
    } else if let Some(inputs) = members.inputs {
        if inputs.bytes.starts_with(b"{") {
            rows::read_columns(inputs, &mut facts, naming, limits)?;
        } else if inputs.extent.is_array {
            rows::read(inputs, &mut facts, naming, limits)?;
        }
    } else if members.data.is_some() {
        // Version 1: a split table without a name around it.
        read_split(&members, &mut facts, naming, limits)?;
    } else {
        // A language model takes OpenAI's members as they are.
        return openai::read_request(body.bytes, limits);
    }
    Ok(facts)
}

/// The members of a request, or of a split table.
#[derive(Default)]
struct Members<'a> {
    split: Option<Span<'a>>,
    records: Option<Span<'a>>,
    instances: Option<Span<'a>>,
    inputs: Option<Span<'a>>,
    columns: Option<Span<'a>>,
    data: Option<Span<'a>>,
}

impl<'a> Members<'a> {
    fn read(json: &'a [u8]) -> Result<Self, UnreadReason> {
        let mut members = Self::default();
        let mut reader = Reader::new(json);
        if reader.peek()? != Kind::Object {
            reader.skip()?;
            return Err(UnreadReason::NotProtocol);
        }
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let span = reader.skip()?;
            let member = match &*key.decode(32) {
                "dataframe_split" => &mut members.split,
                "dataframe_records" => &mut members.records,
                "instances" => &mut members.instances,
                "inputs" => &mut members.inputs,
                "columns" => &mut members.columns,
                "data" => &mut members.data,
                _ => continue,
            };
            *member = (span.bytes != b"null").then_some(span);
        }
        Ok(members)
    }
}

/// A table whose names stand apart from its rows.
fn read_split(
    split: &Members<'_>,
    facts: &mut RequestFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let data = split.data.ok_or(UnreadReason::NotProtocol)?;
    let mut names = Vec::new();
    if let Some(columns) = split.columns {
        let mut leaves = Leaves::new(columns.bytes);
        while let Some(leaf) = leaves.next_leaf()? {
            if names.len() == limits.max_columns {
                break;
            }
            names.push(match leaf {
                Leaf::Text(text) => text.decode(limits.max_text_bytes).into_owned(),
                // What a table without names of its own calls them.
                Leaf::Number(number) => number.value.to_string(),
                _ => crate::features::column_name(names.len(), naming),
            });
        }
    }
    let named = Naming { feature_names: &names, ..*naming };
    let naming = if names.is_empty() { naming } else { &named };
    rows::read(data, facts, naming, limits)
}

/// A table whose first line has the names, whatever it looks like.
fn read_csv(text: &[u8], naming: &Naming<'_>, limits: &Limits) -> RequestFacts {
    let mut facts = RequestFacts::default();
    let mut lines = Lines::new(text);
    let names: Vec<String> = lines
        .next()
        .into_iter()
        .flatten()
        .take(limits.max_columns)
        .map(|cell| cell.text(limits.max_text_bytes).into_owned())
        .collect();
    let named = Naming { feature_names: &names, ..*naming };
    read_csv_rows(lines, &mut facts, &named, limits);
    facts
}

/// Adds lines as rows.
pub(crate) fn read_csv_rows(
    lines: Lines<'_>,
    facts: &mut RequestFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) {
    let mut records = Records::new(naming, limits);
    let mut rows = 0_u64;
    for line in lines {
        rows = rows.saturating_add(1);
        if !records.admits_row() {
            continue;
        }
        for (position, cell) in line.enumerate() {
            records.put_unnamed(position, &cell.leaf());
        }
        records.end_row();
    }
    facts.batch_size = Some(rows);
    records.finish(facts);
}

/// Reads a response: `predictions`, a bare list of version 1, an error, or what a language model answers.
pub(crate) fn read_response(
    json: &[u8],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let mut facts = ResponseFacts::default();
    let mut reader = Reader::new(json);
    if reader.peek()? != Kind::Object {
        answers::read(reader.skip()?, naming, limits)?.finish(&mut facts);
        return Ok(facts);
    }
    let mut predictions = None;
    let mut error = ErrorFacts::default();
    reader.enter_object()?;
    while let Some(key) = reader.next_key()? {
        match &*key.decode(32) {
            "predictions" => predictions = Some(reader.skip()?),
            "error_code" => error.code = value::name(&mut reader, limits)?,
            "message" => error.message = value::sentence(&mut reader, limits)?,
            _ => {
                reader.skip()?;
            }
        }
    }
    match predictions {
        Some(predictions) if predictions.bytes.starts_with(b"{") => {
            answers::read_columns(predictions, &mut facts, naming, limits)?;
        }
        Some(predictions) => match read_only_column(predictions, naming, limits)? {
            Some(column) => column.finish(&mut facts),
            None => answers::read(predictions, naming, limits)?.finish(&mut facts),
        },
        None if error.code.is_some() => facts.error = Some(error),
        // A model may answer a sentence.
        None if error.message.is_some() => return Err(UnreadReason::NotProtocol),
        None => return openai::read_response(json, limits),
    }
    Ok(facts)
}

/// Reads a table of one column, whatever it is called: a record of one value a row.
fn read_only_column<'n>(
    rows: Span<'_>,
    naming: &Naming<'n>,
    limits: &Limits,
) -> Result<Option<Predictions<'n>>, UnreadReason> {
    let mut predictions = Predictions::new(naming, limits);
    let mut column = None;
    let mut leaves = Leaves::new(rows.bytes);
    while let Some(row) = leaves.next_leaf()? {
        let Leaf::Object(json) = row else { return Ok(None) };
        let mut reader = Reader::new(json);
        reader.enter_object()?;
        let Some(key) = reader.next_key()? else { return Ok(None) };
        let key = key.decode(limits.max_text_bytes);
        let Some(value) = reader.leaf()? else { return Ok(None) };
        if matches!(value, Leaf::Object(_)) {
            return Ok(None);
        }
        let is_only = reader.next_key()?.is_none();
        if !is_only || *column.get_or_insert_with(|| key.clone()) != key {
            return Ok(None);
        }
        predictions.push_plain(&value);
    }
    Ok(column.map(|_| predictions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_core::event::Value;

    fn request(content_type: &str, text: &str) -> RequestFacts {
        let body = Body {
            bytes: text.as_bytes(),
            content_type: Some(content_type.as_bytes()),
            ..Body::default()
        };
        read_request(&body, &Naming::default(), &Limits::default()).unwrap()
    }

    fn check(facts: &RequestFacts, batch: u64, names: &[&str], first: &[f64]) {
        assert_eq!(facts.batch_size, Some(batch));
        let found: Vec<&str> = facts.features.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(found, names);
        let row: Vec<Value> =
            facts.features.iter().filter_map(|column| column.values.first().cloned()).collect();
        assert_eq!(row, first.iter().map(|&value| Value::Number(value)).collect::<Vec<_>>());
    }

    #[test]
    fn every_form_of_a_table_is_read() {
        let json = |text: &str| request("application/json", text);
        let (names, row) = (["a", "b"], [1.0, 2.0]);
        let data = r#""data": [[1, 2], [3, 4]], "columns": ["a", "b"], "index": [0, 1]"#;
        check(&json(&alloc::format!("{{\"dataframe_split\": {{{data}}}}}")), 2, &names, &row);
        check(&json(&alloc::format!("{{{data}}}")), 2, &names, &row);
        check(&json(r#"{"dataframe_records": [{"a": 1, "b": 2}]}"#), 1, &names, &row);
        check(&json(r#"[{"a": 1, "b": 2}]"#), 1, &names, &row);
        check(&json(r#"{"inputs": {"a": [1, 3], "b": [2, 4]}}"#), 2, &names, &row);
        check(&json(r#"{"inputs": [[1, 2]], "params": {"k": 1}}"#), 1, &["f0", "f1"], &row);
        check(&json(r#"{"instances": [[1, 2], [3, 4]]}"#), 2, &["f0", "f1"], &row);
        check(&request("text/csv", "a,b\n1,2\n3,4\n"), 2, &names, &row);
        assert_eq!(request("text/csv", "a,b").batch_size, Some(0));
        assert_eq!(json(r#"{"messages": [{"role": "user"}]}"#).batch_size, Some(1));
    }

    #[test]
    fn answers_and_errors_are_read() {
        let read =
            |text: &str| read_response(text.as_bytes(), &Naming::default(), &Limits::default());
        let numbers = [1.5, 2.5].map(Value::Number);
        assert_eq!(read(r#"{"predictions": [1.5, 2.5]}"#).unwrap().predictions, numbers);
        assert_eq!(read("[1.5, 2.5]").unwrap().predictions, numbers);
        assert_eq!(
            read(r#"{"predictions": [{"prediction": 1.5}, {"prediction": 2.5}]}"#)
                .unwrap()
                .predictions,
            numbers
        );
        let error =
            read(r#"{"error_code": "BAD_REQUEST", "message": "no"}"#).unwrap().error.unwrap();
        assert_eq!(
            (error.code.as_deref(), error.message.as_deref()),
            (Some("BAD_REQUEST"), Some("no"))
        );
        assert_eq!(read(r#"{"x": 1}"#), Err(UnreadReason::NotProtocol));
    }
}
