-- Every movement of cash, in the order of the drawers.
select m.shift_id, m.move_id, m.amount_minor, m.reason, m.at_ms
from shift_moves as m
order by m.shift_id, m.move_id
