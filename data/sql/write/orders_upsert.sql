-- Orders new or changed.
insert into orders (
    show_id, purchase_id, order_no, lines, price_minor, fee_minor, currency, state, placed_ms,
    refunded_minor
)
values (
    :show_id, :purchase_id, :order_no, :lines, :price_minor, :fee_minor, :currency, :state,
    :placed_ms, :refunded_minor
)
on conflict (show_id, purchase_id) do update set
    order_no = excluded.order_no,
    lines = excluded.lines,
    price_minor = excluded.price_minor,
    fee_minor = excluded.fee_minor,
    currency = excluded.currency,
    state = excluded.state,
    placed_ms = excluded.placed_ms,
    refunded_minor = excluded.refunded_minor
