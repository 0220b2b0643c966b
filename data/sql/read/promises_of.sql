-- The promises of the shows a batch names.
select show_id, pool, promised
from promises
where show_id in (select cast(value as bigint) from json_each(:keys))
