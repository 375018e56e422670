-- What is to be removed, and how much of it there is. Few rows in good times. Built in a migration of its own: writers of this table wait for as
-- long as one look through it takes.
create index page_view_suspect on core.page_view (site_id, page_view_id) where suspect <> 0;
