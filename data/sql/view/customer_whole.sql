-- Who a customer is, by id or by a contact.
select customer_id, name, language, channels
from customers
where customer_id = coalesce(
        :customer_id,
        (select customer_id from contacts where channel = :channel and address = :address)
    )
