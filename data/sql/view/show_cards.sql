-- Shows by words, place and time, soonest first. Words are folded already; each must be found.
select
    s.show_id, s.slug, s.title, r.title, s.starts_ms, v.name, v.city, v.region, v.time_zone,
    s.currency, b.status,
    (select sum(t.capacity) from tiers as t where t.show_id = s.show_id),
    (select sum(t.capacity - t.held - t.sold) from tiers as t where t.show_id = s.show_id)
    - (
        select coalesce(sum(a.quantity - a.taken), 0) from allotments as a
        where a.show_id = s.show_id and a.released = 0
    ),
    (select min(f.price_minor) from fares as f where f.show_id = s.show_id)
from shows as s
join books as b on b.show_id = s.show_id
join venues as v on v.venue_id = s.venue_id
left join series as r on r.series_id = s.series_id
where s.starts_ms >= :from_ms and s.starts_ms < :to_ms
    and not exists (
        select 1 from json_each(:words) as w
        where s.words not like '%' || cast(w.value as text) || '%'
    )
order by s.starts_ms, s.show_id
limit :most offset :skip
