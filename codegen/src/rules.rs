//! The rules that documents may be allowed to break, and the lints that can be asked for, by the
//! names that the command and the configuration file know them by, and of rules the macro. Enter at
//! [`Rule`] and [`Lint`].

use std::fmt;
use std::str::FromStr;

/// A validation rule that documents may break.
///
/// ```
/// use attendium_codegen::Rule;
///
/// let rule: Rule = "conflicting-response-types".parse()?;
/// assert_eq!(rule, Rule::ConflictingResponseTypes);
/// # Ok::<(), attendium_codegen::UnknownName>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// Fields of one response key have one type ([GraphQL, section 5.3.2][spec]). Where an
    /// operation may break it, each type reads its own.
    ///
    /// [spec]: https://spec.graphql.org/September2025/#sec-Field-Selection-Merging
    ConflictingResponseTypes,
}

impl Rule {
    /// All rules that can be allowed.
    pub const ALL: [Self; 1] = [Self::ConflictingResponseTypes];

    /// The name, as the command takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConflictingResponseTypes => "conflicting-response-types",
        }
    }
}

impl FromStr for Rule {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let known = Self::ALL.into_iter().find(|rule| rule.name() == name);
        known.ok_or_else(|| UnknownName {
            message: format!("`{name}` is not a rule that can be allowed"),
            help: format!("the rules are {}", list(Self::ALL)),
        })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A warning about what is valid and still worth a word.
///
/// ```
/// use attendium_codegen::Lint;
///
/// assert_eq!("unused-fragment".parse(), Ok(Lint::UnusedFragment));
/// assert_eq!("typo".parse::<Lint>().unwrap_err().to_string(), "`typo` is not a lint");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Lint {
    /// A field, argument, input field or enum value that the schema deprecates.
    Deprecated,
    /// A name that is not written as names of its kind are.
    Naming,
    /// A fragment that no operation reaches.
    UnusedFragment,
}

impl Lint {
    /// All lints.
    pub const ALL: [Self; 3] = [Self::Deprecated, Self::Naming, Self::UnusedFragment];

    /// The name, as the command takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deprecated => "deprecated",
            Self::Naming => "naming",
            Self::UnusedFragment => "unused-fragment",
        }
    }
}

impl FromStr for Lint {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let known = Self::ALL.into_iter().find(|lint| lint.name() == name);
        known.ok_or_else(|| UnknownName {
            message: format!("`{name}` is not a lint"),
            help: format!("the lints are {}", list(Self::ALL)),
        })
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no [`Rule`] or [`Lint`] has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    message: String,
    help: String,
}

impl UnknownName {
    /// What to write instead.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for UnknownName {}

fn list(all: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let names: Vec<String> = all.into_iter().map(|one| format!("`{one}`")).collect();
    names.join(", ")
}
