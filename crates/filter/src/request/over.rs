//! A request that is over.

use std::rc::Rc;

use super::exchange::{Exchange, Observation};
use super::outcome::End;
use crate::plan::Plan;

/// A request that is over, and not read yet: its bodies are read when it is counted, with others.
#[derive(Debug)]
pub struct Over(Kept);

#[derive(Debug)]
enum Kept {
    Unread {
        plan: Rc<Plan>,
        exchange: Box<Exchange>,
        end: End,
    },
    /// For the access log, which does not wait.
    Read(Box<Observation>),
}

impl Over {
    pub(super) fn new(plan: Rc<Plan>, exchange: Box<Exchange>, end: End) -> Self {
        Self(Kept::Unread { plan, exchange, end })
    }

    pub(super) fn read(observation: Observation) -> Self {
        Self(Kept::Read(Box::new(observation)))
    }

    /// Bytes of memory that wait with it, of its bodies or of what they said.
    pub(crate) fn held_bytes(&self) -> usize {
        match &self.0 {
            Kept::Unread { exchange, .. } => exchange.held_bytes(),
            Kept::Read(observation) => observation.inference.values().saturating_mul(VALUE_BYTES),
        }
    }

    /// What the request was; `None` if its model is none of the config.
    pub fn observation(self) -> Option<Observation> {
        match self.0 {
            Kept::Unread { plan, exchange, end } => {
                let model = plan.models.get(exchange.model)?;
                Some(exchange.observe(&end, model))
            }
            Kept::Read(observation) => Some(*observation),
        }
    }
}

/// Bytes of a value that was read, about.
const VALUE_BYTES: usize = 16;
