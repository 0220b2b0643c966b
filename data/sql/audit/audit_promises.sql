-- The promises of one show.
select show_id, pool, promised
from promises
where show_id = :show_id and promised > 0
