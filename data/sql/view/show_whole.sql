-- One show with its book.
select
    s.show_id, s.slug, s.title, r.title, s.starts_ms, v.name, v.city, v.region, v.time_zone,
    s.currency, b.status,
    (select cast(sum(case when t.closed = 1 then t.sold else t.capacity end) as bigint)
        from tiers as t
        where t.show_id = s.show_id
    ),
    (select cast(sum(t.capacity - t.held - t.sold) as bigint) from tiers as t
        where t.show_id = s.show_id and t.closed = 0
    ) - (
        select cast(coalesce(sum(a.quantity - a.taken), 0) as bigint) from allotments as a
        where a.show_id = s.show_id and a.released = 0
    ),
    (select min(f.price_minor) from fares as f where f.show_id = s.show_id and f.closed = 0),
    s.plain, b.lobby, b.waiting, b.opened, b.paying, b.valid, s.seed_digest, b.list_digest,
    b.seed,
    (select cast(coalesce(sum(p.promised), 0) as bigint) from promises as p
        where p.show_id = s.show_id
    )
from shows as s
join books as b on b.show_id = s.show_id
join venues as v on v.venue_id = s.venue_id
left join series as r on r.series_id = s.series_id
where s.show_id = :show_id
