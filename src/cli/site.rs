use anyhow::Context;
use serde::Serialize;

use super::target::with_store;
use crate::config::Settings;
use crate::store::{self, IgnoredNetwork, NewIgnoredNetwork, NewSite, Store};

#[derive(clap::Subcommand)]
pub(super) enum Site {
    /// Create a site and print its key and its script tag
    Add {
        /// Name in the admin UI
        name: String,
        /// Origin whose pages may send, such as https://example.com; may be given several times, * allows every origin
        #[arg(long = "origin", required = true)]
        origins: Vec<String>,
        /// Print one JSON object instead
        #[arg(long)]
        json: bool,
    },
    /// List the sites
    List {
        /// Print one JSON object a line instead
        #[arg(long)]
        json: bool,
    },
    /// Record no visits of a network any more, such as those of an office; what was recorded stays
    Ignore {
        /// Key or number of the site
        site: String,
        /// Such as 203.0.113.0/24, or a single address
        network: String,
        /// Whose it is, for people
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Record the visits of a network again
    Unignore {
        /// Key or number of the site
        site: String,
        /// As `site list --json` shows it
        network: String,
    },
}

/// A site for machines.
#[derive(Serialize)]
struct SiteLine<'a> {
    site_id: i32,
    key: &'a str,
    name: &'a str,
    origins: &'a [String],
    tag: String,
    ignored: Vec<Ignored>,
}

/// A network that a site ignores, for machines.
#[derive(Serialize)]
struct Ignored {
    network: String,
    note: String,
}

impl From<IgnoredNetwork> for Ignored {
    fn from(IgnoredNetwork { network, note, .. }: IgnoredNetwork) -> Self {
        Self { network, note }
    }
}

pub(super) fn run(site: Site, settings: &Settings) -> anyhow::Result<()> {
    with_store(settings, async move |store| match site {
        Site::Add { name, origins, json } => {
            let new = NewSite::parse(&name, origins.iter().map(String::as_str))?;
            let site = store.create_site(&new).await?;
            if json { print_json(&store, &site, settings).await } else { print_new(&site, settings) }
        }
        Site::List { json } => {
            for site in store.list_sites().await? {
                if json {
                    print_json(&store, &site, settings).await?;
                } else {
                    println!("{}\t{}\t{}\t{}", site.site_id, site.public_key, site.name, site.origins.join(" "));
                }
            }
            Ok(())
        }
        Site::Ignore { site, network, note } => {
            let site = find(&store, &site).await?;
            store.ignore_network(site.site_id, &NewIgnoredNetwork::parse(&network, &note)?).await??;
            eprintln!("Visits from {} are not recorded any more on {}, within a minute.", network.trim(), site.name);
            Ok(())
        }
        Site::Unignore { site, network } => {
            let site = find(&store, &site).await?;
            anyhow::ensure!(store.unignore_network(site.site_id, &network).await??, "{} did not ignore {}", site.name, network.trim());
            Ok(())
        }
    })
}

async fn find(store: &Store, site: &str) -> anyhow::Result<store::Site> {
    let sites = store.list_sites().await?;
    let found = sites.into_iter().find(|known| known.public_key == site || known.site_id.to_string() == site);
    found.with_context(|| format!("there is no site with the key or number {site}; `mousetrail site list` shows them"))
}

fn print_new(site: &store::Site, settings: &Settings) -> anyhow::Result<()> {
    println!("{}", site.public_key);
    eprintln!("\nPut this tag into the pages of {}:\n\n  {}\n", site.name, tag(site, settings));
    Ok(())
}

async fn print_json(store: &Store, site: &store::Site, settings: &Settings) -> anyhow::Result<()> {
    let line = SiteLine {
        site_id: site.site_id,
        key: &site.public_key,
        name: &site.name,
        origins: &site.origins,
        tag: tag(site, settings),
        ignored: store.list_ignored_networks(site.site_id).await?.into_iter().map(Ignored::from).collect(),
    };
    println!("{}", serde_json::to_string(&line)?);
    Ok(())
}

fn tag(site: &store::Site, settings: &Settings) -> String {
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
    let collector = settings.collector_attribute(&url).map(|base| format!(" data-collector=\"{base}\"")).unwrap_or_default();
    format!("<script defer src=\"{url}{}\" data-site=\"{}\"{collector}></script>", settings.script_path, site.public_key)
}
