//! Takes the code out of the guide's pages, so that what a page shows is compiled and run.
//!
//! - All `graphql` blocks that hold operations are one set, compiled against `../schema.graphql`
//!   with the settings that the page about them shows.
//! - A `rust` block with items is a module of its own, a block of statements a test that runs
//!   against a local Attendium, as the user who is logged in. `rust,no_run` is not run.
//! - A `rust,generated` block is compared with what the compiler writes: `tests/guide.rs`.
//!
//! A file in `queries/`, which another client's derive reads, is as its page shows it.
//!
//! A block has a file of its own, named after its page and line, so that rustc's errors lead there.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What a block names that stands behind features of the crate: it needs the feature `all`.
const NEED_ALL: [&str; 7] = [
    "KeyringStore",
    "PostgresStore",
    "RedisStore",
    "cynic::",
    "graphql_client",
    "subscription",
    "tower::",
];

struct Block {
    page: String,
    line: usize,
    language: String,
    text: String,
}

impl Block {
    /// `start_12`, for a module and a file.
    fn name(&self) -> String {
        let page = self.page.trim_end_matches(".md").replace(['/', '-'], "_");
        format!("{}_{}", page.to_lowercase(), self.line)
    }

    fn says(&self, word: &str) -> bool {
        self.language.split(',').any(|part| part == word)
    }

    /// Whether the block is items rather than statements.
    fn has_items(&self) -> bool {
        let items = ["fn ", "async fn ", "mod ", "pub ", "struct ", "impl ", "#["];
        let is_item = |line: &str| items.iter().any(|item| line.starts_with(item));
        self.text.lines().any(is_item)
    }

    /// A file that the block shows: `// src/main.rs` on its first line.
    fn file(&self) -> Option<&str> {
        let first = self.text.lines().next()?;
        let name = first
            .strip_prefix("// ")
            .or_else(|| first.strip_prefix("# "))?;
        (!name.contains(' ') && name.contains('.')).then_some(name)
    }
}

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=../src");
    println!("cargo::rerun-if-changed=build.rs");

    let mut pages = Vec::new();
    find_pages(&root.join("src"), &mut pages);
    pages.sort();
    let blocks: Vec<Block> = pages
        .iter()
        .flat_map(|page| read_blocks(&root, page))
        .collect();

    for block in &blocks {
        let file = block.file().filter(|file| file.starts_with("queries/"));
        let Some((file, text)) = file.and_then(|file| Some((file, fs::read_to_string(file).ok()?)))
        else {
            continue;
        };
        let place = format!("{}:{}", block.page, block.line);
        assert_eq!(text, block.text, "{place} is not check/{file}");
    }

    let documents = out.join("documents");
    let _ = fs::remove_dir_all(&documents);
    fs::create_dir_all(&documents).expect("OUT_DIR can be written");
    for block in blocks.iter().filter(|block| block.says("graphql")) {
        // A schema and a mistake are shown, and read by the commands of their page.
        if block.file() != Some("schema.graphql") && !block.says("wrong") {
            write(
                &documents.join(format!("{}.graphql", block.name())),
                &block.text,
            );
        }
    }
    // Relative, so that generated code names short paths.
    attendium_codegen::build()
        .schema("../schema.graphql")
        .operations(documents)
        .scalar("DateTime", "jiff::Timestamp")
        .scalar("Upload", "attendium::Upload")
        .run();

    let mut tests = String::new();
    let mut start = None;
    for block in blocks.iter().filter(|block| block.says("rust")) {
        if block.page == "start.md" && block.file() == Some("src/main.rs") {
            start = Some(block.text.clone());
        }
        if block.says("generated") {
            let text = block.text.as_str();
            let place = format!("{}:{}", block.page, block.line);
            let _ = writeln!(
                tests,
                "#[test] fn {}() {{ is_generated({place:?}, {text:?}) }}",
                block.name()
            );
            continue;
        }
        write_rust(block, &out, &mut tests);
    }
    write(&out.join("blocks.rs"), &tests);
    write(
        &out.join("start.rs"),
        &start.expect("start.md has a block `// src/main.rs`"),
    );
}

/// Writes a block to a file, and how the test includes it.
fn write_rust(block: &Block, out: &Path, tests: &mut String) {
    let name = block.name();
    let file = out.join(format!("{name}.rs"));
    if NEED_ALL.iter().any(|name| block.text.contains(name)) {
        tests.push_str("#[cfg(feature = \"all\")] ");
    }
    let _ = writeln!(
        tests,
        "#[allow(unused, missing_docs, unused_qualifications)] mod {name} {{ use super::*; \
         include!({file:?}); }}"
    );
    if block.has_items() {
        write(&file, &block.text);
        return;
    }
    let run = if block.says("no_run") {
        String::new()
    } else {
        "#[test] fn runs() { run(statements) }\n".to_owned()
    };
    write(
        &file,
        &format!(
            "{run}async fn statements(sandbox: Sandbox, session: Session) -> Outcome {{\n\
             use super::queries::*;\n{}\nOk(())\n}}\n",
            block.text
        ),
    );
}

fn find_pages(directory: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory)
        .expect("the guide's pages")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            find_pages(&path, pages);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
}

fn read_blocks(root: &Path, page: &Path) -> Vec<Block> {
    println!("cargo::rerun-if-changed={}", page.display());
    let text = fs::read_to_string(page).expect("a page is text");
    let name = page
        .strip_prefix(root.join("src"))
        .expect("a page of the guide");
    let name = name.to_string_lossy().replace('\\', "/");
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open) {
            (Some(language), false) => {
                blocks.push(Block {
                    page: name.clone(),
                    line: index + 1,
                    language: language.to_owned(),
                    text: String::new(),
                });
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
            (None, false) => {}
        }
    }
    assert!(!open, "{name}: a block has no end");
    blocks
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("OUT_DIR can be written");
}
