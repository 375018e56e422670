-- Who looked at whom. The application can only add to it.
create table core.audit (
    audit_id   bigint generated always as identity primary key,
    at         timestamptz not null default now(),
    -- Null once the account is gone; its address stays.
    account_id int references core.account on delete set null,
    email      text not null,
    -- Such as replay, live, crowd, export.
    action     text not null,
    site_id    int not null references core.site,
    -- Null where it was not about one visit, or the visit was erased.
    session_id bigint,
    -- What was looked at, where that is no visit: the path of a page.
    detail     text,
    constraint audit_action_length check (length(action) between 1 and 40),
    constraint audit_detail_length check (length(detail) <= 2048)
);
create index audit_site on core.audit (site_id, audit_id desc);
create index audit_session on core.audit (session_id) where session_id is not null;

-- An erased visit leaves no id behind: that somebody looked stays, at whom doesn't.
create function core.erase_audited() returns trigger
language plpgsql security definer set search_path = pg_catalog, core as $$
begin
    update core.audit set session_id = null where session_id = old.session_id;
    return null;
end $$;
revoke all on function core.erase_audited() from public;
create trigger session_audit after delete on core.session for each row execute function core.erase_audited();
