-- Where a visit came from: ISO 3166-1 alpha-2, told by the operator's own database (--geoip) when the visit began. Null without one, or where it
-- doesn't know. The address itself is never stored.
alter table core.session add column country char(2);
