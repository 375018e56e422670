use std::time::Duration;

use chrono::{NaiveDate, Utc};

use super::target::with_store;
use crate::config::Settings;
use crate::jobs::heat::{rebuild_day, take_turn};
use crate::query;

/// Between two tries to be the only one who builds heat.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(clap::Subcommand)]
pub(super) enum Heat {
    /// Throw away what heatmaps are derived from, and build it again from the events as they are stored. Maps stay right meanwhile, only slower
    Rebuild {
        /// Number of the site [default: all sites]
        #[arg(long)]
        site: Option<i32>,
        /// First day (UTC), such as 2026-11-01 [default: the first of which there are events]
        #[arg(long)]
        from: Option<NaiveDate>,
        /// Last day [default: today]
        #[arg(long)]
        to: Option<NaiveDate>,
    },
}

pub(super) fn run(heat: Heat, settings: &Settings) -> anyhow::Result<()> {
    let Heat::Rebuild { site, from, to } = heat;
    with_store(settings, async move |store| {
        let mut says_why = true;
        let _turn = loop {
            if let Some(turn) = take_turn(&store).await? {
                break turn;
            }
            if std::mem::take(&mut says_why) {
                eprintln!("The collector is building heat just now; waiting for it to pause.");
            }
            tokio::time::sleep(PAUSE).await;
        };
        let is_wanted = |day: &NaiveDate| from.is_none_or(|from| *day >= from) && to.is_none_or(|to| *day <= to);
        let (mut all_views, mut all_sums) = (0, 0);
        for day in query::heat_days(&store.admin).await?.into_iter().filter(is_wanted) {
            let (views, sums) = rebuild_day(&store, day, site, Utc::now()).await?;
            if views > 0 {
                eprintln!("{day}: {views} page views, {sums} sums");
            }
            all_views += views;
            all_sums += sums;
        }
        eprintln!("Built again: {all_views} page views, {all_sums} sums of days.");
        Ok(())
    })
}
