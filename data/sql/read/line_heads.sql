-- The first of one line after a place, in order: who is called next, who is told next.
select
    p.show_id, p.purchase_id, p.customer_id, p.channel, p.state, p.number, p.place, p.pool,
    p.basket, p.tickets, p.deadline_ms,
    p.session_ms, p.chances, p.told_ahead, p.drawn, p.payment_id, p.ending, p.joined_ms,
    p.called_ms, p.ended_ms, p.last_seq
from purchases as p
where p.show_id = :show_id and p.state = 'in_line' and p.place > :after_place
order by p.place, p.number
limit :most
