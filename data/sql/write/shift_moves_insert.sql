-- Cash put into a drawer or taken out.
insert into shift_moves (shift_id, move_id, amount_minor, reason, at_ms)
values (:shift_id, :move_id, :amount_minor, :reason, :at_ms)
