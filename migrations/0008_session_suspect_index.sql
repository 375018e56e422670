-- The same for sessions. None for the sessions of people: each frame changes its session's row, and would have to write that index as well. While a
-- flood is not removed, the sessions list walks past it on session_newest.
create index session_suspect on core.session (site_id, started_at desc, session_id desc) where suspect <> 0;
