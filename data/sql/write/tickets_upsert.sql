-- Tickets new or changed.
insert into tickets (
    show_id, order_no, ticket_no, purchase_id, fare_no, price_minor, fee_minor, state, used_ms,
    used_where
)
values (
    :show_id, :order_no, :ticket_no, :purchase_id, :fare_no, :price_minor, :fee_minor, :state,
    :used_ms, :used_where
)
on conflict (show_id, order_no, ticket_no) do update set
    state = excluded.state,
    used_ms = excluded.used_ms,
    used_where = excluded.used_where
