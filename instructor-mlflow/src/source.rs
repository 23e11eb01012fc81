//! Which program a trace comes from, and which state of its source.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::record::Defined;

/// Who runs what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Source {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    pub(crate) checkout: Checkout,
}

/// Of this process, as records refer to it. It is looked up once, in a few files: the exporter does so when it starts.
pub(crate) fn defined_source() -> Arc<Defined<Source>> {
    static SOURCE: OnceLock<Arc<Defined<Source>>> = OnceLock::new();
    if let Some(known) = SOURCE.get() {
        return known.clone();
    }
    // Not while others wait: a child of `fork` would wait for a thread that it does not have.
    let source = Arc::new(Defined::new(Source::of_this_process()));
    SOURCE.get_or_init(|| source).clone()
}

impl Source {
    fn of_this_process() -> Source {
        let program = std::env::current_exe().ok();
        let folder = program.as_deref().and_then(Path::parent);
        let checkout = folder.and_then(Checkout::around);
        let name = program.as_deref().and_then(Path::file_name);
        Source {
            program: name.map(|name| name.to_string_lossy().into_owned()),
            user: whoami::username().ok(),
            checkout: checkout.unwrap_or_default(),
        }
    }
}

/// The Git checkout that a program was built in: MLflow shows its commit as the version. A program that was copied
/// elsewhere has none, since whatever repository it happens to run in is not its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Checkout {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) branch: Option<String>,
    /// Of the remote called `origin`, without user name and password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) repository: Option<String>,
}

impl Checkout {
    /// The checkout that `folder` is in, if there is one.
    fn around(folder: &Path) -> Option<Checkout> {
        let repository = folder.ancestors().find_map(Repository::of)?;
        let head = repository.read("HEAD")?;
        let Some(reference) = head.strip_prefix("ref: ") else {
            return Some(Checkout {
                commit: Some(head),
                branch: None,
                repository: repository.origin(),
            });
        };
        Some(Checkout {
            commit: repository.commit(reference),
            branch: reference.strip_prefix("refs/heads/").map(str::to_owned),
            repository: repository.origin(),
        })
    }
}

/// The folder in which Git keeps what it knows. A second worktree of a repository has two.
struct Repository {
    own: PathBuf,
    common: PathBuf,
}

impl Repository {
    fn of(folder: &Path) -> Option<Repository> {
        let git = folder.join(".git");
        let own = if git.is_dir() {
            git
        } else {
            // Relative paths, as submodules have them, count from the file.
            folder.join(line(&git)?.strip_prefix("gitdir: ")?)
        };
        let common =
            line(&own.join("commondir")).map_or_else(|| own.clone(), |path| own.join(path));
        Some(Repository { own, common })
    }

    fn read(&self, name: &str) -> Option<String> {
        line(&self.own.join(name)).or_else(|| line(&self.common.join(name)))
    }

    /// What a branch stands at; Git packs many of them into one file.
    fn commit(&self, reference: &str) -> Option<String> {
        self.read(reference).or_else(|| {
            let packed = fs::read_to_string(self.common.join("packed-refs")).ok()?;
            packed.lines().find_map(|line| {
                let (commit, name) = line.split_once(' ')?;
                (name == reference).then(|| commit.to_owned())
            })
        })
    }

    fn origin(&self) -> Option<String> {
        let config = fs::read_to_string(self.common.join("config")).ok()?;
        let lines = config.lines().map(str::trim);
        let section = lines
            .skip_while(|line| *line != r#"[remote "origin"]"#)
            .skip(1)
            .take_while(|line| !line.starts_with('['));
        let address = section
            .filter_map(|line| line.split_once('='))
            .find_map(|(key, value)| (key.trim() == "url").then(|| value.trim()))?;
        Some(without_credentials(address))
    }
}

/// The first line of a small file.
fn line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().next().map(|line| line.trim().to_owned())
}

/// `https://user:token@host/path` is a common way to give a token to Git. `git@host:path` holds no secret.
fn without_credentials(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else {
        return address.to_owned();
    };
    if url.username().is_empty() && url.password().is_none() {
        return address.to_owned();
    }
    // These fail only for addresses without a host, which have no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "3026b5c5b7b5b8d94ac0f8e2f8ac7d1d6a5f3f10";

    fn write(folder: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("it is empty");
            fs::write(path, text).expect("it is writable");
        }
    }

    fn checkout(commit: &str, branch: Option<&str>, repository: Option<&str>) -> Checkout {
        Checkout {
            commit: Some(commit.to_owned()),
            branch: branch.map(str::to_owned),
            repository: repository.map(str::to_owned),
        }
    }

    #[test]
    fn a_program_below_a_checkout_tells_its_commit_without_credentials() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = "[core]\n\tbare = false\n[remote \"fork\"]\n\turl = https://elsewhere/x\n\
                      [remote \"origin\"]\n\turl = https://ann:secret@example.com/team/emails.git\n\tfetch = +refs\n";
        write(
            folder.path(),
            &[
                (".git/HEAD", "ref: refs/heads/topic/one\n"),
                (".git/refs/heads/topic/one", &format!("{COMMIT}\n")),
                (".git/config", config),
                ("target/debug/emails", ""),
            ],
        );
        let expected = checkout(
            COMMIT,
            Some("topic/one"),
            Some("https://example.com/team/emails.git"),
        );
        assert_eq!(
            Checkout::around(&folder.path().join("target/debug")),
            Some(expected)
        );
    }

    #[test]
    fn packed_branches_second_worktrees_and_detached_heads_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let packed =
            format!("# pack-refs with: peeled\n0000 refs/heads/ma\n{COMMIT} refs/heads/main\n");
        write(
            folder.path(),
            &[
                ("first/.git/HEAD", "ref: refs/heads/main\n"),
                ("first/.git/packed-refs", &packed),
                (
                    "first/.git/config",
                    "[remote \"origin\"]\nurl = git@example.com:team/emails.git\n",
                ),
                ("first/.git/worktrees/second/HEAD", COMMIT),
                ("first/.git/worktrees/second/commondir", "../..\n"),
                ("second/.git", "gitdir: ../first/.git/worktrees/second\n"),
            ],
        );
        let origin = Some("git@example.com:team/emails.git");
        let first = checkout(COMMIT, Some("main"), origin);
        assert_eq!(Checkout::around(&folder.path().join("first")), Some(first));
        let second = checkout(COMMIT, None, origin);
        assert_eq!(
            Checkout::around(&folder.path().join("second")),
            Some(second)
        );
    }
}
