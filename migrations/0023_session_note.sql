-- What people of the team write about a moment of a visit. Erased with the visit.
create table core.session_note (
    session_note_id bigint generated always as identity primary key,
    session_id      bigint not null references core.session on delete cascade,
    site_id         int not null references core.site,
    -- ms since the visit began.
    at_ms           bigint not null,
    text            text not null,
    account_id      int references core.account on delete set null,
    -- Of the author, for when the account is gone.
    email           text not null,
    created_at      timestamptz not null default now(),
    constraint session_note_length check (length(text) between 1 and 2000),
    constraint session_note_at check (at_ms >= 0)
);
create index session_note_session on core.session_note (session_id, at_ms);
