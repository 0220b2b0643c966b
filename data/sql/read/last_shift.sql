-- The number of the newest shift.
select coalesce(max(number), 0)
from shifts
