//! Where the crates of a new application come from: a clone of attendium, or crates.io. Enter at
//! [`Crates::find`].

use crate::failure::Failure;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// Whether this version can be had from crates.io. `.ci/release` asks for it.
const IS_PUBLISHED: bool = false;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A place that has the crates.
pub enum Crates {
    Clone(PathBuf),
    CratesIo,
}

impl Crates {
    /// The clone that is named, or the one that the working directory is in, or crates.io.
    pub fn find(named: Option<&Path>) -> Result<Self, Failure> {
        let base = std::env::current_dir().unwrap_or_default();
        if let Some(named) = named {
            let path = base.join(named);
            if is_clone(&path) {
                return Ok(Self::Clone(path));
            }
            return Err(Failure::usage(
                format!("`{}` is no clone of attendium", named.display()),
                "name the directory that has `codegen/` and the `Cargo.toml` of attendium",
            ));
        }
        // A clone may be a directory beside the working directory's files, as well as above them.
        match base.ancestors().find(|above| is_clone(above)) {
            Some(clone) => Ok(Self::Clone(clone.to_owned())),
            None if IS_PUBLISHED => Ok(Self::CratesIo),
            None => Err(Failure::usage(
                "attendium is not on crates.io yet, and this is no clone of it",
                "name a clone with `--path`, as `--path ../attendium-rs`",
            )),
        }
    }

    /// What an application in this directory writes into its manifest. The directory is there.
    pub fn dependencies(&self, application: &Path) -> Result<Dependencies, Failure> {
        let unknown = |path: &Path, error: std::io::Error| {
            Failure::new(
                format!("`{}` can't be found: {error}", path.display()),
                "look whether it is still there",
            )
        };
        let application = application
            .canonicalize()
            .map_err(|error| unknown(application, error))?;
        let place = |inner: &str| -> Result<String, Failure> {
            match self {
                Self::CratesIo => Ok(format!("version = \"{VERSION}\"")),
                Self::Clone(clone) => {
                    let clone = clone.join(inner);
                    let clone = clone
                        .canonicalize()
                        .map_err(|error| unknown(&clone, error))?;
                    let path = relative(&application, &clone).replace('\\', "/");
                    // A string of JSON is one of TOML, too.
                    Ok(format!("path = {}", serde_json::Value::from(path)))
                }
            }
        };
        Ok(Dependencies {
            runtime: place("")?,
            codegen: format!("{{ {} }}", place("codegen")?),
            sandbox: format!("{{ {} }}", place("sandbox")?),
        })
    }
}

/// Dependencies as a manifest says them.
pub struct Dependencies {
    runtime: String,
    pub codegen: String,
    sandbox: String,
}

impl Dependencies {
    /// The runtime, without what knows Attendium and without the macro: an application with a build
    /// script needs neither, and builds faster.
    pub fn attendium(&self) -> String {
        format!(
            "{{ {}, default-features = false, features = [\"session\"] }}",
            self.runtime
        )
    }

    /// What only tests need.
    pub fn dev(&self, with_sandbox: bool) -> String {
        if with_sandbox {
            format!(
                "\n[dev-dependencies]\n# A local Attendium.\nattendium-sandbox = {}\n",
                self.sandbox
            )
        } else {
            String::new()
        }
    }
}

/// Whether cargo takes the package for one of the workspace above it, or for one of its own where
/// there is none. Cargo knows what its `members` and `exclude` match.
pub fn fits_where_it_is(application: &Path) -> bool {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let asked = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(application)
        .output();
    asked.is_ok_and(|output| output.status.success())
}

fn is_clone(directory: &Path) -> bool {
    let manifest = std::fs::read_to_string(directory.join("Cargo.toml"));
    directory.join("codegen/Cargo.toml").is_file()
        && manifest.is_ok_and(|text| {
            text.lines()
                .any(|line| line.trim() == "name = \"attendium\"")
        })
}

/// The way from one directory to another, where both are on one drive.
fn relative(from: &Path, to: &Path) -> String {
    let pairs = from.components().zip(to.components());
    let common = pairs.take_while(|(one, other)| one == other).count();
    if common == 0 {
        return to.to_string_lossy().into_owned();
    }
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(common)).collect();
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_from_the_application_to_the_clone() {
        for (from, to, path) in [
            ("/home/a/guests", "/home/a/attendium-rs", "../attendium-rs"),
            ("/home/a/attendium-rs/guests", "/home/a/attendium-rs", ".."),
            ("/a/b", "/c/d/codegen", "../../c/d/codegen"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), path);
        }
    }
}
