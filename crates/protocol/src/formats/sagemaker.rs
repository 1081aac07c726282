//! Amazon SageMaker's built-in containers: `/invocations` as CSV without names, JSON, or JSON lines.

use alloc::vec;
use alloc::vec::Vec;

use tidegate_core::event::{UnreadReason, Value};

use crate::body::Body;
use crate::error;
use crate::facts::{ClassScores, Limits, Naming, RequestFacts, ResponseFacts};
use crate::features::records::Records;
use crate::formats::{mlflow, torchserve};
use crate::predictions::answers;
use crate::predictions::{Predictions, Scores};
use crate::protocol::CSV;
use crate::value;
use crate::wire::csv::Lines;
use crate::wire::json::{Kind, Leaf, Leaves, Reader, Span};

/// Types of JSON lines, a document each.
const LINES: [&str; 3] =
    ["application/jsonlines", "application/x-ndjson", "application/x-jsonlines"];

/// A type that `curl -d` sends whatever the body is.
const FORM: &str = "application/x-www-form-urlencoded";

/// Types that are not read: of those that begin like the last, only lines and forms are.
const FOREIGN: [&str; 3] = ["text/libsvm", "text/x-libsvm", "application/x-"];

/// The form of a body. Where no type says it, JSON begins as no line of numbers does.
enum Form {
    Csv,
    Json,
    JsonLines,
}

fn form(body: &Body<'_>) -> Result<Form, UnreadReason> {
    let is_lines = LINES.iter().any(|lines| body.is_type(lines));
    let is_foreign = FOREIGN.iter().any(|foreign| body.is_type(foreign));
    let is_text = !body.bytes.contains(&0) && core::str::from_utf8(body.bytes).is_ok();
    if is_foreign && !is_lines && !body.is_type(FORM) || !is_text {
        return Err(UnreadReason::ContentType);
    }
    let first = body.bytes.trim_ascii_start().first();
    Ok(if body.is_type(CSV) {
        Form::Csv
    } else if is_lines {
        Form::JsonLines
    } else if body.is_type("application/json") || matches!(first, Some(b'{' | b'[')) {
        Form::Json
    } else {
        Form::Csv
    })
}

/// Reads a request.
pub(crate) fn read_request(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    let mut facts = RequestFacts::default();
    match form(body)? {
        Form::Csv => mlflow::read_csv_rows(Lines::new(body.bytes), &mut facts, naming, limits),
        Form::JsonLines => {
            let mut records = Records::new(naming, limits);
            let mut rows = 0_u64;
            for line in text_lines(body.bytes) {
                let mut reader = Reader::new(line);
                records.push_row(&mut Reader::new(features(reader.skip()?)?.bytes))?;
                reader.finish()?;
                rows = rows.saturating_add(1);
            }
            facts.batch_size = Some(rows);
            records.finish(&mut facts);
        }
        Form::Json => {
            let mut reader = Reader::new(body.bytes);
            let rows = match reader.peek()? {
                Kind::Object => member(body.bytes, &["instances", "inputs", "data"])?,
                _ => Some(reader.skip()?),
            };
            let rows = rows.ok_or(UnreadReason::NotProtocol)?;
            let mut records = Records::new(naming, limits);
            if rows.bytes.starts_with(b"\"") {
                // One text without a list around it, as Hugging Face's containers take it.
                records.push_row(&mut Reader::new(rows.bytes))?;
                facts.batch_size = Some(1);
                records.finish(&mut facts);
                return Ok(facts);
            }
            if !rows.extent.is_array {
                return Err(UnreadReason::NotProtocol);
            }
            let mut reader = Reader::new(rows.bytes);
            reader.enter_array()?;
            while reader.next_element()? {
                records.push_row(&mut Reader::new(features(reader.skip()?)?.bytes))?;
            }
            facts.batch_size = u64::try_from(rows.extent.elements).ok();
            records.finish(&mut facts);
        }
    }
    Ok(facts)
}

/// The lines of a text that are not blank.
fn text_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}

/// The values of one row: those under `features`, or under `data.features.values`, or the row itself.
fn features(row: Span<'_>) -> Result<Span<'_>, UnreadReason> {
    let mut found = row;
    for names in [&["data"][..], &["features"], &["values"]] {
        if found.bytes.starts_with(b"{")
            && let Some(inner) = member(found.bytes, names)?
        {
            found = inner;
        }
    }
    Ok(found)
}

/// The last member of one of these names.
fn member<'a>(json: &'a [u8], names: &[&str]) -> Result<Option<Span<'a>>, UnreadReason> {
    let mut found = None;
    let mut reader = Reader::new(json);
    reader.enter_object()?;
    while let Some(key) = reader.next_key()? {
        let span = reader.skip()?;
        if names.contains(&&*key.decode(32)) {
            found = Some(span);
        }
    }
    Ok(found)
}

/// Reads a response.
pub(crate) fn read_response(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let mut facts = ResponseFacts::default();
    let mut predictions = Predictions::new(naming, limits);
    match form(body)? {
        // Lists as Python writes them, one a line or all on one: rows of probabilities.
        Form::Csv if body.bytes.trim_ascii_start().starts_with(b"[") => {
            let mut list = vec![b'['];
            for (index, line) in text_lines(body.bytes).enumerate() {
                if index > 0 {
                    list.push(b',');
                }
                list.extend_from_slice(line);
            }
            list.push(b']');
            predictions = answers::read(Reader::new(&list).skip()?, naming, limits)?;
        }
        Form::Csv => {
            for line in Lines::new(body.bytes) {
                read_cells(line, &mut predictions)?;
            }
        }
        Form::JsonLines => {
            for line in text_lines(body.bytes) {
                let mut reader = Reader::new(line);
                answers::read_row(reader.skip()?, limits, &mut predictions)?;
                reader.finish()?;
            }
        }
        Form::Json => {
            let mut reader = Reader::new(body.bytes);
            let mut all = None;
            if reader.peek()? == Kind::Object {
                if let Some(problem) = member(body.bytes, &["error", "detail"])? {
                    facts.error = error::read(&mut Reader::new(problem.bytes), limits)?;
                    return Ok(facts);
                }
                all = member(body.bytes, &["predictions", "scores"])?;
                if all.is_none() {
                    // The server in many containers is TorchServe's forerunner, and tells errors as that does.
                    facts.error = torchserve::read_error(body.bytes, limits)?;
                    if facts.error.is_some() {
                        return Ok(facts);
                    }
                }
            }
            // One row without a list around it, where there is none.
            let all = match all {
                Some(list) if list.extent.is_array => list,
                _ => reader.skip()?,
            };
            predictions = answers::read(all, naming, limits)?;
        }
    }
    predictions.finish(&mut facts);
    Ok(facts)
}

/// Splits one row of scores into the rows that were asked for: XGBoost's container answers all of them on one
/// line, which by itself is one row with a score a class.
pub(crate) fn split_line(rows: u64, response: &mut ResponseFacts) {
    let asked = usize::try_from(rows).unwrap_or(usize::MAX);
    let is_line =
        |scores: &ClassScores| scores.scores.len() == asked && scores.classes.len() == asked;
    if asked < 2 || response.batch_size != Some(1) || !response.scores.as_ref().is_some_and(is_line)
    {
        return;
    }
    let scores = response.scores.take().unwrap_or_default().scores;
    response.batch_size = Some(rows);
    response.predictions = scores.into_iter().map(Value::Number).collect();
    response.confidences = Vec::new();
}

/// One line: a prediction, a score a class, or a prediction beside a quoted list of scores.
fn read_cells(
    line: crate::wire::csv::Line<'_>,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    let mut label = None;
    let mut list = None;
    let mut cells = 0_usize;
    let mut texts = 0_usize;
    let mut text = None;
    for cell in line.clone() {
        cells = cells.saturating_add(1);
        if cell.bytes().starts_with(b"[") {
            list = list.or(Some(cell));
        } else {
            if !matches!(cell.leaf(), Leaf::Number(_)) {
                texts = texts.saturating_add(1);
                text = Some(cell);
            }
            label = label.or(Some(cell));
        }
    }
    let mut scores = Scores::default();
    match (list, label) {
        (Some(list), label) => {
            let wanted = label.and_then(|label| value::class_index(&label.leaf()));
            let mut own = None;
            let mut leaves = Leaves::new(list.bytes());
            while let Some(leaf) = leaves.next_leaf()? {
                if let (true, Leaf::Number(number)) = (wanted == Some(scores.count()), leaf) {
                    own = Some(number.value);
                }
                scores.push_leaf(&leaf);
                predictions.table.put(None, &leaf);
            }
            match label {
                Some(label) => {
                    let class = predictions.class_of(&label.leaf());
                    let confidence = own.unwrap_or_else(|| scores.highest());
                    let confidence = scores.is_distribution().then_some(confidence);
                    predictions.push(class, confidence);
                }
                None => predictions.push_scores(&scores),
            }
        }
        (None, Some(label)) if cells == 1 => predictions.push_plain(&label.leaf()),
        (None, _) if texts == 0 => {
            for cell in line {
                scores.push_leaf(&cell.leaf());
                predictions.table.put(None, &cell.leaf());
            }
            predictions.push_scores(&scores);
        }
        // The only text among numbers can but be the class.
        (None, _) => match text {
            Some(text) if texts == 1 && matches!(text.leaf(), Leaf::Text(_)) => {
                let class = predictions.class_of(&text.leaf());
                predictions.push(class, None);
            }
            _ => predictions.push_unknown(),
        },
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use tidegate_core::event::Value;

    fn body<'a>(content_type: &'a str, text: &'a str) -> Body<'a> {
        let content_type = Some(content_type.as_bytes());
        Body { bytes: text.as_bytes(), content_type, ..Body::default() }
    }

    #[test]
    fn requests_of_each_type_are_rows() {
        let check = |content_type, text, batch, columns| {
            let body = body(content_type, text);
            let facts = read_request(&body, &Naming::default(), &Limits::default()).unwrap();
            assert_eq!((facts.batch_size, facts.features.len()), (Some(batch), columns), "{text}");
            let first = facts.features.first().map(|column| column.values.first().cloned());
            assert_eq!(first, Some(Some(Value::Number(1.0))), "{text}");
        };
        check("text/csv", "1,2,3\n4,5,6\n", 2, 3);
        check(
            "application/json",
            r#"{"instances": [{"features": [1, 2]}, {"features": [3, 4]}]}"#,
            2,
            2,
        );
        check(
            "application/json",
            r#"{"instances": [{"data": {"features": {"values": [1, 2]}}}]}"#,
            1,
            2,
        );
        check("application/json", "[[1, 2], [3, 4]]", 2, 2);
        check("application/jsonlines", "{\"features\": [1, 2]}\n\n{\"features\": [3, 4]}", 2, 2);
        check("", "{\"instances\": [[1]]}", 1, 1);
        check("", "1,2", 1, 2);
        let libsvm = body("text/libsvm", "1 1:2");
        let refused = read_request(&libsvm, &Naming::default(), &Limits::default());
        assert_eq!(refused, Err(UnreadReason::ContentType));
    }

    #[test]
    fn one_text_is_a_row() {
        let body = body("application/json", r#"{"inputs": "good"}"#);
        let facts = read_request(&body, &Naming::default(), &Limits::default()).unwrap();
        assert_eq!((facts.batch_size, facts.features.len()), (Some(1), 1));
        assert_eq!(facts.features[0].values, [Value::Category("good".into())]);
    }

    #[test]
    fn an_error_may_stand_at_the_top() {
        let text = r#"{"code": 400, "type": "InternalServerException", "message": "no"}"#;
        let body = body("application/json", text);
        let facts = read_response(&body, &Naming::default(), &Limits::default()).unwrap();
        let error = facts.error.unwrap();
        assert_eq!((error.code.as_deref(), error.message.as_deref()), (Some("400"), Some("no")));
    }

    fn answer(content_type: &str, text: &str) -> (Vec<Value>, Vec<f64>) {
        let body = body(content_type, text);
        let facts = read_response(&body, &Naming::default(), &Limits::default()).unwrap();
        (facts.predictions, facts.confidences)
    }

    #[test]
    fn responses_of_each_type_are_predictions() {
        let number = Value::Number;
        let class = |name: &str| Value::Category(name.into());
        assert_eq!(
            answer("text/csv; charset=utf-8", "0.25\n0.5\n"),
            (vec![number(0.25), number(0.5)], vec![])
        );
        assert_eq!(
            answer("text/csv", "1,\"[0.4, 0.6]\"\n0,\"[0.9, 0.1]\"\n"),
            (vec![class("1"), class("0")], vec![0.6, 0.9])
        );
        assert_eq!(answer("text/csv", "0.25,0.75\n"), (vec![class("1")], vec![0.75]));
        assert_eq!(answer("text/csv", "yes,0.75\nno,0.5\n").0, [class("yes"), class("no")]);
        assert_eq!(answer("text/csv", "yes,no,0.75\n").0, []);
        assert_eq!(
            answer("application/jsonlines", "{\"predicted_label\": 1, \"score\": 0.75}\n"),
            (vec![class("1")], vec![0.75])
        );
        assert_eq!(
            answer(
                "application/json",
                r#"{"probabilities": [0.25, 0.75], "labels": ["a", "b"], "predicted_label": "b"}"#
            ),
            (vec![class("b")], vec![0.75])
        );
    }
}
