-- Stretches of the line that nobody stood in before. Their count follows: a CHECK would refuse
-- a negative change here although the sum is not negative.
insert into blocks (show_id, block, waiting)
values (:show_id, :block, 0 * :change)
on conflict (show_id, block) do nothing
