-- One purchase as lists show it.
select
    p.show_id, p.purchase_id, p.number, p.state, p.channel, p.tickets, p.deadline_ms,
    p.joined_ms, p.customer_id, c.name, s.title, s.starts_ms, v.time_zone, s.currency,
    o.price_minor + o.fee_minor, coalesce(o.refunded_minor, 0), o.placed_ms
from purchases as p
join customers as c on c.customer_id = p.customer_id
join shows as s on s.show_id = p.show_id
join venues as v on v.venue_id = s.venue_id
left join orders as o on o.show_id = p.show_id and o.purchase_id = p.purchase_id
where p.show_id = :show_id and p.purchase_id = :purchase_id
