//! Where a document keeps what matters, by JSON pointers (RFC 6901).

use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::wire::json::{Kind, Reader, Span};

/// Steps of one pointer.
const MAX_STEPS: usize = 16;

/// A place in a JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    steps: Vec<String>,
}

impl Pointer {
    /// Reads a pointer such as `/outputs/0/label`; the empty one is the whole document. `None` for what is
    /// no pointer, and for more than sixteen steps.
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        if !text.is_empty() {
            for step in text.strip_prefix('/')?.split('/') {
                let escapes = step.matches('~').count();
                let known = step.matches("~0").count().saturating_add(step.matches("~1").count());
                if escapes != known || steps.len() == MAX_STEPS {
                    return None;
                }
                steps.push(step.replace("~1", "/").replace("~0", "~"));
            }
        }
        Some(Self { steps })
    }

    /// The value at this place, if there is one. Of a repeated key the last counts.
    pub(crate) fn find<'a>(&self, json: &'a [u8]) -> Result<Option<Span<'a>>, UnreadReason> {
        let mut found = Reader::new(json).skip()?;
        for step in &self.steps {
            let mut reader = Reader::new(found.bytes);
            let mut next = None;
            match reader.peek()? {
                Kind::Object => {
                    reader.enter_object()?;
                    while let Some(key) = reader.next_key()? {
                        let is_step = key.decode(step.len().saturating_add(1)) == *step;
                        let value = reader.skip()?;
                        if is_step {
                            next = Some(value);
                        }
                    }
                }
                Kind::Array => {
                    let is_index = step == "0" || !step.starts_with(['0', '+']);
                    let wanted = step.parse::<usize>().ok().filter(|_| is_index);
                    let mut index = 0_usize;
                    reader.enter_array()?;
                    while reader.next_element()? {
                        let value = reader.skip()?;
                        if Some(index) == wanted {
                            next = Some(value);
                            break;
                        }
                        index = index.saturating_add(1);
                    }
                }
                _ => {}
            }
            match next {
                Some(value) => found = value,
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }
}

/// Where the bodies of [`Protocol::Custom`](crate::Protocol::Custom) keep what matters. What has no pointer
/// is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pointers {
    /// Of the request: rows of features. A list of lists or records is as many rows; any other value, one.
    pub features: Option<Pointer>,
    /// Of the response: the prediction of each row, or of the only one.
    pub predictions: Option<Pointer>,
    /// Of the response: the confidence of each prediction.
    pub confidences: Option<Pointer>,
    /// Of either: the model's name.
    pub model: Option<Pointer>,
    /// Of the request: the batch size, where it is not the number of rows of features.
    pub batch: Option<Pointer>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_those_of_the_standard() {
        let json = br#"{"a": {"b/c": [10, {"~": 20}]}, "": 30, "a": {"b/c": [11, {"~": 21}]}}"#;
        let at = |text: &str| {
            let found = Pointer::parse(text).unwrap().find(json).unwrap();
            found.map(|span| String::from_utf8_lossy(span.bytes).into_owned())
        };
        assert_eq!(at("/a/b~1c/0").as_deref(), Some("11"));
        assert_eq!(at("/a/b~1c/1/~0").as_deref(), Some("21"));
        assert_eq!(at("/").as_deref(), Some("30"));
        assert_eq!(at("").map(|text| text.len()), Some(json.len()));
        for absent in [
            "/x",
            "/a/b~1c/2",
            "/a/b~1c/-1",
            "/a/b~1c/+1",
            "/a/b~1c/01",
            "/a/b~1c/-",
            "/a/b~1c/0/0",
        ] {
            assert_eq!(at(absent), None, "{absent}");
        }
        for wrong in ["a", "/~2", "/a~"] {
            assert_eq!(Pointer::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Pointer::parse(&"/x".repeat(17)), None);
    }
}
