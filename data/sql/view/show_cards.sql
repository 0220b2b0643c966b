-- Shows by words, place and time, soonest first. Words are folded already; each must be found.
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
    (select min(f.price_minor) from fares as f where f.show_id = s.show_id and f.closed = 0)
from shows as s
join books as b on b.show_id = s.show_id
join venues as v on v.venue_id = s.venue_id
left join series as r on r.series_id = s.series_id
where s.starts_ms >= :from_ms and s.starts_ms < :to_ms
    and not exists (
        select 1 from json_each(:words) as w
        where s.words not like '%' || cast(w.value ->> 0 as text) || '%'
    )
order by s.starts_ms, s.show_id
limit :most offset :skip
