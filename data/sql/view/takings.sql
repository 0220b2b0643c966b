-- Tickets sold and refunded, with their money, by what they were and how they were sold.
select
    s.slug, i.name, f.name, p.channel, y.method, v.time_zone, o.placed_ms, t.state,
    t.price_minor, t.fee_minor, o.currency
from tickets as t
join shows as s on s.show_id = t.show_id
join venues as v on v.venue_id = s.venue_id
join fares as f on f.show_id = t.show_id and f.fare_no = t.fare_no
join tiers as i on i.show_id = t.show_id and i.tier_no = f.tier_no
join purchases as p on p.show_id = t.show_id and p.purchase_id = t.purchase_id
join orders as o on o.show_id = t.show_id and o.purchase_id = t.purchase_id
join payments as y
    on y.show_id = t.show_id and y.purchase_id = t.purchase_id and y.payment_id = p.payment_id
where t.show_id = :show_id or :show_id = 0
order by t.show_id, t.order_no, t.ticket_no
