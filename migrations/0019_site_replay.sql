-- What a site wants recorded and shown beyond the pointer. Without a row nothing is.
create table core.site_replay (
    site_id      int primary key references core.site,
    -- Share of the visits whose pages are recorded, 0 to 1. A visit is recorded as a whole or not at all.
    record_share real not null default 0,
    -- Texts of the page are recorded as they are; otherwise each letter becomes another one. What people type never is.
    shows_text   boolean not null default false,
    -- Origins whose images and fonts the browser of whoever watches a replay may load. They learn his address.
    origins      text[] not null default '{}',
    -- What the visitor's page shows while somebody watches; null: nothing.
    observed     text,
    changed_at   timestamptz not null default now(),
    constraint site_replay_share check (record_share between 0 and 1),
    constraint site_replay_origins check (cardinality(origins) <= 20),
    constraint site_replay_observed check (length(observed) between 1 and 200)
);
