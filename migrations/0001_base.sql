-- The base schema. Tables live in the schema `core` and belong to us; the views in `public` (0002_views.sql) are the contract for everybody else.
-- Everything that grows with traffic and is dropped by age is partitioned by `day`: the UTC day on which the page view began, which the
-- page view's id carries (bits 48 to 62: days since 2020-01-01). A retry therefore always finds the partition of its first try.

create schema core;

-- A tracked property.
create table core.site (
    site_id     int generated always as identity primary key,
    -- Public: it stands in the script tag. It authorises appending to this site and nothing else.
    public_key  text not null,
    name        text not null,
    -- Exact origins (scheme://host:port) whose pages may send; '*' alone allows every origin.
    origins     text[] not null,
    created_at  timestamptz not null default now(),
    disabled_at timestamptz,
    constraint site_public_key_key unique (public_key),
    constraint site_name_length check (length(name) between 1 and 100)
);

-- Keys that the collector makes for itself on its first start: the HMAC key of page-view tokens, for example.
create table core.secret (
    name       text primary key,
    value      bytea not null,
    created_at timestamptz not null default now()
);

-- The salt of a day's visitor hashes. Rows older than yesterday are deleted, and with them every way back from a hash.
create table core.visitor_salt (
    day  date primary key,
    salt bytea not null
);

-- Somebody who can sign in.
create table core.account (
    account_id    int generated always as identity primary key,
    email         text not null,
    -- Argon2id in PHC form.
    password_hash text not null,
    role          text not null,
    created_at    timestamptz not null default now(),
    disabled_at   timestamptz,
    constraint account_email_key unique (email),
    constraint account_email_lower check (email = lower(email)),
    constraint account_role_known check (role in ('owner', 'admin', 'analyst', 'viewer'))
);

-- A one-time link: makes the first owner, an invited account, or a new password for an existing one. Only the hash of its token is kept.
create table core.one_time_link (
    token_hash bytea primary key,
    -- Null for the first owner, who chooses the address.
    email      text,
    role       text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at    timestamptz
);

-- Somebody signed in on one browser. The cookie holds the token, the table its SHA-256, so a copy of the table opens nothing.
create table core.login_session (
    token_hash   bytea primary key,
    account_id   int not null references core.account on delete cascade,
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at   timestamptz not null,
    user_agent   text not null default ''
);
create index login_session_account on core.login_session (account_id);

-- The thing that page views are views of.
create table core.page (
    page_id int generated always as identity primary key,
    site_id int not null references core.site,
    path    text not null,
    constraint page_site_path_key unique (site_id, path)
);

-- One visit: page views of one visitor with gaps under 30 minutes. The counters are derived from committed chunks, in their transaction.
create table core.session (
    session_id   bigint primary key,
    site_id      int not null references core.site,
    -- Keyed hash under the day's salt (8 bytes).
    visitor      bytea not null,
    started_at   timestamptz not null,
    last_seen_at timestamptz not null,
    page_views   int not null default 0,
    events       bigint not null default 0,
    clicks       int not null default 0,
    entry_page_id int not null references core.page,
    referrer     text,
    -- 0 desktop, 1 tablet, 2 phone.
    device       smallint not null,
    browser      text not null,
    os           text not null,
    language     text
);
-- The sessions list: newest first, paged by key.
create index session_newest on core.session (site_id, started_at desc, session_id desc);
-- Which visit does a new page view belong to?
create index session_visitor on core.session (site_id, visitor, last_seen_at desc);

-- One load, or one route of a single-page app.
create table core.page_view (
    page_view_id bigint primary key,
    day          date not null,
    site_id      int not null,
    session_id   bigint not null,
    page_id      int not null,
    -- SHA-256 of the client's nonce, cut to 16 bytes: a repeated `page` message finds its page view, a stranger's does not.
    nonce_hash   bytea not null,
    host         text not null,
    title        text,
    referrer     text,
    started_at   timestamptz not null,
    -- Offset of the last committed event, ms since started_at.
    last_ms      int not null default 0,
    events       int not null default 0,
    clicks       int not null default 0,
    device       smallint not null,
    viewport_w   int not null,
    viewport_h   int not null,
    document_w   int not null,
    document_h   int not null,
    scroll_x     int not null,
    scroll_y     int not null,
    screen_w     int,
    screen_h     int,
    pixel_ratio  real
);
create index page_view_session on core.page_view (session_id, started_at);
-- Heatmaps ask for a page, a device class and a range of days.
create index page_view_page on core.page_view (site_id, page_id, device, day);

-- A frame as stored: one row each, parallel arrays (17.6 bytes an event with its indexes at 5 s frames, against 205 for a row an event).
-- Position i of dt, kind, x and y is event i. What few events have stands in sparse arrays beside the position where it holds:
-- runs (`*_at` = first position of the run; value 0 ends a run) for element, pointer, buttons and pressure; single positions for wide values.
create table core.pointer_chunk (
    page_view_id bigint not null,
    seq          int not null,
    day          date not null,
    site_id      int not null,
    page_id      int not null,
    session_id   bigint not null,
    device       smallint not null,
    -- Time of the first event, and the same as ms since the page view began.
    started_at   timestamptz not null,
    offset_ms    int not null,
    -- Origin of x and y in document px, so that pages of any height fit into int2.
    x0           int not null,
    y0           int not null,
    dt           int2[] not null,
    kind         "char"[] not null,
    x            int2[] not null,
    y            int2[] not null,
    -- Sizes and inner scroll offsets, which are not bound to the origin.
    wide_at      int2[],
    wide_x       int4[],
    wide_y       int4[],
    element_at   int2[],
    element      int2[],
    -- type + 4 * id, as on the wire.
    pointer_at   int2[],
    pointer      int4[],
    buttons_at   int2[],
    buttons      int2[],
    -- Ten-thousandths plus 1.
    pressure_at  int2[],
    pressure     int2[],
    -- Positions of events with isTrusted = false.
    untrusted    int2[],
    -- What the client says about this frame: device samples seen, events lost to its full buffer, thinning tolerance in tenths of a px.
    samples      int not null,
    dropped      int not null,
    tolerance    int2 not null,
    primary key (page_view_id, seq, day)
) partition by range (day);
-- Heatmaps of a page over a range of days.
create index pointer_chunk_page on core.pointer_chunk (site_id, page_id, device, day);

-- What an element is, once a page however many page views mention it: tag, role and selector candidates.
create table core.element_name (
    name_id   int generated always as identity primary key,
    page_id   int not null,
    -- SHA-256 over tag, role and selectors, cut to 16 bytes.
    hash      bytea not null,
    tag       text not null,
    role      text not null,
    selectors text[] not null,
    constraint element_name_page_hash_key unique (page_id, hash)
);

-- The elements that a frame described: one row a frame that described any, parallel arrays.
create table core.element_box (
    page_view_id bigint not null,
    seq          int not null,
    day          date not null,
    site_id      int not null,
    page_id      int not null,
    number       int2[] not null,
    name_id      int4[] not null,
    parent       int2[] not null,
    flags        int2[] not null,
    x            int4[] not null,
    y            int4[] not null,
    w            int4[] not null,
    h            int4[] not null,
    text_length  int4[] not null,
    primary key (page_view_id, seq, day)
) partition by range (day);
create index element_box_page on core.element_box (site_id, page_id, day);

-- Frames that Postgres refused for what is in them. Kept, so that nothing disappears without a trace; never retried.
create table core.quarantine (
    quarantine_id bigint generated always as identity primary key,
    at            timestamptz not null default now(),
    site_id       int not null,
    page_view_id  bigint not null,
    seq           int not null,
    sqlstate      text not null,
    reason        text not null,
    frame         bytea not null,
    -- A frame that is sent again, because the nack was lost, stands here once.
    constraint quarantine_frame_key unique (page_view_id, seq)
);

-- Makes the partitions of a day. The collector's roles may append but not define tables, so this runs with the owner's rights.
create function core.ensure_partition(of_day date) returns void
language plpgsql security definer set search_path = pg_catalog, core as $$
declare
    parent text;
    child text;
begin
    foreach parent in array array['pointer_chunk', 'element_box'] loop
        child := parent || '_' || to_char(of_day, 'YYYYMMDD');
        if to_regclass('core.' || child) is null then
            -- Two collectors may see the first page view of a day at once.
            perform pg_advisory_xact_lock(hashtext('core.' || child));
            execute format('create table if not exists core.%I partition of core.%I for values from (%L) to (%L)',
                           child, parent, of_day, of_day + 1);
        end if;
    end loop;
end $$;
revoke all on function core.ensure_partition(date) from public;
