-- Events of gateways, each once.
insert into events (
    gateway, event_id, payment_id, show_id, at_ms
)
values (
    :gateway, :event_id, :payment_id, :show_id, :at_ms
)
