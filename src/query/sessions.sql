-- A page of the list: of the suspect sessions, or of all others. Four branches instead of one clever condition: each is one walk along its index,
-- session_newest or session_suspect.
-- Sessions without any event are page views that were only opened; there is nothing to replay, so they are not listed.
select s.session_id as "session_id!", s.visitor as "visitor!", s.started_at as "started_at!", s.last_seen_at as "last_seen_at!",
       s.page_views as "page_views!", s.events as "events!", s.clicks as "clicks!", p.path as entry_path,
       (select l.path from core.page_view v join core.page l on l.page_id = v.page_id
        where v.session_id = s.session_id order by v.started_at desc, v.page_view_id desc limit 1) as last_path,
       s.referrer, s.device as "device!", s.browser as "browser!", s.os as "os!", s.language, s.identified_as, s.suspect as "suspect!"
from (
    (select * from core.session
     where not $4::bool and not $6::bool and suspect = 0 and site_id = $1 and events > 0 and (started_at, session_id) < ($2::timestamptz, $3::bigint)
     order by started_at desc, session_id desc limit $5)
    union all
    (select * from core.session
     where $4::bool and not $6::bool and suspect = 0 and site_id = $1 and events > 0 and (started_at, session_id) > ($2::timestamptz, $3::bigint)
     order by started_at, session_id limit $5)
    union all
    (select * from core.session
     where not $4::bool and $6::bool and suspect <> 0 and site_id = $1 and events > 0 and (started_at, session_id) < ($2::timestamptz, $3::bigint)
     order by started_at desc, session_id desc limit $5)
    union all
    (select * from core.session
     where $4::bool and $6::bool and suspect <> 0 and site_id = $1 and events > 0 and (started_at, session_id) > ($2::timestamptz, $3::bigint)
     order by started_at, session_id limit $5)
) s
join core.page p on p.page_id = s.entry_page_id
order by case when $4::bool then s.started_at end, case when $4::bool then s.session_id end, s.started_at desc, s.session_id desc
