-- Refunds new or changed.
insert into refunds (
    show_id, refund_id, purchase_id, payment_id, amount_minor, ticket_nos, reason, state,
    reference, created_ms, shift_id, tries
)
values (
    :show_id, :refund_id, :purchase_id, :payment_id, :amount_minor, :ticket_nos, :reason,
    :state, :reference, :created_ms, :shift_id, :tries
)
on conflict (show_id, refund_id) do update set
    state = excluded.state,
    reference = excluded.reference,
    tries = excluded.tries
