-- Orders placed on some days, and those of the shows of these days.
with found as (
    select x.show_id, x.purchase_id
    from orders as x
    where x.placed_ms >= :from_ms and x.placed_ms < :to_ms
    union
    select x.show_id, x.purchase_id
    from shows as t
    join orders as x on x.show_id = t.show_id
    where t.starts_ms >= :from_ms and t.starts_ms < :to_ms
)

select
    p.show_id, p.purchase_id, p.number, p.state, p.channel, p.tickets, p.deadline_ms,
    p.joined_ms, p.customer_id, c.name, s.title, s.starts_ms, v.time_zone, s.currency,
    o.price_minor + o.fee_minor, coalesce(o.refunded_minor, 0), o.placed_ms
from found as f
join purchases as p on p.show_id = f.show_id and p.purchase_id = f.purchase_id
join customers as c on c.customer_id = p.customer_id
join shows as s on s.show_id = p.show_id
join venues as v on v.venue_id = s.venue_id
join orders as o on o.show_id = p.show_id and o.purchase_id = p.purchase_id
where p.ended_ms is null or p.state = 'completed'
order by o.placed_ms desc, p.show_id, p.number desc
limit :most
