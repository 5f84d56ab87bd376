//! The directive `@defer` (the RFC "Defer and Stream"). `incremental.rs` does what it says.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::Directive;
use async_graphql::registry::{
    __DirectiveLocation, Deprecation, MetaDirective, MetaInputValue, Registry,
};
use async_graphql::{ContextDirective, CustomDirective, CustomDirectiveFactory, ServerResult};

pub(crate) struct Defer;

impl CustomDirective for Defer {}

impl CustomDirectiveFactory for Defer {
    fn name(&self) -> Cow<'static, str> {
        "defer".into()
    }

    fn register(&self, registry: &mut Registry) {
        let argument = |name: &str, ty: &str, default: Option<&str>, description: &str| {
            let value = MetaInputValue {
                name: name.into(),
                description: Some(description.into()),
                ty: ty.into(),
                deprecation: Deprecation::NoDeprecated,
                default_value: default.map(str::to_owned),
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                is_secret: false,
                directive_invocations: Vec::new(),
            };
            (name.to_owned(), value)
        };
        registry.add_directive(MetaDirective {
            name: "defer".into(),
            description: Some("Sends a fragment after the rest of the answer.".into()),
            locations: vec![
                __DirectiveLocation::FRAGMENT_SPREAD,
                __DirectiveLocation::INLINE_FRAGMENT,
            ],
            args: IndexMap::from([
                argument("if", "Boolean!", Some("true"), "Whether it is deferred."),
                argument("label", "String", None, "What tells it from others."),
            ]),
            is_repeatable: false,
            visible: None,
            composable: None,
        });
    }

    fn create(
        &self,
        _: &ContextDirective<'_>,
        _: &Directive,
    ) -> ServerResult<Box<dyn CustomDirective>> {
        Ok(Box::new(Self))
    }
}
