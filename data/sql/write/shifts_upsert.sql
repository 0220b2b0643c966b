-- Shifts new or closed.
insert into shifts (
    shift_id, clerk, currency, number, opened_ms, float_minor, closed_ms, expected_minor,
    counted_minor, counted, totals
)
values (
    :shift_id, :clerk, :currency, :number, :opened_ms, :float_minor, :closed_ms,
    :expected_minor, :counted_minor, :counted, :totals
)
on conflict (shift_id) do update set
    closed_ms = excluded.closed_ms,
    expected_minor = excluded.expected_minor,
    counted_minor = excluded.counted_minor,
    counted = excluded.counted,
    totals = excluded.totals
