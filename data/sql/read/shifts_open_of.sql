-- The open shifts of these clerks.
select
    s.shift_id, s.clerk, s.currency, s.number, s.opened_ms, s.float_minor, s.closed_ms,
    s.expected_minor, s.counted_minor, s.counted, s.totals
from shifts as s
where s.closed_ms is null
    and s.clerk in (select cast(k.value ->> 0 as text) from json_each(:keys) as k)
