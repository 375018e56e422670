-- Visits that are probably no person's. Anybody can read a site's key out of its page and send with it, so what a flood sends is stored like
-- everything else, but marked: heatmaps, lists and counts leave it out, and it can be erased in one go. Only adds: an older collector marks nothing.

-- Each table has a migration of its own, so that no two locks are held at once.

-- Why a page view is probably no person's; 0 for none, else the sum of
--  1 program    the request was not one that a browser sends
--  2 automated  a browser that says that a program steers it, or a crawler
--  4 rate       its network began more page views a minute than people do
--  8 surge      the site was flooded, and this looked like most of it
-- 16 copies     its movement is a copy of other page views' movement
alter table core.page_view add column suspect smallint not null default 0;
