//! The arguments of the macro: `key = "value"` pairs, then documents. Enter at [`Arguments`].

use crate::documents::Inline;
use attendium_codegen::{Options, UnknownName};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use std::path::PathBuf;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Error, LitBool, LitStr, Token};

/// What the macro was asked for.
#[derive(Debug, Default)]
pub struct Arguments {
    pub schema: Vec<PathBuf>,
    pub operations: Vec<PathBuf>,
    pub options: Options,
    /// The paths of `schema` and `operations` as they are written, and where.
    pub paths: Vec<(String, Span)>,
    /// The documents in the macro itself.
    pub inline: Option<Inline>,
}

impl Parse for Arguments {
    /// Reads the arguments. The error holds every mistake, not the first alone.
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut arguments = Self::default();
        let mut mistakes = Mistakes::default();
        while input.peek(Ident::peek_any) && input.peek2(Token![=]) {
            let key = input.call(Ident::parse_any)?;
            let equals: Token![=] = input.parse()?;
            if input.is_empty() {
                mistakes.add(Error::new(
                    equals.span,
                    format!("`{key}` has no value\nhelp: write `{key} = \"…\"`"),
                ));
                break;
            }
            if key == "share_selections" && input.peek(LitBool) {
                arguments.options.share_selections = input.parse::<LitBool>()?.value;
            } else {
                match parse_string(input)? {
                    Ok(value) => mistakes.take(arguments.set(&key, &value)),
                    Err(mistake) => mistakes.add(mistake),
                }
            }
            input.parse::<Option<Token![,]>>()?;
        }
        let start = input.span();
        let single = input.fork();
        if input.peek(syn::Lit) && single.parse::<TokenTree>().is_ok() && single.is_empty() {
            match parse_string(input)? {
                Ok(text) => arguments.inline = Some(Inline::from_string(&text)),
                Err(mistake) => mistakes.add(mistake),
            }
        } else if !input.is_empty() {
            let tokens: TokenStream = input.parse()?;
            let (inline, comments) = Inline::from_tokens(tokens);
            arguments.inline = Some(inline);
            for comment in comments {
                mistakes.add(Error::new(
                    comment,
                    "`#` begins no comment here\nhelp: write `//`, which is a comment in Rust, or \
                     put the documents into a string or a file",
                ));
            }
        }
        if arguments.inline.is_some() && !arguments.operations.is_empty() {
            mistakes.add(Error::new(
                start,
                "documents stand in the macro or in files, not both\nhelp: remove \
                 `operations = …`, or put these into a file too",
            ));
        }
        if mistakes.is_empty() && arguments.inline.is_none() && arguments.operations.is_empty() {
            mistakes.add(Error::new(
                Span::call_site(),
                "nothing to compile\nhelp: write `graphql! { query Me { me { id } } }`, or name \
                 files: `operations = \"queries\"`",
            ));
        }
        mistakes.into_result(arguments)
    }
}

impl Arguments {
    fn set(&mut self, key: &Ident, value: &LitStr) -> syn::Result<()> {
        let text = value.value();
        if key == "schema" || key == "operations" {
            self.paths.push((text.clone(), value.span()));
        }
        match key.to_string().as_str() {
            "schema" => self.schema.push(text.into()),
            "operations" => self.operations.push(text.into()),
            "derive" => self.options.derives.push(text),
            "allow" => {
                let rule = text.parse().map_err(|unknown: UnknownName| {
                    Error::new(value.span(), format!("{unknown}\nhelp: {}", unknown.help()))
                })?;
                self.options.allow.insert(rule);
            }
            "crate" => self.options.crate_path = text,
            "share_selections" => {
                return Err(Error::new(
                    value.span(),
                    "neither true nor false\nhelp: write `share_selections = true`",
                ));
            }
            "scalar" => {
                let (name, rust) = text.split_once('=').ok_or_else(|| {
                    Error::new(
                        value.span(),
                        "not a mapping\nhelp: write `scalar = \"DateTime=jiff::Timestamp\"`",
                    )
                })?;
                let (name, rust) = (name.trim().to_owned(), rust.trim().to_owned());
                self.options.scalars.insert(name, rust);
            }
            _ => {
                return Err(Error::new(
                    key.span(),
                    format!(
                        "unknown key `{key}`\nhelp: the keys are `schema`, `operations`, \
                         `scalar`, `derive`, `allow`, `crate` and `share_selections`"
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// Reads a string literal, or takes the token that stands in its place and says so.
fn parse_string(input: ParseStream) -> syn::Result<syn::Result<LitStr>> {
    if input.peek(LitStr) {
        return input.parse().map(Ok);
    }
    let token: TokenTree = input.parse()?;
    Ok(Err(Error::new(token.span(), "a string is expected here")))
}

/// Mistakes, combined into one error of all.
#[derive(Default)]
struct Mistakes(Option<Error>);

impl Mistakes {
    fn add(&mut self, mistake: Error) {
        match &mut self.0 {
            Some(all) => all.combine(mistake),
            None => self.0 = Some(mistake),
        }
    }

    fn take(&mut self, result: syn::Result<()>) {
        if let Err(mistake) = result {
            self.add(mistake);
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn into_result<T>(self, value: T) -> syn::Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}
