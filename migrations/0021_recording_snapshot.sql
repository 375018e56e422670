-- A part of a recording whose content is a snapshot keeps no bytes of its own: they stand in core.snapshot.
alter table core.recording_part
    -- Null where the part has its bytes itself.
    add column snapshot_id bigint references core.snapshot,
    -- Length of what is in the gzip. Null in parts of before, which nobody looked into.
    add column content_size int;
-- Does anybody still need this snapshot?
create index recording_part_snapshot on core.recording_part (snapshot_id) where snapshot_id is not null;

-- Whoever erases a page view erases its recording with it, and snapshots that nobody else's recording begins with. An upload that refers to one at this
-- moment holds a lock on its row by the foreign key: then it stays.
create or replace function core.erase_recording() returns trigger
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    of_snapshots bigint[];
    one bigint;
begin
    with gone as (
        delete from core.recording_part where page_view_id = old.page_view_id and day = old.day returning snapshot_id
    )
    select array_agg(distinct snapshot_id) into of_snapshots from gone where snapshot_id is not null;
    foreach one in array coalesce(of_snapshots, '{}') loop
        begin
            delete from core.snapshot where snapshot_id = one
                   and not exists (select from core.recording_part p where p.snapshot_id = one);
        exception when foreign_key_violation then null;
        end;
    end loop;
    return null;
end $$;

-- Snapshots that were left alone when a day of recordings was dropped as a whole. Says how many.
create function core.forget_snapshots() returns int
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    one bigint;
    gone int := 0;
begin
    for one in select snapshot_id from core.snapshot s
               where not exists (select from core.recording_part p where p.snapshot_id = s.snapshot_id) limit 10000 loop
        begin
            delete from core.snapshot where snapshot_id = one;
            gone := gone + 1;
        exception when foreign_key_violation then null;
        end;
    end loop;
    return gone;
end $$;
revoke all on function core.forget_snapshots() from public;
