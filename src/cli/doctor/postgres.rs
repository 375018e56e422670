use std::future::Future;

use chrono::NaiveDate;
use tokio::time::timeout;

use super::finding::{Finding, Findings};
use super::judge;
use crate::cli::target;
use crate::collector::Tokens;
use crate::config::Settings;
use crate::store::{Checkup, IngestState, PgRole, PostgresState, Quarantined, RoleState, SchemaState, StoreError};

/// Looks at Postgres; the checkup goes on where it answers.
pub(super) async fn examine(findings: &mut Findings, settings: &Settings) -> Option<Checkup> {
    let mut server = match target::server(settings) {
        Ok(server) => server,
        Err(error) => {
            findings.add(Finding::fail(
                "postgres.reachable",
                format!("{error:#}"),
                "Start the collector, or correct --data-dir or --database-url.",
            ));
            return None;
        }
    };
    let mut checkup = match within(Checkup::begin(&server)).await {
        Ok(checkup) => checkup,
        Err(error) => {
            findings.add(Finding::fail("postgres.reachable", error, reach_advice(settings)));
            return None;
        }
    };
    findings.add(Finding::ok("postgres.reachable", where_it_is(settings)));
    match within(checkup.postgres()).await {
        Ok(state) => judge_postgres(findings, &state, settings),
        Err(error) => findings.add(unseen("postgres.version", error)),
    }
    match within(checkup.clock_ahead()).await {
        Ok(ahead) => findings.add(judge::clock(ahead)),
        Err(error) => findings.add(unseen("postgres.clock", error)),
    }
    match within(checkup.roles()).await {
        Ok((user, roles)) => judge_roles(findings, &user, &roles),
        Err(error) => findings.add(unseen("postgres.roles", error)),
    }
    match within(checkup.schema()).await {
        Ok(schema) => findings.add(judge_schema(&schema)),
        Err(error) => findings.add(unseen("postgres.migrations", error)),
    }
    match within(checkup.missing_partitions()).await {
        Ok(days) => findings.add(judge_partitions(&days)),
        Err(error) => findings.add(unseen("postgres.partitions", error)),
    }
    match within(checkup.quarantined()).await {
        Ok(quarantined) => findings.add(judge_quarantine(quarantined.as_ref())),
        Err(error) => findings.add(unseen("postgres.quarantine", error)),
    }
    match within(async { server.find_roles().await.map(|()| server.clone()) }).await {
        Ok(server) => match within(Checkup::ingest(&server)).await {
            Ok(state) => judge_ingest(findings, &state),
            Err(error) => findings.add(unseen("postgres.synchronous_commit", error)),
        },
        Err(error) => findings.add(unseen("postgres.synchronous_commit", error)),
    }
    Some(checkup)
}

/// What the collectors of this database answer when they are asked who they are.
pub(super) async fn installation(checkup: &mut Checkup) -> Option<String> {
    within(checkup.token_key()).await.ok().flatten().map(|key| Tokens::new(key).installation())
}

/// A look at Postgres ends in time, whatever holds it up.
async fn within<T>(look: impl Future<Output = Result<T, StoreError>>) -> Result<T, String> {
    match timeout(Checkup::LIMIT, look).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("no answer within 10 s".to_owned()),
    }
}

fn unseen(check: &'static str, error: String) -> Finding {
    Finding::fail(check, error, "It could not be looked at; what stands above may say why.")
}

fn where_it_is(settings: &Settings) -> String {
    match &settings.database_url {
        Some(_) => "the server of --database-url answers".to_owned(),
        None => format!("the private Postgres in {} answers", settings.data_dir.display()),
    }
}

fn reach_advice(settings: &Settings) -> &'static str {
    match &settings.database_url {
        Some(_) => "Check host, port, user, password and database of --database-url (or DATABASE_URL), and pg_hba.conf of the server.",
        None => "Look into postgres.log in the data directory, and restart the collector.",
    }
}

fn judge_postgres(findings: &mut Findings, state: &PostgresState, settings: &Settings) {
    findings.add(judge::version(state.version));
    findings.add(judge::durable("postgres.fsync", "fsync", &state.fsync));
    findings.add(judge::durable("postgres.full_page_writes", "full_page_writes", &state.full_page_writes));
    findings.add(match state.data_checksums.as_str() {
        "on" => Finding::ok("postgres.data_checksums", "on"),
        _ => Finding::warning(
            "postgres.data_checksums",
            "off: a page that the disk spoiled would not be noticed",
            "Stop Postgres, run pg_checksums --enable, start it again.",
        ),
    });
    findings.add(match state.autovacuum.as_str() {
        "on" => Finding::ok("postgres.autovacuum", "on"),
        _ => Finding::warning("postgres.autovacuum", "off: tables only grow", "Set autovacuum = on and reload Postgres."),
    });
    let pools = i64::from(settings.limits.ingest_pool + settings.limits.admin_pool);
    findings.add(judge::connections(state.max_connections, state.reserved_connections, state.connections, pools));
    findings.add(judge::idle_in_transaction(state.idle_in_transaction_s));
    let mib = state.database_bytes >> 20;
    findings.add(Finding::ok(
        "postgres.size",
        match settings.database_url {
            Some(_) => format!("{mib} MiB in our database; how much room its disk has only its own machine knows"),
            None => format!("{mib} MiB in our database"),
        },
    ));
}

fn judge_roles(findings: &mut Findings, user: &RoleState, roles: &[RoleState]) {
    findings.add(match user.is_superuser {
        true => Finding::warning(
            "postgres.user",
            format!("{} is a superuser: whoever gets into the collector gets the whole server", user.name),
            "Make a user for it: create role mousetrail login createrole password '...'; alter database ... owner to mousetrail.",
        ),
        false => Finding::ok("postgres.user", format!("{} is no superuser", user.name)),
    });
    let wanted = [PgRole::Ingest, PgRole::Admin, PgRole::Reader].map(PgRole::name);
    let missing: Vec<_> = wanted.into_iter().filter(|name| !roles.iter().any(|role| role.name == *name)).collect();
    let too_strong: Vec<_> = roles.iter().filter(|role| role.is_superuser).map(|role| role.name.as_str()).collect();
    findings.add(if !too_strong.is_empty() {
        Finding::fail(
            "postgres.roles",
            format!("superuser: {}", too_strong.join(", ")),
            format!(
                "Take it away: {}",
                too_strong.iter().map(|name| format!("alter role {name} nosuperuser;")).collect::<Vec<_>>().join(" ")
            ),
        )
    } else if missing.is_empty() {
        Finding::ok("postgres.roles", wanted.join(", "))
    } else {
        Finding::warning(
            "postgres.roles",
            format!("missing: {}. Everything runs with the rights of {}", missing.join(", "), user.name),
            format!("An administrator runs: alter role {} createrole; then restart the collector.", user.name),
        )
    });
}

fn judge_schema(schema: &SchemaState) -> Finding {
    let list = |versions: &[i64]| versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if !schema.failed.is_empty() {
        let advice = "Read the collector's log of that start, put right what stopped it, and start the collector again.";
        return Finding::fail("postgres.migrations", format!("did not end: {}", list(&schema.failed)), advice);
    }
    if !schema.missing.is_empty() {
        let advice = "Restart the collector with this version of mousetrail: it brings the schema up to date before it listens.";
        return Finding::fail("postgres.migrations", format!("not run: {}", list(&schema.missing)), advice);
    }
    match schema.newer.as_slice() {
        [] => Finding::ok("postgres.migrations", "complete"),
        newer => Finding::ok(
            "postgres.migrations",
            format!("complete; a newer collector ran {} besides, which this one works with", list(newer)),
        ),
    }
}

fn judge_partitions(missing: &[NaiveDate]) -> Finding {
    if missing.is_empty() {
        return Finding::ok("postgres.partitions", "those of today and tomorrow are there");
    }
    let days: Vec<_> = missing.iter().map(ToString::to_string).collect();
    Finding::fail(
        "postgres.partitions",
        format!("none for {}", days.join(", ")),
        "A running collector makes them every hour: look for \"the hourly work failed\" in its log. Restarting it makes them at once.",
    )
}

fn judge_quarantine(quarantined: Option<&Quarantined>) -> Finding {
    match quarantined {
        None => Finding::ok("postgres.quarantine", "empty"),
        Some(found) => Finding::warning(
            "postgres.quarantine",
            format!(
                "{} frames, the newest of {} with SQLSTATE {}",
                found.frames,
                found.newest_at.format("%Y-%m-%d %H:%M:%S UTC"),
                found.newest_sqlstate
            ),
            "Postgres refused what is in them, which a bug of ours lets through: report it with `select sqlstate, reason from core.quarantine`.",
        ),
    }
}

fn judge_ingest(findings: &mut Findings, state: &IngestState) {
    findings.add(match state.synchronous_commit.as_str() {
        "off" | "local" => Finding::fail(
            "postgres.synchronous_commit",
            format!("{} for ingest", state.synchronous_commit),
            "Something between the collector and Postgres (a pooler, alter role ... set) overrides it. Take that away: acknowledged frames can be lost.",
        ),
        value => Finding::ok("postgres.synchronous_commit", format!("{value} for ingest")),
    });
    let endless: Vec<_> = [("statement_timeout", &state.statement_timeout), ("lock_timeout", &state.lock_timeout)]
        .into_iter()
        .filter(|(_, value)| *value == "0")
        .map(|(name, _)| name)
        .collect();
    findings.add(if endless.is_empty() {
        Finding::ok("postgres.timeouts", format!("statements {}, locks {}", state.statement_timeout, state.lock_timeout))
    } else {
        Finding::warning(
            "postgres.timeouts",
            format!("ingest has no {}", endless.join(" and no ")),
            "A pooler seems to drop startup options: let it pass `options` on, or connect past it.",
        )
    });
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_schema_is_judged_by_what_is_missing_and_not_by_what_is_newer() {
        let schema = |missing: &[i64], failed: &[i64], newer: &[i64]| {
            judge_schema(&SchemaState { missing: missing.into(), failed: failed.into(), newer: newer.into() })
        };
        assert_eq!(schema(&[], &[], &[]).state, State::Ok);
        assert_eq!(schema(&[], &[], &[99]).state, State::Ok);
        assert!(schema(&[3, 4], &[], &[]).found.contains("3, 4"));
        assert_eq!(schema(&[], &[2], &[]).state, State::Fail);
    }

    #[test]
    fn roles_of_ours_may_be_missing_but_never_superusers() {
        let role = |name: &str, is_superuser| RoleState { name: name.to_owned(), is_superuser };
        let judged = |roles: &[RoleState]| {
            let mut findings = Findings::default();
            judge_roles(&mut findings, &role("owner", false), roles);
            findings.worst()
        };
        let all = ["mousetrail_ingest", "mousetrail_admin", "mousetrail_reader"].map(|name| role(name, false));
        assert_eq!(judged(&all), State::Ok);
        assert_eq!(judged(&all[1..]), State::Warning);
        assert_eq!(judged(&[role("mousetrail_admin", true)]), State::Fail);
    }
}
