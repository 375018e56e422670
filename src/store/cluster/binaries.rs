use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

/// How a person gets a Postgres server here.
pub(super) const INSTALL_HINT: &str = if cfg!(target_os = "macos") {
    "brew install postgresql"
} else {
    "Debian or Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; Alpine: apk add postgresql"
};

/// Folders that hold one folder a version: (parent, prefix of the child, folder below it).
const PLACES: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A Postgres server installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    version: u32,
}

impl Binaries {
    /// The newest installation, or the newest of the major version that the data directory needs.
    pub fn choose(wanted: Option<(PathBuf, u32)>) -> Result<Self, ClusterError> {
        Self::pick(Self::find(), wanted)
    }

    /// Path of a program such as `initdb`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// All installations by major version; for each the first folder found.
    fn find() -> BTreeMap<u32, PathBuf> {
        let in_places = PLACES.iter().flat_map(|(parent, prefix, below)| {
            std::fs::read_dir(parent)
                .into_iter()
                .flatten()
                .flatten()
                .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
                .map(move |entry| entry.path().join(below))
        });
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut found = BTreeMap::new();
        for folder in in_places.chain(std::env::split_paths(&path)) {
            if folder.join("initdb").is_file()
                && let Some(version) = version_of(&folder.join("postgres"))
            {
                found.entry(version).or_insert(folder);
            }
        }
        found
    }

    fn pick(found: BTreeMap<u32, PathBuf>, wanted: Option<(PathBuf, u32)>) -> Result<Self, ClusterError> {
        let chosen = match &wanted {
            Some((_, version)) => found.get_key_value(version),
            None => found.last_key_value(),
        };
        match (chosen, wanted) {
            (Some((version, folder)), _) => Ok(Self { folder: folder.clone(), version: *version }),
            (None, Some((directory, wanted))) if !found.is_empty() => {
                let versions: Vec<_> = found.keys().map(u32::to_string).collect();
                Err(ClusterError::OtherVersion { directory, wanted, found: versions.join(", ") })
            }
            _ => Err(ClusterError::NoBinaries),
        }
    }
}

/// Major version that `postgres --version` tells.
fn version_of(postgres: &Path) -> Option<u32> {
    if !postgres.is_file() {
        return None;
    }
    let output = Command::new(postgres).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().find(|word| word.starts_with(|char: char| char.is_ascii_digit()))?;
    version.split(|char: char| !char.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(versions: &[u32]) -> BTreeMap<u32, PathBuf> {
        versions.iter().map(|version| (*version, PathBuf::from(format!("/pg/{version}")))).collect()
    }

    #[test]
    fn the_newest_wins_unless_the_directory_needs_another() {
        assert_eq!(Binaries::pick(found(&[15, 17, 16]), None).unwrap().version, 17);
        assert_eq!(Binaries::pick(found(&[15, 17]), Some(("/d".into(), 15))).unwrap().version, 15);
    }

    #[test]
    fn a_directory_of_another_major_version_gives_a_message_that_names_both() {
        let error = Binaries::pick(found(&[16, 17]), Some(("/d".into(), 15))).unwrap_err().to_string();
        assert!(error.contains("made by Postgres 15") && error.contains("has 16, 17"), "{error}");
    }

    #[test]
    fn without_binaries_the_message_says_how_to_install_them() {
        let error = Binaries::pick(found(&[]), Some(("/d".into(), 15))).unwrap_err().to_string();
        assert!(error.contains("install") && error.contains("--database-url"), "{error}");
    }
}
