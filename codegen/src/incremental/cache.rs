//! What a build script keeps beside its output, as bytes in one file: texts with their lengths in
//! front.
//!
//! A file of another version, or a damaged one, is read as if it were not there. Enter at [`write`]
//! and [`read`].

use crate::diagnostics::{Diagnostic, Location, Severity};
use crate::emit::units::{OutputUnit, UnitKind};
use crate::schema::issues::{SchemaIssue, Trigger};
use crate::source::Source;
use apollo_compiler::Name;

/// What a compilation without errors leaves for the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompilationCache {
    /// The schema as it was read.
    pub schema: Vec<Source>,
    /// The schema as SDL, where one of its texts is an introspection answer.
    pub sdl: Option<Vec<Source>>,
    pub issues: Vec<SchemaIssue>,
    /// The built-in scalars that the schema has, which are those that it names.
    pub scalars: Vec<String>,
    /// The warnings about the options.
    pub option_warnings: Vec<Diagnostic>,
    pub documents: Vec<Source>,
    /// In the order of the code.
    pub units: Vec<OutputUnit>,
}

/// The first bytes of a cache file. The number is raised when what is written changes.
const HEAD: &str = "attendium-codegen cache 7";

/// The bytes of a cache file: a checksum, then the cache. `key` stands for what the cache depends
/// on besides schema and documents: the options, and the compiler itself. None where a diagnostic
/// is of a kind that has no place in the file.
pub fn write(cache: &CompilationCache, key: &str) -> Option<Vec<u8>> {
    let content = write_content(cache, key)?;
    let mut bytes = checksum(&content).to_vec();
    bytes.extend(content);
    Some(bytes)
}

/// The cache that was written under the same key. None where the file is of another version or
/// damaged.
pub fn read(bytes: &[u8], key: &str) -> Option<CompilationCache> {
    let (sum, content) = bytes.split_at_checked(CHECKSUM_LENGTH)?;
    if sum != checksum(content) {
        return None;
    }
    read_content(content, key)
}

const CHECKSUM_LENGTH: usize = 8;

fn checksum(content: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    // FNV-1a over words in place of bytes. A digest of cryptography, compiled without optimisation
    // as build scripts are, takes longer than the compilation that the cache saves.
    let mut sum = 0xcbf2_9ce4_8422_2325_u64 ^ content.len() as u64;
    let mut at = 0;
    while let Some(word) = content.get(at..at + 8) {
        let word = u64::from_le_bytes([
            word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7],
        ]);
        sum = (sum ^ word)
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(23);
        at += 8;
    }
    for byte in &content[at..] {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    sum.to_le_bytes()
}

fn write_content(cache: &CompilationCache, key: &str) -> Option<Vec<u8>> {
    let mut out = CacheWriter(Vec::new());
    out.text(HEAD);
    out.text(key);
    out.sources(&cache.schema);
    match &cache.sdl {
        None => out.number(0),
        Some(sdl) => {
            out.number(1);
            out.sources(sdl);
        }
    }
    out.number(cache.issues.len());
    for issue in &cache.issues {
        out.diagnostic(&issue.diagnostic)?;
        out.number(usize::from(issue.ambiguous));
        let (kind, names) = match &issue.trigger {
            None => (0, vec![]),
            Some(Trigger::Type(ty)) => (1, vec![ty]),
            Some(Trigger::Field(ty, field)) => (2, vec![ty, field]),
            Some(Trigger::Argument(ty, field, argument)) => (3, vec![ty, field, argument]),
            Some(Trigger::DirectiveArgument(directive, argument)) => (4, vec![directive, argument]),
        };
        out.number(kind);
        for name in names {
            out.text(name);
        }
    }
    out.texts(&cache.scalars);
    out.number(cache.option_warnings.len());
    for diagnostic in &cache.option_warnings {
        out.diagnostic(diagnostic)?;
    }
    out.sources(&cache.documents);
    out.number(cache.units.len());
    for unit in &cache.units {
        out.number(match unit.kind {
            UnitKind::Operation => 0,
            UnitKind::Fragment => 1,
            UnitKind::Enum => 2,
            UnitKind::Input => 3,
            UnitKind::Scalar => 4,
        });
        out.text(&unit.name);
        out.text(&unit.path);
        out.texts(&unit.fragments);
        out.texts(&unit.schema_types);
        out.text(&unit.code);
        out.text(&unit.document);
        out.texts(&unit.rust_names);
    }
    Some(out.0)
}

fn read_content(bytes: &[u8], key: &str) -> Option<CompilationCache> {
    let mut from = CacheReader { bytes, at: 0 };
    if from.text()? != HEAD || from.text()? != key {
        return None;
    }
    let schema = from.list(CacheReader::source)?;
    let sdl = match from.number()? {
        0 => None,
        _ => Some(from.list(CacheReader::source)?),
    };
    let issues = from.list(|from| {
        let diagnostic = from.diagnostic()?;
        let ambiguous = from.number()? == 1;
        let kind = from.number()?;
        let mut name = || Name::new(from.text()?).ok();
        let trigger = match kind {
            0 => None,
            1 => Some(Trigger::Type(name()?)),
            2 => Some(Trigger::Field(name()?, name()?)),
            3 => Some(Trigger::Argument(name()?, name()?, name()?)),
            4 => Some(Trigger::DirectiveArgument(name()?, name()?)),
            _ => return None,
        };
        Some(SchemaIssue {
            diagnostic,
            ambiguous,
            trigger,
        })
    })?;
    let scalars = from.texts()?;
    let option_warnings = from.list(CacheReader::diagnostic)?;
    let documents = from.list(CacheReader::source)?;
    let units = from.list(|from| {
        Some(OutputUnit {
            kind: match from.number()? {
                0 => UnitKind::Operation,
                1 => UnitKind::Fragment,
                2 => UnitKind::Enum,
                3 => UnitKind::Input,
                4 => UnitKind::Scalar,
                _ => return None,
            },
            name: from.text()?.to_owned(),
            path: from.text()?.to_owned(),
            fragments: from.texts()?,
            schema_types: from.texts()?,
            code: from.text()?.to_owned(),
            document: from.text()?.to_owned(),
            rust_names: from.texts()?,
        })
    })?;
    (from.at == bytes.len()).then_some(CompilationCache {
        schema,
        sdl,
        issues,
        scalars,
        option_warnings,
        documents,
        units,
    })
}

struct CacheWriter(Vec<u8>);

impl CacheWriter {
    fn number(&mut self, number: usize) {
        self.0.extend_from_slice(&(number as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn texts(&mut self, texts: &[String]) {
        self.number(texts.len());
        for text in texts {
            self.text(text);
        }
    }

    fn sources(&mut self, sources: &[Source]) {
        self.number(sources.len());
        for source in sources {
            self.text(&source.path);
            self.text(&source.text);
        }
    }

    /// A warning about the schema or the options. None, and no cache, for one with a rule or a
    /// second location: none has any today.
    fn diagnostic(&mut self, diagnostic: &Diagnostic) -> Option<()> {
        if diagnostic.rule.is_some() || diagnostic.related.is_some() {
            return None;
        }
        self.number(usize::from(diagnostic.severity == Severity::Error));
        self.text(&diagnostic.message);
        let place = diagnostic.location.as_ref();
        self.number(usize::from(place.is_some()));
        if let Some(place) = place {
            self.text(&place.path);
            self.number(place.line);
            self.number(place.column);
            self.number(place.offset);
            self.number(place.length);
            self.text(&place.source_line);
        }
        self.number(usize::from(diagnostic.help.is_some()));
        self.text(diagnostic.help.as_deref().unwrap_or_default());
        Some(())
    }
}

struct CacheReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> CacheReader<'a> {
    fn number(&mut self) -> Option<usize> {
        let bytes = self.bytes.get(self.at..self.at.checked_add(8)?)?;
        self.at += 8;
        usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok()
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        let bytes = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        std::str::from_utf8(bytes).ok()
    }

    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.number()?;
        // A wrong length must not take memory.
        let mut list = Vec::with_capacity(length.min(self.bytes.len() / 8));
        for _ in 0..length {
            list.push(item(self)?);
        }
        Some(list)
    }

    fn texts(&mut self) -> Option<Vec<String>> {
        self.list(|from| from.text().map(str::to_owned))
    }

    fn source(&mut self) -> Option<Source> {
        let path = self.text()?.to_owned();
        Some(Source::new(path, self.text()?))
    }

    fn diagnostic(&mut self) -> Option<Diagnostic> {
        let is_error = self.number()? == 1;
        let message = self.text()?.to_owned();
        let place = match self.number()? {
            0 => None,
            _ => Some(Location {
                path: self.text()?.to_owned(),
                line: self.number()?,
                column: self.number()?,
                offset: self.number()?,
                length: self.number()?,
                source_line: self.text()?.to_owned(),
            }),
        };
        let has_help = self.number()? == 1;
        let help = self.text()?;
        Some(Diagnostic {
            severity: if is_error {
                Severity::Error
            } else {
                Severity::Warning
            },
            rule: None,
            message,
            location: place,
            related: None,
            help: has_help.then(|| help.to_owned()),
        })
    }
}
