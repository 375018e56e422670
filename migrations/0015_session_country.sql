-- The country that a visit came from, for filters. It is looked up when the visit begins, in a file that the operator gives, and its address is
-- forgotten with it.

-- ISO 3166-1 alpha-2, upper case; null without a file, and where the file doesn't know the address.
alter table core.session add column country char(2);
