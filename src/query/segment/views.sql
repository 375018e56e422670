-- The page views of a selection, a row a day: arrays, because tens of thousands of rows would take longer to read than to find.
-- page_view_page finds them. What is not asked for is null (or false) and costs nothing: the sub-selects behind it are never run.
select v.day as "day!", array_agg(v.page_view_id) as "page_view_id!", array_agg(v.session_id) as "session_id!",
       array_agg(v.viewport_w) as "viewport_w!", array_agg(v.viewport_h) as "viewport_h!",
       array_agg(v.document_w) as "document_w!", array_agg(v.document_h) as "document_h!", array_agg(v.suspect <> 0) as "is_suspect!"
from core.page_view v
where v.site_id = $1 and v.page_id = any($2) and v.device = $3 and v.day between $4 and $5 and v.events > 0
  and ($6 or v.suspect = 0)
  and v.viewport_w between $7 and $8
  and (not $9::bool or exists (
        select from core.session s
        where s.session_id = v.session_id
          -- A name, or a name and a version: no half a name.
          and ($10::text is null or s.browser = $10 or starts_with(s.browser, $10 || ' '))
          and ($11::text is null or s.country = $11)
          -- The host of a referrer; empty where there was none.
          and ($12::text is null or split_part(split_part(coalesce(s.referrer, ''), '://', 2), '/', 1) = $12)
          and ($13::bool is null or $13 = (
                exists (select from core.session e
                        where e.site_id = s.site_id and e.visitor = s.visitor and e.started_at < s.started_at)
                or exists (select from core.session e
                           where e.site_id = s.site_id and e.identified_as = s.identified_as and e.started_at < s.started_at)))))
  -- Made once. A session can reach beyond the days that are asked for, but not by a week.
  and ($14::text is null or v.session_id in (
        select t.session_id
        from (select distinct on (n.session_id) n.session_id, n.value
              from core.note n
              where n.site_id = $1 and n.kind = 't' and n.name = $14 and n.day between $4::date - 7 and $5::date + 7
              order by n.session_id, n.at desc, n.seq desc, n.position desc) t
        where $15::text is null or t.value = $15))
  and ($16::int4[] is null or exists (select from core.page_view c where c.session_id = v.session_id and c.page_id = any($16)))
group by v.day order by v.day desc
