-- Recordings: what a page looked like, in parts as they were posted. They are kept as they came and are not read by anything yet.

-- One part of the recording of a page view: gzip, at most 1 MiB.
create table core.recording_part (
    page_view_id bigint not null,
    -- From 1, in the order in which they belong together.
    part         int not null,
    day          date not null,
    site_id      int not null,
    session_id   bigint not null,
    at           timestamptz not null default now(),
    -- SHA-256 of the bytes, cut to 16: is a part that comes again the same?
    digest       bytea not null,
    -- Length of the bytes, so that summing them up need not read them.
    size         int not null,
    bytes        bytea not null,
    primary key (page_view_id, part, day)
) partition by range (day);
-- They are compressed already, so trying again would only cost time.
alter table core.recording_part alter column bytes set storage external;

create or replace function core.ensure_partition(of_day date) returns void
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    parent text;
    child text;
begin
    foreach parent in array array['pointer_chunk', 'element_box', 'note', 'recording_part'] loop
        child := parent || '_' || to_char(of_day, 'YYYYMMDD');
        if to_regclass('core.' || child) is null then
            -- Two collectors may see the first page view of a day at once.
            perform pg_advisory_xact_lock(hashtext('core.' || child));
            execute format('create table if not exists core.%I partition of core.%I for values from (%L) to (%L)',
                           child, parent, of_day, of_day + 1);
        end if;
    end loop;
end $$;

-- As before, and the recording with it.
create or replace function core.forget_page_view(of_id bigint, of_hash bytea) returns void
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    -- The id carries its day: only the partitions of that day are touched.
    of_day date := date '2020-01-01' + (of_id >> 48)::int;
    of_session bigint;
begin
    delete from core.tombstone where expires_at < now();
    -- A token lives for a day, and a page view is told of at most a day after its begin.
    insert into core.tombstone (id_hash, expires_at) values (of_hash, now() + interval '2 days')
    on conflict (id_hash) do update set expires_at = excluded.expires_at;
    select session_id into of_session from core.page_view where page_view_id = of_id for update;
    delete from core.pointer_chunk where page_view_id = of_id and day = of_day;
    delete from core.element_box where page_view_id = of_id and day = of_day;
    delete from core.note where page_view_id = of_id and day = of_day;
    delete from core.recording_part where page_view_id = of_id and day = of_day;
    delete from core.quarantine where page_view_id = of_id;
    delete from core.page_view where page_view_id = of_id;
    if of_session is null then
        return;
    end if;
    -- What the session sums up is computed anew from the page views that it still has. Its row is locked before they are read.
    perform from core.session where session_id = of_session for update;
    update core.session s
    set page_views = v.page_views, events = v.events, clicks = v.clicks, started_at = v.started_at, last_seen_at = v.last_seen_at,
        entry_page_id = v.entry_page_id, referrer = v.referrer, identified_as = n.name, identified_at = n.at
    from (select count(*) as page_views, sum(events) as events, sum(clicks) as clicks, min(started_at) as started_at,
                 max(started_at + last_ms * interval '1 millisecond') as last_seen_at,
                 (array_agg(page_id order by started_at, page_view_id))[1] as entry_page_id,
                 (array_agg(referrer order by started_at, page_view_id))[1] as referrer
          from core.page_view where session_id = of_session) v
    left join lateral (select name, at from core.note where session_id = of_session and kind = 'n' order by at desc limit 1) n on true
    where s.session_id = of_session and v.page_views > 0;
    if not found then
        delete from core.session where session_id = of_session;
    end if;
end $$;
