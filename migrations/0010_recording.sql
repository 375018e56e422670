-- Recordings: what a page looked like, in parts as they were posted. They are kept as they came and are not read by anything yet.

-- One part of the recording of a page view: gzip, at most 1 MiB.
create table core.recording_part (
    page_view_id bigint not null,
    -- From 1, in the order in which they belong together.
    part         int not null,
    day          date not null,
    site_id      int not null,
    session_id   bigint not null,
    at           timestamptz not null default now(),
    -- SHA-256 of the bytes, cut to 16: is a part that comes again the same?
    digest       bytea not null,
    -- Length of the bytes, so that summing them up need not read them.
    size         int not null,
    bytes        bytea not null,
    primary key (page_view_id, part, day)
) partition by range (day);
-- They are compressed already, so trying again would only cost time.
alter table core.recording_part alter column bytes set storage external;

create or replace function core.ensure_partition(of_day date) returns void
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    parent text;
    child text;
begin
    foreach parent in array array['pointer_chunk', 'element_box', 'note', 'recording_part'] loop
        child := parent || '_' || to_char(of_day, 'YYYYMMDD');
        if to_regclass('core.' || child) is null then
            -- Two collectors may see the first page view of a day at once.
            perform pg_advisory_xact_lock(hashtext('core.' || child));
            execute format('create table if not exists core.%I partition of core.%I for values from (%L) to (%L)',
                           child, parent, of_day, of_day + 1);
        end if;
    end loop;
end $$;

-- Whoever erases a page view erases its recording with it. An upload holds the lock of the row while it adds a part: the erasure waits for it, and
-- what is run here sees the part.
create function core.erase_recording() returns trigger
language plpgsql security definer set search_path = pg_catalog, core as $$
begin
    delete from core.recording_part where page_view_id = old.page_view_id and day = old.day;
    return null;
end $$;
revoke all on function core.erase_recording() from public;
create trigger page_view_recording after delete on core.page_view for each row execute function core.erase_recording();
