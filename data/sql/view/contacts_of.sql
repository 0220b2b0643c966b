-- A customer's contacts, as they were given.
select channel, address
from contacts
where customer_id = :customer_id
order by rank
