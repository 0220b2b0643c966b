-- When the next effect of these kinds comes due.
select min(due_ms)
from effects
where state = 'waiting' and kind in (select cast(value as text) from json_each(:kinds))
