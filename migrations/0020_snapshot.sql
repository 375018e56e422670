-- What a page looked like when a recording of it began: one copy, however many visitors saw the same.
create table core.snapshot (
    snapshot_id  bigint generated always as identity primary key,
    -- Sites don't share: who may erase one site must not touch another's, nor learn what is on it.
    site_id      int not null references core.site,
    -- SHA-256 of what is in the gzip, cut to 16: browsers pack the same bytes differently. The collector computes it itself.
    digest       bytea not null,
    -- Length of `bytes`, and of what is in them.
    size         int not null,
    content_size int not null,
    bytes        bytea not null,
    first_at     timestamptz not null default now(),
    constraint snapshot_site_digest unique (site_id, digest)
);
-- They are compressed already, so trying again would only cost time.
alter table core.snapshot alter column bytes set storage external;
