-- Their contacts.
insert into contacts (
    channel, address, customer_id, rank
)
values (
    :channel, :address, :customer_id, :rank
)
