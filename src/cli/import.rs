use anyhow::Context;
use chrono::Utc;

use super::target::with_store;
use crate::collector::Tokens;
use crate::config::Settings;

#[derive(clap::Subcommand)]
pub(super) enum Import {
    /// Print a token, good for an hour, that lets its holder create page views in the past (docs/protocol.md section 9)
    Token {
        /// Public key of the site
        #[arg(long)]
        site: String,
    },
}

pub(super) fn run(import: Import, settings: &Settings) -> anyhow::Result<()> {
    let Import::Token { site } = import;
    with_store(settings, async move |store| {
        let site = store.find_ingest_site(&site).await?.with_context(|| format!("there is no site with the key {site}"))?;
        println!("{}", Tokens::new(store.secret("tokens").await?).issue_import(site.site_id, Utc::now()));
        Ok(())
    })
}
