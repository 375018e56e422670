use anyhow::bail;

use super::target::with_store;
use crate::admin::link_path;
use crate::config::Settings;
use crate::store::{Role, Store};

#[derive(clap::Subcommand)]
pub(super) enum User {
    /// Print a one-time link with which somebody makes an account
    Add {
        /// Address that signs in
        email: String,
        /// What the account may do: viewer, analyst, admin or owner
        #[arg(long, default_value = "viewer")]
        role: Role,
    },
    /// List the accounts
    List,
    /// Print a one-time link with which somebody who has an account sets a new password
    Reset {
        /// Address of the account
        email: String,
    },
}

pub(super) fn run(user: User, settings: &Settings) -> anyhow::Result<()> {
    with_store(settings, async move |store| match user {
        User::Add { email, role } => {
            if find(&store, &email).await?.is_some() {
                bail!("{email} has an account; `mousetrail user reset {email}` makes a link for a new password");
            }
            if !email.contains('@') {
                bail!("{email} is not an e-mail address");
            }
            print_link(&store, settings, &email, role).await
        }
        User::List => {
            for account in store.list_accounts().await? {
                println!("{}\t{}\t{}", account.email, account.role, account.created_at.format("%Y-%m-%d"));
            }
            Ok(())
        }
        User::Reset { email } => match find(&store, &email).await? {
            Some(role) => print_link(&store, settings, &email, role).await,
            None => bail!("{email} has no account; `mousetrail user add {email}` makes one"),
        },
    })
}

async fn find(store: &Store, email: &str) -> anyhow::Result<Option<Role>> {
    let email = email.to_lowercase();
    Ok(store.list_accounts().await?.into_iter().find(|account| account.email == email).map(|account| account.role))
}

async fn print_link(store: &Store, settings: &Settings, email: &str, role: Role) -> anyhow::Result<()> {
    let token = store.create_link(email, role).await?;
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
    println!("{url}{}", link_path(&token.text()));
    eprintln!("The link opens once, within three days.");
    Ok(())
}
