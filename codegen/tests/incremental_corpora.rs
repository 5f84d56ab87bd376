//! Incremental compilations over real schemas and operations give what whole ones give.

mod corpora;
mod project;

use corpora::corpora;
use project::Project;

#[track_caller]
fn same_after_edits(corpus: &str) {
    let directory = corpora().join(corpus);
    let schema = std::fs::read_to_string(directory.join("schema.graphql")).unwrap();
    let mut documents: Vec<(String, String)> = Vec::new();
    for file in std::fs::read_dir(directory.join("operations")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        // One definition a file, so that an edit is one.
        for line in text.split_inclusive('\n') {
            let starts = ["query", "mutation", "subscription", "fragment"];
            if starts.iter().any(|word| line.starts_with(word)) {
                documents.push((format!("{:04}.graphql", documents.len()), String::new()));
            }
            if let Some((_, text)) = documents.last_mut() {
                text.push_str(line);
            }
        }
    }
    assert!(documents.len() > 40, "{} definitions", documents.len());
    let project = Project::new(&format!("incremental-{corpus}"), &schema, &documents);
    project.check("the first");
    let step = documents.len() / 5;
    for (name, text) in documents.iter().skip(step / 2).step_by(step) {
        project.write(name, &format!("# moved\n{text}"));
        assert!(project.check(name), "{name}");
        project.remove(name);
        // Others may miss its fragments, or have their names to themselves now: then nothing is
        // kept.
        project.check(name);
        project.write(name, text);
        project.check(name);
    }
}

#[test]
fn github() {
    same_after_edits("github-vscode");
}

#[test]
fn saleor() {
    same_after_edits("saleor");
}

#[test]
fn linear() {
    same_after_edits("linear");
}
