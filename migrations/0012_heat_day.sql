-- Heat of whole days, and what keeps derived heat right: which days have to be looked at again, and erasure.

-- Was the outline stored? It changes where heat lies and brings no event. No index has this column, so that a batch's update of the row stays cheap.
alter table core.page_view add column outlined boolean not null default false;

-- The sum of the heat of the page views (suspect ones aside) of a page, class of device, class of width and day that is over. 30 rows instead of
-- 20,000 for a month of a busy page. On 4 M points a row a cell took 46 times these bytes
-- and 5 times the time to sum up, arrays a day 2.1 and 11 times (cargo bench --bench heat).
create table core.heat_day (
    site_id     int not null,
    page_id     int not null,
    device      smallint not null,
    -- Widths of viewports, CSS px: from this one to below `width_to`.
    width_from  int not null,
    day         date not null,
    width_to    int not null,
    -- Page views in it, their sessions, and a sum over what each was built from. A row is used only where the page views of the moment give the
    -- same, so that late frames, suspect marks and erasure are in the answer at once.
    views       int not null,
    sessions    int not null,
    checksum    bigint not null,
    -- As in core.heat_view.
    movement    bytea,
    attention   bytea,
    click       bytea,
    first_click bytea,
    rage        bytea,
    dead        bytea,
    hesitation  bytea,
    reach       bytea,
    elements    bytea,
    -- A map asks for a page (or those of a template), a device, a width and a range of days.
    primary key (site_id, page_id, device, width_from, day)
);
-- What stands here of a day, when it is summed anew or thrown away.
create index heat_day_day on core.heat_day (day);
alter table core.heat_day alter column movement set storage external;
alter table core.heat_day alter column attention set storage external;
alter table core.heat_day alter column click set storage external;
alter table core.heat_day alter column first_click set storage external;
alter table core.heat_day alter column rage set storage external;
alter table core.heat_day alter column dead set storage external;
alter table core.heat_day alter column hesitation set storage external;
alter table core.heat_day alter column reach set storage external;
alter table core.heat_day alter column elements set storage external;

-- Days whose heat has to be built or summed again: few rows, so that nobody searches all page views for work. Today is not here: it always has work.
create table core.heat_due (
    day    date primary key,
    -- False while a job works on what was there when it began. A change in the meantime sets it again, and the day stays.
    is_new boolean not null default true
);

-- Writers call it last before they commit, and mostly find the day there: they don't wait for one another.
create function core.heat_is_due(of_days date[]) returns void
language sql security definer set search_path = pg_catalog, core as $$
    insert into core.heat_due (day)
    select distinct d from unnest(of_days) d
    where d is not null and not exists (select from core.heat_due known where known.day = d and known.is_new)
    order by d
    on conflict (day) do update set is_new = true
$$;
revoke all on function core.heat_is_due(date[]) from public;

-- All that was there before.
select core.heat_is_due(array_agg(to_date(right(relname::text, 8), 'YYYYMMDD')))
from pg_class
where relnamespace = 'core'::regnamespace and relkind = 'r' and relname::text ~ '^pointer_chunk_\d{8}$';

-- As in 0009, and then the days that are over are summed again without what is suspect now.
create or replace function core.mark_suspect(of_ids bigint[], bits smallint) returns void
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    of_sessions bigint[];
begin
    perform from core.page_view where page_view_id = any (of_ids) order by page_view_id for no key update;
    with marked as (
        update core.page_view set suspect = suspect | bits where page_view_id = any (of_ids) and suspect & bits <> bits returning session_id
    )
    select array_agg(distinct session_id) into of_sessions from marked;
    perform from core.session where session_id = any (of_sessions) order by session_id for no key update;
    update core.session s set suspect = v.suspect
    from (select session_id, case when bool_and(suspect <> 0) then bit_or(suspect) else 0::smallint end as suspect
          from core.page_view where session_id = any (of_sessions) group by session_id) v
    where s.session_id = v.session_id and s.suspect <> v.suspect;
    perform core.heat_is_due(array_agg(distinct date '2020-01-01' + (id >> 48)::int)) from unnest(of_ids) id
    where date '2020-01-01' + (id >> 48)::int < (now() at time zone 'utc')::date;
end $$;

-- As in 0009, with heat: that of the page views, and the sums that they are in. A job that writes heat holds the rows of its page views: the
-- erasure waits for it, and sees what it wrote.
create or replace function core.forget_page_views(of_ids bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    of_day date;
    ids bigint[];
    of_sessions bigint[];
begin
    delete from core.tombstone where expires_at < now();
    -- A token lives for a day, and a page view is told of at most a day after its begin.
    insert into core.tombstone (id_hash, expires_at)
    select substr(sha256(int8send(id)), 1, 16), now() + interval '2 days' from unnest(of_ids) id order by 1
    on conflict (id_hash) do update set expires_at = excluded.expires_at;
    perform from core.page_view where page_view_id = any (of_ids) order by page_view_id for update;
    select array_agg(distinct session_id) into of_sessions from core.page_view where page_view_id = any (of_ids);
    delete from core.heat_day h using core.page_view v
    where v.page_view_id = any (of_ids) and h.site_id = v.site_id and h.page_id = v.page_id and h.device = v.device and h.day = v.day
          and v.viewport_w >= h.width_from and v.viewport_w < h.width_to;
    -- The ids carry their days: only the partitions of those days are touched.
    for of_day, ids in select date '2020-01-01' + (id >> 48)::int, array_agg(id) from unnest(of_ids) id group by 1 loop
        delete from core.pointer_chunk where page_view_id = any (ids) and day = of_day;
        delete from core.element_box where page_view_id = any (ids) and day = of_day;
        delete from core.note where page_view_id = any (ids) and day = of_day;
        delete from core.heat_view where page_view_id = any (ids) and day = of_day;
    end loop;
    delete from core.quarantine where page_view_id = any (of_ids);
    delete from core.page_view where page_view_id = any (of_ids);
    if of_sessions is null then
        return;
    end if;
    -- Their rows are locked before the page views that they still have are read.
    perform from core.session where session_id = any (of_sessions) order by session_id for update;
    update core.session s
    set page_views = v.page_views, events = v.events, clicks = v.clicks, started_at = v.started_at, last_seen_at = v.last_seen_at,
        entry_page_id = v.entry_page_id, referrer = v.referrer, suspect = v.suspect, identified_as = n.name, identified_at = n.at
    from (select session_id, count(*) as page_views, sum(events) as events, sum(clicks) as clicks, min(started_at) as started_at,
                 max(started_at + last_ms * interval '1 millisecond') as last_seen_at,
                 (array_agg(page_id order by started_at, page_view_id))[1] as entry_page_id,
                 (array_agg(referrer order by started_at, page_view_id))[1] as referrer,
                 case when bool_and(suspect <> 0) then bit_or(suspect) else 0::smallint end as suspect
          from core.page_view where session_id = any (of_sessions) group by session_id) v
    left join lateral (select name, at from core.note where session_id = v.session_id and kind = 'n' order by at desc limit 1) n on true
    where s.session_id = v.session_id;
    delete from core.session s
    where s.session_id = any (of_sessions) and not exists (select from core.page_view v where v.session_id = s.session_id);
    perform core.heat_is_due(array_agg(distinct date '2020-01-01' + (id >> 48)::int)) from unnest(of_ids) id
    where date '2020-01-01' + (id >> 48)::int < (now() at time zone 'utc')::date;
end $$;
