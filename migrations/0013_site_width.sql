-- Widths of viewports between which the pages of a site have the same layout. A site without a row has the default ones of the program.
create table core.site_width (
    site_id     int primary key references core.site on delete cascade,
    -- Smallest width of each class but the first, CSS px.
    breakpoints int4[] not null,
    -- Learnt from the widths that were seen, and learnt again every day; else set by a person, and left alone.
    is_learnt   boolean not null,
    changed_at  timestamptz not null default now(),
    constraint site_width_count check (cardinality(breakpoints) between 1 and 12)
);
