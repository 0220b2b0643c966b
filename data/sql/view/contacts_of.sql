-- A customer's contacts, by id or by one of them, as they were given.
select channel, address
from contacts
where customer_id = coalesce(
        :customer_id,
        (select customer_id from contacts where channel = :channel and address = :address)
    )
order by rank
