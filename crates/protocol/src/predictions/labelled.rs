//! One prediction as a record: a label, its probabilities, or both, under names that vary.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tidegate_core::event::{UnreadReason, Value};

use crate::facts::Limits;
use crate::predictions::outputs::CLASS_PREFIX;
use crate::predictions::{Predictions, Scores};
use crate::value;
use crate::wire::json::{Leaf, Leaves, Number, Reader, Span};

/// Names of the predicted class or number.
const PREDICTION_NAMES: [&str; 10] = [
    "prediction",
    "predictions",
    "predict",
    "predicted_class",
    "predicted_label",
    "label",
    "class",
    "class_name",
    "classes",
    "closest_cluster",
];

/// Names of the scores' classes, in their order; `classes` may also be the one that is predicted.
const CLASSES_NAMES: [&str; 5] = ["labels", "label", "classes", "class_names", "all_classes"];

/// Names of a score that is the answer itself where no label stands beside it.
const MEASURE_NAMES: [&str; 3] = ["score", "predicted_score", "raw_score"];

/// Names of the scores of all classes, or of the probability of the predicted one.
const SCORES_NAMES: [&str; 9] = [
    "probabilities",
    "probability",
    "predict_proba",
    "proba",
    "prob",
    "scores",
    "score",
    "confidence",
    "softmax",
];

/// Strings of one record that may be its label.
const MAX_TEXTS: usize = 64;

/// Labels of one record whose scores are kept in order.
const MAX_TABLE: usize = 1_024;

/// Scores by label, in the order of the wire.
struct ByLabel<'a> {
    scores: Scores,
    best: Cow<'a, str>,
    of_label: BTreeMap<Cow<'a, str>, f64>,
    /// The scores in the order of the wire; `None` past [`MAX_TABLE`].
    in_order: Option<Vec<(Cow<'a, str>, f64)>>,
}

impl Default for ByLabel<'_> {
    fn default() -> Self {
        Self {
            scores: Scores::default(),
            best: Cow::Borrowed(""),
            of_label: BTreeMap::new(),
            in_order: Some(Vec::new()),
        }
    }
}

impl<'a> ByLabel<'a> {
    fn push(&mut self, label: Cow<'a, str>, score: f64) {
        let position = self.scores.count();
        self.scores.push(score);
        if self.scores.best() == position {
            self.best = label.clone();
        }
        if let Some(table) = &mut self.in_order {
            if table.len() < MAX_TABLE {
                table.push((label.clone(), score));
            } else {
                self.in_order = None;
            }
        }
        self.of_label.insert(label, score);
    }

    /// Adds the class of the highest score. A part of a distribution is enough for a confidence: these are
    /// the highest scores of many.
    fn push_best(self, predictions: &mut Predictions<'_>) {
        if self.scores.count() == 0 || self.scores.highest() == f64::NEG_INFINITY {
            predictions.push_unknown();
            return;
        }
        self.put(predictions);
        let confidence =
            Some(self.scores.highest()).filter(|_| self.scores.is_part_of_distribution());
        predictions.push(Value::Category(self.best.into_owned()), confidence);
    }

    /// Puts the scores in the table of a row.
    fn put(&self, predictions: &mut Predictions<'_>) {
        match &self.in_order {
            Some(table) => {
                for (label, score) in table {
                    predictions.table.put(Some(label), &Leaf::Number(number(*score)));
                }
            }
            None => predictions.table.give_up(),
        }
    }
}

fn number(value: f64) -> Number {
    Number { value, is_integer: false }
}

/// What a record holds.
#[derive(Default)]
struct Record<'a> {
    prediction: Option<Leaf<'a>>,
    /// A list of scores, one a class.
    scores: Option<Span<'a>>,
    /// The classes of that list.
    classes: Option<Span<'a>>,
    /// The one score of the prediction.
    score: Option<f64>,
    /// A number that may be the answer itself.
    measure: Option<Leaf<'a>>,
    /// Scores under `Probability_<class>`, or in a map.
    by_class: ByLabel<'a>,
    /// The record as a map from label to score.
    own: ByLabel<'a>,
    is_all_numbers: bool,
    texts: Vec<Cow<'a, str>>,
}

/// Reads a record as one row.
pub(crate) fn read(
    json: &[u8],
    limits: &Limits,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    let record = Record::read(json, limits)?;
    match record.prediction {
        Some(prediction) => {
            let class = predictions.class_of(&prediction);
            record.put_scores(&class, predictions)?;
            let confidence = record.confidence_of(&prediction, &class)?;
            match confidence {
                Some(confidence) => predictions.push(class, Some(confidence)),
                None => predictions.push_plain(&prediction),
            }
        }
        None => record.push_best(predictions)?,
    }
    Ok(())
}

/// Reads a list of records or of maps from label to score, all of one row: the classes that speak for it.
pub(crate) fn read_ranked(
    span: Span<'_>,
    limits: &Limits,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    let mut ranked = ByLabel::default();
    let mut leaves = Leaves::new(span.bytes);
    while let Some(leaf) = leaves.next_leaf()? {
        let Leaf::Object(json) = leaf else {
            predictions.push_unknown();
            return Ok(());
        };
        let record = Record::read(json, limits)?;
        match (&record.prediction, record.score) {
            (Some(Leaf::Text(label)), Some(score)) => {
                ranked.push(label.decode(limits.max_text_bytes), score);
            }
            _ if record.is_all_numbers => {
                for (label, score) in record.own.in_order.unwrap_or_default() {
                    ranked.push(label, score);
                }
            }
            _ => {
                predictions.push_unknown();
                return Ok(());
            }
        }
    }
    ranked.push_best(predictions);
    Ok(())
}

/// Reads a map from label to score as one row: the classes that speak for it.
pub(crate) fn read_label_map(
    json: &[u8],
    limits: &Limits,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    read_map(json, limits)?.push_best(predictions);
    Ok(())
}

impl<'a> Record<'a> {
    fn read(json: &'a [u8], limits: &Limits) -> Result<Self, UnreadReason> {
        let mut record = Self { is_all_numbers: true, ..Self::default() };
        let mut reader = Reader::new(json);
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let key = key.decode(limits.max_text_bytes);
            let span = reader.skip()?;
            record.add(key, span, limits)?;
        }
        Ok(record)
    }

    fn add(
        &mut self,
        key: Cow<'a, str>,
        span: Span<'a>,
        limits: &Limits,
    ) -> Result<(), UnreadReason> {
        let is_named = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(&key));
        let leaf = Leaves::new(span.bytes).next_leaf()?.filter(|_| span.extent.leaves == 1);
        if let Some(Leaf::Text(text)) = leaf
            && self.texts.len() < MAX_TEXTS
        {
            self.texts.push(text.decode(limits.max_text_bytes));
        }
        if is_named(&MEASURE_NAMES) {
            self.measure = leaf.filter(|leaf| matches!(leaf, Leaf::Number(_)));
        }
        if is_named(&CLASSES_NAMES) && span.extent.is_array && span.extent.leaves >= 2 {
            self.classes = Some(span);
        } else if is_named(&PREDICTION_NAMES) {
            self.prediction = leaf.filter(|leaf| !matches!(leaf, Leaf::Null | Leaf::Object(_)));
        } else if is_named(&SCORES_NAMES) {
            match leaf {
                Some(Leaf::Number(number)) => self.score = Some(number.value),
                Some(Leaf::Object(map)) => self.by_class = read_map(map, limits)?,
                _ => self.scores = Some(span),
            }
        } else if let (Some(class), Some(Leaf::Number(number))) =
            (key.strip_prefix(CLASS_PREFIX), leaf)
        {
            self.by_class.push(Cow::Owned(class.into()), number.value);
        }
        match leaf {
            Some(Leaf::Number(number)) => self.own.push(key, number.value),
            _ => self.is_all_numbers = false,
        }
        Ok(())
    }

    /// The probability of the prediction.
    fn confidence_of(
        &self,
        prediction: &Leaf<'_>,
        class: &Value,
    ) -> Result<Option<f64>, UnreadReason> {
        if self.by_class.scores.is_distribution() {
            let own = match class {
                Value::Category(name) => self.by_class.of_label.get(name.as_str()).copied(),
                Value::Missing | Value::Number(_) => None,
            };
            return Ok(own.or(Some(self.by_class.scores.highest())));
        }
        if let Some(span) = self.scores {
            let (scores, own) = read_list(span, self.index_of(prediction)?)?;
            return Ok(scores.is_distribution().then_some(own.unwrap_or(scores.highest())));
        }
        Ok(self.score.filter(|score| (0.0..=1.0).contains(score)))
    }

    /// Where the prediction stands among the scores.
    fn index_of(&self, prediction: &Leaf<'_>) -> Result<Option<usize>, UnreadReason> {
        let (Some(classes), Leaf::Text(label)) = (self.classes, prediction) else {
            return Ok(value::class_index(prediction));
        };
        let mut leaves = Leaves::new(classes.bytes);
        let mut index = 0_usize;
        while let Some(leaf) = leaves.next_leaf()? {
            if let Leaf::Text(class) = leaf
                && class.decode(usize::MAX) == label.decode(usize::MAX)
            {
                return Ok(Some(index));
            }
            index = index.saturating_add(1);
        }
        Ok(None)
    }

    /// Puts the scores of a row whose prediction is known in the table.
    fn put_scores(
        &self,
        class: &Value,
        predictions: &mut Predictions<'_>,
    ) -> Result<(), UnreadReason> {
        if self.by_class.scores.count() > 0 {
            self.by_class.put(predictions);
        } else if let Some(span) = self.scores {
            self.put_list(span, predictions)?;
        } else if let (Some(score), Value::Category(class)) = (self.score, class) {
            predictions.table.put(Some(class), &Leaf::Number(number(score)));
        }
        Ok(())
    }

    /// Puts a list of scores in the table of a row; gives the class of the highest, where classes are named.
    fn put_list(
        &self,
        scores: Span<'_>,
        predictions: &mut Predictions<'_>,
    ) -> Result<Option<Value>, UnreadReason> {
        let classes = self.classes.filter(|classes| classes.extent.leaves == scores.extent.leaves);
        let mut classes = classes.map(|classes| Leaves::new(classes.bytes));
        let mut best: Option<(f64, Value)> = None;
        let mut leaves = Leaves::new(scores.bytes);
        while let Some(leaf) = leaves.next_leaf()? {
            let class = match &mut classes {
                Some(classes) => classes.next_leaf()?.map(|class| predictions.class_of(&class)),
                None => None,
            };
            let name = match &class {
                Some(Value::Category(name)) => Some(name.as_str()),
                _ => None,
            };
            predictions.table.put(name, &leaf);
            if let (Some(class), Leaf::Number(score)) = (class, leaf)
                && best.as_ref().is_none_or(|(highest, _)| score.value > *highest)
            {
                best = Some((score.value, class));
            }
        }
        Ok(best.map(|(_, class)| class))
    }

    /// Adds the class that the scores speak for.
    fn push_best(self, predictions: &mut Predictions<'_>) -> Result<(), UnreadReason> {
        if self.by_class.scores.is_distribution() {
            let of_label = &self.by_class.of_label;
            let label = self.texts.iter().find_map(|text| of_label.get_key_value(text));
            let (class, confidence) = match label {
                Some((class, probability)) => (class.clone(), *probability),
                None => (self.by_class.best.clone(), self.by_class.scores.highest()),
            };
            self.by_class.put(predictions);
            predictions.push(Value::Category(class.into_owned()), Some(confidence));
        } else if let Some(span) = self.scores {
            let best = self.put_list(span, predictions)?;
            let scores = read_list(span, None)?.0;
            match best {
                // Perhaps the best of many only.
                Some(class) => {
                    let is_probability = scores.is_part_of_distribution();
                    predictions.push(class, is_probability.then_some(scores.highest()));
                }
                None => predictions.push_scores(&scores),
            }
        } else if let Some(measure) = self.measure {
            predictions.push_plain(&measure);
        } else if self.is_all_numbers && self.own.scores.is_distribution() {
            let confidence = self.own.scores.highest();
            self.own.put(predictions);
            predictions.push(Value::Category(self.own.best.into_owned()), Some(confidence));
        } else {
            predictions.push_unknown();
        }
        Ok(())
    }
}

fn read_map<'a>(json: &'a [u8], limits: &Limits) -> Result<ByLabel<'a>, UnreadReason> {
    let mut map = ByLabel::default();
    let mut reader = Reader::new(json);
    reader.enter_object()?;
    while let Some(label) = reader.next_key()? {
        let score = reader.number_if_any()?.map_or(f64::NAN, |number| number.value);
        map.push(label.decode(limits.max_text_bytes), score);
    }
    Ok(map)
}

/// The scores of a list, and the one at `wanted`.
fn read_list(span: Span<'_>, wanted: Option<usize>) -> Result<(Scores, Option<f64>), UnreadReason> {
    let mut leaves = Leaves::new(span.bytes);
    let mut scores = Scores::default();
    let mut own = None;
    while let Some(leaf) = leaves.next_leaf()? {
        if let (true, Leaf::Number(number)) = (wanted == Some(scores.count()), leaf) {
            own = Some(number.value);
        }
        scores.push_leaf(&leaf);
    }
    Ok((scores, own))
}
