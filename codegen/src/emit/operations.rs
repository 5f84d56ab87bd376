//! Operations and fragments: their own types at the top, and the module of the types within.

use super::emitter::{ALLOW, Emitter, Level, path_and_line};
use super::table::Table;
use super::text::{literal, literal_on_lines};
use crate::ir::names::OperationNames;
use crate::ir::{Fragment, Operation, OperationKind};
use std::fmt::Write;

impl Emitter<'_> {
    pub(super) fn operation(&mut self, operation: &Operation, names: &OperationNames) {
        let kind = match operation.kind {
            OperationKind::Query => "query",
            OperationKind::Mutation => "mutation",
            OperationKind::Subscription => "subscription",
        };
        let place = path_and_line(&operation.location);
        let _ = writeln!(self.out, "\n/// `{kind} {}` — {place}", operation.name);
        self.described("", operation.description.as_deref());
        self.graphql_block(&operation.printed);
        let mut table = Table::default();
        let document = "document: ";
        let mut lines = vec![
            format!("data: {}::Data", names.module),
            format!("name: {:?}", operation.name),
            format!("source: {}", literal(&place)),
            document.to_owned()
                + &literal_on_lines(&operation.document, "        ", 8 + document.len()),
        ];
        if operation.incremental {
            lines.push("incremental: true".to_owned());
        }
        table.lines(kind, &names.name, lines);
        self.variables(operation, names, &mut table);
        self.table("", &table);
        let _ = writeln!(
            self.out,
            "\n/// The answer to [`{}`].\n{ALLOW}\npub mod {} {{",
            names.name, names.module
        );
        self.nested(&operation.types, names, &operation.location.path, 0);
        self.out.push_str("}\n");
    }

    pub(super) fn fragment(&mut self, fragment: &Fragment, names: &OperationNames) {
        let ([own, nested @ ..], [own_names, ..]) =
            (fragment.types.as_slice(), names.types.as_slice())
        else {
            return;
        };
        let _ = writeln!(
            self.out,
            "\n/// `fragment {} on {}` — {}",
            fragment.name,
            fragment.on,
            path_and_line(&fragment.location)
        );
        self.described("", fragment.description.as_deref());
        self.graphql_block(&fragment.printed);
        self.allow();
        let mut table = Table::default();
        self.selection(
            own,
            own_names,
            &names.types,
            Level::Top(&names.module),
            &mut table,
        );
        self.table("", &table);
        if nested.is_empty() {
            return;
        }
        let _ = writeln!(
            self.out,
            "\n/// Types within [`{}`].\n{ALLOW}\npub mod {} {{",
            names.name, names.module
        );
        self.nested(&fragment.types, names, &fragment.location.path, 1);
        self.out.push_str("}\n");
    }
}
