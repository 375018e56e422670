-- What is done with visits that are probably no person's (0005).

-- The reasons in words, null for none.
create function core.suspicion(bits smallint) returns text[]
language sql immutable parallel safe as $$
    -- Nothing that keeps it from being folded into the query that asks.
    select case when bits <> 0 then array_remove(array[
        case when bits & 1 <> 0 then 'program' end,
        case when bits & 2 <> 0 then 'automated' end,
        case when bits & 4 <> 0 then 'rate' end,
        case when bits & 8 <> 0 then 'surge' end,
        case when bits & 16 <> 0 then 'copies' end], null) end
$$;

-- Marks page views that turned out to be suspect after they began. Rows are locked in the order of their ids, page views before sessions, as
-- the writer of chunks does.
create function core.mark_suspect(of_ids bigint[], bits smallint) returns void
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
end $$;
revoke all on function core.mark_suspect(bigint[], smallint) from public;

-- Erases page views from every table, many at once: what a session sums up is computed anew once a session and not once a page view.
create function core.forget_page_views(of_ids bigint[]) returns void
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
    -- The ids carry their days: only the partitions of those days are touched.
    for of_day, ids in select date '2020-01-01' + (id >> 48)::int, array_agg(id) from unnest(of_ids) id group by 1 loop
        delete from core.pointer_chunk where page_view_id = any (ids) and day = of_day;
        delete from core.element_box where page_view_id = any (ids) and day = of_day;
        delete from core.note where page_view_id = any (ids) and day = of_day;
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
end $$;
revoke all on function core.forget_page_views(bigint[]) from public;

-- One page view: the same way. The hash of its id is computed here; the parameter stays, because collectors of the version before pass it.
create or replace function core.forget_page_view(of_id bigint, of_hash bytea) returns void
language sql security definer set search_path = pg_catalog, core as $$
    select core.forget_page_views(array[of_id])
$$;

-- Erases suspect page views of a site, at most so many; says how many it were. Whoever may remove suspect visits can erase these and no others.
create function core.forget_suspects(of_site int, at_most int) returns int
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    ids bigint[];
begin
    select array_agg(page_view_id) into ids
    from (select page_view_id from core.page_view where site_id = of_site and suspect <> 0 order by page_view_id limit at_most) v;
    if ids is not null then
        perform core.forget_page_views(ids);
    end if;
    return coalesce(cardinality(ids), 0);
end $$;
revoke all on function core.forget_suspects(int, int) from public;

-- The views: new columns stand at the end, so nothing that reads them by place breaks.
create or replace view public.session as
select s.session_id, s.site_id, encode(s.visitor, 'hex') as visitor,
       s.started_at, s.last_seen_at,
       (extract(epoch from s.last_seen_at - s.started_at) * 1000)::bigint as duration_ms,
       s.page_views, s.events, s.clicks, p.path as entry_path, s.referrer,
       (array['desktop', 'tablet', 'phone'])[s.device + 1] as device,
       s.browser, s.os, s.language, s.identified_as, core.suspicion(s.suspect) as suspect
from core.session s join core.page p on p.page_id = s.entry_page_id;
comment on column public.session.suspect is 'Why it is probably no person''s visit: program, automated, rate, surge, copies; null if any of its page views is not suspect';

create or replace view public.page_view as
select v.page_view_id, v.day, v.site_id, v.session_id, v.page_id, p.path, v.host, v.title, v.referrer, v.started_at, v.last_ms as duration_ms,
       v.events, v.clicks, (array['desktop', 'tablet', 'phone'])[v.device + 1] as device,
       v.viewport_w, v.viewport_h, v.document_w, v.document_h, v.scroll_x, v.scroll_y, v.screen_w, v.screen_h, v.pixel_ratio,
       v.query, (array['load', 'route', 'restore', 'prerender'])[v.via + 1] as via, core.suspicion(v.suspect) as suspect
from core.page_view v join core.page p on p.page_id = v.page_id;
comment on column public.page_view.suspect is 'Why it is probably no person''s: program, automated, rate, surge, copies; null for none. The admin''s heatmaps and lists leave it out';
