//! The generated code as tokens, with spans and comments that editors understand.
//!
//! The names of operations and fragments have the spans that they have in the macro's document, so
//! that "go to definition" leads there. Everything else has the span of the whole macro: that of a
//! token parsed from text leads rust-analyzer into another file. Enter at [`parse`].

use proc_macro2::{Group, LexError, Span, TokenStream, TokenTree};

/// Parses the code. `names` are those that the document in the macro defines.
pub fn parse(code: &str, names: &[(String, Span)]) -> Result<TokenStream, LexError> {
    Ok(with_spans(doc_attributes(code).parse()?, names))
}

fn with_spans(code: TokenStream, names: &[(String, Span)]) -> TokenStream {
    let tokens = code.into_iter().map(|mut token| {
        let mut span = Span::call_site();
        match &token {
            TokenTree::Group(group) => {
                let inside = with_spans(group.stream(), names);
                token = Group::new(group.delimiter(), inside).into();
            }
            TokenTree::Ident(ident) => {
                let defined = names.iter().find(|(name, _)| ident == name);
                // Names resolve as everywhere in the macro, whoever wrote the document.
                span = defined.map_or(span, |(_, place)| span.located_at(*place));
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        token.set_span(span);
        token
    });
    tokens.collect()
}

/// Doc comments as attributes: rust-analyzer takes the third slash of a comment in a text that a
/// macro parses for a part of the comment.
fn doc_attributes(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut before = "";
    for line in code.lines() {
        let text = line.trim_start();
        match text.strip_prefix("///") {
            // Behind a backslash, a string goes on.
            Some(comment) if !before.ends_with('\\') => {
                out.push_str(&format!("#[doc = {comment:?}]"));
            }
            _ => out.push_str(line),
        }
        out.push('\n');
        before = line;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_become_attributes_and_strings_stay() {
        let code = "/// A \"word\".\n///\nstruct A;\nconst B: &str = \"x \\\n    /// y\";\n";
        assert_eq!(
            doc_attributes(code),
            "#[doc = \" A \\\"word\\\".\"]\n#[doc = \"\"]\nstruct A;\n\
             const B: &str = \"x \\\n    /// y\";\n"
        );
        let tokens = parse(code, &[]).unwrap().to_string();
        let same: TokenStream = code.parse().unwrap();
        assert_eq!(tokens, same.to_string());
    }

    #[test]
    fn names_of_the_document_have_its_spans() {
        let document: TokenStream = "query\n  Viewer { me }".parse().unwrap();
        let name = document.into_iter().nth(1).unwrap();
        let names = [("Viewer".to_owned(), name.span())];
        let code = parse("impl A for Viewer { fn b() -> Viewer {} }", &names).unwrap();
        let starts = |stream: TokenStream| -> Vec<(String, usize)> {
            let idents = stream.into_iter().filter_map(|token| match token {
                TokenTree::Ident(ident) => Some((ident.to_string(), ident.span().start().line)),
                _ => None,
            });
            idents.collect()
        };
        let viewer = starts(code).pop().unwrap();
        assert_eq!(viewer, ("Viewer".to_owned(), 2));
    }
}
