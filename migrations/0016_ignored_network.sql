-- Networks whose visits a site doesn't want: an office, a monitoring service. The collector reads them with the site, compares them in its own
-- memory and stores nothing of who is in one, so no address comes here.
create table core.ignored_network (
    site_id    int not null references core.site,
    network    cidr not null,
    -- For people: whose it is.
    note       text not null default '',
    created_at timestamptz not null default now(),
    primary key (site_id, network),
    constraint ignored_network_note_length check (length(note) <= 100)
);
