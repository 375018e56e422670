-- What a page says itself (identify, tag, event), where in an element a click landed, how page views begin, and erasure.

-- What the page said by identify(), tag() or event(): one row each. The events themselves stand in pointer_chunk as well, in their place among
-- the others; this table has their texts, so that chunks stay small and names can be searched.
create table core.note (
    page_view_id bigint not null,
    seq          int not null,
    -- Position in the chunk, from 1.
    position     int2 not null,
    day          date not null,
    site_id      int not null,
    page_id      int not null,
    session_id   bigint not null,
    at           timestamptz not null,
    offset_ms    int not null,
    -- As in pointer_chunk: n identify, t tag, p event.
    kind         "char" not null,
    -- The visitor's id, or the name of the tag or event.
    name         text not null,
    -- Of a tag.
    value        text,
    -- Of an event that has any.
    props        jsonb,
    primary key (page_view_id, seq, position, day)
) partition by range (day);
-- The tags of a session.
create index note_session on core.note (session_id);
-- How often did an event of this name happen?
create index note_name on core.note (site_id, kind, name, day);

alter table core.session
    -- SHA-256 of the key that the tab keeps, cut to 16 bytes; null without one.
    add column key_hash      bytea,
    -- The newest id that identify() gave, and when: frames can come in another order than they were cut in.
    add column identified_as text,
    add column identified_at timestamptz;
-- Which visit does a page view with this key belong to?
create index session_key on core.session (site_id, key_hash) where key_hash is not null;
-- All visits of a customer.
create index session_identified on core.session (site_id, identified_as) where identified_as is not null;

alter table core.page_view
    -- Only the parameters that the site allows; the path alone says which page it is.
    add column query text,
    -- 0 load, 1 route, 2 restore, 3 prerender.
    add column via   smallint not null default 0;

alter table core.pointer_chunk
    -- Single positions, as those of wide values: place in the element's box as 1 + 32,766 * share, 0 for not known.
    add column spot_at  int2[],
    add column spot_x   int2[],
    add column spot_y   int2[],
    -- Single positions: device px a CSS px in hundredths.
    add column ratio_at int2[],
    add column ratio    int2[];

-- An outline (the structure of the page, told once a page view) has seq 0 and no chunk, so its time stands here; null for all others.
alter table core.element_box add column offset_ms int;

-- Page views that were erased, so that no resent message brings them back. Only a hash of the id is kept (SHA-256, cut to 16 bytes), and not
-- longer than anybody can hold a token or a nonce of it.
create table core.tombstone (
    id_hash    bytea primary key,
    expires_at timestamptz not null
);

create or replace function core.ensure_partition(of_day date) returns void
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    parent text;
    child text;
begin
    foreach parent in array array['pointer_chunk', 'element_box', 'note'] loop
        child := parent || '_' || to_char(of_day, 'YYYYMMDD');
        if to_regclass('core.' || child) is null then
            -- Two collectors may see the first page view of a day at once.
            perform pg_advisory_xact_lock(hashtext('core.' || child));
            execute format('create table if not exists core.%I partition of core.%I for values from (%L) to (%L)',
                           child, parent, of_day, of_day + 1);
        end if;
    end loop;
end $$;

-- Erases a page view from every table. The collector's own role may only append, so this runs with the owner's rights, and can do nothing but
-- this. A batch that is adding to the page view holds the lock of its row: this waits for it. A batch that comes later finds the row gone.
create function core.forget_page_view(of_id bigint, of_hash bytea) returns void
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
revoke all on function core.forget_page_view(bigint, bytea) from public;

-- The views: new columns stand at the end, so nothing that reads them by place breaks.
create or replace view public.session as
select s.session_id, s.site_id, encode(s.visitor, 'hex') as visitor,
       s.started_at, s.last_seen_at,
       (extract(epoch from s.last_seen_at - s.started_at) * 1000)::bigint as duration_ms,
       s.page_views, s.events, s.clicks, p.path as entry_path, s.referrer,
       (array['desktop', 'tablet', 'phone'])[s.device + 1] as device,
       s.browser, s.os, s.language, s.identified_as
from core.session s join core.page p on p.page_id = s.entry_page_id;
comment on view public.session is 'Visits: page views of one visitor with gaps under 30 minutes, or of one tab where the site keeps a key in it';
comment on column public.session.identified_as is 'Newest id that the page gave by identify()';

create or replace view public.page_view as
select v.page_view_id, v.day, v.site_id, v.session_id, v.page_id, p.path, v.host, v.title, v.referrer, v.started_at, v.last_ms as duration_ms,
       v.events, v.clicks, (array['desktop', 'tablet', 'phone'])[v.device + 1] as device,
       v.viewport_w, v.viewport_h, v.document_w, v.document_h, v.scroll_x, v.scroll_y, v.screen_w, v.screen_h, v.pixel_ratio,
       v.query, (array['load', 'route', 'restore', 'prerender'])[v.via + 1] as via
from core.page_view v join core.page p on p.page_id = v.page_id;
comment on column public.page_view.path is 'Path of the page, without query; with the fragment where the site keeps it';
comment on column public.page_view.query is 'Query parameters that the site keeps, such as a=1&b=2';
comment on column public.page_view.via is 'How it began: load, route (of a single-page app), restore (from the back/forward cache) or prerender';

create or replace view public.pointer_event as
select c.day, c.site_id, c.page_id, c.session_id, c.page_view_id, c.seq, u.i::int2 as position,
       c.offset_ms + u.dt as offset_ms,
       c.started_at + u.dt * interval '1 millisecond' as at,
       case u.kind
           when 'm' then 'move' when 'd' then 'down' when 'u' then 'up' when 'c' then 'click' when 's' then 'scroll'
           when 'b' then 'dblclick' when 'x' then 'contextmenu' when 'a' then 'cancel' when 'e' then 'enter' when 'l' then 'leave'
           when 'w' then 'wheel' when 'r' then 'resize' when 'z' then 'document' when 'h' then 'hidden' when 'v' then 'visible'
           when 'o' then 'blur' when 'f' then 'focus' when 'y' then 'copy' when 'k' then 'key' when 'i' then 'inner_scroll' when 'q' then 'unload'
           when 'n' then 'identify' when 't' then 'tag' when 'p' then 'event'
       end as kind,
       case when u.kind in ('r', 'z', 'i') then c.wide_x[array_position(c.wide_at, u.i::int2)] else c.x0 + u.x end as x,
       case when u.kind in ('r', 'z', 'i') then c.wide_y[array_position(c.wide_at, u.i::int2)] else c.y0 + u.y end as y,
       (array['mouse', 'pen', 'touch', 'unknown'])[coalesce(c.pointer[width_bucket(u.i::int2, c.pointer_at)], 0) % 4 + 1] as pointer_type,
       coalesce(c.pointer[width_bucket(u.i::int2, c.pointer_at)], 0) / 4 as pointer_id,
       coalesce(c.buttons[width_bucket(u.i::int2, c.buttons_at)], 0::int2) as buttons,
       (nullif(c.pressure[width_bucket(u.i::int2, c.pressure_at)], 0) - 1) / 10000.0::real as pressure,
       nullif(c.element[width_bucket(u.i::int2, c.element_at)], 0) as element_id,
       c.untrusted is null or not u.i::int2 = any (c.untrusted) as trusted,
       (array['desktop', 'tablet', 'phone'])[c.device + 1] as device,
       ((nullif(c.spot_x[array_position(c.spot_at, u.i::int2)], 0) - 1) / 32766.0::float8)::real as spot_x,
       ((nullif(c.spot_y[array_position(c.spot_at, u.i::int2)], 0) - 1) / 32766.0::float8)::real as spot_y,
       (c.ratio[array_position(c.ratio_at, u.i::int2)] / 100.0::float8)::real as pixel_ratio
from core.pointer_chunk c
cross join lateral unnest(c.dt, c.kind, c.x, c.y) with ordinality as u(dt, kind, x, y, i);
comment on column public.pointer_event.kind is 'move, down, up, click, dblclick, contextmenu, cancel, enter, leave, scroll, wheel, resize, document, hidden, visible, blur, focus, copy, key, inner_scroll, unload, identify, tag or event';
comment on column public.pointer_event.spot_x is 'Place within the box of the element, 0 its left edge and 1 its right one; for down, up, click, dblclick and contextmenu, null where it is not known';
comment on column public.pointer_event.spot_y is 'The same from top to bottom';
comment on column public.pointer_event.pixel_ratio is 'Device px a CSS px, for resize: it changes with the zoom of the browser';

create or replace view public.click as
select e.day, e.site_id, e.page_id, e.session_id, e.page_view_id, e.offset_ms, e.at, e.x, e.y, e.pointer_type, e.trusted, e.element_id,
       el.name_id, el.selector, el.tag, el.role, el.interactive, e.spot_x, e.spot_y
from public.pointer_event e
-- Lateral, so that the click's own day and page view pick the partition and the row.
left join lateral (
    select name_id, selector, tag, role, interactive from public.element el
    where el.day = e.day and el.site_id = e.site_id and el.page_id = e.page_id and el.page_view_id = e.page_view_id and el.element_id = e.element_id
) el on true
where e.kind = 'click';
comment on column public.click.spot_x is 'Place within the box of the element, 0 its left edge and 1 its right one; null where it is not known';
comment on column public.click.spot_y is 'The same from top to bottom';

create view public.tag as
select n.day, n.site_id, n.session_id, n.page_view_id, n.offset_ms, n.at, n.name, n.value
from core.note n where n.kind = 't';
comment on view public.tag is 'What the page said of its session by tag(): all of it; the newest value of a name is the one that holds';
comment on column public.tag.day is 'UTC day on which the page view began';
comment on column public.tag.site_id is 'Site';
comment on column public.tag.session_id is 'Session that the tag describes';
comment on column public.tag.page_view_id is 'Page view that said it';
comment on column public.tag.offset_ms is 'When, in ms since the page view began';
comment on column public.tag.at is 'The same as a time';
comment on column public.tag.name is 'Name of the tag';
comment on column public.tag.value is 'Its value; may be empty';

create view public.custom_event as
select n.page_view_id, n.session_id, n.site_id, n.at, n.offset_ms, n.name, n.props, n.page_id, n.day
from core.note n where n.kind = 'p';
comment on view public.custom_event is 'What the page said of itself by event()';
comment on column public.custom_event.page_view_id is 'Page view in which it happened';
comment on column public.custom_event.session_id is 'Session';
comment on column public.custom_event.site_id is 'Site';
comment on column public.custom_event.at is 'When, by the collector''s clock';
comment on column public.custom_event.offset_ms is 'The same in ms since the page view began';
comment on column public.custom_event.name is 'Name of the event';
comment on column public.custom_event.props is 'Its properties, an object; null where it has none';
comment on column public.custom_event.page_id is 'Page';
comment on column public.custom_event.day is 'UTC day on which the page view began';
