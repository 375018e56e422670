-- Which paths are one page. A page of its own keeps its row in core.page whatever the rules say: a rule folds when it is read, so that a new one
-- holds for all that is stored, and a removed one leaves nothing behind.
create table core.page_rule (
    rule_id    int generated always as identity primary key,
    site_id    int not null references core.site on delete cascade,
    -- Such as /product/:id or /docs/*.
    template   text not null,
    created_at timestamptz not null default now(),
    constraint page_rule_site_template_key unique (site_id, template)
);

-- Templates that were proposed and that somebody did not want: they are not proposed again.
create table core.page_rule_dismissed (
    site_id      int not null references core.site on delete cascade,
    template     text not null,
    dismissed_at timestamptz not null default now(),
    primary key (site_id, template)
);
