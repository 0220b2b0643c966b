-- Who entered and left each stretch of the line; `change` is no column of the table.
update blocks set
    waiting = blocks.waiting + new.change
from json_to_recordset(cast(:rows as json)) as new (show_id bigint, block bigint, change bigint)
where blocks.show_id = new.show_id and blocks.block = new.block
