-- Erase who the customer is; the id stays, as purchases name it.
update customers set
    name = '',
    channels = '',
    salt = '',
    words = '',
    erased_ms = :erased_ms
where customer_id = :customer_id
