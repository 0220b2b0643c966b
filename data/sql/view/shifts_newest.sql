-- Shifts, the newest first.
select
    s.shift_id, s.clerk, s.currency, s.number, s.opened_ms, s.float_minor, s.closed_ms,
    s.expected_minor, s.counted_minor, s.counted, s.totals
from shifts as s
order by s.number desc
limit :most
