//! What became of predictions, as servers and label files tell it: who predicted, and what was true.
//!
//! Three forms: Seldon's `{request, response, reward, truth}`; SageMaker's records of ground truth; and plain
//! records `{id, label}`, one, a list, or one a line. 0, `false` and the empty text are labels.

use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::{UnreadReason, Value};

use crate::facts::{Limits, Naming, ResponseFacts};
use crate::formats::seldon;
use crate::value;
use crate::wire::csv::Lines;
use crate::wire::json::{Kind, Leaf, Leaves, Reader, Span};

/// Names of the id of a prediction, the best first.
const ID_NAMES: [&str; 6] =
    ["prediction_id", "inference_id", "request_id", "join_id", "event_id", "id"];

/// Names of the truth about a prediction.
const LABEL_NAMES: [&str; 6] = ["label", "actual", "truth", "target", "ground_truth", "score"];

/// What a body of feedback says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeedbackFacts {
    /// Predictions that it is about; `None` where it does not say.
    pub records: Option<u64>,
    /// What the first of them is known by.
    pub join_id: Option<String>,
    /// Row by row what was true: one value, or one a class.
    pub truths: Vec<Vec<Value>>,
    /// How good the answer was.
    pub reward: Option<f64>,
    /// The answer that it is about, where that stands beside the truth.
    pub answer: Option<ResponseFacts>,
    /// Row by row what was true, in the words of that answer: the class, where the truth is one value a class.
    pub labels: Vec<Value>,
    /// Rows past the limits.
    pub dropped_rows: u64,
}

impl FeedbackFacts {
    /// Reads a body of feedback.
    ///
    /// # Errors
    /// Why it could not be read; nothing of it is used then.
    pub fn read(json: &[u8], limits: &Limits) -> Result<Self, UnreadReason> {
        Self::read_named(json, &Naming::default(), limits)
    }

    /// Reads a body of feedback about a model whose classes have these names.
    ///
    /// # Errors
    /// Why it could not be read; nothing of it is used then.
    pub fn read_named(
        json: &[u8],
        naming: &Naming<'_>,
        limits: &Limits,
    ) -> Result<Self, UnreadReason> {
        let mut facts = Self::default();
        let mut reader = Reader::new(json);
        if reader.peek()? == Kind::Array {
            reader.enter_array()?;
            let mut records = 0_u64;
            while reader.next_element()? {
                facts.add_record(reader.skip()?, limits)?;
                records = records.saturating_add(1);
            }
            facts.records = Some(records);
            return Ok(facts);
        }
        let first = reader.skip()?;
        if !first.bytes.starts_with(b"{") {
            return Err(UnreadReason::NotProtocol);
        }
        if facts.read_envelope(first.bytes, naming, limits)? {
            // Label files have one a line.
            while reader.has_more() {
                let mut next = Self::default();
                if !next.read_envelope(reader.skip()?.bytes, naming, limits)? {
                    return Err(UnreadReason::NotProtocol);
                }
                facts.append(next, limits);
            }
            return Ok(facts);
        }
        if let Some(rows) = table_rows(first.bytes)? {
            facts.records = Some(rows);
            return Ok(facts);
        }
        // One record, or one a line.
        facts.add_record(first, limits)?;
        let mut records = 1_u64;
        let mut rest = reader;
        while rest.has_more() {
            facts.add_record(rest.skip()?, limits)?;
            records = records.saturating_add(1);
        }
        facts.records = Some(records);
        Ok(facts)
    }

    /// Adds what the next record says; the first one's id stands for all.
    fn append(&mut self, next: Self, limits: &Limits) {
        self.records = self.records.zip(next.records).map(|(own, more)| own.saturating_add(more));
        self.dropped_rows = self.dropped_rows.saturating_add(next.dropped_rows);
        for row in next.truths {
            self.push_row(row, limits);
        }
        // Labels are about one answer.
        self.answer = None;
        self.labels = Vec::new();
    }

    /// Reads Seldon's or SageMaker's form; `false` if it is neither.
    fn read_envelope(
        &mut self,
        json: &[u8],
        naming: &Naming<'_>,
        limits: &Limits,
    ) -> Result<bool, UnreadReason> {
        let (mut truth, mut response) = (None, None);
        let mut reward = None;
        let mut ground_truth = None;
        let (mut own_id, mut other_id) = (None, None);
        let (mut is_seldon, mut is_capture) = (false, false);
        let mut reader = Reader::new(json);
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let key = key.decode(32);
            match &*key {
                "truth" => truth = Some(reader.skip()?),
                "reward" => reward = reader.number_if_any()?,
                "request" | "response" => {
                    let span = reader.skip()?;
                    is_seldon = true;
                    if key == "response" {
                        response = Some(span).filter(|span| span.bytes.starts_with(b"{"));
                    }
                    if span.bytes.starts_with(b"{") {
                        let id = seldon::Message::read(span.bytes, limits)?.id;
                        own_id = own_id.take().or(id);
                    }
                }
                // A record without its truth so far: who it is about is known.
                "captureData" => is_capture = reader.skip()?.bytes.starts_with(b"{"),
                "groundTruthData" => ground_truth = Some(reader.skip()?),
                "eventMetadata" => {
                    reader.members(&mut |key, reader| {
                        match key {
                            // The caller's id is the one that a label file repeats.
                            "inferenceId" => own_id = value::name(reader, limits)?,
                            "eventId" => other_id = value::name(reader, limits)?,
                            _ => {
                                reader.skip()?;
                            }
                        }
                        Ok(())
                    })?;
                }
                _ => {
                    reader.skip()?;
                }
            }
        }
        self.join_id = own_id.or(other_id);
        if let Some(ground_truth) = ground_truth {
            self.read_ground_truth(ground_truth, limits)?;
            return Ok(true);
        }
        if is_capture {
            return Ok(true);
        }
        let truth = truth.filter(|truth| truth.bytes.starts_with(b"{"));
        if !is_seldon && truth.is_none() && reward.is_none() {
            self.join_id = None;
            return Ok(false);
        }
        self.reward = reward.map(|reward| reward.value).filter(|reward| reward.is_finite());
        self.answer = response.and_then(|it| seldon::read_response(it.bytes, naming, limits).ok());
        if let Some(truth) = truth {
            self.labels = seldon::read_truth(truth.bytes, response, naming, limits)?;
        }
        if let Some(truth) = truth
            && let Some(data) = seldon::Message::read(truth.bytes, limits)?.data
        {
            if let Some(rows) = data.rows() {
                self.add_rows(rows, limits)?;
            } else if let Some((values, columns)) = data.table() {
                self.add_table(values, columns, limits)?;
            }
        }
        Ok(true)
    }

    /// `{data, encoding}`: the data are a text of JSON or CSV.
    fn read_ground_truth(&mut self, span: Span<'_>, limits: &Limits) -> Result<(), UnreadReason> {
        let mut text = None;
        let mut is_csv = false;
        Reader::new(span.bytes).members(&mut |key, reader| {
            match key {
                "data" => text = reader.text_if_any()?,
                "encoding" => {
                    let encoding = value::name(reader, limits)?.unwrap_or_default();
                    is_csv = encoding.eq_ignore_ascii_case("CSV");
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        let text = text.ok_or(UnreadReason::NotProtocol)?;
        let text = text.decode(limits.max_body_bytes);
        if is_csv {
            let mut records = 0_u64;
            for line in Lines::new(text.as_bytes()) {
                let row = line.map(|cell| value::feature(&cell.leaf(), limits));
                self.push_row(row.take(limits.max_columns).collect(), limits);
                records = records.saturating_add(1);
            }
            self.records = Some(records);
            return Ok(());
        }
        let mut list = None;
        let mut reader = Reader::new(text.as_bytes());
        if reader.peek()? == Kind::Object {
            reader.enter_object()?;
            while let Some(key) = reader.next_key()? {
                let member = reader.skip()?;
                if matches!(&*key.decode(16), "instances" | "predictions" | "labels") {
                    list = Some(member);
                }
            }
        }
        match list {
            Some(list) => self.add_rows(list, limits),
            None => self.add_rows(Reader::new(text.as_bytes()).skip()?, limits),
        }
    }

    /// Adds a list of rows, or one.
    fn add_rows(&mut self, list: Span<'_>, limits: &Limits) -> Result<(), UnreadReason> {
        if !list.extent.is_array {
            self.records = Some(1);
            return self.add_row(list, limits);
        }
        self.records = u64::try_from(list.extent.elements).ok();
        let mut reader = Reader::new(list.bytes);
        reader.enter_array()?;
        while reader.next_element()? {
            self.add_row(reader.skip()?, limits)?;
        }
        Ok(())
    }

    /// Adds the rows of a table that is sent value by value.
    fn add_table(
        &mut self,
        values: Span<'_>,
        columns: usize,
        limits: &Limits,
    ) -> Result<(), UnreadReason> {
        let mut row = Vec::new();
        let (mut column, mut records) = (0_usize, 0_u64);
        let mut leaves = Leaves::new(values.bytes);
        while let Some(leaf) = leaves.next_leaf()? {
            if row.len() < limits.max_columns {
                row.push(value::feature(&leaf, limits));
            }
            column = column.saturating_add(1);
            if column == columns {
                self.push_row(core::mem::take(&mut row), limits);
                records = records.saturating_add(1);
                column = 0;
            }
        }
        self.records = Some(records);
        Ok(())
    }

    /// Adds a row: values, or a record with its label.
    fn add_row(&mut self, row: Span<'_>, limits: &Limits) -> Result<(), UnreadReason> {
        let mut values = Vec::new();
        let mut leaves = Leaves::new(row.bytes);
        while let Some(leaf) = leaves.next_leaf()? {
            if values.len() == limits.max_columns {
                break;
            }
            match leaf {
                Leaf::Object(record) => values.extend(member(record, &LABEL_NAMES, limits)?),
                leaf => values.push(value::feature(&leaf, limits)),
            }
        }
        self.push_row(values, limits);
        Ok(())
    }

    /// Adds a plain record.
    fn add_record(&mut self, record: Span<'_>, limits: &Limits) -> Result<(), UnreadReason> {
        if !record.bytes.starts_with(b"{") {
            return Err(UnreadReason::NotProtocol);
        }
        let id = member(record.bytes, &ID_NAMES, limits)?;
        let label = member(record.bytes, &LABEL_NAMES, limits)?;
        let (Some(id), Some(label)) = (id, label) else { return Err(UnreadReason::NotProtocol) };
        if self.join_id.is_none() {
            self.join_id = match id {
                Value::Category(id) => Some(id),
                Value::Number(id) => Some(alloc::format!("{id}")),
                Value::Missing => None,
            };
        }
        self.push_row(alloc::vec![label], limits);
        Ok(())
    }

    fn push_row(&mut self, row: Vec<Value>, limits: &Limits) {
        if self.truths.len() < limits.max_rows {
            self.truths.push(row);
        } else {
            self.dropped_rows = self.dropped_rows.saturating_add(1);
        }
    }
}

/// The value of an object under the first of these names that it has.
fn member(json: &[u8], names: &[&str], limits: &Limits) -> Result<Option<Value>, UnreadReason> {
    let mut best = names.len();
    let mut found = None;
    Reader::new(json).members(&mut |key, reader| {
        let span = reader.skip()?;
        let rank = names.iter().position(|name| *name == key).unwrap_or(names.len());
        if rank < best
            && let Some(leaf) = Leaves::new(span.bytes).next_leaf()?
        {
            best = rank;
            found = Some(value::feature(&innermost(leaf)?, limits));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Objects that may stand around a value, as in Arize's `{"label": {"score_categorical": {"category": "x"}}}`.
const MAX_WRAPS: usize = 4;

/// The value in an object of one, or under its `label` or `category`.
fn innermost(mut leaf: Leaf<'_>) -> Result<Leaf<'_>, UnreadReason> {
    for _ in 0..MAX_WRAPS {
        let Leaf::Object(json) = leaf else { break };
        let mut inner = None;
        let mut reader = Reader::new(json);
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let value = reader.skip()?;
            let is_named = matches!(&*key.decode(16), "label" | "category");
            if let (true, Some(value)) =
                (is_named || inner.is_none(), Leaves::new(value.bytes).next_leaf()?)
            {
                inner = Some(value);
            }
        }
        leaf = inner.unwrap_or(Leaf::Null);
    }
    Ok(leaf)
}

/// Rows of a table that is told for monitoring: `{"data": {"columns", "data"}}`, or by column and row as pandas
/// writes it, `{column: {row: value}}`. Whose they are they do not say.
fn table_rows(json: &[u8]) -> Result<Option<u64>, UnreadReason> {
    let mut split = None;
    let mut rows = None;
    let mut is_by_column = true;
    let mut reader = Reader::new(json);
    reader.enter_object()?;
    while let Some(key) = reader.next_key()? {
        let value = reader.skip()?;
        is_by_column &= value.bytes.starts_with(b"{");
        let mut members = 0_u64;
        Reader::new(value.bytes).members(&mut |inner, reader| {
            members = members.saturating_add(1);
            let extent = reader.skip()?.extent;
            if inner == "data" && extent.is_array && key.decode(8) == "data" {
                split = u64::try_from(extent.elements).ok();
            }
            Ok(())
        })?;
        rows = rows.or(Some(members));
    }
    Ok(split.or(rows.filter(|_| is_by_column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<FeedbackFacts, UnreadReason> {
        FeedbackFacts::read(json.as_bytes(), &Limits::default())
    }

    #[test]
    fn what_monitors_are_told_is_read() {
        check(
            r#"{"model_id": "m", "prediction_id": "p", "actual": {"timestamp": {"seconds": 1}, "label": {"binary": false}}}"#,
            1,
            "p",
            &[Value::Category("false".into())],
        );
        check(
            r#"{"prediction_id": "p", "actual": {"label": {"score_categorical": {"score_category": {"score": 0.5, "category": "x"}}}}}"#,
            1,
            "p",
            &[Value::Category("x".into())],
        );
        let capture =
            r#"{"captureData": {"endpointInput": {}}, "eventMetadata": {"eventId": "e"}}"#;
        let capture = read(capture).unwrap();
        assert_eq!((capture.join_id.as_deref(), capture.records), (Some("e"), None));
        let rows = |json: &str| read(json).unwrap().records;
        let split = r#"{"datasetId": "d", "data": {"columns": ["a"], "data": [[1], [2], [3]]}}"#;
        assert_eq!(rows(split), Some(3));
        assert_eq!(rows(r#"{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": null}}"#), Some(2));
        assert_eq!(read("{}"), Err(UnreadReason::NotProtocol));
    }

    fn check(json: &str, records: u64, id: &str, truths: &[Value]) {
        let facts = read(json).unwrap();
        assert_eq!((facts.records, facts.join_id.as_deref()), (Some(records), Some(id)), "{json}");
        let rows: Vec<Vec<Value>> = truths.iter().map(|truth| vec![truth.clone()]).collect();
        assert_eq!(facts.truths, rows, "{json}");
    }

    #[test]
    fn plain_records_come_alone_in_lists_and_in_lines() {
        let class = |name: &str| Value::Category(name.into());
        check(r#"{"id": "a", "label": 0}"#, 1, "a", &[Value::Number(0.0)]);
        check(r#"{"id": 7, "prediction_id": "p", "score": 0.5}"#, 1, "p", &[Value::Number(0.5)]);
        check(
            r#"[{"id": "a", "label": false}, {"id": "b", "label": ""}]"#,
            2,
            "a",
            &[class("false"), class("")],
        );
        check(
            "{\"id\": \"a\", \"label\": \"x\"}\n{\"id\": \"b\", \"label\": \"y\"}\n",
            2,
            "a",
            &[class("x"), class("y")],
        );
        for other in ["[1]", "1", r#"{"id": "a"}"#, r#"{"label": 1}"#] {
            assert_eq!(read(other), Err(UnreadReason::NotProtocol), "{other}");
        }
    }

    #[test]
    fn seldon_tells_its_truth_beside_its_answer() {
        let json = r#"{"response": {"meta": {"puid": "p"}, "data": {"ndarray": [[0.25, 0.75]]}},
            "reward": 0, "truth": {"data": {"ndarray": [[0, 1]]}}}"#;
        let facts = read(json).unwrap();
        assert_eq!((facts.records, facts.join_id.as_deref()), (Some(1), Some("p")));
        assert_eq!(facts.truths, [[Value::Number(0.0), Value::Number(1.0)]]);
        assert_eq!(facts.reward, Some(0.0));
        assert_eq!(facts.answer.unwrap().predictions, facts.labels);
        let json = r#"{"response": {"data": {"names": ["no", "yes"], "ndarray": [[0.25, 0.75]]}},
            "truth": {"data": {"tensor": {"shape": [1, 2], "values": [1, 0]}}}}"#;
        let facts = read(json).unwrap();
        let class = |name: &str| [Value::Category(name.into())];
        assert_eq!(facts.truths, [[Value::Number(1.0), Value::Number(0.0)]]);
        assert_eq!(
            (facts.answer.unwrap().predictions, facts.labels),
            (class("yes").into(), class("no").into())
        );
        let json =
            r#"{"response": {"data": {"ndarray": [1.5]}}, "truth": {"data": {"ndarray": ["x"]}}}"#;
        assert_eq!(read(json).unwrap().labels, class("x"));
        let facts = read(r#"{"response": {"data": {"ndarray": [[1]]}}}"#).unwrap();
        assert_eq!((facts.records, facts.reward, facts.join_id), (None, None, None));
    }

    #[test]
    fn sagemaker_keeps_many_truths_in_one_text() {
        let number = Value::Number;
        let json = r#"{"groundTruthData": {"data": "{\"instances\": [{\"label\": 0}, {\"label\": 1}]}",
            "encoding": "JSON"}, "eventMetadata": {"eventId": "e", "inferenceId": "7"}}"#;
        check(json, 2, "7", &[number(0.0), number(1.0)]);
        let csv = r#"{"groundTruthData": {"data": "1\n0\n1", "encoding": "CSV"},
            "eventMetadata": {"eventId": "e"}, "eventVersion": "0"}"#;
        check(csv, 3, "e", &[number(1.0), number(0.0), number(1.0)]);
    }
}
