-- The country of a visit (0015), as the last column: nothing that reads the view by place breaks.
create or replace view public.session as
select s.session_id, s.site_id, encode(s.visitor, 'hex') as visitor,
       s.started_at, s.last_seen_at,
       (extract(epoch from s.last_seen_at - s.started_at) * 1000)::bigint as duration_ms,
       s.page_views, s.events, s.clicks, p.path as entry_path, s.referrer,
       (array['desktop', 'tablet', 'phone'])[s.device + 1] as device,
       s.browser, s.os, s.language, s.identified_as, core.suspicion(s.suspect) as suspect, s.country::text as country
from core.session s join core.page p on p.page_id = s.entry_page_id;
comment on column public.session.country is 'Country in two letters, such as DE; null where the collector has no database of countries or it doesn''t know';
