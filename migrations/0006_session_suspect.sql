-- A session has the reasons of its page views (0005) if all of them are suspect, else 0.
alter table core.session add column suspect smallint not null default 0;
