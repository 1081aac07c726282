//! The Open Inference Protocol (REST) as this model server speaks it: a request's tensors to rows,
//! and probabilities to a response.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::elec2::Features;
use crate::model::Model;

/// The body of `POST /v2/models/{model}/infer`.
#[derive(Debug, Deserialize)]
pub struct InferenceRequest {
    id: Option<String>,
    inputs: Vec<Tensor>,
}

#[derive(Debug, Deserialize)]
struct Tensor {
    name: String,
    shape: Vec<usize>,
    datatype: String,
    data: Value,
}

/// Reads a request. The error says what to change in it.
pub fn parse(body: &[u8]) -> Result<InferenceRequest, String> {
    serde_json::from_slice(body)
        .map_err(|error| format!("the request is not inference JSON: {error}"))
}

impl InferenceRequest {
    /// The rows that the tensors hold: one tensor of shape `[N, 6]`, or one a feature, named as the
    /// feature and of shape `[N]` or `[N, 1]`. The error says what to change in the request.
    pub fn rows(&self, feature_names: &[String]) -> Result<Vec<Features>, String> {
        match self.inputs.as_slice() {
            [matrix] => rows_of_matrix(matrix, feature_names.len()),
            columns => rows_of_columns(columns, feature_names),
        }
    }

    /// The response that carries these probabilities.
    pub fn response(&self, model_name: &str, model: &Model, probabilities: &[[f64; 2]]) -> Value {
        let predicted: Vec<&str> = probabilities
            .iter()
            .map(|[down, up]| model.classes[usize::from(up > down)].as_str())
            .collect();
        let count = probabilities.len();
        let mut response = json!({
            "model_name": model_name,
            "model_version": model.version,
            "outputs": [
                { "name": "predict", "shape": [count], "datatype": "BYTES", "data": predicted },
                { "name": "predict_proba", "shape": [count, 2], "datatype": "FP64",
                  "data": probabilities.as_flattened() },
            ],
        });
        if let Some(id) = &self.id {
            response["id"] = json!(id);
        }
        response
    }
}

fn rows_of_matrix(tensor: &Tensor, width: usize) -> Result<Vec<Features>, String> {
    let name = &tensor.name;
    let &[count, columns] = tensor.shape.as_slice() else {
        return Err(format!(
            "input {name}: shape {:?} is not [rows, {width}]; send one matrix, or one tensor a feature",
            tensor.shape
        ));
    };
    if columns != width {
        return Err(format!("input {name}: {columns} columns, but the model has {width} features"));
    }
    let numbers = tensor.numbers()?;
    let (rows, rest) = numbers.as_chunks::<{ crate::elec2::FEATURE_NAMES.len() }>();
    if rows.len() != count || !rest.is_empty() {
        return Err(format!(
            "input {name}: shape {:?}, but {} numbers",
            tensor.shape,
            numbers.len()
        ));
    }
    Ok(rows.to_vec())
}

fn rows_of_columns(columns: &[Tensor], feature_names: &[String]) -> Result<Vec<Features>, String> {
    let mut rows: Vec<Features> = Vec::new();
    for (feature, name) in feature_names.iter().enumerate() {
        let tensor = columns
            .iter()
            .find(|tensor| tensor.name == *name)
            .ok_or_else(|| format!("there is no input {name}"))?;
        let numbers = tensor.numbers()?;
        if !matches!(tensor.shape.as_slice(), [count] | [count, 1] if *count == numbers.len()) {
            let shape = &tensor.shape;
            return Err(format!("input {name}: shape {shape:?}, but {} numbers", numbers.len()));
        }
        if feature == 0 {
            rows = vec![Features::default(); numbers.len()];
        }
        if rows.len() != numbers.len() {
            let (rows, numbers) = (rows.len(), numbers.len());
            return Err(format!(
                "input {name}: {numbers} rows, but the inputs before it have {rows}"
            ));
        }
        for (row, number) in rows.iter_mut().zip(numbers) {
            row[feature] = number;
        }
    }
    Ok(rows)
}

impl Tensor {
    /// The data, nested or flat, in row-major order.
    fn numbers(&self) -> Result<Vec<f64>, String> {
        let name = &self.name;
        if !["FP", "INT", "UINT"].iter().any(|prefix| self.datatype.starts_with(prefix)) {
            return Err(format!("input {name}: datatype {} is not a number's", self.datatype));
        }
        let mut numbers = Vec::new();
        flatten(&self.data, &mut numbers)
            .map_err(|found| format!("input {name}: {found} is not a number"))?;
        Ok(numbers)
    }
}

fn flatten(data: &Value, numbers: &mut Vec<f64>) -> Result<(), String> {
    match data {
        Value::Array(items) => items.iter().try_for_each(|item| flatten(item, numbers)),
        Value::Number(number) => {
            numbers.push(number.as_f64().ok_or_else(|| number.to_string())?);
            Ok(())
        }
        other => Err(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &Value) -> Result<Vec<Features>, String> {
        let names = Model::load("1").unwrap().feature_names;
        parse(body.to_string().as_bytes())?.rows(&names)
    }

    fn matrix(shape: &Value, data: &Value) -> Value {
        json!({ "inputs": [{ "name": "x", "shape": shape, "datatype": "FP64", "data": data }] })
    }

    #[test]
    fn a_matrix_and_columns_give_the_same_rows() {
        let flat = matrix(&json!([2, 6]), &json!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
        let nested = matrix(&json!([2, 6]), &json!([[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]));
        let columns: Vec<Value> = crate::elec2::FEATURE_NAMES
            .iter()
            .enumerate()
            .map(|(i, name)| json!({ "name": name, "shape": [2], "datatype": "FP64", "data": [i + 1, i + 7] }))
            .collect();
        let expected = Ok(vec![[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [7.0, 8.0, 9.0, 10.0, 11.0, 12.0]]);
        assert_eq!(rows(&flat), expected);
        assert_eq!(rows(&nested), expected);
        assert_eq!(rows(&json!({ "inputs": columns })), expected);
    }

    #[test]
    fn a_wrong_request_is_told_what_is_wrong() {
        for (body, expected) in [
            (
                matrix(&json!([1, 5]), &json!([1, 2, 3, 4, 5])),
                "input x: 5 columns, but the model has 6 features",
            ),
            (
                matrix(&json!([2, 6]), &json!([1, 2, 3, 4, 5, 6])),
                "input x: shape [2, 6], but 6 numbers",
            ),
            (
                matrix(&json!([1, 6]), &json!([1, 2, null, 4, 5, 6])),
                "input x: null is not a number",
            ),
            (json!({ "inputs": [] }), "there is no input period"),
        ] {
            assert_eq!(rows(&body), Err(expected.to_string()));
        }
        assert!(parse(b"{").unwrap_err().starts_with("the request is not inference JSON: EOF"));
    }

    #[test]
    fn a_response_names_model_version_and_id() {
        let request = parse(br#"{"id": "r1", "inputs": []}"#).unwrap();
        let model = Model::load("2").unwrap();
        let response = request.response("elec2", &model, &[[0.25, 0.75], [0.6, 0.4]]);
        assert_eq!(
            response,
            json!({
                "model_name": "elec2", "model_version": "2", "id": "r1",
                "outputs": [
                    { "name": "predict", "shape": [2], "datatype": "BYTES", "data": ["UP", "DOWN"] },
                    { "name": "predict_proba", "shape": [2, 2], "datatype": "FP64",
                      "data": [0.25, 0.75, 0.6, 0.4] },
                ],
            })
        );
    }
}
