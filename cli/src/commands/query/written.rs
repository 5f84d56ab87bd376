//! An operation that was written after this command was compiled. Enter at [`Written`].

use super::files::Variables;
use attendium::operation::OperationType;
use attendium::rt::{Write, Writer};
use attendium::{Json, Operation, OperationInfo};
use attendium_codegen::Request;
use std::marker::PhantomData;

/// An operation that was written after this command was compiled.
pub struct Written<'a, K> {
    request: &'a Request,
    variables: &'a Variables,
    kind: PhantomData<K>,
}

impl<'a, K> Written<'a, K> {
    pub fn new(request: &'a Request, variables: &'a Variables) -> Self {
        Self {
            request,
            variables,
            kind: PhantomData,
        }
    }
}

impl<K: OperationType> Operation for Written<'_, K> {
    type Data = Json;
    type Kind = K;
    const INFO: &'static OperationInfo = &OperationInfo {
        kind: K::KIND,
        incremental: false,
        name: "",
        document: "",
        source: "the command `attendium query`",
    };

    fn document(&self) -> &str {
        self.request.document()
    }

    fn operation_name(&self) -> Option<&str> {
        self.request.name()
    }
}

impl<K> Write for Written<'_, K> {
    fn write(&self, out: &mut Writer) {
        self.variables.write(out);
    }
}
