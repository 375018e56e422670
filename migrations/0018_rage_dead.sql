-- Clicks in anger and clicks in vain. src/analysis/heat/clicks.rs has the same definitions, and a test compares the two.

-- Each click with what followed it on its page view. Everything that people filter by stands in the partitions of the windows, so a filter
-- reaches the table below them.
create view core.click_step as
select s.day, s.site_id, s.page_id, s.session_id, s.page_view_id, s.seq, s.position, s.offset_ms, s.at, s.x, s.y, s.pointer_type, s.trusted,
       s.element_id, s.spot_x, s.spot_y, s.answered_ms, s.answers
from (
    select e.*,
           -- When the page did something next, and how often it had by then.
           min(e.offset_ms) filter (where e.kind <> 'click') over later as answered_ms,
           count(*) filter (where e.kind <> 'click') over earlier as answers
    from public.pointer_event e
    where e.kind in ('click', 'document', 'scroll', 'inner_scroll', 'resize', 'hidden', 'unload', 'blur', 'focus', 'copy')
    -- Backwards, so that the frame only grows: one that shrinks is computed anew for each row.
    window later as (partition by e.day, e.site_id, e.page_id, e.session_id, e.page_view_id
                     order by e.offset_ms desc, e.seq desc, e.position desc rows between unbounded preceding and 1 preceding),
           earlier as (partition by e.day, e.site_id, e.page_id, e.session_id, e.page_view_id
                       order by e.offset_ms, e.seq, e.position rows unbounded preceding)
) s
where s.kind = 'click';

create view public.rage_click as
select b.day, b.site_id, b.page_id, b.session_id, b.page_view_id, b.offset_ms, b.at, b.x, b.y, b.pointer_type, b.trusted, b.element_id,
       el.name_id, el.selector, el.tag, el.role, el.interactive, b.spot_x, b.spot_y, b.burst_ms, b.burst_clicks
from (
    select r.*, min(r.offset_ms) over run as burst_ms, max(r.offset_ms) over run as burst_end_ms, (count(*) over run)::int as burst_clicks,
           bool_and(r.is_first or r.answers > r.answers_before) over run as is_served,
           first_value(r.element_id) over (partition by r.day, r.site_id, r.page_id, r.session_id, r.page_view_id, r.run
                                           order by r.offset_ms, r.seq, r.position) as first_element_id
    from (
        select p.*, count(*) filter (where p.is_first) over (partition by p.day, p.site_id, p.page_id, p.session_id, p.page_view_id
                                                             order by p.offset_ms, p.seq, p.position) as run
        from (
            select c.*, lag(c.answers) over clicks as answers_before,
                   coalesce(c.offset_ms - lag(c.offset_ms) over clicks > 1000
                            or (c.x - lag(c.x) over clicks)::float8 ^ 2 + (c.y - lag(c.y) over clicks)::float8 ^ 2 > 900, true) as is_first
            from core.click_step c
            window clicks as (partition by c.day, c.site_id, c.page_id, c.session_id, c.page_view_id order by c.offset_ms, c.seq, c.position)
        ) p
    ) r
    window run as (partition by r.day, r.site_id, r.page_id, r.session_id, r.page_view_id, r.run)
) b
left join lateral (
    select name_id, selector, tag, role, interactive from public.element el
    where el.day = b.day and el.site_id = b.site_id and el.page_id = b.page_id and el.page_view_id = b.page_view_id and el.element_id = b.element_id
) el on true
where b.burst_clicks >= 3 and not b.is_served
  -- Three quick clicks on text select a paragraph.
  and (b.burst_clicks > 3 or b.burst_end_ms - b.burst_ms > 600
       or exists (select from public.element f
                  where f.day = b.day and f.site_id = b.site_id and f.page_id = b.page_id and f.page_view_id = b.page_view_id
                    and f.element_id = b.first_element_id and f.interactive));
comment on view public.rage_click is 'Clicks of bursts: three or more, each at most 1,000 ms after and 30 px from the one before, unless they select text or the page answered each before the next';
comment on column public.rage_click.day is 'UTC day on which the page view began';
comment on column public.rage_click.site_id is 'Site';
comment on column public.rage_click.page_id is 'Page';
comment on column public.rage_click.session_id is 'Session';
comment on column public.rage_click.page_view_id is 'Page view';
comment on column public.rage_click.offset_ms is 'Time since the page view began, in ms';
comment on column public.rage_click.at is 'The same as a time';
comment on column public.rage_click.x is 'Place in CSS px of the document';
comment on column public.rage_click.y is 'Place in CSS px of the document';
comment on column public.rage_click.pointer_type is 'mouse, pen, touch or unknown';
comment on column public.rage_click.trusted is 'False for clicks that a script made';
comment on column public.rage_click.element_id is 'Element that was hit, within the page view';
comment on column public.rage_click.name_id is 'The same for the same element over all page views of a page';
comment on column public.rage_click.selector is 'Its best CSS selector';
comment on column public.rage_click.tag is 'Its tag name';
comment on column public.rage_click.role is 'Its role';
comment on column public.rage_click.interactive is 'Is it a link, button, field or the like';
comment on column public.rage_click.spot_x is 'Place within the box of the element, 0 its left edge and 1 its right one; null where it is not known';
comment on column public.rage_click.spot_y is 'The same from top to bottom';
comment on column public.rage_click.burst_ms is 'offset_ms of the first click of the burst: one burst is one page_view_id and burst_ms';
comment on column public.rage_click.burst_clicks is 'Clicks of the burst';

create view public.dead_click as
select c.day, c.site_id, c.page_id, c.session_id, c.page_view_id, c.offset_ms, c.at, c.x, c.y, c.pointer_type, c.element_id,
       el.name_id, el.selector, el.tag, el.role, el.interactive, c.spot_x, c.spot_y
from core.click_step c
-- Only where the page view is known to have gone on long enough.
join core.page_view v on v.page_view_id = c.page_view_id and v.last_ms >= c.offset_ms + 1000
left join lateral (
    select name_id, selector, tag, role, interactive from public.element el
    where el.day = c.day and el.site_id = c.site_id and el.page_id = c.page_id and el.page_view_id = c.page_view_id and el.element_id = c.element_id
) el on true
where c.trusted and (c.answered_ms is null or c.answered_ms > c.offset_ms + 1000)
  -- What a field or a player does, it does without the page.
  and coalesce(el.tag not in ('input', 'select', 'textarea', 'option', 'label', 'summary', 'video', 'audio', 'iframe'), true)
  and coalesce(el.role not in ('textbox', 'combobox', 'searchbox', 'slider'), true);
comment on view public.dead_click is 'Clicks of people that nothing followed on the page within 1,000 ms: no change of the document, no scrolling, no leaving. Not those on fields';
comment on column public.dead_click.day is 'UTC day on which the page view began';
comment on column public.dead_click.site_id is 'Site';
comment on column public.dead_click.page_id is 'Page';
comment on column public.dead_click.session_id is 'Session';
comment on column public.dead_click.page_view_id is 'Page view';
comment on column public.dead_click.offset_ms is 'Time since the page view began, in ms';
comment on column public.dead_click.at is 'The same as a time';
comment on column public.dead_click.x is 'Place in CSS px of the document';
comment on column public.dead_click.y is 'Place in CSS px of the document';
comment on column public.dead_click.pointer_type is 'mouse, pen, touch or unknown';
comment on column public.dead_click.element_id is 'Element that was hit, within the page view';
comment on column public.dead_click.name_id is 'The same for the same element over all page views of a page';
comment on column public.dead_click.selector is 'Its best CSS selector';
comment on column public.dead_click.tag is 'Its tag name';
comment on column public.dead_click.role is 'Its role';
comment on column public.dead_click.interactive is 'Is it a link, button, field or the like';
comment on column public.dead_click.spot_x is 'Place within the box of the element, 0 its left edge and 1 its right one; null where it is not known';
comment on column public.dead_click.spot_y is 'The same from top to bottom';
