-- The roles below the owner. Roles belong to the whole server, so another database of ours may have made them already; grants that stand are
-- left alone, because two collectors that repeat them at once would fail with "tuple concurrently updated".
do $$
declare
    wanted text;
begin
    foreach wanted in array array['mousetrail_ingest', 'mousetrail_admin', 'mousetrail_reader'] loop
        if to_regrole(wanted) is null then
            begin
                execute format('create role %I login', wanted);
                if wanted = 'mousetrail_reader' then
                    -- For every client that comes in as it; a person can lift the limit for one session.
                    alter role mousetrail_reader set default_transaction_read_only = on;
                    alter role mousetrail_reader set statement_timeout = '60s';
                end if;
            exception when duplicate_object or unique_violation then null;
            end;
        end if;
        if not pg_has_role(current_user, wanted, 'member') then
            execute format('grant %I to current_user', wanted);
        end if;
    end loop;
end $$;
