-- The one live purchase of each (show, customer), by the index that keeps it one. The plus keeps
-- engines from walking the whole show by its primary key.
select
    p.show_id, p.purchase_id, p.customer_id, p.channel, p.state, p.number, p.place, p.pool,
    p.basket, p.tickets, p.deadline_ms,
    p.session_ms, p.chances, p.told_ahead, p.drawn, p.payment_id, p.ending, p.joined_ms,
    p.called_ms, p.ended_ms, p.last_seq
from json_each(:keys) as k
cross join purchases as p
where +p.show_id = cast(k.value ->> 0 as bigint)
    and p.customer_id = cast(k.value ->> 1 as text)
    and p.ended_ms is null
