-- The stock of the shows a batch names, all of it in one go: tiers, fares, quotas, allotments and
-- promises. Each row says what it is, then its show, number, name, and its own numbers in order.
with named as (
    select cast(k.value ->> 0 as bigint) as show_id from json_each(:keys) as k
)
select
    'tier', t.show_id, t.tier_no, t.name, t.capacity, t.held, t.sold, t.closed, null, null, null
from named
cross join tiers as t
where t.show_id = named.show_id
union all
select
    'fare', f.show_id, f.fare_no, f.name, f.tier_no, f.price_minor, f.fee_minor, f.quota_no,
    f.proof, f.document, f.closed
from named
cross join fares as f
where f.show_id = named.show_id
union all
select 'quota', q.show_id, q.quota_no, q.name, q.capacity, q.used, null, null, null, null, null
from named
cross join quotas as q
where q.show_id = named.show_id
union all
select
    'allotment', a.show_id, a.tier_no, a.channel, a.quantity, a.taken, a.release_ms, a.released,
    null, null, null
from named
cross join allotments as a
where a.show_id = named.show_id
union all
select 'promise', p.show_id, p.promised, p.pool, null, null, null, null, null, null, null
from named
cross join promises as p
where p.show_id = named.show_id
