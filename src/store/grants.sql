-- What each role may do. Run by the owner after every migration; granting again changes nothing.
-- All of it is one transaction. A collector that makes a partition changes the same rows of the catalogue, and one of the two would fail with "tuple
-- concurrently updated": so each waits for the other. Reading and appending go on.
lock table core.pointer_chunk, core.element_box, core.note, core.recording_part, core.heat_view in share update exclusive mode;
grant usage on schema core to mousetrail_ingest, mousetrail_admin;
grant usage on schema public to mousetrail_admin, mousetrail_reader;

-- Ingest appends. It reads what it needs to find a site, a page view or a visit, and the keys of what it wrote.
grant select on core.site, core.ignored_network, core.secret, core.visitor_salt, core.page, core.session, core.page_view, core.element_name,
    core.tombstone, core.site_replay to mousetrail_ingest;
grant insert on core.secret, core.visitor_salt, core.page, core.session, core.page_view, core.pointer_chunk, core.element_name, core.element_box,
    core.note, core.quarantine, core.recording_part to mousetrail_ingest;
grant delete on core.visitor_salt to mousetrail_ingest;
grant select (page_view_id, seq, day, digest) on core.pointer_chunk to mousetrail_ingest;
grant select (page_view_id, seq, day) on core.element_box to mousetrail_ingest;
grant select (page_view_id, part, day, digest, size) on core.recording_part to mousetrail_ingest;
grant select (snapshot_id, site_id, digest), insert on core.snapshot to mousetrail_ingest;
grant update (first_at) on core.snapshot to mousetrail_ingest;
grant select (page_view_id, seq) on core.quarantine to mousetrail_ingest;
grant update (last_seen_at, page_views, events, clicks, identified_as, identified_at, suspect) on core.session to mousetrail_ingest;
grant update (last_ms, events, clicks, outlined) on core.page_view to mousetrail_ingest;
grant execute on function core.ensure_partition(date), core.forget_page_view(bigint, bytea), core.mark_suspect(bigint[], smallint),
    core.heat_is_due(date[]) to mousetrail_ingest;

-- Admin reads everything and writes what people set.
grant select on all tables in schema core, public to mousetrail_admin;
grant insert, update, delete on core.site, core.ignored_network, core.account, core.one_time_link, core.login_session to mousetrail_admin;
grant insert, update, delete on core.site_width, core.page_rule, core.page_rule_dismissed, core.site_replay to mousetrail_admin;
-- Who looked at whom is added to, and nothing else.
grant insert on core.audit to mousetrail_admin;
grant insert, delete on core.session_note to mousetrail_admin;
grant execute on function core.forget_suspects(int, int), core.forget_snapshots() to mousetrail_admin;
-- Derived heat: the jobs that build it run as admin, because they read chunks. To hold the row of a page view while they write its heat they need
-- the right to update something of it.
grant update (outlined) on core.page_view to mousetrail_admin;
grant insert, update, delete on core.heat_view, core.heat_day, core.heat_due to mousetrail_admin;
grant execute on function core.ensure_partition(date), core.heat_is_due(date[]) to mousetrail_admin;

-- The reader sees the views and nothing below them.
grant select on public.site, public.session, public.page_view, public.pointer_event, public.frame, public.element, public.click, public.tag,
    public.custom_event, public.rage_click, public.dead_click to mousetrail_reader;
