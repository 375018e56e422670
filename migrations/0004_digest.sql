-- What tells two frames with one name apart.

alter table core.pointer_chunk
    -- First 8 bytes, big endian, of SHA-256 of the frame as it came. A frame that comes again has the same; another one under the same
    -- (page view, seq) is refused and never overwrites the first. Null in rows from before this column, and in those of an older collector that
    -- still runs beside a newer one during an update: what can't be compared counts as the same.
    add column digest bigint;
