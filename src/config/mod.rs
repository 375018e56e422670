mod limits;
mod proxies;

pub use limits::{HTTP_CONNECTIONS, LimitOptions, Limits};
pub use proxies::Proxies;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Everything that can be set. Each option is a flag, an environment variable and a key of the configuration file; the flag wins over the
/// environment, that over the file.
#[derive(Debug, Clone, Default, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// TOML file with these same options as keys
    #[arg(long, env = "MOUSETRAIL_CONFIG", global = true)]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "MOUSETRAIL_LISTEN", global = true)]
    pub listen: Option<SocketAddr>,
    /// Directory of the private Postgres [default: /var/lib/mousetrail as root, else $XDG_DATA_HOME/mousetrail]
    #[arg(long, env = "MOUSETRAIL_DATA_DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// Postgres to use instead of the private one: postgres://user:password@host/database. DATABASE_URL is read too
    #[arg(long, env = "MOUSETRAIL_DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// How browsers reach this collector: scheme, host and port [default: http:// and the address]
    #[arg(long, env = "MOUSETRAIL_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// Path of the snippet [default: /mousetrail.js]
    #[arg(long, env = "MOUSETRAIL_SCRIPT_PATH", global = true)]
    pub script_path: Option<String>,
    /// Path below which the snippet finds socket and post [default: /v1]
    #[arg(long, env = "MOUSETRAIL_INGEST_PATH", global = true)]
    pub ingest_path: Option<String>,
    /// Serve the demo shop at /demo [default: true]
    #[arg(long, env = "MOUSETRAIL_DEMO", global = true)]
    pub demo: Option<bool>,
    /// Take recordings of pages. They are stored, and not replayed yet [default: false]
    #[arg(long, env = "MOUSETRAIL_RECORDINGS", global = true)]
    pub recordings: Option<bool>,
    /// Form of the log: text or json [default: text]
    #[arg(long, env = "MOUSETRAIL_LOG_FORMAT", global = true)]
    pub log_format: Option<LogFormat>,
    /// Reverse proxies whose X-Forwarded-For counts: addresses and networks, separated by commas [default: none]
    #[arg(long, env = "MOUSETRAIL_TRUSTED_PROXIES", value_delimiter = ',', global = true)]
    pub trusted_proxies: Option<Vec<String>>,
    /// Country or city database in MaxMind's format, for the countries of visits [default: none]
    #[arg(long, env = "MOUSETRAIL_GEOIP", value_name = "FILE", global = true)]
    pub geoip: Option<PathBuf>,
    /// How much is taken from whom: the table `[limits]` of the file.
    #[command(flatten)]
    pub limits: LimitOptions,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The options with their defaults, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Directory of the private Postgres.
    pub data_dir: PathBuf,
    /// Postgres to use instead.
    pub database_url: Option<String>,
    /// How browsers reach the collector, without a slash at the end; `None`: by the address it listens on.
    pub public_url: Option<String>,
    /// Path of the snippet.
    pub script_path: String,
    /// Path of socket and post.
    pub ingest_path: String,
    /// Serve the demo shop?
    pub demo: bool,
    /// Take recordings?
    pub recordings: bool,
    /// Form of the log.
    pub log_format: LogFormat,
    /// Reverse proxies of our own.
    pub trusted_proxies: Proxies,
    /// Database of countries.
    pub geoip: Option<PathBuf>,
    /// How much is taken from whom.
    pub limits: Limits,
}

/// Why the configuration can't work.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("configuration file {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("configuration file {path}: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A value makes no sense.
    #[error("{option}: {reason}")]
    Invalid {
        /// The option.
        option: &'static str,
        /// Why, and what would do.
        reason: String,
    },
}

impl Options {
    /// Reads the file, fills in what neither flag nor environment gave, then the defaults, and checks the result.
    pub fn settle(self) -> Result<Settings, ConfigError> {
        let file = self.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let proxies = self.trusted_proxies.or(file.trusted_proxies).unwrap_or_default();
        let trusted_proxies = Proxies::parse(proxies.iter().map(String::as_str)).map_err(|wrong| ConfigError::Invalid {
            option: "trusted-proxies",
            reason: format!("{wrong:?} is no address and no network such as 10.0.0.0/8"),
        })?;
        let settings = Settings {
            listen: self.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            data_dir: self.data_dir.or(file.data_dir).unwrap_or_else(default_data_dir),
            database_url: self
                .database_url
                .or(file.database_url)
                .or_else(|| std::env::var("DATABASE_URL").ok())
                .filter(|url| !url.is_empty()),
            public_url: self.public_url.or(file.public_url).map(|url| url.trim_end_matches('/').to_owned()),
            script_path: self.script_path.or(file.script_path).unwrap_or_else(|| "/mousetrail.js".to_owned()),
            ingest_path: self.ingest_path.or(file.ingest_path).unwrap_or_else(|| "/v1".to_owned()),
            demo: self.demo.or(file.demo).unwrap_or(true),
            recordings: self.recordings.or(file.recordings).unwrap_or(false),
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            trusted_proxies,
            geoip: self.geoip.or(file.geoip),
            limits: self.limits.or(file.limits).settle(raise_open_files())?,
        };
        settings.check()?;
        Ok(settings)
    }
}

impl Settings {
    /// Path of the public url: what a reverse proxy puts before our paths; empty without one.
    pub fn path_prefix(&self) -> &str {
        let after_scheme = self.public_url.as_deref().and_then(|url| url.split_once("://")).map_or("", |(_, rest)| rest);
        after_scheme.find('/').map_or("", |slash| &after_scheme[slash..])
    }

    /// What `data-collector` has to say, given what stands before our paths; `None` where the snippet finds the collector by itself, because
    /// its base is `v1` beside the script.
    pub fn collector_attribute(&self, before: &str) -> Option<String> {
        let beside = self.script_path.rsplit_once('/').map_or("", |(folder, _)| folder);
        (self.ingest_path != format!("{beside}/v1")).then(|| format!("{before}{}", self.ingest_path))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let invalid = |option, reason: &str| Err(ConfigError::Invalid { option, reason: reason.to_owned() });
        for (option, path) in [("script-path", &self.script_path), ("ingest-path", &self.ingest_path)] {
            if !path.starts_with('/') || path.ends_with('/') || path.contains(['{', '}', '?', '#']) {
                return invalid(option, "has to begin with / and not to end with it, such as /t/a.js");
            }
        }
        match &self.public_url {
            Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
                invalid("public-url", "has to begin with http:// or https://")
            }
            _ => Ok(()),
        }
    }
}

/// Asks for as many open files as this process may have, and says how many those are.
fn raise_open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where that fails, the limit simply stays as it is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    getrlimit(Resource::Nofile).current.and_then(|files| files.try_into().ok()).unwrap_or(usize::MAX)
}

fn read(path: &Path) -> Result<Options, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|source| ConfigError::Malformed { path: path.to_owned(), source: Box::new(source) })
}

/// `/var/lib/mousetrail` as root, `$XDG_DATA_HOME/mousetrail` or `~/.local/share/mousetrail` otherwise.
fn default_data_dir() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/mousetrail");
    }
    let home = || std::env::home_dir().unwrap_or_default().join(".local/share");
    std::env::var_os("XDG_DATA_HOME").filter(|path| !path.is_empty()).map_or_else(home, PathBuf::from).join("mousetrail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mousetrail.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:1\"\nscript_path = \"/a.js\"\n").unwrap();
        let options = Options { config: Some(path), listen: Some("127.0.0.1:2".parse().unwrap()), ..Options::default() };
        let settings = options.settle().unwrap();
        assert_eq!(settings.listen.port(), 2);
        assert_eq!(settings.script_path, "/a.js");
        assert_eq!(settings.ingest_path, "/v1");
    }

    #[test]
    fn what_can_not_work_is_refused_with_the_name_of_the_option() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mousetrail.toml");
        for (text, word) in [
            ("lissten = 1", "lissten"),
            ("listen = 7", "listen"),
            ("script_path = \"a.js\"", "script-path"),
            ("public_url = \"x\"", "public-url"),
            ("trusted_proxies = [\"me\"]", "trusted-proxies"),
            ("[limits]\nmax_conections = 7", "max_conections"),
            ("[limits]\nqueue_mib = 1", "queue-mib"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Options { config: Some(path.clone()), ..Options::default() }.settle().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
        let error = Options { config: Some(folder.path().join("none")), ..Options::default() }.settle().unwrap_err().to_string();
        assert!(error.contains("none"), "{error}");
    }
}
