-- The SQL contract: these views keep their columns and meaning within a major version. docs/sql.md has worked queries on them.

create view public.site as
select site_id, name, created_at from core.site;
comment on view public.site is 'Tracked properties';
comment on column public.site.site_id is 'Number of the site';
comment on column public.site.name is 'Its name in the admin UI';
comment on column public.site.created_at is 'When it was created';

create view public.session as
select s.session_id, s.site_id, encode(s.visitor, 'hex') as visitor,
       s.started_at, s.last_seen_at,
       (extract(epoch from s.last_seen_at - s.started_at) * 1000)::bigint as duration_ms,
       s.page_views, s.events, s.clicks, p.path as entry_path, s.referrer,
       (array['desktop', 'tablet', 'phone'])[s.device + 1] as device,
       s.browser, s.os, s.language
from core.session s join core.page p on p.page_id = s.entry_page_id;
comment on view public.session is 'Visits: page views of one visitor with gaps under 30 minutes';
comment on column public.session.session_id is 'Id of the session';
comment on column public.session.site_id is 'Site that was visited';
comment on column public.session.visitor is 'Pseudonym of the visitor: a keyed hash that changes every day, in hex';
comment on column public.session.started_at is 'Begin of the first page view';
comment on column public.session.last_seen_at is 'Time of the last committed event';
comment on column public.session.duration_ms is 'From started_at to last_seen_at, in ms';
comment on column public.session.page_views is 'Number of page views';
comment on column public.session.events is 'Number of committed pointer events';
comment on column public.session.clicks is 'Number of committed clicks';
comment on column public.session.entry_path is 'Path of the first page';
comment on column public.session.referrer is 'Where the visitor came from: origin and path';
comment on column public.session.device is 'Device class: desktop, tablet or phone';
comment on column public.session.browser is 'Browser and its major version';
comment on column public.session.os is 'Operating system';
comment on column public.session.language is 'Language of the browser';

create view public.page_view as
select v.page_view_id, v.day, v.site_id, v.session_id, v.page_id, p.path, v.host, v.title, v.referrer, v.started_at, v.last_ms as duration_ms,
       v.events, v.clicks, (array['desktop', 'tablet', 'phone'])[v.device + 1] as device,
       v.viewport_w, v.viewport_h, v.document_w, v.document_h, v.scroll_x, v.scroll_y, v.screen_w, v.screen_h, v.pixel_ratio
from core.page_view v join core.page p on p.page_id = v.page_id;
comment on view public.page_view is 'Page views: one load each, or one route of a single-page app';
comment on column public.page_view.page_view_id is 'Id of the page view';
comment on column public.page_view.day is 'UTC day on which it began; pointer_event is partitioned by it';
comment on column public.page_view.site_id is 'Site of the page';
comment on column public.page_view.session_id is 'Session that it belongs to';
comment on column public.page_view.page_id is 'Page that it is a view of';
comment on column public.page_view.path is 'Path of the page, without query';
comment on column public.page_view.host is 'Scheme, host and port of the page';
comment on column public.page_view.title is 'Title of the document';
comment on column public.page_view.referrer is 'Origin and path of the page before';
comment on column public.page_view.started_at is 'When it began, by the collector''s clock';
comment on column public.page_view.duration_ms is 'Offset of the last committed event, in ms';
comment on column public.page_view.events is 'Number of committed pointer events';
comment on column public.page_view.clicks is 'Number of committed clicks';
comment on column public.page_view.device is 'Device class: desktop, tablet or phone';
comment on column public.page_view.viewport_w is 'Width of the viewport at the begin, in CSS px';
comment on column public.page_view.viewport_h is 'Height of the viewport at the begin, in CSS px';
comment on column public.page_view.document_w is 'Width of the document at the begin, in CSS px';
comment on column public.page_view.document_h is 'Height of the document at the begin, in CSS px';
comment on column public.page_view.scroll_x is 'Horizontal scroll offset at the begin, in CSS px';
comment on column public.page_view.scroll_y is 'Vertical scroll offset at the begin, in CSS px';
comment on column public.page_view.screen_w is 'Width of the screen, in CSS px';
comment on column public.page_view.screen_h is 'Height of the screen, in CSS px';
comment on column public.page_view.pixel_ratio is 'Device px a CSS px';

-- A run's value at position i is found by width_bucket: a binary search over the run's first positions, in C.
create view public.pointer_event as
select c.day, c.site_id, c.page_id, c.session_id, c.page_view_id, c.seq, u.i::int2 as position,
       c.offset_ms + u.dt as offset_ms,
       c.started_at + u.dt * interval '1 millisecond' as at,
       case u.kind
           when 'm' then 'move' when 'd' then 'down' when 'u' then 'up' when 'c' then 'click' when 's' then 'scroll'
           when 'b' then 'dblclick' when 'x' then 'contextmenu' when 'a' then 'cancel' when 'e' then 'enter' when 'l' then 'leave'
           when 'w' then 'wheel' when 'r' then 'resize' when 'z' then 'document' when 'h' then 'hidden' when 'v' then 'visible'
           when 'o' then 'blur' when 'f' then 'focus' when 'y' then 'copy' when 'k' then 'key' when 'i' then 'inner_scroll' when 'q' then 'unload'
       end as kind,
       case when u.kind in ('r', 'z', 'i') then c.wide_x[array_position(c.wide_at, u.i::int2)] else c.x0 + u.x end as x,
       case when u.kind in ('r', 'z', 'i') then c.wide_y[array_position(c.wide_at, u.i::int2)] else c.y0 + u.y end as y,
       (array['mouse', 'pen', 'touch', 'unknown'])[coalesce(c.pointer[width_bucket(u.i::int2, c.pointer_at)], 0) % 4 + 1] as pointer_type,
       coalesce(c.pointer[width_bucket(u.i::int2, c.pointer_at)], 0) / 4 as pointer_id,
       coalesce(c.buttons[width_bucket(u.i::int2, c.buttons_at)], 0::int2) as buttons,
       (nullif(c.pressure[width_bucket(u.i::int2, c.pressure_at)], 0) - 1) / 10000.0::real as pressure,
       nullif(c.element[width_bucket(u.i::int2, c.element_at)], 0) as element_id,
       c.untrusted is null or not u.i::int2 = any (c.untrusted) as trusted,
       (array['desktop', 'tablet', 'phone'])[c.device + 1] as device
from core.pointer_chunk c
cross join lateral unnest(c.dt, c.kind, c.x, c.y) with ordinality as u(dt, kind, x, y, i);
comment on view public.pointer_event is 'One row a pointer event, unnested from the stored frames. Filter on day wherever you can: it selects partitions';
comment on column public.pointer_event.day is 'UTC day on which the page view began';
comment on column public.pointer_event.site_id is 'Site';
comment on column public.pointer_event.page_id is 'Page';
comment on column public.pointer_event.session_id is 'Session';
comment on column public.pointer_event.page_view_id is 'Page view';
comment on column public.pointer_event.seq is 'Number of the frame that brought the event';
comment on column public.pointer_event.position is 'Place in the frame, from 1: orders events of one ms';
comment on column public.pointer_event.offset_ms is 'Time since the page view began, in ms, by the browser''s monotonic clock';
comment on column public.pointer_event.at is 'The same as a time, anchored by the collector''s clock';
comment on column public.pointer_event.kind is 'move, down, up, click, dblclick, contextmenu, cancel, enter, leave, scroll, wheel, resize, document, hidden, visible, blur, focus, copy, key, inner_scroll or unload';
comment on column public.pointer_event.x is 'Place in CSS px of the document; scroll offset for scroll and inner_scroll; width for resize and document';
comment on column public.pointer_event.y is 'As x; height for resize and document';
comment on column public.pointer_event.pointer_type is 'mouse, pen, touch or unknown';
comment on column public.pointer_event.pointer_id is 'Tells several pointers apart; 0 for the mouse';
comment on column public.pointer_event.buttons is 'Pressed buttons as a bit mask: 1 left, 2 right, 4 middle, 8 back, 16 forward';
comment on column public.pointer_event.pressure is 'Pressure of pen or touch, 0 to 1; null where the device has none';
comment on column public.pointer_event.element_id is 'Element under the pointer: join element on page_view_id and element_id';
comment on column public.pointer_event.trusted is 'False for events that a script made';
comment on column public.pointer_event.device is 'Device class: desktop, tablet or phone';

create view public.frame as
select c.day, c.site_id, c.page_id, c.session_id, c.page_view_id, c.seq, c.offset_ms, c.started_at, cardinality(c.dt) as events,
       c.samples, c.dropped, c.tolerance / 10.0::real as tolerance_px
from core.pointer_chunk c;
comment on view public.frame is 'What the snippet sent at a time, and how faithful it is';
comment on column public.frame.day is 'UTC day on which the page view began';
comment on column public.frame.site_id is 'Site';
comment on column public.frame.page_id is 'Page';
comment on column public.frame.session_id is 'Session';
comment on column public.frame.page_view_id is 'Page view';
comment on column public.frame.seq is 'Number of the frame within its page view, from 1 without a gap';
comment on column public.frame.offset_ms is 'Time of its first event since the page view began, in ms';
comment on column public.frame.started_at is 'The same as a time, anchored by the collector''s clock';
comment on column public.frame.events is 'Number of its events';
comment on column public.frame.samples is 'Pointer samples that the device delivered for it, kept or not';
comment on column public.frame.dropped is 'Events that the browser lost before it because its buffer was full';
comment on column public.frame.tolerance_px is 'Largest distance of a device sample from the stored path, in CSS px';

-- `distinct on` names every column that people filter by, so that a filter reaches the partitions below it.
create view public.element as
select distinct on (b.day, b.site_id, b.page_id, b.page_view_id, u.number)
       b.day, b.site_id, b.page_id, b.page_view_id, u.number as element_id, nullif(u.parent, 0::int2) as parent_id, u.name_id,
       n.tag, n.role, n.selectors[1] as selector, n.selectors, u.x, u.y, u.w, u.h, u.text_length,
       u.flags & 1 <> 0 as fixed, u.flags & 2 <> 0 as sticky, u.flags & 4 <> 0 as interactive, u.flags & 8 <> 0 as image
from core.element_box b
cross join lateral unnest(b.number, b.name_id, b.parent, b.flags, b.x, b.y, b.w, b.h, b.text_length)
     as u(number, name_id, parent, flags, x, y, w, h, text_length)
join core.element_name n on n.name_id = u.name_id
order by b.day, b.site_id, b.page_id, b.page_view_id, u.number, b.seq desc;
comment on view public.element is 'Elements that the pointer met, once a page view, with their latest box';
comment on column public.element.day is 'UTC day on which the page view began';
comment on column public.element.site_id is 'Site';
comment on column public.element.page_id is 'Page';
comment on column public.element.page_view_id is 'Page view';
comment on column public.element.element_id is 'Number of the element within the page view';
comment on column public.element.parent_id is 'Nearest described ancestor within the page view';
comment on column public.element.name_id is 'The same for the same element over all page views of a page';
comment on column public.element.tag is 'Tag name';
comment on column public.element.role is 'ARIA role or input type; may be empty';
comment on column public.element.selector is 'Best CSS selector';
comment on column public.element.selectors is 'Up to three CSS selectors, best first';
comment on column public.element.x is 'Left edge in CSS px of the document';
comment on column public.element.y is 'Top edge in CSS px of the document';
comment on column public.element.w is 'Width in CSS px';
comment on column public.element.h is 'Height in CSS px';
comment on column public.element.text_length is 'Length of its text in characters; the text itself never leaves the browser';
comment on column public.element.fixed is 'Positioned fixed';
comment on column public.element.sticky is 'Positioned sticky';
comment on column public.element.interactive is 'Link, button, field or the like';
comment on column public.element.image is 'Holds an image';

create view public.click as
select e.day, e.site_id, e.page_id, e.session_id, e.page_view_id, e.offset_ms, e.at, e.x, e.y, e.pointer_type, e.trusted, e.element_id,
       el.name_id, el.selector, el.tag, el.role, el.interactive
from public.pointer_event e
-- Lateral, so that the click's own day and page view pick the partition and the row.
left join lateral (
    select name_id, selector, tag, role, interactive from public.element el
    where el.day = e.day and el.site_id = e.site_id and el.page_id = e.page_id and el.page_view_id = e.page_view_id and el.element_id = e.element_id
) el on true
where e.kind = 'click';
comment on view public.click is 'Clicks, each with the element that it hit';
comment on column public.click.day is 'UTC day on which the page view began';
comment on column public.click.site_id is 'Site';
comment on column public.click.page_id is 'Page';
comment on column public.click.session_id is 'Session';
comment on column public.click.page_view_id is 'Page view';
comment on column public.click.offset_ms is 'Time since the page view began, in ms';
comment on column public.click.at is 'The same as a time';
comment on column public.click.x is 'Place in CSS px of the document';
comment on column public.click.y is 'Place in CSS px of the document';
comment on column public.click.pointer_type is 'mouse, pen, touch or unknown';
comment on column public.click.trusted is 'False for clicks that a script made';
comment on column public.click.element_id is 'Element that was hit, within the page view';
comment on column public.click.name_id is 'The same for the same element over all page views of a page';
comment on column public.click.selector is 'Its best CSS selector';
comment on column public.click.tag is 'Its tag name';
comment on column public.click.role is 'Its role';
comment on column public.click.interactive is 'Is it a link, button, field or the like';
