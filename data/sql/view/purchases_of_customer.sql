-- What a customer has: places that live and orders with tickets, the newest first.
select
    p.show_id, p.purchase_id, p.customer_id, p.channel, p.state, p.number, p.place, p.pool,
    p.basket, p.tickets, p.deadline_ms, p.session_ms, p.chances, p.told_ahead, p.drawn,
    p.payment_id, p.ending, p.joined_ms, p.called_ms, p.ended_ms, p.last_seq
from purchases as p
where p.customer_id = :customer_id and p.ended_ms is null
union all
select
    p.show_id, p.purchase_id, p.customer_id, p.channel, p.state, p.number, p.place, p.pool,
    p.basket, p.tickets, p.deadline_ms, p.session_ms, p.chances, p.told_ahead, p.drawn,
    p.payment_id, p.ending, p.joined_ms, p.called_ms, p.ended_ms, p.last_seq
from purchases as p
where p.customer_id = :customer_id and p.state = 'completed'
order by 18 desc, 2 desc
limit :most
