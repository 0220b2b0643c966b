-- New purchases of a batch.
insert into purchases (
    show_id, purchase_id, customer_id, channel, state, number, place, pool, basket, tickets,
    deadline_ms, session_ms, chances, told_ahead, drawn, payment_id, ending, joined_ms,
    called_ms, ended_ms, last_seq
)
values (
    :show_id, :purchase_id, :customer_id, :channel, :state, :number, :place, :pool, :basket,
    :tickets, :deadline_ms, :session_ms, :chances, :told_ahead, :drawn, :payment_id, :ending,
    :joined_ms, :called_ms, :ended_ms, :last_seq
)
