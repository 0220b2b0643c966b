-- A clerk's open shift.
select shift_id
from shifts
where clerk = :clerk and closed_ms is null
