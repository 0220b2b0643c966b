-- Stretches of the line that nobody stood in before. Their count follows.
insert into blocks (show_id, block, waiting)
select new.show_id, new.block, 0
from json_to_recordset(cast(:rows as json)) as new (show_id bigint, block bigint)
on conflict (show_id, block) do nothing
