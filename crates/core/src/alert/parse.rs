use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::expression::{
    Aggregate, Arithmetic, Comparison, Expression, Matcher, Node, Over, Selector,
};
use super::token::{Placed, Token, tokens};

/// Where an expression stops making sense, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The character that it is about, from 0; the length of the text if it ended too soon.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
}

impl ParseError {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at character {}: {}", self.at + 1, self.message)
    }
}

impl core::error::Error for ParseError {}

/// How far a function looks back when it is not told, in seconds.
const DEFAULT_RANGE_SECONDS: f64 = 300.0;
/// Brackets and signs in brackets and signs.
const MAX_DEPTH: usize = 40;

/// Reads a condition.
///
/// The language is a part of `PromQL`'s, with shorter names for what one asks most:
///
/// | form | says |
/// |---|---|
/// | `model_accuracy{model_name="iris"} < 0.85` | a value of now; `=` and `!=` on labels |
/// | `p99(inference_latency_seconds) > 1` | `p50` to `p999` of a histogram over the last five minutes |
/// | `quantile(0.9, inference_latency_seconds{stage="total"}[1h])` | another share, over the last hour |
/// | `rate(x[10m])`, `increase(x[10m])` | of a counter, a second and in all |
/// | `avg_over_time(x[10m])`, `min_over_time`, `max_over_time` | of a value |
/// | `baseline(model_accuracy)` | what the config says is normal for the model |
/// | `sum by (model_name) (x)`, `avg`, `min`, `max`, `count` | of many series one |
/// | `abs(x)`, `+ - * /`, `< <= > >= == !=`, `and`, `or`, `( )` | as usual |
///
/// Two series meet where the labels that both have are equal. A comparison keeps the series of its left
/// side for which it holds, so each of them is an alert of its own.
///
/// # Errors
/// [`ParseError`], with the character that is wrong.
pub fn parse(text: &str) -> Result<Expression, ParseError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, end: text.chars().count(), depth: 0 };
    let root = parser.any_of()?;
    if let Some(placed) = parser.peek() {
        return Err(ParseError::new(
            placed.at,
            "what stands here does not belong to what is before",
        ));
    }
    if is_condition(&root) {
        Ok(Expression { root })
    } else {
        Err(ParseError::new(parser.end, "a condition needs a comparison, such as `< 0.85`"))
    }
}

fn is_condition(node: &Node) -> bool {
    match node {
        Node::Compare(..) => true,
        Node::And(left, right) | Node::Or(left, right) => is_condition(left) && is_condition(right),
        _ => false,
    }
}

struct Parser<'t> {
    tokens: &'t [Placed],
    next: usize,
    /// The length of the text.
    end: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Placed> {
        self.tokens.get(self.next)
    }

    fn at(&self) -> usize {
        self.peek().map_or(self.end, |placed| placed.at)
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, ParseError> {
        Err(ParseError::new(self.at(), message))
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Placed { token: Token::Symbol(own), .. }) if *own == symbol);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Placed { token: Token::Name(own), .. }) if own == word);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), ParseError> {
        if self.take(symbol) { Ok(()) } else { self.error(format!("`{symbol}` is missing")) }
    }

    /// `or` binds least.
    fn any_of(&mut self) -> Result<Node, ParseError> {
        let mut left = self.all_of()?;
        while self.take_word("or") {
            left = Node::Or(Box::new(left), Box::new(self.all_of()?));
        }
        Ok(left)
    }

    fn all_of(&mut self) -> Result<Node, ParseError> {
        let mut left = self.comparison()?;
        while self.take_word("and") {
            left = Node::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Node, ParseError> {
        let left = self.sum()?;
        let at = self.at();
        let Some(comparison) = self.comparison_sign() else { return Ok(left) };
        let right = self.sum()?;
        if [&left, &right].into_iter().any(is_condition) {
            return Err(ParseError::new(at, "a comparison of comparisons; join them with `and`"));
        }
        if !has_series(&left) {
            return Err(ParseError::new(at, "a comparison needs a metric on its left side"));
        }
        Ok(Node::Compare(comparison, Box::new(left), Box::new(right)))
    }

    fn comparison_sign(&mut self) -> Option<Comparison> {
        let signs = [
            ("<", Comparison::Less),
            ("<=", Comparison::LessOrEqual),
            (">", Comparison::Greater),
            (">=", Comparison::GreaterOrEqual),
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
        ];
        signs.into_iter().find(|(sign, _)| self.take(sign)).map(|(_, comparison)| comparison)
    }

    fn sum(&mut self) -> Result<Node, ParseError> {
        let mut left = self.product()?;
        loop {
            let arithmetic = match () {
                () if self.take("+") => Arithmetic::Add,
                () if self.take("-") => Arithmetic::Subtract,
                () => return Ok(left),
            };
            left = Node::Arithmetic(arithmetic, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Node, ParseError> {
        let mut left = self.signed()?;
        loop {
            let arithmetic = match () {
                () if self.take("*") => Arithmetic::Multiply,
                () if self.take("/") => Arithmetic::Divide,
                () => return Ok(left),
            };
            left = Node::Arithmetic(arithmetic, Box::new(left), Box::new(self.signed()?));
        }
    }

    fn signed(&mut self) -> Result<Node, ParseError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.error("too many brackets in brackets");
        }
        let node = match () {
            () if self.take("-") => Node::Negative(Box::new(self.signed()?)),
            () if self.take("+") => self.signed()?,
            () => self.primary()?,
        };
        self.depth -= 1;
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, ParseError> {
        if self.take("(") {
            let node = self.any_of()?;
            self.expect(")")?;
            return Ok(node);
        }
        let Some(placed) = self.peek() else {
            return self.error("the text ends where a metric or a number should stand");
        };
        match &placed.token {
            Token::Number(number) => {
                let number = *number;
                self.next += 1;
                Ok(Node::Number(number))
            }
            Token::Name(name) if !matches!(name.as_str(), "and" | "or" | "by") => {
                let (name, at) = (name.clone(), placed.at);
                self.next += 1;
                self.named(name, at)
            }
            _ => self.error("a metric or a number should stand here"),
        }
    }

    fn named(&mut self, name: String, at: usize) -> Result<Node, ParseError> {
        if let Some(aggregate) = aggregate(&name)
            && (self.is_next("(") || self.is_next_word("by"))
        {
            return self.aggregate(aggregate);
        }
        if !self.is_next("(") {
            return Ok(Node::Select(self.selector(name, at, None)?));
        }
        self.expect("(")?;
        let node = match name.as_str() {
            "abs" => Node::Absolute(Box::new(self.sum()?)),
            "baseline" => Node::Baseline(self.metric(None)?),
            "quantile" => {
                let share_at = self.at();
                let share = match self.peek().map(|placed| &placed.token) {
                    Some(Token::Number(share)) if (0.0..=1.0).contains(share) => *share,
                    _ => return Err(ParseError::new(share_at, "a share between 0 and 1")),
                };
                self.next += 1;
                self.expect(",")?;
                Node::Over(Over::Quantile(share), self.metric(Some(DEFAULT_RANGE_SECONDS))?)
            }
            other => {
                let Some(over) = over(other) else {
                    return Err(ParseError::new(at, format!("there is no function `{other}`")));
                };
                Node::Over(over, self.metric(Some(DEFAULT_RANGE_SECONDS))?)
            }
        };
        self.expect(")")?;
        Ok(node)
    }

    fn aggregate(&mut self, aggregate: Aggregate) -> Result<Node, ParseError> {
        let mut labels = Vec::new();
        if self.take_word("by") {
            self.expect("(")?;
            while !self.take(")") {
                labels.push(self.name("a label")?);
                if !self.take(",") {
                    self.expect(")")?;
                    break;
                }
            }
        }
        self.expect("(")?;
        let of = self.sum()?;
        self.expect(")")?;
        Ok(Node::Aggregate(aggregate, labels, Box::new(of)))
    }

    fn is_next(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Placed { token: Token::Symbol(own), .. }) if *own == symbol)
    }

    fn is_next_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Placed { token: Token::Name(own), .. }) if own == word)
    }

    fn name(&mut self, what: &str) -> Result<String, ParseError> {
        let Some(Placed { token: Token::Name(name), .. }) = self.peek() else {
            return self.error(format!("{what} should stand here"));
        };
        let name = name.clone();
        self.next += 1;
        Ok(name)
    }

    fn metric(&mut self, range: Option<f64>) -> Result<Selector, ParseError> {
        let at = self.at();
        let name = self.name("a metric")?;
        self.selector(name, at, range)
    }

    /// The labels and the range of a metric; `range` is what it is without one, `None` where it may have
    /// none.
    fn selector(
        &mut self,
        metric: String,
        at: usize,
        range: Option<f64>,
    ) -> Result<Selector, ParseError> {
        let mut matchers = Vec::new();
        if self.take("{") {
            while !self.take("}") {
                let label = self.name("a label")?;
                let equal = match () {
                    () if self.take("=") => true,
                    () if self.take("!=") => false,
                    () => return self.error("`=` or `!=` is missing"),
                };
                let Some(Placed { token: Token::Text(value), .. }) = self.peek() else {
                    return self.error("a text in quotes should stand here");
                };
                matchers.push(Matcher { label, equal, value: value.clone() });
                self.next += 1;
                if !self.take(",") {
                    self.expect("}")?;
                    break;
                }
            }
        }
        let mut range_seconds = range.unwrap_or(0.0);
        let range_at = self.at();
        if self.take("[") {
            let Some(Placed { token: Token::Duration(seconds), .. }) = self.peek() else {
                return self.error("a duration should stand here, such as `5m`");
            };
            range_seconds = *seconds;
            self.next += 1;
            self.expect("]")?;
            if range.is_none() {
                let message =
                    format!("`{metric}` takes a range only in a function, such as `rate`");
                return Err(ParseError::new(range_at, message));
            }
            if !(1.0..=MAX_RANGE_SECONDS).contains(&range_seconds) {
                return Err(ParseError::new(range_at, "a range is from a second to seven days"));
            }
        }
        if metric.len() > MAX_NAME_BYTES {
            return Err(ParseError::new(at, "no metric has so long a name"));
        }
        Ok(Selector { metric, matchers, range_seconds })
    }
}

const MAX_RANGE_SECONDS: f64 = 7.0 * 86_400.0;
const MAX_NAME_BYTES: usize = 200;

/// Whether a node has a number for each series, and not one for itself.
fn has_series(node: &Node) -> bool {
    match node {
        Node::Number(_) => false,
        Node::Absolute(of) | Node::Negative(of) => has_series(of),
        Node::Arithmetic(_, left, right) => has_series(left) || has_series(right),
        _ => true,
    }
}

fn aggregate(name: &str) -> Option<Aggregate> {
    Some(match name {
        "sum" => Aggregate::Sum,
        "avg" => Aggregate::Average,
        "min" => Aggregate::Least,
        "max" => Aggregate::Most,
        "count" => Aggregate::Count,
        _ => return None,
    })
}

fn over(name: &str) -> Option<Over> {
    Some(match name {
        "rate" => Over::Rate,
        "increase" => Over::Increase,
        "avg_over_time" => Over::Average,
        "min_over_time" => Over::Least,
        "max_over_time" => Over::Most,
        "p50" => Over::Quantile(0.5),
        "p90" => Over::Quantile(0.9),
        "p95" => Over::Quantile(0.95),
        "p99" => Over::Quantile(0.99),
        "p999" => Over::Quantile(0.999),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn conditions_are_read() {
        for text in [
            "model_accuracy < 0.85",
            "model_accuracy{model_name=\"iris\", model_version!='2',} < 0.85",
            "p99(inference_latency_seconds) > 1",
            "p99(inference_latency_seconds{stage=\"total\"}[10m]) > 1 and rate(a_total) > 0",
            "quantile(0.9, h[1h]) > 1e-3",
            "sum by (model_name, version) (rate(inference_requests_total{status!=\"success\"}[5m])) \
             / sum by (model_name, version) (rate(inference_requests_total[5m])) > 0.05",
            "(a < 1 or b > -2) and abs(c - baseline(c)) >= 0.1 * baseline(c)",
            "sum < 1", // A metric may be called so.
            "count(x) == 0",
        ] {
            assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn and_binds_more_than_or_and_times_more_than_plus() {
        assert_eq!(parse("a < 1 or b < 1 and c < 1"), parse("a < 1 or (b < 1 and c < 1)"));
        assert_eq!(parse("a + 2 * b - c < 1"), parse("(a + (2 * b)) - c < 1"));
        assert_eq!(parse("-a * b < 1"), parse("(-a) * b < 1"));
        assert_eq!(parse("+a > +-1"), parse("a > -1"));
    }

    #[test]
    fn a_text_in_quotes_is_what_prometheus_takes_it_for() {
        let value = |text: &str| match parse(text).unwrap().root {
            Node::Compare(_, left, _) => match *left {
                Node::Select(mut selector) => selector.matchers.remove(0).value,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        assert_eq!(value(r#"x{a="one\ntwo\tthree"} > 1"#), "one\ntwo\tthree");
        assert_eq!(value(r#"x{a="a \"b\" \\n 'c'"} > 1"#), "a \"b\" \\n 'c'");
        assert_eq!(value(r"x{a='it\'s'} > 1"), "it's");
    }

    #[test]
    fn an_error_points_at_the_character() {
        for (text, at, word) in [
            ("model_accuracy", 14, "comparison"),
            ("model_accuracy <", 16, "ends"),
            ("model_accuracy < 0.85 0.9", 22, "does not belong"),
            ("model_accuracy ~ 1", 15, "no sign"),
            ("p98(x) > 1", 0, "no function `p98`"),
            ("quantile(9, x) > 1", 9, "between 0 and 1"),
            ("x{a=b} > 1", 4, "quotes"),
            ("x{a} > 1", 3, "`=` or `!=`"),
            ("x{a=\"b > 1", 4, "not closed"),
            ("x[5m] > 1", 1, "only in a function"),
            ("rate(x[5]) > 1", 7, "duration"),
            ("rate(x[8d]) > 1", 6, "seven days"),
            ("(x > 1", 6, "`)` is missing"),
            ("1 < 2", 2, "metric on its left"),
            ("x < 1 < 2", 6, "does not belong"),
            ("(x < 1) < 2", 8, "join them"),
            ("x > 5m", 4, "metric or a number"),
            ("x > 1..2", 4, "not a number"),
            ("é > 1", 0, "no sign"),
            ("", 0, "ends"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.at, at, "{text}: {error}");
            assert!(error.message.contains(word), "{text}: {error}");
        }
        assert_eq!(
            parse("x <").unwrap_err().to_string(),
            "at character 4: the text ends where a metric or a number should stand"
        );
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = alloc::format!("{}x{} < 1", "(".repeat(500), ")".repeat(500));
        assert!(parse(&deep).unwrap_err().message.contains("brackets"));
        let negative = alloc::format!("{}x < 1", "-".repeat(500));
        assert!(parse(&negative).unwrap_err().message.contains("brackets"));
        assert!(parse(&"x".repeat(3000)).unwrap_err().message.contains("2000"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(words in proptest::collection::vec(
            proptest::sample::select(&["x", "<", "1", "(", ")", "{", "}", "a=\"b\"", "[5m]", "rate", "p99",
                "sum", "by", "and", "or", "-", "*", ",", "quantile", "0.5", "é", "\"", "5m"][..]), 0..30,
        )) {
            let text = words.join(" ");
            if let Err(error) = parse(&text) {
                proptest::prop_assert!(error.at <= text.chars().count());
            }
        }
    }
}
