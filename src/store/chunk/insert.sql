insert into core.pointer_chunk (
    page_view_id, seq, day, site_id, page_id, session_id, device, started_at, offset_ms, x0, y0, samples, dropped, tolerance,
    dt, kind, x, y, wide_at, wide_x, wide_y, element_at, element, pointer_at, pointer, buttons_at, buttons, pressure_at, pressure, untrusted,
    spot_at, spot_x, spot_y, ratio_at, ratio, digest)
select page_view_id, seq, day, site_id, page_id, session_id, device, started_at, offset_ms, x0, y0, samples, dropped, tolerance,
       ($17::int2[])[e1:e2], ($18::"char"[])[e1:e2], ($19::int2[])[e1:e2], ($20::int2[])[e1:e2],
       nullif(($23::int2[])[w1:w2], '{}'), nullif(($24::int4[])[w1:w2], '{}'), nullif(($25::int4[])[w1:w2], '{}'),
       nullif(($28::int2[])[l1:l2], '{}'), nullif(($29::int2[])[l1:l2], '{}'),
       nullif(($32::int2[])[p1:p2], '{}'), nullif(($33::int4[])[p1:p2], '{}'),
       nullif(($36::int2[])[b1:b2], '{}'), nullif(($37::int2[])[b1:b2], '{}'),
       nullif(($40::int2[])[f1:f2], '{}'), nullif(($41::int2[])[f1:f2], '{}'),
       nullif(($44::int2[])[u1:u2], '{}'),
       nullif(($47::int2[])[o1:o2], '{}'), nullif(($48::int2[])[o1:o2], '{}'), nullif(($49::int2[])[o1:o2], '{}'),
       nullif(($52::int2[])[r1:r2], '{}'), nullif(($53::int2[])[r1:r2], '{}'), digest
from unnest(
    $1::int8[], $2::int4[], $3::date[], $4::int4[], $5::int4[], $6::int8[], $7::int2[], $8::timestamptz[], $9::int4[], $10::int4[], $11::int4[],
    $12::int4[], $13::int4[], $14::int2[], $15::int4[], $16::int4[], $21::int4[], $22::int4[], $26::int4[], $27::int4[], $30::int4[], $31::int4[],
    $34::int4[], $35::int4[], $38::int4[], $39::int4[], $42::int4[], $43::int4[], $45::int4[], $46::int4[], $50::int4[], $51::int4[],
    $54::int8[]
) as c(page_view_id, seq, day, site_id, page_id, session_id, device, started_at, offset_ms, x0, y0, samples, dropped, tolerance,
       e1, e2, w1, w2, l1, l2, p1, p2, b1, b2, f1, f2, u1, u2, o1, o2, r1, r2, digest)
on conflict do nothing
returning page_view_id, seq
