//! The direction of imports: which module of the compiler may use which, and that the files of no
//! crate import each other in a circle.
//!
//! A file imports another one where a path in it (`crate::…`, `super::…`, `self::…`, or one that
//! begins with a module of its own) leads there. A declaration (`mod name;`) is no import, and what
//! is under `#[cfg(test)]` does not count.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// The modules of the compiler: files and folders of `codegen/src`, the lowest first. Each one may
/// import those that are listed before it.
const MODULES: [&str; 21] = [
    // What every stage needs.
    "lexer",
    "walk",
    "rules",
    "options",
    "diagnostics",
    "globs",
    "source",
    "output",
    // The stages, in their order.
    "schema",
    "document",
    "lints",
    "ir",
    "option_checks",
    "emit",
    "pipeline",
    "inputs",
    // What the command needs beside code.
    "request",
    "starter",
    // The ways to ask for a compilation.
    "incremental",
    "build",
    "config",
];

#[test]
fn modules_import_those_below_them() {
    let files = read_crate("codegen/src");
    let position = |module: &str| MODULES.iter().position(|known| *known == module);
    let mut wrong = Vec::new();
    for (file, imports) in &files {
        let module = top_module_of(file);
        if module == "lib" {
            continue;
        }
        let Some(at) = position(module) else {
            wrong.push(format!("{file} is in no module: add it to MODULES"));
            continue;
        };
        for import in imports {
            let other = top_module_of(import);
            if other != module && position(other).is_none_or(|other| other > at) {
                wrong.push(format!("{file} imports {import}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "against the order of modules:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut circles = Vec::new();
    for directory in ["codegen/src", "src", "macros/src", "cli/src", "sandbox/src"] {
        let files = read_crate(directory);
        assert!(!files.is_empty(), "{directory} has no files");
        circles.extend(find_circles(&files).into_iter().map(|circle| {
            let circle = circle.iter().map(|file| format!("{directory}/{file}"));
            circle.collect::<Vec<_>>()
        }));
    }
    let shown: Vec<String> = circles.iter().map(|circle| circle.join("\n  ")).collect();
    assert!(
        shown.is_empty(),
        "these files import each other:\n  {}",
        shown.join("\n\n  ")
    );
}

#[test]
fn a_circle_is_found() {
    let source =
        |text: &str| imports_of(text, &["a".into()], &["".into(), "a".into(), "a::b".into()]);
    assert_eq!(source("use super::a::b::X;"), ["a::b"]);
    assert_eq!(source("fn f() { b::g() }"), ["a::b"]);
    assert_eq!(source("fn f() { println!(\"{}\", crate::g()) }"), [""]);
    assert_eq!(source("#[cfg(test)] mod tests { use crate::b; }"), [""; 0]);
    assert_eq!(source("mod b; use std::a;"), [""; 0]);

    let edge = |from: &str, to: &[&str]| {
        let to = to.iter().map(|file| (*file).to_owned()).collect();
        (from.to_owned(), to)
    };
    let files = [
        edge("a", &["b"]),
        edge("b", &["c"]),
        edge("c", &["a"]),
        edge("d", &["a"]),
    ];
    assert_eq!(
        find_circles(&files.into_iter().collect()),
        [["a", "b", "c"]]
    );
}

/// The first folder of a path, or the file itself.
fn top_module_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

type Imports = BTreeMap<String, BTreeSet<String>>;

/// The files of a crate, and which other files each of them imports.
fn read_crate(directory: &str) -> Imports {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(directory);
    let mut paths = Vec::new();
    list_files(&root, &mut paths);
    let files: BTreeMap<String, PathBuf> = paths
        .into_iter()
        .map(|path| {
            let shown = path.strip_prefix(&root).unwrap().to_string_lossy();
            (shown.replace('\\', "/"), path)
        })
        .collect();
    let modules: BTreeMap<String, &String> =
        files.keys().map(|file| (module_of(file), file)).collect();
    let names: Vec<String> = modules.keys().cloned().collect();
    files
        .iter()
        .map(|(file, path)| {
            let text = std::fs::read_to_string(path).unwrap();
            let module = module_of(file);
            let module: Vec<String> = segments(&module).map(str::to_owned).collect();
            let imports = imports_of(&text, &module, &names);
            let imports = imports.iter().map(|module| modules[module].clone());
            let others = imports.filter(|other| other != file).collect();
            (file.clone(), others)
        })
        .collect()
}

fn list_files(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list_files(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .ends_with("tests")
        {
            paths.push(path);
        }
    }
}

/// The module of a file, as `folder::file`. The crate's root is empty.
fn module_of(file: &str) -> String {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    match path {
        "lib" | "main" | "mod" => String::new(),
        path => path.replace('/', "::"),
    }
}

fn segments(module: &str) -> impl Iterator<Item = &str> {
    module.split("::").filter(|segment| !segment.is_empty())
}

/// The modules that a file's paths lead to.
fn imports_of(text: &str, module: &[String], modules: &[String]) -> Vec<String> {
    let mut finder = Finder {
        module: module.to_vec(),
        modules,
        found: BTreeSet::new(),
    };
    finder.visit_file(&syn::parse_file(text).unwrap());
    finder.found.into_iter().collect()
}

struct Finder<'a> {
    /// The module that is read.
    module: Vec<String>,
    modules: &'a [String],
    found: BTreeSet<String>,
}

impl Finder<'_> {
    fn is_module(&self, path: &[String]) -> bool {
        self.modules.contains(&path.join("::"))
    }

    /// Notes the file that a path leads to.
    fn resolve(&mut self, path: &[String]) {
        let mut at = self.module.clone();
        let mut rest = path;
        match path.first().map(String::as_str) {
            Some("crate") => {
                at.clear();
                rest = &path[1..];
            }
            Some("self") => rest = &path[1..],
            Some("super") => {}
            Some(first) => {
                at.push(first.to_owned());
                let leads_to_child = self.is_module(&at);
                at.pop();
                if !leads_to_child {
                    return;
                }
            }
            None => return,
        }
        while rest.first().is_some_and(|segment| segment == "super") {
            at.pop();
            rest = &rest[1..];
        }
        for segment in rest {
            at.push(segment.clone());
            if !self.is_module(&at) {
                at.pop();
                break;
            }
        }
        // A module without a file of its own stands in its parent's.
        while !self.is_module(&at) {
            at.pop();
        }
        self.found.insert(at.join("::"));
    }

    fn resolve_use(&mut self, tree: &syn::UseTree, before: &[String]) {
        let mut path = before.to_vec();
        match tree {
            syn::UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.resolve_use(&part.tree, &path);
            }
            syn::UseTree::Name(name) => {
                if name.ident != "self" {
                    path.push(name.ident.to_string());
                }
                self.resolve(&path);
            }
            syn::UseTree::Rename(name) => {
                if name.ident != "self" {
                    path.push(name.ident.to_string());
                }
                self.resolve(&path);
            }
            syn::UseTree::Glob(_) => self.resolve(&path),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.resolve_use(tree, before);
                }
            }
        }
    }

    /// Paths in the tokens of a macro call, which have no syntax yet.
    fn resolve_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.resolve_path_in_macro(&path);
                        path.clear();
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.resolve_path_in_macro(&path);
                    path.clear();
                    colons = 0;
                    self.resolve_tokens(group.stream());
                }
                _ => {
                    self.resolve_path_in_macro(&path);
                    path.clear();
                    colons = 0;
                }
            }
        }
        self.resolve_path_in_macro(&path);
    }

    /// A single word in a macro's tokens is a variable or a keyword more often than a path.
    fn resolve_path_in_macro(&mut self, path: &[String]) {
        if path.len() > 1 {
            self.resolve(path);
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|ident| ident == "test")
    })
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.resolve_use(&item.tree, &[]);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if is_test(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|part| part.ident.to_string());
            let segments: Vec<String> = segments.collect();
            if segments.len() > 1 {
                self.resolve(&segments);
            }
        }
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // The path in `pub(in …)` imports nothing.
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.resolve_tokens(call.tokens.clone());
    }
}

/// The files that import each other in circles: each set that is as large as it can be, in order.
fn find_circles(files: &Imports) -> Vec<Vec<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = files
        .keys()
        .map(|file| (file.as_str(), reach(file, files)))
        .collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        let circle: Vec<String> = others
            .iter()
            .filter(|other| reached[*other].contains(file))
            .map(|other| (*other).to_owned())
            .collect();
        if !circle.is_empty() {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// All files that a file imports, at any distance.
fn reach<'a>(file: &'a str, files: &'a Imports) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut queue: Vec<&str> = files[file].iter().map(String::as_str).collect();
    while let Some(next) = queue.pop() {
        if reached.insert(next) {
            queue.extend(files[next].iter().map(String::as_str));
        }
    }
    reached
}
