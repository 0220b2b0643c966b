-- The contacts of one customer.
select channel, address, customer_id, rank
from contacts
where customer_id = :customer_id
order by rank
