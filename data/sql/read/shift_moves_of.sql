-- Cash put into these drawers and taken out, besides sales and refunds, in order.
select m.shift_id, m.move_id, m.amount_minor, m.reason, m.at_ms
from json_each(:keys) as k
cross join shift_moves as m
where m.shift_id = cast(k.value ->> 0 as text)
order by m.at_ms, m.move_id
