select s.session_id, s.visitor, s.started_at, s.last_seen_at, s.page_views, s.events, s.clicks, p.path as entry_path,
       (select l.path from core.page_view v join core.page l on l.page_id = v.page_id
        where v.session_id = s.session_id order by v.started_at desc, v.page_view_id desc limit 1) as last_path,
       s.referrer, s.device, s.browser, s.os, s.language, s.identified_as, s.suspect
from core.session s
join core.page p on p.page_id = s.entry_page_id
where s.site_id = $1 and s.session_id = $2
