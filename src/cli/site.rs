use serde::Serialize;

use super::target::with_store;
use crate::config::Settings;
use crate::store::{self, NewSite};

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
}

/// A site for machines.
#[derive(Serialize)]
struct SiteLine<'a> {
    site_id: i32,
    key: &'a str,
    name: &'a str,
    origins: &'a [String],
    tag: String,
}

pub(super) fn run(site: Site, settings: &Settings) -> anyhow::Result<()> {
    with_store(settings, async move |store| match site {
        Site::Add { name, origins, json } => {
            let new = NewSite::parse(&name, origins.iter().map(String::as_str))?;
            let site = store.create_site(&new).await?;
            if json { print_json(&site, settings) } else { print_new(&site, settings) }
        }
        Site::List { json } => {
            for site in store.list_sites().await? {
                if json {
                    print_json(&site, settings)?;
                } else {
                    println!("{}\t{}\t{}\t{}", site.site_id, site.public_key, site.name, site.origins.join(" "));
                }
            }
            Ok(())
        }
    })
}

fn print_new(site: &store::Site, settings: &Settings) -> anyhow::Result<()> {
    println!("{}", site.public_key);
    eprintln!("\nPut this tag into the pages of {}:\n\n  {}\n", site.name, tag(site, settings));
    Ok(())
}

fn print_json(site: &store::Site, settings: &Settings) -> anyhow::Result<()> {
    let line =
        SiteLine { site_id: site.site_id, key: &site.public_key, name: &site.name, origins: &site.origins, tag: tag(site, settings) };
    println!("{}", serde_json::to_string(&line)?);
    Ok(())
}

fn tag(site: &store::Site, settings: &Settings) -> String {
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
    let collector = settings.collector_attribute(&url).map(|base| format!(" data-collector=\"{base}\"")).unwrap_or_default();
    format!("<script defer src=\"{url}{}\" data-site=\"{}\"{collector}></script>", settings.script_path, site.public_key)
}
