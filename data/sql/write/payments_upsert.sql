-- Payments new or changed.
insert into payments (
    show_id, payment_id, purchase_id, gateway, method, outside, state, amount_minor, currency,
    reference, captured_minor, refunded_minor, created_ms, changed_ms, until_ms, action, shift_id
)
values (
    :show_id, :payment_id, :purchase_id, :gateway, :method, :outside, :state, :amount_minor,
    :currency, :reference, :captured_minor, :refunded_minor, :created_ms, :changed_ms,
    :until_ms, :action, :shift_id
)
on conflict (show_id, payment_id) do update set
    state = excluded.state,
    reference = excluded.reference,
    captured_minor = excluded.captured_minor,
    refunded_minor = excluded.refunded_minor,
    changed_ms = excluded.changed_ms,
    action = excluded.action
