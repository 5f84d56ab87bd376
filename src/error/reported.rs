//! The errors that an API answered with, and who answered: [`ReportedErrors`].

use std::ops::Deref;
use std::sync::Arc;

use crate::graphql_error::GraphqlError;

use super::answer::Answered;

/// The errors of a GraphQL response (GraphQL, section 7.1.2), as a slice, and the head of the
/// response that they came in.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedErrors {
    errors: Arc<[GraphqlError]>,
    pub(super) answer: Option<Arc<Answered>>,
}

impl ReportedErrors {
    pub(crate) fn new(errors: Vec<GraphqlError>, answer: Option<Arc<Answered>>) -> Self {
        let errors = errors.into();
        Self { errors, answer }
    }

    /// Who answered, where that is known.
    #[must_use]
    pub fn answer(&self) -> Option<&Answered> {
        self.answer.as_deref()
    }
}

impl Deref for ReportedErrors {
    type Target = [GraphqlError];

    fn deref(&self) -> &[GraphqlError] {
        &self.errors
    }
}

impl From<Vec<GraphqlError>> for ReportedErrors {
    fn from(errors: Vec<GraphqlError>) -> Self {
        Self::new(errors, None)
    }
}
