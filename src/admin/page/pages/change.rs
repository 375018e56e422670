use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path};
use chrono::{Days, Utc};
use serde::Deserialize;

use super::super::see;
use super::{Tried, show};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};
use crate::analysis::Breakpoints;
use crate::analysis::width::{self, LEARN_DAYS};
use crate::event::Template;
use crate::query;

/// What is to be done with which template.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct RuleForm {
    template: String,
    /// add, remove or dismiss.
    action: String,
}

/// `POST /sites/{site_id}/pages`: adds or removes a rule, or dismisses a proposal.
pub async fn change(admin: Data<Admin>, account: SignedIn, site_id: Path<i32>, form: Form<RuleForm>) -> Result<HttpResponse, Error> {
    account.changes_sites()?;
    admin.find_site(*site_id).await?;
    let template = match Template::parse(&form.template) {
        Ok(template) => template,
        Err(_) => return show(&admin, account, *site_id, Tried::Template(form.into_inner().template)).await,
    };
    match form.action.as_str() {
        "add" => {
            if !admin.store.add_page_rule(*site_id, &template).await? {
                return Err(Error::Invalid("A site has at most 200 templates. Remove one that is not needed any more."));
            }
        }
        "remove" => admin.store.remove_page_rule(*site_id, &template).await?,
        "dismiss" => admin.store.dismiss_template(*site_id, &template).await?,
        _ => return Err(Error::Invalid("A template is added, removed or dismissed.")),
    }
    tracing::info!(site_id = *site_id, action = form.action, "a template of pages was changed");
    Ok(see(&format!("/sites/{site_id}/pages")))
}

/// Breakpoints as typed, or the wish to have them learnt.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct WidthForm {
    widths: String,
    /// set or learn.
    action: String,
}

/// `POST /sites/{site_id}/pages/widths`: sets breakpoints by hand, or goes back to learnt ones.
pub async fn change_widths(
    admin: Data<Admin>,
    account: SignedIn,
    site_id: Path<i32>,
    form: Form<WidthForm>,
) -> Result<HttpResponse, Error> {
    account.changes_sites()?;
    admin.find_site(*site_id).await?;
    match form.action.as_str() {
        "set" => match Breakpoints::parse(&form.widths) {
            Ok(breakpoints) => admin.store.set_breakpoints(*site_id, breakpoints.widths()).await?,
            Err(problem) => return show(&admin, account, *site_id, Tried::Widths(form.into_inner().widths, problem)).await,
        },
        "learn" => {
            admin.store.forget_breakpoints(*site_id).await?;
            let seen = query::widths_seen(&admin.store.admin, *site_id, Utc::now().date_naive() - Days::new(LEARN_DAYS - 1)).await?;
            if width::is_enough(&seen) {
                admin.store.learn_breakpoints(*site_id, width::learn(&seen).widths()).await?;
            }
        }
        _ => return Err(Error::Invalid("Breakpoints are set or learnt.")),
    }
    Ok(see(&format!("/sites/{site_id}/pages")))
}
